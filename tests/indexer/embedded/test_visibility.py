"""What the index lets a person see is what the permission table says, and nothing else leaks."""

from datetime import timedelta

import pytest

from indexer.documents import Source
from indexer.engine import Filters
from indexer.query import understand
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.entries.rules import State
from kb.forum import moderation
from kb.forum import queries as forum_queries
from kb.permissions import SYSTEM, Role
from tests.support import factories


def found(installation, actor, text="红灯", **filters):
    return installation.search.engine.search(
        understand(text, installation.analysis), Filters(**filters), actor, now=installation.clock(), limit=50
    )


def keys(*args, **kwargs):
    return {hit.id for hit in found(*args, **kwargs).hits}


@pytest.fixture
def mixed(installation):
    """Entries in several states, for several audiences, modules and regions."""
    factories.publish(installation, "public")
    factories.publish(installation, "leaders", audience=(Role.LEADER, Role.EDITOR, Role.REVIEWER))
    factories.publish(installation, "billing", module_key="billing.bill")
    factories.publish(installation, "county", regions=("hedong",))
    factories.draft(installation, "draft")
    factories.draft(installation, "tv-draft", module_key="tv.signal")
    factories.draft(installation, "agents-draft", author=Role.AGENT, module_key="tv.signal")
    factories.draft(installation, "county-draft", module_key="tv.signal", regions=("wanghu",))
    factories.publish(installation, "suspended")
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, "suspended")
        entries.suspend(session, SYSTEM, entry, reason="价格错了", now=installation.clock())
    installation.reindex()
    return installation


DRAFTS = frozenset({State.DRAFT})


@pytest.mark.parametrize("role", list(Role))
def test_everybody_is_served_what_is_published_for_them(mixed, role):
    audience = {"leaders"} if role in (Role.LEADER, Role.EDITOR, Role.REVIEWER) else set()
    assert keys(mixed, mixed.actors[role]) == {"public", "billing", "county"} | audience


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.AGENT, {"agents-draft"}),
        (Role.EXPERT, {"draft"}),  # of their module
        (Role.EDITOR, {"draft", "tv-draft", "agents-draft", "county-draft"}),
        (Role.VERIFIER, {"county-draft"}),  # of their region
        (Role.LEADER, set()),
        (Role.ADMIN, set()),
    ],
)
def test_drafts_are_found_by_those_who_work_on_them(mixed, role, expected):
    assert keys(mixed, mixed.actors[role], states=DRAFTS) == expected


def test_counts_and_facets_do_not_tell_of_what_is_hidden(mixed):
    seen = found(mixed, mixed.actors[Role.AGENT])
    assert seen.total == 3
    assert sum(seen.facets["module"].values()) == 3


def test_suspended_entries_are_for_those_who_work_on_them(mixed):
    states = frozenset({State.SUSPENDED})
    assert keys(mixed, mixed.actors[Role.AGENT], states=states) == set()
    assert keys(mixed, mixed.actors[Role.REVIEWER], states=states) == {"suspended"}


@pytest.mark.parametrize(
    ("region", "sees_county"), [("hedong", True), ("wanglan", True), ("lanjiang", True), ("jiangyang", False)]
)
def test_a_region_finds_its_own_and_what_lies_above_and_below(mixed, region, sees_county):
    seen = keys(mixed, SYSTEM, region=region)
    assert "public" in seen
    assert ("county" in seen) is sees_county


def test_a_module_includes_what_lies_below(mixed):
    assert keys(mixed, SYSTEM, modules=("billing",)) == {"billing"}
    assert keys(mixed, SYSTEM, modules=("billing", "fault"), kinds=("case",)) == set()


def test_index_and_database_agree_on_who_may_read(mixed):
    """The index's filter is a copy of the permission rules: walk all people and all entries, and compare."""
    everything = frozenset(State)
    with mixed.sessions() as session:
        for actor in (*mixed.actors.values(), SYSTEM):
            by_index = {hit.database_id for hit in found(mixed, actor, states=everything).hits}
            ids = [entry.id for entry in entry_queries.by_ids(session, range(1, 100))]
            assert by_index == entry_queries.readable_ids(session, actor, ids, states=everything, now=mixed.clock())


def test_what_the_database_has_taken_back_is_not_shown_while_the_index_lags(mixed):
    agent = mixed.actors[Role.AGENT]
    with unit_of_work(mixed.sessions) as session:
        entry = entry_queries.by_key(session, "public")
        entries.suspend(session, SYSTEM, entry, reason="价格错了", now=mixed.clock())
    with mixed.sessions() as session:
        results = mixed.search.run(session, agent, "红灯", Filters(), now=mixed.clock())
    assert results.lag > 0
    assert "public" not in {hit.id for hit in results.hits}
    assert results.total == 2


def test_hidden_threads_are_gone(installation):
    factories.thread(installation, "rude")
    installation.reindex()
    agent = installation.actors[Role.AGENT]
    assert keys(installation, agent, source=Source.THREAD) == {"rude"}
    with unit_of_work(installation.sessions) as session:
        thread = forum_queries.by_key(session, "rude")
        moderation.hide(session, installation.actors[Role.EDITOR], thread, reason="不文明", now=installation.clock())
    installation.reindex()
    assert keys(installation, agent, source=Source.THREAD) == set()


def test_expired_entries_leave_even_if_nothing_is_indexed(installation):
    factories.publish(installation, "campaign", valid_until=installation.clock() + timedelta(days=1))
    installation.reindex()
    installation.clock.advance(days=1)
    assert keys(installation, SYSTEM) == set()
