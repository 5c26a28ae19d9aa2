"""Suggestions show what a search would, and nothing else leaks."""

from datetime import timedelta

import pytest

from indexer.documents import Source
from indexer.engine import Filters, FrequentQuery, IndexNotReadyError
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.permissions import SYSTEM, Role
from tests.support import factories


def suggested(installation, text, actor=SYSTEM, **filters):
    return installation.search.suggest(actor, text, Filters(**filters), installation.clock())


def texts(*args, **kwargs):
    return [suggestion.text for suggestion in suggested(*args, **kwargs)]


@pytest.fixture
def filled(installation):
    factories.publish(installation, "box", title="机顶盒没信号", wordings=("电视机顶盒黑屏", "机顶盒打不开"))
    factories.publish(installation, "los")
    factories.thread(installation, "box-thread", title="机顶盒换新要多久")
    installation.reindex()
    return installation


@pytest.mark.parametrize("text", ["机顶", "jidingh", "jdh", "机顶h", "機頂"])
def test_a_title_is_suggested_with_its_entry(filled, text):
    (suggestion,) = suggested(filled, text)
    assert (suggestion.text, suggestion.kind, suggestion.entry) == ("机顶盒没信号", "title", "box")


def test_a_wording_leads_to_its_entry(filled):
    (suggestion,) = suggested(filled, "盒子亮")
    assert (suggestion.text, suggestion.kind, suggestion.entry) == ("盒子亮红灯上不了网", "wording", "los")
    assert suggestion.title == "光猫 LOS 红灯"


def test_the_middle_of_a_wording_is_found_last(filled):
    factories.publish(filled, "inside", title="卸下电视机顶盒", wordings=())
    filled.reindex()
    assert texts(filled, "机顶盒") == ["机顶盒没信号", "卸下电视机顶盒"]


def test_entries_and_threads_are_not_mixed(filled):
    (suggestion,) = suggested(filled, "机顶", source=Source.THREAD)
    assert (suggestion.text, suggestion.entry) == ("机顶盒换新要多久", "box-thread")


def test_nothing_typed_suggests_nothing(filled):
    assert texts(filled, "") == []
    assert texts(filled, "？") == []


def test_suggestions_follow_the_index(filled):
    factories.revise(filled, "box", title="电视盒子没信号", wordings=())
    filled.reindex()
    assert texts(filled, "机顶") == []
    assert texts(filled, "电视") == ["电视盒子没信号"]


def test_what_is_not_for_this_person_is_not_suggested(filled):
    factories.publish(filled, "leaders", title="绝密折扣怎么批", audience=(Role.LEADER, Role.EDITOR, Role.REVIEWER))
    factories.draft(filled, "draft", title="绝密草稿")
    filled.reindex()
    assert texts(filled, "绝密", filled.actors[Role.AGENT]) == []
    assert texts(filled, "juemi", filled.actors[Role.AGENT]) == []
    assert texts(filled, "密折扣", filled.actors[Role.AGENT]) == []
    assert texts(filled, "绝密", filled.actors[Role.LEADER]) == ["绝密折扣怎么批"]


def test_what_is_suspended_is_not_suggested(filled):
    with unit_of_work(filled.sessions) as session:
        entry = entry_queries.by_key(session, "box")
        entries.suspend(session, SYSTEM, entry, reason="价格错了", now=filled.clock())
    filled.reindex()
    assert texts(filled, "机顶") == []


def test_validity_is_of_the_moment_of_typing(filled):
    start = filled.clock()
    factories.publish(filled, "campaign", title="春节活动", valid_from=start + timedelta(hours=1))
    filled.reindex()
    assert texts(filled, "春节") == []
    filled.clock.advance(hours=1)
    assert texts(filled, "春节") == ["春节活动"]


def test_region_and_module_narrow(filled):
    factories.publish(filled, "county", title="河东停网公告", regions=("hedong",))
    filled.reindex()
    assert texts(filled, "河东", region="hedong") == ["河东停网公告"]
    assert texts(filled, "河东", region="jiangyang") == []
    assert texts(filled, "河东", modules=("fault",)) == ["河东停网公告"]
    assert texts(filled, "河东", modules=("billing",)) == []


def test_a_frequent_question_is_offered_to_those_who_may_read_its_answer(filled):
    factories.publish(filled, "leaders", title="折扣审批", audience=(Role.LEADER, Role.EDITOR, Role.REVIEWER))
    filled.reindex()
    filled.search.offer([FrequentQuery("打折怎么批", 50, "leaders"), FrequentQuery("打不开网页", 50, "los")])
    agents, leaders = (suggested(filled, "打", filled.actors[role]) for role in (Role.AGENT, Role.LEADER))
    assert [(item.text, item.kind, item.entry) for item in agents] == [("打不开网页", "query", "los")]
    assert {item.text for item in leaders} == {"打不开网页", "打折怎么批"}
    assert texts(filled, "打", source=Source.THREAD) == []


def test_without_an_index_it_says_so(installation):
    with pytest.raises(IndexNotReadyError):
        texts(installation, "机顶")
