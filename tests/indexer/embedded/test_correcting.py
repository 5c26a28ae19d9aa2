import pytest

from indexer.engine import Filters
from indexer.query import understand
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.permissions import SYSTEM, Role
from tests.support import factories

PLAIN = {"answer": "答", "script": "", "steps": "", "wordings": ()}


def found(installation, text, actor=SYSTEM, **filters):
    return installation.search.engine.search(
        understand(text, installation.analysis), Filters(**filters), actor, now=installation.clock(), limit=5
    )


def meant(installation, text, actor=SYSTEM, **filters):
    result = found(installation, text, actor, **filters)
    correction = result.correction or result.put_right
    return None if correction is None else correction.text


@pytest.fixture
def stocked(installation):
    factories.publish(installation, "signal", **{**PLAIN, "title": "手机没信号怎么办"})
    factories.publish(installation, "puk", **{**PLAIN, "title": "输错PUK码锁卡"})
    factories.publish(installation, "deposit", **{**PLAIN, "title": "押金怎么退"})
    for number in range(20):
        factories.publish(installation, f"other-{number}", **{**PLAIN, "title": f"第{number}种费用说明"})
    installation.reindex()
    return installation


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("手几没信好", "手机没信号"),  # homophones
        ("手幾沒信好", "手机沒信号"),  # what is right stays as it was typed
        ("pkk", "puk"),  # a code, one letter away
        ("PKU", "puk"),  # two that changed places
        ("押巾", "押金"),
        ("押巾怎么退", "押金怎么退"),
    ],
)
def test_a_slip_is_put_right_where_that_finds_something(stocked, typed, expected):
    assert meant(stocked, typed) == expected
    assert found(stocked, expected).total


def test_what_stands_nowhere_is_put_right_unless_it_is_meant_as_typed(stocked):
    result = found(stocked, "押巾怎么退")
    assert result.put_right.text == "押金怎么退"
    assert result.hits[0].id == "deposit"
    assert "<mark>押金" in result.hits[0].title
    assert result.correction is None
    as_typed = found(stocked, "押巾怎么退", as_typed=True)
    assert as_typed.put_right is None


def test_every_page_of_a_search_is_put_right_alike(stocked):
    question = understand("费甬说明", stocked.analysis)
    pages = [
        stocked.search.engine.search(question, Filters(), SYSTEM, now=stocked.clock(), limit=5, offset=offset)
        for offset in (0, 5)
    ]
    assert [page.put_right.text for page in pages] == ["费用说明"] * 2
    assert pages[0].total == pages[1].total


@pytest.mark.parametrize("typed", ["手机没信号怎么办", "押金怎么退", "puk", "囧囧囧", "qwertyuiop", "今天晚上吃火锅"])
def test_nothing_is_offered_for_what_works_or_leads_nowhere(stocked, typed):
    assert meant(stocked, typed) is None


def test_a_number_is_never_corrected(installation):
    factories.publish(installation, "error", **{**PLAIN, "title": "宽带报错651"})
    installation.reindex()
    assert meant(installation, "6511") is None


def test_a_correction_stays_within_the_filters(stocked):
    assert meant(stocked, "手几没信好", without=frozenset({"signal"})) is None


def test_words_that_stand_only_in_what_is_hidden_are_never_suggested(installation):
    """Whoever may not see the entry must not learn its words, neither of its phrasings nor its codes."""
    factories.publish(
        installation, "secret", audience=(Role.EDITOR, Role.REVIEWER), **{**PLAIN, "title": "蜀光计划XKQ套餐怎么办理"}
    )
    factories.publish(installation, "open", **{**PLAIN, "title": "套餐怎么办理"})
    installation.reindex()
    reviewer, agent = installation.actors[Role.REVIEWER], installation.actors[Role.AGENT]
    for typed, right in (("署光", "蜀光"), ("XKK", "xkq")):
        assert meant(installation, typed, reviewer) == right
        assert meant(installation, typed, agent) is None


def test_words_of_what_was_suspended_a_moment_ago_are_not_suggested(stocked):
    """The index has yet to hear of it; the database knows."""

    def offered():
        with stocked.sessions() as session:
            results = stocked.search.run(session, SYSTEM, "押巾", Filters(), now=stocked.clock())
        return results.put_right

    assert offered() == "押金"
    with unit_of_work(stocked.sessions) as session:
        entry = entry_queries.by_key(session, "deposit")
        entries.suspend(session, stocked.actors[Role.REVIEWER], entry, reason="测试", now=stocked.clock())
    assert offered() is None
