import pytest

from kb.db import unit_of_work
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support import factories


@pytest.fixture
def token(installation) -> str:
    with unit_of_work(installation.sessions) as session:
        user = by_username(session, "agent")
        return people.issue_token(session, SYSTEM, user, label="test", now=installation.clock())


@pytest.fixture
def filled(installation):
    factories.publish(installation, "los", regions=("hedong",))
    factories.publish(installation, "secret", audience=(Role.MANAGER, Role.REVIEWER))
    factories.thread(installation, "rain")
    installation.reindex()


def ask(visitor, token, **query):
    return visitor.get("/api/v1/search", query_string=query, headers={"Authorization": f"Bearer {token}"})


def test_a_program_searches_with_a_token(visitor, token, filled):
    answer = ask(visitor, token, q="红灯")
    assert answer.status_code == 200
    assert answer.json["query"] == "红灯"
    assert answer.json["total"] == 1
    assert answer.json["index"] == {"lag": 0}
    (hit,) = answer.json["hits"]
    assert (hit["id"], hit["url"], hit["regions"]) == ("los", "/entries/los", ["hedong"])
    assert hit["title"] == "光猫 LOS 红灯"
    assert "红灯" in answer.text  # Chinese stays readable


def test_a_page_may_ask_with_its_session(agent, filled):
    assert agent.get("/api/v1/search?q=红灯").json["total"] == 1


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer zh_wrong", "Basic YTpi"])
def test_anybody_else_is_refused(visitor, header):
    answer = visitor.get("/api/v1/search?q=x", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "not_signed_in"
    assert "令牌" in answer.json["error"]["message"]


def test_a_token_opens_no_pages(visitor, token):
    assert visitor.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 302


def test_a_token_of_somebody_deactivated_is_worth_nothing(visitor, token, installation):
    with unit_of_work(installation.sessions) as session:
        people.deactivate(session, SYSTEM, by_username(session, "agent"), now=installation.clock())
    assert ask(visitor, token, q="x").status_code == 401


def test_filters_limit_and_offset(visitor, token, filled, installation):
    for number in range(3):
        factories.publish(installation, f"more-{number}")
    installation.reindex()
    assert ask(visitor, token, q="红灯", region="hedong").json["total"] == 4
    assert ask(visitor, token, q="红灯", region="jiangyang").json["total"] == 3
    assert ask(visitor, token, q="红灯", module="tv").json["total"] == 0
    page = ask(visitor, token, q="红灯", limit="1", offset="3").json
    assert (page["total"], len(page["hits"])) == (4, 1)


def test_threads(visitor, token, filled):
    answer = ask(visitor, token, q="红灯", source="thread").json
    assert [(hit["id"], hit["url"], hit["level"]) for hit in answer["hits"]] == [("rain", "/threads/rain", 0)]


def test_an_empty_question_has_no_answers(visitor, token, filled):
    assert ask(visitor, token).json["total"] == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", "0"), ("limit", "101"), ("limit", "ten"), ("offset", "-1"), ("offset", "10001"), ("module", "x")],
)
def test_a_wrong_argument_is_named(visitor, token, name, value):
    answer = ask(visitor, token, q="红灯", **{name: value})
    assert answer.status_code == 400
    error = answer.json["error"]
    assert (error["code"], error["field"]) == ("invalid_input", name)
    assert error["message"]


def test_messages_come_in_english_to_who_asks_for_it(visitor):
    answer = visitor.get("/api/v1/search", headers={"Accept-Language": "en"})
    assert "Authorization" in answer.json["error"]["message"]
    assert "Sign in" in answer.json["error"]["message"]
