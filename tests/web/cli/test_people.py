"""``kb people``."""

import pytest

from kb.notices.models import Mailbox
from kb.people import operations
from tests.support.installation import PASSWORD

NEW_PASSWORD = "another good one"


def person(kb, username):
    return next((item for item in kb.json("people", "list") if item["username"] == username), None)


def authenticated(installation, username, password):
    with installation.sessions() as session:
        return operations.authenticate(session, username, password) is not None


def ask_api(visitor, token):
    return visitor.get("/api/v1/search?q=x", headers={"Authorization": f"Bearer {token}"}).status_code


def test_list(kb):
    people = kb.json("people", "list")
    assert [item["username"] for item in people] == sorted(item["username"] for item in people)
    assert person(kb, "verifier") == {
        "username": "verifier",
        "name": "区县核实",
        "roles": ["verifier"],
        "team": None,
        "region": "wanglan",
        "expertise": [],
        "active": True,
    }
    result = kb("people", "list")
    assert result.exit_code == 0
    head, *rows = result.stdout.splitlines()
    assert head.split() == ["用户名", "姓名", "角色", "班组", "状态"]
    assert len(rows) == len(people)
    assert ["agent", "坐席", "坐席", "在用"] in [row.split() for row in rows]


def test_add_with_a_password_from_standard_input(kb, installation):
    options = ("--name", "林晓", "--role", "agent", "--role", "expert", "--region", "hedong", "--expertise", "tv")
    result = kb("people", "add", "lin", *options, "--password-stdin", stdin=f"{NEW_PASSWORD}\r\nmore\n")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "已新建 lin\n", "")
    assert person(kb, "lin") == {
        "username": "lin",
        "name": "林晓",
        "roles": ["agent", "expert"],
        "team": None,
        "region": "hedong",
        "expertise": ["tv"],
        "active": True,
    }
    assert authenticated(installation, "lin", NEW_PASSWORD)


def test_add_asks_for_the_password_twice_and_does_not_show_it(kb, installation):
    result = kb(
        "people", "add", "lin", "--role", "agent", stdin=f"{NEW_PASSWORD}\nslip\n{NEW_PASSWORD}\n{NEW_PASSWORD}\n"
    )
    assert result.exit_code == 0
    assert NEW_PASSWORD not in result.output
    assert authenticated(installation, "lin", NEW_PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (("lin",), "short", "密码至少要 10 位"),
        (("lin",), "", "密码至少要 10 位"),
        (("Lin Xiao",), NEW_PASSWORD, "用户名 Lin Xiao 不合要求"),
        (("agent",), NEW_PASSWORD, "用户名 agent 已经有人用了"),
        (("lin", "--region", "nowhere"), NEW_PASSWORD, "没有这个区域：nowhere"),
        (("lin", "--expertise", "nothing"), NEW_PASSWORD, "没有这个业务模块：nothing"),
    ],
)
def test_somebody_who_cannot_be_added(kb, arguments, password, words):
    before = kb.json("people", "list")
    result = kb("people", "add", *arguments, "--role", "agent", "--password-stdin", stdin=f"{password}\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert kb.json("people", "list") == before


@pytest.mark.parametrize("arguments", [("lin",), ("lin", "--role", "king"), ("--role", "agent")])
def test_a_wrong_call_ends_with_2(kb, arguments):
    assert kb("people", "add", *arguments).exit_code == 2


def test_roles_and_expertise_are_exactly_what_is_given(kb):
    result = kb("people", "roles", "expert", "--role", "reviewer", "--role", "editor", "--expertise", "tv")
    assert (result.exit_code, result.stdout) == (0, "已更新 expert\n")
    changed = person(kb, "expert")
    assert (changed["roles"], changed["expertise"]) == (["editor", "reviewer"], ["tv"])
    assert kb("people", "roles", "expert", "--role", "agent", "--expertise", "nothing").exit_code == 1
    assert person(kb, "expert") == changed


def test_a_new_password_ends_all_sessions(kb, installation, agent):
    assert agent.get("/").status_code == 200
    result = kb("people", "password", "agent", "--password-stdin", stdin=f"{NEW_PASSWORD}\n")
    assert (result.exit_code, result.stdout) == (0, "已更新 agent\n")
    assert agent.get("/").status_code == 302
    assert authenticated(installation, "agent", NEW_PASSWORD)
    assert not authenticated(installation, "agent", PASSWORD)


def test_a_short_password_leaves_the_old_one(kb, installation):
    assert kb("people", "password", "agent", "--password-stdin", stdin="short\n").exit_code == 1
    assert authenticated(installation, "agent", PASSWORD)


def test_an_address_that_is_known_to_be_right_is_not_asked_about(kb, installation):
    def mailboxes():
        with installation.sessions() as session:
            return [(box.address, box.confirmed_at is not None) for box in session.query(Mailbox)]

    options = ("--role", "agent", "--mail", "lin@centre.example", "--password-stdin")
    assert kb("people", "add", "lin", *options, stdin=f"{NEW_PASSWORD}\n").exit_code == 0
    assert mailboxes() == [("lin@centre.example", True)]
    wrong = kb("people", "add", "wu", "--role", "agent", "--mail", "wu", "--password-stdin", stdin=f"{NEW_PASSWORD}\n")
    assert (wrong.exit_code, wrong.stderr.count("\n")) == (1, 1)
    assert person(kb, "wu") is None  # all or nothing
    assert kb("people", "mail", "lin", "lin.xiao@centre.example").stdout == "已更新 lin\n"
    assert mailboxes() == [("lin.xiao@centre.example", True)]
    assert kb("people", "mail", "lin").exit_code == 0
    assert mailboxes() == []


def test_a_token_opens_the_api_until_its_owner_is_deactivated(kb, installation, visitor, agent):
    installation.reindex()
    result = kb("people", "token", "agent", "--label", "robot")
    assert (result.exit_code, result.stderr) == (0, "")
    token = result.stdout.strip()
    assert result.stdout == f"{token}\n"  # nothing else, for scripts
    assert ask_api(visitor, token) == 200
    assert kb("people", "deactivate", "agent").stdout == "已停用 agent\n"
    assert ask_api(visitor, token) == 401
    assert agent.get("/").status_code == 302
    assert person(kb, "agent")["active"] is False
    assert not authenticated(installation, "agent", PASSWORD)
    again = kb("people", "token", "agent")
    assert (again.exit_code, again.stdout, again.stderr) == (1, "", "用户 agent 已停用\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("roles", "nobody", "--role", "agent"),
        ("password", "nobody"),
        ("mail", "nobody"),
        ("token", "nobody"),
        ("deactivate", "nobody"),
    ],
)
def test_nobody_of_that_name(kb, arguments):
    result = kb("people", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "没有这个用户：nobody\n")
