from datetime import timedelta

import pytest

from indexer.engine import Filters
from indexer.search import Search
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.permissions import SYSTEM, Role
from tests.support import factories, lexicon


@pytest.fixture
def filled(installation):
    for number in range(5):
        factories.publish(installation, f"los-{number}", title=f"光猫红灯 {number}")
    factories.publish(
        installation,
        "fee",
        title="上门收费",
        answer="上门免费。",
        wordings=("上门要钱吗",),
        script="您好，不收您的钱。",
        steps="",
        module_key="plan.broadband",
    )
    installation.reindex()
    return installation


def run(installation, text="光猫红灯", actor=SYSTEM, filters=None, limit=10, offset=0):
    lexicon.look(installation)
    with installation.sessions() as session:
        return installation.search.run(
            session, actor, text, filters or Filters(), now=installation.clock(), limit=limit, offset=offset
        )


def ids(results):
    return [hit.id for hit in results.hits]


def test_a_pinned_entry_stands_first_and_once(filled):
    before = ids(run(filled))
    lexicon.pin(filled, "光猫红灯", before[3])
    results = run(filled)
    assert ids(results) == [before[3], *before[:3], before[4]]
    assert [hit.pinned for hit in results.hits] == [True, False, False, False, False]
    assert results.total == 5
    assert results.hits[0].score > 0


def test_what_matches_nothing_can_be_pinned_too(filled):
    lexicon.pin(filled, "光猫红灯", "fee")
    results = run(filled)
    assert (ids(results)[0], results.total) == ("fee", 6)
    assert results.hits[0].plain_title == "上门收费"
    assert ids(run(filled, "光猫")) == ids(run(filled))[1:]


def test_what_is_pinned_counts_as_any_answer_on_every_page(filled):
    before = run(filled)
    lexicon.pin(filled, "光猫红灯", "fee")
    lexicon.pin(filled, "光猫红灯", "los-4")
    pages = [run(filled, limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [hit.id for page in pages for hit in page.hits][:2] == ["fee", "los-4"]
    assert len({hit.id for page in pages for hit in page.hits}) == 6
    for page in pages:
        assert page.total == 6
        assert page.facets["module"] == {**before.facets["module"], "plan.broadband": 1}
        assert sum(page.facets["region"].values()) == 6
        assert page.facets["level"] == {key: count + 1 for key, count in before.facets["level"].items()}


def test_several_pins_stand_in_their_order(filled):
    lexicon.pin(filled, "光猫红灯", "fee", position=2)
    lexicon.pin(filled, "光猫红灯", "los-4", position=1)
    assert ids(run(filled))[:2] == ["los-4", "fee"]


@pytest.mark.parametrize("text", ["光猫红灯", "光貓紅燈", "请问光猫红灯？", "光猫 红灯"])
def test_spelling_and_filler_make_no_difference(filled, text):
    lexicon.pin(filled, "光猫红灯", "fee")
    assert ids(run(filled, text))[0] == "fee"


@pytest.mark.parametrize("text", ["光猫红灯闪", "光猫绿灯", "红灯"])
def test_another_question_is_another_question(filled, text):
    lexicon.pin(filled, "光猫红灯", "fee")
    assert "fee" not in ids(run(filled, text))


def test_a_pin_begins_and_ends_on_time(filled):
    now, hour = filled.clock(), timedelta(hours=1)
    lexicon.pin(filled, "光猫红灯", "fee", valid_from=now + hour, valid_until=now + 2 * hour)
    seen = []
    for _ in range(4):
        seen.append("fee" in ids(run(filled)))
        filled.clock.advance(hours=1)
    assert seen == [False, True, False, False]


def test_pages_join_without_gap_or_repetition(filled):
    last = ids(run(filled))[-1]
    lexicon.pin(filled, "光猫红灯", last)
    lexicon.pin(filled, "光猫红灯", "fee")
    whole = ids(run(filled))
    assert whole[:2] == [last, "fee"]
    paged = [key for offset in range(0, 6, 2) for key in ids(run(filled, limit=2, offset=offset))]
    assert paged == whole


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        (Filters(modules=("plan",)), True),
        (Filters(modules=("fault",)), False),
        (Filters(kinds=("case",)), False),
        (Filters(tiers=("expert",)), False),
        (Filters(products=("nothing",)), False),
        (Filters(region="wanglan"), True),
    ],
)
def test_a_pin_stays_within_what_the_search_was_narrowed_to(filled, filters, shown):
    lexicon.pin(filled, "光猫红灯", "fee")
    assert ("fee" in ids(run(filled, filters=filters))) is shown


def test_a_pin_shows_nobody_what_is_not_meant_for_them(filled):
    factories.publish(filled, "secret", title="内部口径", audience=(Role.EXPERT, Role.REVIEWER))
    lexicon.pin(filled, "光猫红灯", "secret")
    filled.reindex()
    agent = run(filled, actor=filled.actors[Role.AGENT])
    assert "secret" not in ids(agent)
    assert agent.total == 5
    assert ids(run(filled, actor=filled.actors[Role.EXPERT]))[0] == "secret"


def test_a_draft_an_expired_and_a_suspended_entry_are_not_shown(filled):
    now = filled.clock()
    factories.draft(filled, "draft")
    factories.publish(filled, "over", title="过期活动", valid_until=now + timedelta(hours=1))
    for key in ("draft", "over", "fee"):
        lexicon.pin(filled, "光猫红灯", key)
    with unit_of_work(filled.sessions) as session:
        reviewer, fee = filled.actors[Role.REVIEWER], by_key(session, "fee")
        entries.suspend(session, reviewer, fee, reason="测试", now=now)
    assert ids(run(filled))[0] == "over"
    filled.clock.advance(hours=1)
    results = run(filled)
    assert {"draft", "over", "fee"}.isdisjoint(ids(results))
    assert results.total == 5


def test_without_a_lexicon_nothing_is_pinned(filled):
    lexicon.pin(filled, "光猫红灯", "fee")
    with filled.sessions() as session:
        results = Search(filled.search.engine).run(session, SYSTEM, "光猫红灯", Filters(), now=filled.clock())
    assert "fee" not in ids(results)
