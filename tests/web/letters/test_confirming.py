import logging
import re
from urllib.parse import quote

import pytest

from kb.letters import rules
from kb.notices import queries
from kb.permissions import Role
from tests.support.mail import mail_server
from web.letters import post
from web.services import services

ADDRESS = "chen@centre.example"
CHOICES = "/notices/choices"
LINK = re.compile(r"https://kb\.example\.com(/notices/address\?token=(\S+))")


@pytest.fixture
def server(app):
    with mail_server() as running:
        parts = services(app)
        changed = {
            **{"smtp_host": "127.0.0.1", "smtp_port": running.port, "smtp_security": "none"},
            "public_url": "https://kb.example.com",
            "login_limit": "3 per minute",
        }
        object.__setattr__(parts, "settings", parts.settings.model_copy(update=changed))
        yield running


def enter(visitor, address=ADDRESS):
    return visitor.post(CHOICES, form=CHOICES, mail=address)


def links(server):
    return [LINK.search(message.get_content()) for _, message in server.taken]


def test_an_address_counts_once_its_person_has_followed_the_link(installation, app, agent, server, caplog):
    caplog.set_level(logging.DEBUG)
    enter(agent)
    assert "还没有确认" in agent.get(CHOICES).text
    assert post.round_(app) == 1
    ((to, message),) = server.taken
    assert (to, message["Subject"]) == (ADDRESS, "知汇：请确认这个邮箱")
    assert "3 天内" in message.get_content()
    (link,) = links(server)
    shown = agent.get(link[1]).text
    assert ADDRESS in shown
    assert "还没有确认" in agent.get(CHOICES).text  # a mail server that follows links has confirmed nothing
    for _ in range(2):  # a double click
        assert agent.post("/notices/address", form=CHOICES, token=link[2]).location == CHOICES
    assert "确认过了" in agent.get(CHOICES).text
    assert "不用再做什么" in agent.get(link[1]).text
    assert link[2] not in caplog.text
    # The same address again changes nothing; another is asked for.
    enter(agent)
    assert post.round_(app) == 0
    enter(agent, "chen@new.example")
    assert post.round_(app) == 1
    assert server.taken[-1][0] == "chen@new.example"
    old = agent.get(link[1])
    assert (old.status_code, "不是这个邮箱" in old.text) == (400, True)


def test_links_that_are_wrong_old_or_anothers_say_so_and_confirm_nothing(installation, app, agent, visit_as, server):
    enter(agent)
    post.round_(app)
    (link,) = links(server)
    other = visit_as(Role.EXPERT)
    enter(other, "other@centre.example")
    for token, visitor, said in (
        ("", agent, "链接不对"),
        (link[2][:-2], agent, "链接不对"),
        ("<script>", agent, "链接不对"),
        (link[2], other, "另一个账号"),
    ):
        shown = visitor.get(f"/notices/address?token={quote(token)}")
        assert (shown.status_code, said in shown.text) == (400, True)
        assert visitor.post("/notices/address", form=CHOICES, token=token).status_code == 400
    assert agent.post("/notices/address", form=CHOICES, token=link[2]).status_code == 429  # three were wrong
    installation.clock.advance(days=rules.CONFIRM_WITHIN.days)
    assert "过期" in visit_as(Role.AGENT).get(link[1]).text
    with installation.sessions() as session:
        for role in (Role.AGENT, Role.EXPERT):
            assert queries.mailbox(session, installation.actors[role]).confirmed_at is None


def test_one_more_letter_may_be_asked_for_but_not_many(app, agent, server):
    assert agent.post("/notices/address/ask", form=CHOICES).status_code == 404  # nothing to confirm
    enter(agent)
    for _ in range(rules.MAX_ASKED - 1):
        assert agent.post("/notices/address/ask", form=CHOICES).location == CHOICES
    refused = agent.post("/notices/address/ask", form=CHOICES)
    assert (refused.status_code, "一天最多发 3 封" in refused.text) == (409, True)
    assert post.round_(app) == rules.MAX_ASKED
    again = enter(agent, "chen@new.example")
    assert (again.status_code, "一天最多" in again.text) == (409, True)
    assert f'value="{ADDRESS}"' in agent.get(CHOICES).text


def test_without_the_sites_address_no_link_can_be_sent(app, agent, server):
    parts = services(app)
    object.__setattr__(parts, "settings", parts.settings.model_copy(update={"public_url": ""}))
    enter(agent)
    assert "KB_PUBLIC_URL" in agent.get(CHOICES).text
    assert agent.post("/notices/address/ask", form=CHOICES).status_code == 409
    assert post.round_(app) == 0
