import re
from datetime import timedelta

import pytest

from kb.corrections import operations as corrections
from kb.corrections.models import Correction
from kb.corrections.rules import Hold, Severity, State
from kb.db import unit_of_work
from kb.entries.queries import by_key
from kb.entries.rules import State as EntryState
from kb.permissions import Role
from kb.verification import operations as verification
from tests.support import factories
from tests.support.statements import counted
from tests.web.visitor import Outline
from web.services import services

DESK = "/desk?q=红灯&region=&module=&product=&open=e"


@pytest.fixture
def entry(installation) -> str:
    factories.publish(installation, "e", script="您好，**这个红灯**表示光纤信号断了。")
    installation.reindex()
    return "e"


def get(installation, number=1) -> Correction:
    with installation.sessions() as session:
        return session.get_one(Correction, number)


def uphold(installation, number, severity=Severity.P2) -> None:
    with unit_of_work(installation.sessions) as session:
        actor = installation.actors[Role.MANAGER]
        corrections.uphold(session, actor, number, severity=severity, now=installation.clock())


def text(page) -> str:
    return Outline(page.text).text


# Reporting


def test_an_agent_reports_from_the_desk_without_scripts(agent, installation, entry):
    address = "/desk/cards/e/corrections?q=红灯&region=&module=&product="
    answer = agent.post(
        address,
        form=DESK,
        severity="p1",
        wrong="资费错了",
        right="50 元",
        passage="这个红灯表示",
        revision="1",
        token="t",
    )
    assert answer.location.startswith("/desk?q=")
    found = get(installation)
    assert (found.severity, found.wrong, found.right, found.passage) == (
        Severity.P1,
        "资费错了",
        "50 元",
        "这个红灯表示",
    )
    assert (found.hold, found.suspend_at) == (Hold.PENDING, installation.clock() + timedelta(minutes=10))
    page = text(agent.get(DESK))
    assert "有一条纠错在处理" in page
    assert "P1" in page


def test_the_script_gets_the_card_with_what_is_under_way(agent, entry):
    token = Outline(agent.get(DESK).text)
    csrf = next(field["value"] for field in token.all("input") if field.get("name") == "csrf_token")
    fields = {"csrf_token": csrf, "severity": "p2", "wrong": "错了"}
    answer = agent.client.post("/desk/cards/e/corrections", data=fields, headers={"X-Requested-With": "fetch"})
    assert 'data-card="e"' in answer.text
    assert "有一条纠错在处理" in answer.text
    assert "纠错收到了" in answer.text


def test_a_card_that_was_suspended_meanwhile_still_takes_what_its_reader_knows(agent, installation, entry):
    form = agent.get(DESK).text
    csrf = next(field["value"] for field in Outline(form).all("input") if field.get("name") == "csrf_token")
    number = factories.correction(installation, "e", severity=Severity.P1)
    with unit_of_work(installation.sessions) as session:
        corrections.suspend(session, installation.actors[Role.LEADER], number, now=installation.clock())
    fields = {"csrf_token": csrf, "severity": "p1", "wrong": "还有一处也错了"}
    answer = agent.client.post("/desk/cards/e/corrections", data=fields, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.text) == (204, "")
    assert get(installation, 2).wrong == "还有一处也错了"


@pytest.mark.parametrize("fields", [{"severity": "p4", "wrong": "错"}, {"severity": "p1", "wrong": " "}])
def test_what_can_not_be_taken_is_said_beside_its_field(agent, entry, fields):
    answer = agent.post("/corrections/new", form="/corrections/new?entry=e", entry="e", right="写好了的", **fields)
    assert answer.status_code == 400
    assert "field-problem" in answer.text
    assert "写好了的" in answer.text, "what was typed stays"


def test_the_whole_form_takes_where_it_is_known_from(agent, installation, entry):
    answer = agent.post(
        "/corrections/new", form="/corrections/new?entry=e", entry="e", severity="p3", wrong="错字", evidence="装维群"
    )
    assert answer.location == "/corrections/1"
    assert get(installation).evidence == "装维群"
    assert "/corrections/new?entry=e" in agent.get("/entries/e").text


def test_what_a_person_may_not_read_can_not_be_reported(visit_as, installation, entry):
    factories.publish(installation, "secret", audience=(Role.EXPERT, Role.REVIEWER))
    factories.draft(installation, "draft")
    agent = visit_as(Role.AGENT)
    for key in ("secret", "draft", "none"):
        assert agent.get(f"/corrections/new?entry={key}").status_code == 404
        answer = agent.post("/corrections/new", form="/corrections/new?entry=e", entry=key, severity="p1", wrong="x")
        assert answer.status_code == 404, key


# The queue


def test_the_queue_shows_what_is_due_first_with_its_clock(visit_as, installation, entry):
    factories.correction(installation, "e", severity=Severity.P3, wrong="错字")
    installation.clock.advance(hours=20)
    factories.correction(installation, "e", severity=Severity.P2, wrong="话术会误导")
    factories.correction(installation, "e", severity=Severity.P1, wrong="价格错了")
    installation.clock.advance(minutes=30)
    page = text(visit_as(Role.EDITOR).get("/corrections"))
    assert page.index("价格错了") < page.index("话术会误导") < page.index("错字")
    for clock in ("还有 1 小时 30 分", "还有 23 小时 30 分", "还有 4 天 3 小时"):
        assert clock in page, clock
    installation.clock.advance(hours=3)
    overdue = text(visit_as(Role.EDITOR).get("/corrections?tab=overdue"))
    assert "超时 1 小时 30 分" in overdue
    assert "话术会误导" not in overdue


def test_the_queue_is_narrowed_by_severity_module_and_state(visit_as, installation, entry):
    factories.publish(installation, "tv", module_key="tv.signal", title="电视没信号")
    factories.correction(installation, "e", wrong="宽带的错")
    factories.correction(installation, "tv", wrong="电视的错", severity=Severity.P3)
    manager = visit_as(Role.MANAGER)
    assert "宽带的错" not in manager.get("/corrections?severity=p3").text
    assert "电视的错" not in manager.get("/corrections?module=fault").text
    assert "宽带的错" in manager.get("/corrections?module=fault").text
    assert "的错" not in manager.get("/corrections?tab=closed").text
    for wrong in ("tab=x", "severity=p9", "module=none"):
        assert manager.get(f"/corrections?{wrong}").status_code == 400


@pytest.mark.parametrize(
    ("role", "status", "sees"),
    [
        (Role.AGENT, 403, False),
        (Role.VERIFIER, 403, False),
        (Role.ADMIN, 403, False),
        (Role.EXPERT, 200, False),  # of another module
        (Role.EDITOR, 200, True),
        (Role.REVIEWER, 200, True),
        (Role.LEADER, 200, True),
        (Role.MANAGER, 200, True),
    ],
)
def test_who_sees_the_queue_and_one_of_it(visit_as, installation, role, status, sees):
    factories.publish(installation, "tv", module_key="tv.signal")
    other = factories.person(installation, "other", Role.AGENT)
    factories.correction(installation, "tv", other, wrong="电视的错")
    visitor = visit_as(role)
    page = visitor.get("/corrections")
    assert page.status_code == status
    assert ("电视的错" in page.text) is sees
    assert visitor.get("/corrections/1").status_code == (200 if sees else 404)


def test_who_reported_it_sees_theirs_and_no_form(agent, installation, entry):
    factories.correction(installation, "e", passage="这个红灯 表示")
    page = agent.get("/corrections/1")
    assert "报告时的原文：对客户说" in text(page)
    assert 'name="decision"' not in page.text
    assert 'name="answer"' not in page.text


def test_the_quoted_words_are_marked_in_their_field(visit_as, installation, entry):
    factories.correction(installation, "e", passage="光纤信号断了")
    page = visit_as(Role.EDITOR).get("/corrections/1").text
    assert "报告时的原文：一句话答案" in page
    assert "<mark>光纤信号断了</mark>" in page


def test_the_field_is_shown_without_gaps_and_the_reason_to_whoever_mends_it(visit_as, agent, installation):
    factories.publish(installation, "list", steps="1. 看灯\n2. 插紧\n   **尾纤**\n\n3. 再拨一次")
    number = factories.correction(installation, "list", passage="再拨一次")
    editor = visit_as(Role.EDITOR)
    found = re.search(r'class="correction-passage"[^>]*>(.*?)</p>', editor.get("/corrections/1").text, re.DOTALL)
    assert found is not None
    assert found[1].splitlines() == ["看灯", "插紧", "尾纤", "<mark>再拨一次</mark>"]
    editor.post(f"/corrections/{number}/decision", form="/", decision="uphold", severity="p2", reason="补上型号")
    assert "补上型号" in editor.get("/corrections/1").text
    assert "补上型号" not in agent.get("/corrections/1").text


def test_whoever_mends_it_may_say_that_the_county_has_put_it_right(visit_as, agent, installation, entry):
    number = factories.correction(installation, "e", wrong="渡船费不收了")
    editor = visit_as(Role.EDITOR)
    editor.post(f"/corrections/{number}/decision", form="/", decision="uphold", severity="p2")
    assert 'name="there"' not in editor.get("/corrections/1").text
    assert editor.post(f"/corrections/{number}/fix", form="/", there="yes").status_code == 400
    installation.clock.advance(minutes=5)
    with unit_of_work(installation.sessions) as session:
        verification.overlay(
            session, installation.actors[Role.VERIFIER], by_key(session, "e"), region="hedong", text="不收渡船费",
            now=installation.clock(),
        )  # fmt: skip
    assert 'name="there"' in editor.get("/corrections/1").text
    assert editor.post(f"/corrections/{number}/fix", form="/", there="yes").status_code == 302
    assert "当地的地方口径已经改好了" in editor.get("/corrections/1").text
    assert "当地的地方口径已经改好了" in agent.get("/corrections/mine").text


# The duty


def test_the_duty_is_asked_on_every_page_and_answers_there(visit_as, installation, entry):
    number = factories.correction(installation, "e", severity=Severity.P1, wrong="价格错了")
    leader = visit_as(Role.LEADER)
    for address in ("/", "/threads", "/desk"):
        assert "10 分钟后自动暂停" in text(leader.get(address)), address
    assert "自动暂停" not in text(visit_as(Role.AGENT).get("/"))
    answer = leader.post(f"/corrections/{number}/hold", form="/", answer="suspend", next="/corrections/1")
    assert answer.location == "/corrections/1"
    assert get(installation).hold is Hold.HELD
    with installation.sessions() as session:
        assert by_key(session, "e").live_state is EntryState.SUSPENDED
    assert "自动暂停" not in text(leader.get("/"))
    assert leader.get("/corrections/duty").text.strip() == ""
    assert visit_as(Role.AGENT).get("/corrections/duty").status_code == 403


def test_the_duty_may_let_it_stay_and_the_second_is_told(visit_as, installation, entry):
    number = factories.correction(installation, "e", severity=Severity.P1)
    leader, manager = visit_as(Role.LEADER), visit_as(Role.MANAGER)
    address = f"/corrections/{number}"
    assert leader.post(f"{address}/hold", form=address, answer="keep").location == address
    late = manager.post(f"{address}/hold", form=address, answer="keep")
    assert late.status_code == 409
    assert "别人已经处理过了" in late.text


def test_who_is_not_on_duty_does_not_suspend(visit_as, installation, entry):
    factories.correction(installation, "e", severity=Severity.P1)
    answer = visit_as(Role.EDITOR).post("/corrections/1/hold", form="/corrections/1", answer="suspend")
    assert answer.status_code == 403
    assert get(installation).hold is Hold.PENDING


# Deciding


def test_an_editor_upholds_and_says_which_revision_is_right(visit_as, installation, entry):
    factories.correction(installation, "e")
    editor, address = visit_as(Role.EDITOR), "/corrections/1"
    answer = editor.post(f"{address}/decision", form=address, decision="uphold", severity="p3", reason="确实")
    assert answer.location == address
    assert (get(installation).state, get(installation).severity) == (State.UPHELD, Severity.P3)
    assert "还没有比报告时更新的版本" in text(editor.get(address))
    factories.revise(installation, "e", answer="对的")
    page = editor.get(address)
    assert "台上已经是第 2 版" in text(page)
    assert "/entries/e/revisions?from=1&amp;to=2" in page.text
    assert editor.post(f"{address}/fix", form=address, revision="1").status_code == 400
    assert editor.post(f"{address}/fix", form=address, revision="2").location == address
    assert get(installation).state is State.PUBLISHED
    mine = text(visit_as(Role.AGENT).get("/corrections/mine"))
    assert "已更正" in mine
    assert "第 2 版起是对的" in mine


def test_a_refusal_needs_a_reason_which_the_reporter_reads(visit_as, installation, entry):
    factories.correction(installation, "e")
    manager, address = visit_as(Role.MANAGER), "/corrections/1"
    refused = manager.post(f"{address}/decision", form=address, decision="refuse", reason=" ")
    assert refused.status_code == 400
    assert "要写明理由" in refused.text
    manager.post(f"{address}/decision", form=address, decision="refuse", reason="文件第三条")
    assert "判定不属实：文件第三条" in text(visit_as(Role.AGENT).get("/corrections/mine"))
    again = manager.client.post(f"{address}/decision", data={"csrf_token": "x"})
    assert again.status_code == 400


def test_a_decision_that_came_too_late_is_said(visit_as, installation, entry):
    factories.correction(installation, "e")
    manager, address = visit_as(Role.MANAGER), "/corrections/1"
    form = manager.get(address).text
    csrf = next(field["value"] for field in Outline(form).all("input") if field.get("name") == "csrf_token")
    uphold(installation, 1)
    late = manager.client.post(f"{address}/decision", data={"csrf_token": csrf, "decision": "refuse", "reason": "不对"})
    assert late.status_code == 409
    assert "属实，待修改" in late.text


def test_a_duplicate_is_merged(visit_as, installation, entry):
    for _ in range(2):
        factories.correction(installation, "e")
    editor = visit_as(Role.EDITOR)
    editor.post("/corrections/2/decision", form="/corrections/2", decision="merge", into="1")
    assert get(installation, 2).duplicate_of_id == 1
    assert "同事先报告了" in text(visit_as(Role.AGENT).get("/corrections/mine"))


def test_an_author_who_refuses_is_told_why_not(visit_as, installation, entry):
    factories.correction(installation, "e")
    answer = visit_as(Role.EDITOR).post(
        "/corrections/1/decision", form="/corrections/1", decision="refuse", reason="我写的没错"
    )
    assert answer.status_code == 403
    assert "请别人来判" in answer.text
    assert "我写的没错" in answer.text


# Figures, and what pages cost


def test_figures_show_the_share_with_its_number(visit_as, installation, entry):
    for wrong in "一二三":
        factories.correction(installation, "e", wrong=wrong, severity=Severity.P1)
    manager = installation.actors[Role.MANAGER]
    with unit_of_work(installation.sessions) as session:
        corrections.refuse(session, manager, 1, reason="对的", now=installation.clock())
        corrections.merge(session, manager, 2, into=1, now=installation.clock())
    installation.clock.advance(hours=3)
    page = text(visit_as(Role.MANAGER).get("/corrections/figures"))
    assert "2026-W45 50% (1/2)" in page, "one in time, one overdue, a duplicate is none"
    assert visit_as(Role.LEADER).get("/corrections/figures").status_code == 403


def test_pages_cost_the_same_however_much_they_show(app, visit_as, installation, entry):
    bounds = {"/corrections": 14, "/corrections/1": 15, "/corrections/mine": 14, "/corrections/figures": 12}
    manager = visit_as(Role.MANAGER)

    def costs() -> dict[str, int]:
        found = {}
        for address in bounds:
            with counted(services(app).engine) as statements:
                assert manager.get(address).status_code == 200, address
            found[address] = len(statements)
        return found

    factories.correction(installation, "e", Role.MANAGER)
    costs()
    before = costs()
    for number in range(6):
        factories.publish(installation, f"e-{number}")
        for key in ("e", f"e-{number}"):
            factories.correction(installation, key, Role.MANAGER)
    after = costs()
    assert after == before
    assert {address: cost for address, cost in after.items() if cost > bounds[address]} == {}


def test_what_people_wrote_is_text(visit_as, installation, entry):
    evil = "<img src=x onerror=alert(1)>"
    factories.correction(installation, "e", wrong=evil, right=evil, passage=evil, evidence=evil, severity=Severity.P1)
    for role, addresses in (
        (Role.MANAGER, ("/corrections", "/corrections/1", "/")),
        (Role.AGENT, ("/corrections/mine",)),
    ):
        for address in addresses:
            page = visit_as(role).get(address).text
            assert "<img src=x" not in page, address
            assert "&lt;img" in page, address
