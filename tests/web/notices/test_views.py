import re

from sqlalchemy import select

from kb.corrections import operations as corrections
from kb.db import unit_of_work
from kb.events.models import Event, Subject
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


def numbers(installation, role=Role.AGENT):
    """The numbers of somebody's notices, the first first."""
    with installation.sessions() as session:
        mine = select(Notice.id).where(Notice.user_id == installation.actors[role].user_id)
        return session.scalars(mine.order_by(Notice.id)).all()


def chosen(page: str, kind: str) -> str | None:
    """What stands in the choice of a kind."""
    found = re.search(rf'<select [^>]*name="{kind}".*?<option value="(\w+)" selected', page)
    return found.group(1) if found else None


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
    first, second = numbers(installation)
    opened = agent.post(f"/notices/{first}", form="/notices")
    assert opened.location.startswith("/desk?q=")
    assert "open=los" in opened.location
    assert agent.get(opened.location).status_code == 200
    assert unread(agent.get("/notices").text) == "1"
    agent.post("/notices/read", form="/notices")
    assert unread(agent.get("/notices").text) is None
    assert agent.post(f"/notices/{second}", form="/notices").location == "/notices"


def test_nobody_sees_or_opens_what_is_told_others(installation, agent, visit_as):
    answer(installation)
    other = visit_as(Role.EXPERT)
    assert SAID not in other.get("/notices").text
    assert other.post(f"/notices/{numbers(installation)[0]}", form="/").status_code == 404
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
    assert page.count('value="daily" selected') == len(NoticeKind)
    for wrong, said in (
        ("nobody", "不是邮箱地址"),
        ("a@elsewhere.example", "只能填这些域名"),
        ("a@b\r\nBcc: c", "不是"),
    ):
        refused = agent.post("/notices/choices", form="/notices/choices", mail=wrong, gap_closed="never")
        assert (refused.status_code, said in refused.text) == (400, True)
        assert chosen(refused.text, "gap_closed") == "never"
    agent.post(
        "/notices/choices", form="/notices/choices", mail="chen@centre.example", gap_closed="never", gap_declined="x"
    )
    page = agent.get("/notices/choices").text
    assert 'value="chen@centre.example"' in page
    assert chosen(page, "gap_closed") == "never"
    with unit_of_work(installation.sessions) as session:
        confirming.confirm(session, installation.actors[Role.AGENT], "chen@centre.example", now=installation.clock())
    answer(installation)
    assert agent.get("/notices/unread").json == {"unread": 1}  # the gap that was closed is not told
    with installation.sessions() as session:
        mine = select(Notice.mail).where(Notice.user_id == installation.actors[Role.AGENT].user_id)
        assert session.scalars(mine).all() == [Mailing.DAILY]
    agent.post("/notices/choices", form="/notices/choices", mail="")
    assert 'value="chen@centre.example"' not in agent.get("/notices/choices").text


def test_every_kind_says_what_it_tells_and_leads_somewhere(installation, agent):
    """Of each kind one notice, with all facts that its sentence may need."""
    for number in range(len(NoticeKind) // 4 + 1):  # events enough: a notice is of one
        factories.publish(installation, f"los-{number}")
    now = installation.clock().isoformat()
    facts = {
        "title": "标题", "words": "词", "reason": "理由", "text": "意见", "region": "hedong", "entry": "los-0",
        "name": "名",
        "thread": "rain", "count": 2, "kind": "valid_until", "day": "2026-01-01", "days": 1, "state": "not_upheld",
        "verb": "hidden", "reply": None, "at": now, "place": "302", "from": now, "until": now,
    }  # fmt: skip
    with unit_of_work(installation.sessions) as session:
        events = session.scalars(select(Event.id).order_by(Event.id).limit(len(NoticeKind))).all()
        made = [
            Notice(
                user_id=installation.actors[Role.AGENT].user_id, event_id=event, kind=kind, facts=facts,
                subject_kind=Subject.CORRECTION, subject_id="1", at=installation.clock(), mail=Mailing.NONE,
            )
            for kind, event in zip(NoticeKind, events, strict=True)
        ]  # fmt: skip
        session.add_all(made)
    page = Outline(agent.get("/notices").text).text
    for said in ("“标题”发布了", "给你排了课：标题", "的课取消了：标题", "前读“标题”", "有你的考试“标题”"):
        assert said in page
    for number in numbers(installation):
        assert agent.post(f"/notices/{number}", form="/notices").status_code == 302
