import re

import pytest

from kb.permissions import Role
from tests.support import factories, lexicon
from tests.web.visitor import Outline


@pytest.fixture
def filled(installation):
    factories.publish(installation, "los")
    factories.publish(installation, "tv", title="电视没有信号", module_key="tv.signal", wordings=("电视看不了",))
    factories.publish(installation, "secret", title="光猫红灯内部口径", audience=(Role.REVIEWER, Role.LEADER))
    factories.draft(installation, "draft", title="光猫红灯草稿")
    factories.thread(installation, "rain")
    installation.reindex()


@pytest.fixture
def manager(visit_as):
    return visit_as(Role.MANAGER)


@pytest.mark.usefixtures("filled")
def test_results_lead_there_those_who_may(agent, manager):
    assert "/search/why" not in agent.get("/?q=光猫红灯").text
    assert any("/search/why" in link for link in Outline(manager.get("/?q=光猫红灯&module=fault").text).links())


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("role", [Role.AGENT, Role.EXPERT, Role.LEADER, Role.REVIEWER, Role.ADMIN])
def test_nobody_else_looks_behind_the_search(visit_as, role):
    assert visit_as(role).get("/search/why?q=光猫红灯").status_code == 403


@pytest.mark.usefixtures("filled")
def test_the_parts_stand_with_their_sum(manager):
    page = manager.get("/search/why?q=请问光猫红灯").text
    text = Outline(page).text
    for said in ("光猫 LOS 红灯", "最像的说法：字词", "合计 × 成熟度", "当作口头语的", "请问", "先筛掉的", "只算字词"):
        assert said in text
    figures = re.search(r"<tfoot>.*?([0-9.]+)</td>.*?× ([0-9.]+)</td>.*?<b>([0-9.]+)</b>", page, re.DOTALL).groups()
    relevance, maturity, score = (float(figure) for figure in figures)
    assert relevance * maturity == pytest.approx(score, abs=2e-3)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("given", ["tv", "/entries/tv", "http://localhost/entries/tv/"])
def test_an_entry_is_compared_by_its_key_or_its_address(manager, given):
    text = Outline(
        manager.get("/search/why", query_string={"q": "光猫红灯", "module": "fault", "compare": given}).text
    ).text
    assert "不在这个业务模块" in text


@pytest.mark.usefixtures("filled")
def test_what_may_not_be_read_is_neither_shown_nor_compared(manager):
    text = Outline(manager.get("/search/why?q=光猫红灯&compare=secret").text).text
    assert "没有这条知识，或者你没有权限看它" in text
    assert "内部口径" not in text
    assert "光猫 LOS 红灯" in text  # the rest is there all the same
    assert "不是给这个角色看的 1" in text
    assert manager.get("/search/why?q=光猫红灯&compare=nowhere").status_code == 200


@pytest.mark.usefixtures("filled")
def test_a_draft_is_compared_by_those_who_work_on_it(manager):
    assert "被筛掉：状态不对坐席提供" in Outline(manager.get("/search/why?q=光猫红灯&compare=draft").text).text


@pytest.mark.usefixtures("filled")
def test_pinned_entries_are_named(installation, manager):
    lexicon.pin(installation, "光猫红灯", "tv")
    lexicon.look(installation)
    text = Outline(manager.get("/search/why?q=光猫红灯").text).text
    assert "置顶的，不看得分" in text
    assert "电视没有信号" in text


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "query", ["", "?q=", "?q=，。", "?q=zzzz", "?q=“光猫红灯”", "?q=红灯&source=thread&compare=rain"]
)
def test_any_question_can_be_looked_into(manager, query):
    assert manager.get(f"/search/why{query}").status_code == 200
