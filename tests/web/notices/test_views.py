import re

from sqlalchemy import select

from kb.corrections import operations as corrections
from kb.db import unit_of_work
from kb.gaps import operations as gaps
from kb.gaps.rules import DeclineReason
from kb.letters import confirming
from kb.notices import operations
from kb.notices.models import Mailing, Notice, NoticeKind
from kb.permissions import Role
from tests.kb.gaps.support import act, findings, link
from tests.support import factories
from tests.support.factories import missed
from tests.web.visitor import Outline
from web.services import services

SAID = "盒子上冒绿光"


def answer(installation):
    """Answer a gap that the agent met, decline another, and tell them."""
    factories.publish(installation, "los")
    installation.reindex()
    number, other = missed(installation, SAID), missed(installation, "附近火锅店")
    link(installation, number, "los")
    act(installation, gaps.close, number, findings(installation, number, 1), entry_key="los")
    act(installation, gaps.decline, other, DeclineReason.NOT_OURS)
    with unit_of_work(installation.sessions) as session:
        while operations.deliver(session):
            pass


def unread(page: str) -> str | None:
    found = re.search(r'class="bell-count"[^>]*>(\d+)<', page)
    return found.group(1) if found else None


def test_an_agent_is_told_on_every_page_and_reading_takes_it_off(installation, agent):
    assert unread(agent.get("/").text) is None
    assert "没有提醒" in agent.get("/notices").text
    answer(installation)
    assert unread(agent.get("/").text) == "2"
    page = Outline(agent.get("/notices").text).text
    assert f"你问过的“{SAID}”有答案了：光猫 LOS 红灯" in page
    assert "你问过的“附近火锅店”不归我们答复，不用再等。" in page
    opened = agent.post("/notices/1", form="/notices")
    assert opened.location.startswith("/desk?q=")
    assert "open=los" in opened.location
    assert agent.get(opened.location).status_code == 200
    assert unread(agent.get("/notices").text) == "1"
    agent.post("/notices/read", form="/notices")
    assert unread(agent.get("/notices").text) is None
    assert agent.post("/notices/2", form="/notices").location == "/notices"


def test_nobody_sees_or_opens_what_is_told_others(installation, agent, visit_as):
    answer(installation)
    other = visit_as(Role.EXPERT)
    assert SAID not in other.get("/notices").text
    assert other.post("/notices/1", form="/").status_code == 404
    assert unread(agent.get("/").text) == "2"
    assert visit_as(Role.EDITOR).get("/notices?page=x").status_code == 400


def test_the_notice_of_a_correction_leads_to_what_became_of_it(installation, agent):
    factories.publish(installation, "los", title="光猫绿灯")
    number = factories.correction(installation, "los")
    with unit_of_work(installation.sessions) as session:
        reviewer = installation.actors[Role.REVIEWER]
        corrections.refuse(session, reviewer, number, reason="复查过，没有错", now=installation.clock())
    with unit_of_work(installation.sessions) as session:  # an event has its number once it is committed
        operations.deliver(session)
    page = agent.get("/notices").text
    assert "你报的“光猫绿灯”的纠错：不属实。" in page
    assert agent.get(f"/corrections/{number}").status_code == 200


def test_people_choose_how_they_are_told_and_where_they_get_mail(installation, app, agent):
    parts = services(app)
    object.__setattr__(
        parts,
        "settings",
        parts.settings.model_copy(update={"mail_domains": "centre.example", "smtp_host": "mail.centre.example"}),
    )
    page = agent.get("/notices/choices").text
    assert page.count('value="daily" checked') == len(NoticeKind)
    for wrong, said in (
        ("nobody", "不是邮箱地址"),
        ("a@elsewhere.example", "只能填这些域名"),
        ("a@b\r\nBcc: c", "不是"),
    ):
        refused = agent.post("/notices/choices", form="/notices/choices", mail=wrong, gap_closed="never")
        assert (refused.status_code, said in refused.text) == (400, True)
        assert 'name="gap_closed" value="never" checked' in refused.text
    agent.post(
        "/notices/choices", form="/notices/choices", mail="chen@centre.example", gap_closed="never", gap_declined="x"
    )
    page = agent.get("/notices/choices").text
    assert 'value="chen@centre.example"' in page
    assert 'name="gap_closed" value="never" checked' in page
    with unit_of_work(installation.sessions) as session:
        confirming.confirm(session, installation.actors[Role.AGENT], "chen@centre.example", now=installation.clock())
    answer(installation)
    assert agent.get("/notices/unread").json == {"unread": 1}  # the gap that was closed is not told
    with installation.sessions() as session:
        assert [notice.mail for notice in session.scalars(select(Notice))] == [Mailing.DAILY]
    agent.post("/notices/choices", form="/notices/choices", mail="")
    assert 'value="chen@centre.example"' not in agent.get("/notices/choices").text
