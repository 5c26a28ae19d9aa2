from io import BytesIO

import pytest
from openpyxl import load_workbook

from kb.db import unit_of_work
from kb.entries.rules import Level
from kb.maturity import flags
from kb.maturity.honesty import Check, Finding
from kb.maturity.rubric import Criterion
from kb.permissions import Role
from tests.support import factories, maturity
from tests.web.visitor import Outline, Visitor

FIVES = {criterion.value: "5" for criterion in Criterion}


@pytest.fixture
def used(installation):
    """An entry that twelve agents have used with success."""
    factories.publish(installation, "los")
    maturity.calls(installation, maturity.callers(installation, 12), "los", solved=36)
    maturity.follow(installation)
    return installation


@pytest.fixture
def expert(visit_as):
    return visit_as(Role.EXPERT)


@pytest.fixture
def manager(visit_as):
    return visit_as(Role.MANAGER)


def text(answer):
    assert answer.status_code == 200
    return Outline(answer.text).text


def test_the_queue_shows_what_is_ripe_to_experts_only(used, expert, agent):
    page = text(expert.get("/ratings"))
    assert "光猫 LOS 红灯" in page
    assert "36 次使用解决了 36 次（12 人、2 个班组）" in page
    assert "还差 3 位专家评分" in page
    assert agent.get("/ratings").status_code == 403


def test_an_expert_rates_from_the_queue_and_it_is_gone_from_it(used, expert):
    answer = expert.post("/entries/los/rating", form="/entries/los/rating", reason="逐条核过", **FIVES)
    assert answer.location == "/ratings"
    assert "光猫 LOS 红灯" not in text(expert.get("/ratings"))
    assert maturity.standing(used, "los").standing.raters == 1
    assert "评过 5.0 分" in text(expert.get("/entries/los/rating"))


def test_the_third_rating_says_that_it_lifted_it(used, app, expert):
    for actor in maturity.experts(used, 2):
        visitor = Visitor(app, used).become(actor.name)
        visitor.post("/entries/los/rating", form="/entries/los/rating", reason="好", **FIVES)
    expert.post("/entries/los/rating", form="/entries/los/rating", reason="好", **FIVES)
    assert "这条知识升到了 L4" in text(expert.get("/ratings"))
    assert maturity.entry_of(used, "los").level == Level.L4


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({**FIVES, "reason": ""}, "请写一句理由"),
        ({**FIVES, "accuracy": "6", "reason": "好"}, "每一项都要给 1–5 分"),
        ({"reason": "好"}, "每一项都要给 1–5 分"),
    ],
)
def test_what_is_missing_is_said_and_nothing_lost(used, expert, fields, problem):
    answer = expert.post("/entries/los/rating", form="/entries/los/rating", **fields)
    assert answer.status_code == 400
    assert problem in Outline(answer.text).text
    assert maturity.standing(used, "los").standing.raters == 0


def test_who_may_not_rate_gets_no_form(used, agent):
    assert agent.get("/entries/los/rating").status_code == 403


def test_everybody_sees_why_and_what_is_next_but_not_who_rated(used, expert, agent, manager):
    expert.post("/entries/los/rating", form="/entries/los/rating", reason="逐条核过", **FIVES)
    page = agent.get("/entries/los/maturity")
    shown = Outline(page.text)
    assert "达到条件，升级：36 次使用解决了 36 次" in shown.text
    assert "还差 2 位专家评分" in shown.text
    assert "逐条核过" not in page.text
    assert "谁评了什么" not in page.text
    (picture,) = [item for item in shown.all("svg") if item.get("class") == "timeline"]
    assert picture["aria-describedby"] == "timeline-table"
    assert "逐条核过" in manager.get("/entries/los/maturity").text


def test_the_entry_page_says_what_its_level_rests_on(used, agent):
    page = text(agent.get("/entries/los"))
    assert "36 次使用解决了 36 次（12 人、2 个班组）；" in page
    assert "离 L4：还差 3 位专家评分" in page


def test_before_anything_is_counted_pages_work(installation, agent, manager):
    factories.publish(installation, "los")
    assert "还没有证据" in text(agent.get("/entries/los/maturity"))
    assert "成熟度" in text(agent.get("/entries/los"))
    assert text(manager.get("/maturity"))


def test_a_manager_sets_a_level_and_lets_go_of_it(used, manager, agent):
    page = "/entries/los/maturity"
    assert manager.post("/entries/los/level", form=page, level="5", reason="").status_code == 400
    assert manager.post("/entries/los/level", form=page, level="9", reason="试点").status_code == 400
    manager.post("/entries/los/level", form=page, level="5", reason="省里试点")
    assert "等级由知识经理指定省里试点" in text(agent.get(page))
    manager.post("/entries/los/level", form=page, step="release")
    assert maturity.entry_of(used, "los").level == Level.L3
    assert agent.post("/entries/los/level", form=page, level="5", reason="我要").status_code == 403


def test_a_nomination_goes_to_the_panel(used, agent, expert):
    page = "/entries/los/maturity"
    assert agent.post("/entries/los/nomination", form=page, praise="").status_code == 400
    agent.post("/entries/los/nomination", form=page, praise="一听就懂")
    assert "“一听就懂”" in text(agent.get("/nominations"))
    assert 'name="approves"' not in agent.get("/nominations").text
    answer = expert.post("/nominations/1", form="/nominations", approves="yes", reason="")
    assert answer.status_code == 400
    expert.post("/nominations/1", form="/nominations", approves="yes", reason="用过")
    assert "1/3 位评过" in text(expert.get("/nominations"))


def test_the_owner_is_told_in_the_menu_and_says_that_they_know(used, visit_as):
    editor = visit_as(Role.EDITOR)
    assert "我的知识等级1" in text(editor.get("/levels")).replace(" ", "")
    assert "达到条件，升级" in text(editor.get("/levels"))
    editor.post("/levels", form="/levels")
    assert "没有新的变化" in text(editor.get("/levels"))


def test_the_board_and_the_report_count_by_module(used, manager, agent):
    factories.publish(used, "tv", title="机顶盒", module_key="tv.signal")
    maturity.follow(used)
    page = text(manager.get("/maturity"))
    assert "光猫 LOS 红灯" in page
    assert "合计 2" in page
    book = load_workbook(BytesIO(manager.get("/maturity/report.xlsx").data))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows(min_row=3)]
    assert rows[0][0] == "业务模块"
    assert [row[1] for row in rows[1:]] == [1, 1]
    assert len({len(row) for row in rows}) == 1
    assert "知识成熟度评估" in text(manager.get("/maturity/report"))
    for address in ("/maturity", "/maturity/report", "/maturity/report.xlsx", "/maturity/rubric", "/maturity/flags"):
        assert agent.get(address).status_code == 403, address


def test_the_rubric_is_rewritten_on_its_page(used, manager):
    words = {f"{criterion.value}-{anchor}": f"{anchor} 分的样子" for criterion in Criterion for anchor in "135"}
    answer = manager.post("/maturity/rubric", form="/maturity/rubric", **{**words, "accuracy-1": ""})
    assert answer.status_code == 400
    manager.post("/maturity/rubric", form="/maturity/rubric", note="更短", **words)
    page = text(manager.get("/maturity/rubric"))
    assert "第 2 版" in page
    assert "更短" in page


def test_flags_are_shown_with_facts_and_decided_on(used, manager):
    entry = maturity.entry_of(used, "los").id
    caller = used.actor("caller-0").user_id
    finding = Finding(
        check=Check.BURST,
        key="x",
        entries=(entry,),
        users=(caller,),
        facts={"marks": 9, "agents": 1, "hour": "2026-11-02T01"},
    )
    with unit_of_work(used.sessions) as session:
        flags.keep(session, [finding], now=used.clock())
    assert "有 1 条异常提示等你看" in text(manager.get("/maturity"))
    assert "一小时内标了 9 次“解决了”（1 人）" in text(manager.get("/maturity/flags"))
    manager.post("/maturity/flags/1", form="/maturity/flags", decision="upheld", note="问过")
    assert maturity.standing(used, "los").facts.tally.agents == 11
    assert "问过" in text(manager.get("/maturity/flags?state=upheld"))
    assert manager.get("/maturity/flags?state=nonsense").status_code == 400
