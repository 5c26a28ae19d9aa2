import pytest

from indexer.engine import FrequentQuery
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.forum import moderation
from kb.forum import queries as forum_queries
from kb.permissions import SYSTEM, Role
from tests.support import factories


@pytest.fixture
def filled(installation):
    factories.publish(installation, "los")
    factories.publish(installation, "leaders", title="光猫折扣审批", audience=(Role.LEADER, Role.EDITOR, Role.REVIEWER))
    factories.publish(installation, "county", title="光缆中断", regions=("hedong",))
    factories.thread(installation, "rain", title="光猫进水")
    installation.reindex()
    installation.search.offer([FrequentQuery("光猫怎么重启", 40, "los"), FrequentQuery("光猫折扣", 40, "leaders")])


def suggested(visitor, query):
    answer = visitor.get(f"/suggest?{query}")
    assert answer.status_code == 200
    return answer.json


def texts(visitor, query):
    return {item["text"] for item in suggested(visitor, query)}


@pytest.mark.usefixtures("filled")
def test_a_suggestion_says_what_it_is_and_where_it_leads(agent):
    assert suggested(agent, "q=盒子亮&module=fault") == [
        {
            "text": "盒子亮红灯上不了网",
            "mark": [0, 3],
            "kind": "wording",
            "entry": "los",
            "title": "光猫 LOS 红灯",
            "url": "/entries/los?q=%E7%9B%92%E5%AD%90%E4%BA%AE%E7%BA%A2%E7%81%AF%E4%B8%8A%E4%B8%8D%E4%BA%86%E7%BD%91"
            "&module=fault",
        }
    ]


@pytest.mark.usefixtures("filled")
def test_a_question_leads_to_its_results(agent):
    (found,) = suggested(agent, "q=光猫怎&region=hedong")
    assert (found["kind"], found["entry"]) == ("query", "los")
    assert found["url"].startswith("/?q=%E5%85%89")
    assert found["url"].endswith("&region=hedong")


@pytest.mark.usefixtures("filled")
def test_a_thread_leads_to_its_page(agent):
    (found,) = suggested(agent, "q=光猫&source=thread")
    assert found["text"] == "光猫进水"
    assert found["url"].startswith("/threads/rain?q=")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("typed", ["光猫", "gm", "guangmao", "光猫折", "折扣审", "gmzk"])
def test_nobody_learns_of_what_is_not_for_them(agent, visit_as, typed):
    hidden = {"光猫折扣审批", "光猫折扣"}
    assert not texts(agent, f"q={typed}") & hidden
    assert texts(visit_as(Role.LEADER), f"q={typed}") & hidden


@pytest.mark.usefixtures("filled")
def test_what_the_database_has_taken_back_is_not_offered_while_the_index_lags(agent, installation):
    with unit_of_work(installation.sessions) as session:
        entry, thread = entry_queries.by_key(session, "los"), forum_queries.by_key(session, "rain")
        entries.suspend(session, SYSTEM, entry, reason="价格错了", now=installation.clock())
        moderation.hide(session, installation.actors[Role.EDITOR], thread, reason="不文明", now=installation.clock())
    assert suggested(agent, "q=盒子亮") == []
    assert suggested(agent, "q=光猫怎") == []
    assert suggested(agent, "q=光猫&source=thread") == []


@pytest.mark.usefixtures("filled")
def test_region_narrows(agent):
    assert "光缆中断" in texts(agent, "q=光&region=hedong")
    assert "光缆中断" not in texts(agent, "q=光&region=jiangyang")


def test_a_filter_that_does_not_exist_is_refused_as_json(agent):
    answer = agent.get("/suggest?q=光&region=nowhere")
    assert answer.status_code == 400
    assert answer.json["error"]["field"] == "region"


def test_a_stranger_gets_no_suggestions(visitor):
    answer = visitor.get("/suggest?q=光")
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "not_signed_in"


def test_typing_is_not_disturbed_while_there_is_no_index(agent):
    assert suggested(agent, "q=光") == []


def test_suggestions_are_not_kept_by_the_browser(agent):
    assert agent.get("/suggest?q=").headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("address", ["/", "/?q=光猫", "/threads", "/help"])
def test_every_search_field_has_a_place_for_suggestions(agent, filled, address):
    page = agent.get(address).text
    assert page.count('data-suggest="/suggest"') == 1
    assert page.count('id="suggestions"') == 1
