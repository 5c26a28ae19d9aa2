"""Calls by their addresses: links of the telephone system, steps, contact records, who sees what."""

import json
import re

import pytest
from sqlalchemy import select

from kb.calls.models import Call, CallStep
from kb.calls.rules import ContactRecord, Ending, StepKind, Topic
from kb.gaps.models import Ask
from kb.permissions import Role
from tests.support import factories
from tests.web.visitor import Outline, Visitor
from web.services import services

WIDE = "region=&module=&product="


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    factories.publish(installation, "los", script="您好，光断了。")
    factories.publish(installation, "secret", title="内部价目", audience=(Role.AGENT, Role.REVIEWER))
    installation.reindex()


def rows(installation, model=Call):
    with installation.sessions() as session:
        return session.scalars(select(model).order_by(*model.__table__.primary_key)).all()


def token(visitor) -> str:
    return re.search(r'data-token="([^"]+)"', visitor.get("/desk").text).group(1)


def send(visitor, address, **fields):
    return visitor.client.post(
        address, data={"csrf_token": token(visitor), **fields}, headers={"X-Requested-With": "fetch"}
    )


def told(number, kind="searched", **fields):
    about = {"query": "红灯", "total": 3} if kind == "searched" else {"entry": "los", "revision": 1, "position": 2}
    return {"n": number, "kind": kind, "ms": number * 1000, **about, **fields}


def tell(visitor, reference, *steps, page="tab", **fields):
    return send(visitor, f"/desk/calls/{reference}/steps", page=page, steps=json.dumps(steps), **fields)


def colleague(app, installation, username, **fields) -> Visitor:
    factories.person(installation, username, Role.AGENT, **fields)
    return Visitor(app, installation).become(username)


def test_a_link_opens_a_call_and_the_same_link_the_same_call(installation, agent):
    link = "/desk?call=PBX-1&region=jiangyang&product=broadband&q=13800138000红灯"
    page = agent.get(link).text
    assert 'value="jiangyang" selected' in page
    assert "call=PBX-1" in page
    agent.get(link)
    (call,) = rows(installation)
    assert (call.cti, call.region_key, call.product_key, call.text) == ("PBX-1", "jiangyang", "broadband", "***红灯")
    assert f'data-call-now="{call.reference}"' in page
    agent.get("/desk?call=PBX-2")
    first, second = rows(installation)
    assert (first.ending, second.cti) == (Ending.NEXT, "PBX-2")


def test_somebody_elses_link_is_not_taken_over(app, installation, agent):
    agent.get("/desk?call=PBX-1&q=红灯")
    other = colleague(app, installation, "li")
    (first,) = rows(installation)
    page = other.get(f"/desk?call={first.reference}").text
    assert "data-no-call" in page
    assert 'data-call-name=""' in page
    assert "data-call-now" not in page
    assert len(rows(installation)) == 1
    other.get("/desk?call=PBX-1")
    (_, second) = rows(installation)
    assert (second.cti, second.user_id != first.user_id) == ("PBX-1", True)
    for answer in (
        other.get(f"/desk/calls/{first.reference}"),
        send(other, f"/desk/calls/{first.reference}", topic="fault", do="end"),
        tell(other, first.reference, told(1)),
    ):
        assert answer.status_code == 404
    assert rows(installation)[0].is_open


def test_a_search_opens_a_call_that_typing_does_not(installation, agent):
    agent.get("/desk")
    agent.get(f"/desk/results?q=红灯&{WIDE}")
    assert rows(installation) == []
    answer = send(agent, "/desk/calls", q="盒子亮红灯", waited="2500")
    (call,) = rows(installation)
    assert f'data-call-now="{call.reference}"' in answer.text
    assert 'data-elapsed="2500"' in answer.text
    again = send(agent, "/desk/calls", q="另一句", waited="nonsense")
    assert f'data-call-now="{call.reference}"' in again.text
    assert f'data-call-now="{call.reference}"' in agent.get("/desk").text
    answer = agent.post("/desk/calls", form="/desk", q="红灯")
    assert answer.status_code == 302
    assert f"call={call.reference}" in answer.location


def test_steps_are_taken_once_however_often_they_are_told(installation, agent):
    send(agent, "/desk/calls", q="红灯")
    (call,) = rows(installation)
    steps = [told(2, "opened"), told(1, total=0), told(3, "copied", position=None), told(4, "outcome", solved=True)]
    for _ in range(2):
        assert tell(agent, call.reference, *steps, first_key="0").status_code == 204
    assert [step.kind for step in rows(installation, CallStep)] == list(StepKind)
    (call,) = rows(installation)
    assert (call.searches, call.empty, call.first_card_ms, call.position, call.copied) == (1, 1, 2000, 2, True)


@pytest.mark.parametrize(
    "steps",
    [
        "",
        "{",
        "{}",
        "[1]",
        '[{"n": 1, "ms": 0}]',
        '[{"n": "1", "ms": 0, "kind": "searched"}]',
        '[{"n": 1, "ms": -1, "kind": "searched"}]',
        '[{"n": true, "ms": 0, "kind": "searched"}]',
        '[{"n": 1, "ms": 0, "kind": "searched", "query": 5}]',
        '[{"n": 1, "ms": 0, "kind": "opened", "entry": ["los"]}]',
        '[{"n": 1, "ms": 99999999999, "kind": "searched"}]',
        '[{"n": 1, "ms": 0, "kind": "outcome", "entry": "los", "solved": "yes"}]',
    ],
)
def test_what_is_no_steps_is_refused(installation, agent, steps):
    send(agent, "/desk/calls", q="红灯")
    (call,) = rows(installation)
    assert send(agent, f"/desk/calls/{call.reference}/steps", page="tab", steps=steps).status_code == 400
    assert rows(installation, CallStep) == []


def test_an_outcome_hangs_on_the_call_and_solved_ends_it(installation, agent):
    agent.get(f"/desk?q=红灯&{WIDE}")
    (call,) = rows(installation)
    installation.clock.advance(seconds=80)
    address = f"/desk/cards/los/outcomes?q=红灯&{WIDE}&call={call.reference}"
    send(agent, address, reason="unclear")
    assert (rows(installation)[0].solved, rows(installation)[0].is_open) == (False, True)
    send(agent, address, solved="yes")
    (call,) = rows(installation)
    assert (call.solved, call.ending, call.outcome_ms) == (True, Ending.OUTCOME, 80_000)
    assert "已结束" in send(agent, "/desk/calls/" + call.reference, topic="fault", do="keep").text


def test_an_outcome_on_an_entrys_own_page_hangs_on_the_call_that_goes_on(installation, agent):
    agent.post("/entries/los/outcomes?q=红灯", form="/entries/los?q=红灯", solved="yes")
    agent.get(f"/desk?q=红灯&{WIDE}")
    agent.post("/entries/los/outcomes?q=红灯", form="/entries/los?q=红灯", solved="yes")
    assert [call.solved for call in rows(installation)] == [True]


def test_a_page_that_stood_open_hangs_nothing_on_a_call_of_the_morning(installation, agent):
    agent.get("/desk?call=PBX-1&q=红灯")
    send(agent, f"/desk/calls/{rows(installation)[0].reference}", do="end")
    installation.clock.advance(hours=3)
    send(agent, f"/desk/cards/los/outcomes?q=红灯&{WIDE}&call=PBX-1", solved="yes")
    assert rows(installation)[0].solved is None


def test_a_contact_record_is_written_and_found_by_its_ticket(app, installation, agent):
    agent.get(f"/desk?q=红灯&{WIDE}")
    (call,) = rows(installation)
    tell(agent, call.reference, told(1), told(2, "opened"), told(3, "copied", position=None))
    installation.clock.advance(seconds=90)
    answer = agent.post(
        f"/desk/calls/{call.reference}",
        form=f"/desk?q=红灯&{WIDE}",
        topic="fault",
        ticket="gd 20261102",
        note="约晚上",
        do="end",
    )
    assert answer.location.endswith("/desk")
    assert rows(installation)[0].record == ContactRecord(topic=Topic.FAULT, ticket="GD20261102", note="约晚上")
    factories.revise(installation, "los", answer="换了说法。", script="换了话术。")
    installation.clock.advance(days=2)
    other = colleague(app, installation, "li")
    page = Outline(other.get("/desk/tickets?number=gd20261102").text).text
    for part in ("2026-11-02 09:00", "坐席", "报障", "红灯", "约晚上", "第 1 版", "后来改过", "光断了", "话术复制过"):
        assert part in page, part
    assert "换了" not in page
    for time in ("01:30", "90", "秒"):
        assert time not in page.split("后来改过")[0], "how long somebody took is nobody's business"
    results = other.get(f"/desk/results?q=gd20261102&{WIDE}").text
    assert "以前的 1 次受理记录" in results
    assert "没有找到" not in results


def test_a_ticket_of_a_neighbouring_county_is_not_found_nor_counted(app, installation):
    county = colleague(app, installation, "zhang", region="jiangyang")
    county.get("/desk?q=红灯")
    send(county, f"/desk/calls/{rows(installation)[0].reference}", ticket="GD20261102", do="end")
    neighbour = colleague(app, installation, "qian", region="yunxi")
    assert "没有查到工单 GD20261102" in neighbour.get("/desk/tickets?number=GD20261102").text
    assert "受理记录" not in neighbour.get(f"/desk/results?q=GD20261102&{WIDE}").text
    assert "红灯" in county.get("/desk/tickets?number=GD20261102").text


def test_what_was_told_stays_hidden_from_whom_it_is_not_meant_for(installation, agent, visit_as):
    agent.get("/desk?q=价目")
    (call,) = rows(installation)
    tell(agent, call.reference, told(1, "opened", entry="secret"))
    send(agent, f"/desk/calls/{call.reference}", ticket="GD20261102", do="end")
    assert "内部价目" in agent.get("/desk/tickets?number=GD20261102").text
    leader = visit_as(Role.LEADER).get("/desk/tickets?number=GD20261102").text
    assert "内部价目" not in leader
    assert "你没有权限看" in leader


def test_what_is_no_ticket_number_says_so(agent):
    assert "不是工单号" in agent.get("/desk/tickets?number=13800138000").text
    assert "工单号是 4 到 40 个" in agent.get("/desk/tickets?number=工单").text
    assert agent.get("/desk/tickets").status_code == 200
    agent.get("/desk?q=红灯")


@pytest.mark.parametrize("fields", [{"topic": "gossip"}, {"ticket": "工单"}, {"ticket": "13800138000"}])
def test_a_record_that_is_none_is_refused_and_the_call_goes_on(installation, agent, fields):
    agent.get("/desk?q=红灯")
    (call,) = rows(installation)
    assert send(agent, f"/desk/calls/{call.reference}", do="end", **fields).status_code == 400
    assert rows(installation)[0].is_open


def test_looking_up_a_ticket_is_no_gap(app, installation, agent):
    agent.get(f"/desk?q=GD20261102&{WIDE}")
    services(app).search_log.flush()
    assert rows(installation, Ask) == []


def finished(installation, actor, minutes):
    call = factories.call(installation, actor)
    factories.steps(installation, actor, call.reference, factories.step(1, StepKind.OPENED, ms=minutes * 60_000))
    factories.recorded(installation, actor, call.reference, ContactRecord(ticket="GD20261102"))
    return call


def test_nobody_but_the_agent_sees_one_agents_times(app, installation, visit_as):
    """Whatever page of calls anybody opens, another person's time is not on it."""
    agent = factories.person(installation, "wang", Role.AGENT)
    finished(installation, agent, 47)
    own = Visitor(app, installation).become("wang").get("/desk/mine").text
    assert "47:00" in own
    assert "只有你自己看得到" in own
    for role in Role:
        visitor = visit_as(role)
        for address in ("/desk/mine", "/desk/figures", "/desk/tickets?number=GD20261102"):
            page = visitor.get(address)
            assert "47:00" not in page.text, (role, address)
        assert visitor.get("/desk/figures").status_code == (200 if role is Role.MANAGER else 403)


def test_sums_name_nobody_and_begin_at_five_people(app, installation, visit_as):
    actors = factories.agents(installation, 5)
    for minutes, actor in enumerate(actors[:4], start=11):
        finished(installation, actor, minutes)
    manager = visit_as(Role.MANAGER)
    page = manager.get("/desk/figures").text
    assert "少于 5 位坐席，不显示" in page
    assert "12:00" not in page
    finished(installation, actors[4], 15)
    page = manager.get("/desk/figures").text
    assert "13:00" in page  # the median of 11 to 15 minutes
    assert "15:00" in page  # nine in ten
    assert "n=5" in page
    for actor in actors:
        assert actor.name not in page
    assert "不按快慢给人排名" in page
    assert manager.get("/desk/figures?week=2026-11-05").status_code == 200
    assert manager.get("/desk/figures?week=yesterday").status_code == 400


def test_own_calls_can_be_opened_again_for_their_record(installation, agent):
    agent.get("/desk?q=红灯")
    (call,) = rows(installation)
    send(agent, f"/desk/calls/{call.reference}", do="end")
    installation.clock.advance(hours=2)
    link = next(link for link in Outline(agent.get("/desk/mine").text).links() if f"call={call.reference}" in link)
    page = agent.get(link).text
    assert "已结束" in page
    assert f'data-call-now="{call.reference}"' in page
    assert len(rows(installation)) == 1
    send(agent, f"/desk/calls/{call.reference}", ticket="GD20261102", do="keep")
    assert rows(installation)[0].ticket == "GD20261102"


def test_a_form_without_token_changes_nothing(installation, agent):
    agent.get("/desk?q=红灯")
    (call,) = rows(installation)
    for address in ("/desk/calls", f"/desk/calls/{call.reference}", f"/desk/calls/{call.reference}/steps"):
        assert agent.client.post(address, data={"q": "红灯", "do": "end", "steps": "[]"}).status_code == 400
    assert rows(installation)[0].is_open


def test_pages_of_calls_cost_few_statements(app, installation, agent):
    from tests.support.statements import counted
    from web.services import services

    actor = installation.actor("agent")

    def costs():
        found = []
        for address in ("/desk/mine", "/desk/tickets?number=GD20261102"):
            with counted(services(app).engine) as statements:
                assert agent.get(address).status_code == 200
            found.append(len(statements))
        return found

    finished(installation, actor, 1)
    before = costs()
    for minutes in range(2, 9):
        installation.clock.advance(minutes=31)
        finished(installation, actor, minutes)
    assert costs() == before
    assert max(before) <= 18
