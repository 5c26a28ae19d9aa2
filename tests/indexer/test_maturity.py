"""What maturity says of an entry is in the index with the next look at the events, and orders what is nearly alike."""

import pytest

from indexer import maintenance
from indexer.documents import Reference, Source
from indexer.engine import Filters
from indexer.gathering import build
from kb.entries.rules import Level
from kb.permissions import Role
from tests.support import factories, maturity


def hits(installation):
    with installation.sessions() as session:
        actor = installation.actors[Role.AGENT]
        results = installation.search.run(session, actor, "光猫亮红灯", Filters(), now=installation.clock())
    return results.hits


def document(installation, key):
    with installation.sessions() as session:
        (found,) = build(session, [Reference(Source.ENTRY, maturity.entry_of(installation, key).id)])
    return found


@pytest.fixture
def two(any_installation):
    """Two entries that answer a question equally well."""
    for key in ("one", "two"):
        factories.publish(any_installation, key, title="光猫 LOS 红灯")
    maturity.follow(any_installation)
    any_installation.reindex()
    return any_installation


def test_the_document_carries_m_as_it_is_counted(two):
    assert maintenance.check(two.sessions, two.search.engine).differences == ()
    found = document(two, "one")
    assert found.maturity == maturity.standing(two, "one").standing.merit
    assert found.maturity == pytest.approx(0.55, abs=0.05)


def test_until_it_is_counted_the_level_alone_speaks(any_installation):
    factories.publish(any_installation, "one")
    assert document(any_installation, "one").maturity == 0.4


def test_a_level_change_moves_an_entry_past_its_equal_by_as_much_as_the_formula_says(two):
    before = {hit.id: hit.score for hit in hits(two)}
    first, second = before
    assert before[first] == before[second]
    maturity.calls(two, maturity.callers(two, 6), second, solved=14)
    maturity.follow(two)
    two.reindex()
    after = {hit.id: hit.score for hit in hits(two)}
    assert list(after) == [second, first]
    assert maturity.entry_of(two, second).level == Level.L3
    old, new = document(two, first).maturity, document(two, second).maturity
    assert after[second] / before[second] == pytest.approx((0.85 + 0.3 * new) / (0.85 + 0.3 * old), rel=1e-4)
    assert maintenance.check(two.sessions, two.search.engine).differences == ()
