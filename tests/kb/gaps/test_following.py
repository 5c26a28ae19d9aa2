import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.desk.rules import Reason
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.events import queries as event_queries
from kb.gaps import following, queries
from kb.gaps.models import Ask, Gap
from kb.gaps.rules import AskOrigin, GapState
from kb.permissions import Role
from tests.kb.gaps.support import discuss, gap, link
from tests.support import factories
from tests.support.factories import missed

SAID = "盒子上冒绿光"


def take_outcomes(installation):
    with unit_of_work(installation.sessions) as session:
        return following.take_outcomes(session, timezone="Asia/Shanghai")


def take_entries(installation, up_to=None):
    with unit_of_work(installation.sessions) as session:
        last = event_queries.last_seq(session) if up_to is None else up_to
        return following.take_entries(session, up_to=last)


@pytest.mark.parametrize(
    ("reason", "gaps"),
    [(Reason.OTHER_QUESTION, 1), (Reason.INCOMPLETE, 1), (Reason.WRONG, 0), (Reason.UNCLEAR, 0), (Reason.REFUSED, 0)],
)
def test_not_solved_is_a_gap_where_content_is_missing(installation, reason, gaps):
    factories.publish(installation, "los")
    agent = installation.actors[Role.AGENT]
    factories.outcome(installation, agent, "los", SAID, solved=False, reason=reason)
    assert take_outcomes(installation) == 1
    assert take_outcomes(installation) == 0
    with installation.sessions() as session:
        asks = session.scalars(select(Ask)).all()
    assert [(ask.origin, ask.user_id, ask.times) for ask in asks] == [(AskOrigin.OUTCOME, agent.user_id, 1)] * gaps


def test_the_last_word_of_an_agent_counts(any_installation):
    factories.publish(any_installation, "los")
    agent = any_installation.actors[Role.AGENT]
    factories.outcome(any_installation, agent, "los", SAID, solved=False)
    factories.outcome(any_installation, agent, "los", SAID, solved=True)
    factories.outcome(any_installation, any_installation.actors[Role.EXPERT], "los", "", solved=False)
    assert take_outcomes(any_installation) == 3
    with any_installation.sessions() as session:
        assert session.scalars(select(Gap)).all() == []


def test_an_entry_that_goes_live_or_learns_a_wording_makes_its_gaps_due(any_installation):
    factories.draft(any_installation, "los")
    number = missed(any_installation, SAID)
    link(any_installation, number, "los")
    take_entries(any_installation)
    with any_installation.sessions() as session:
        assert queries.due(session, limit=9) == []  # a draft is tried when it is published
    factories.release(any_installation, "los")
    assert take_entries(any_installation, up_to=0) == 0  # the index has not heard of it
    assert take_entries(any_installation) > 0
    with any_installation.sessions() as session:
        assert [found.id for found in queries.due(session, limit=9)] == [number]


def test_an_entry_made_of_the_thread_is_linked_by_itself(any_installation):
    factories.thread(any_installation, "green")
    number = missed(any_installation, SAID)
    discuss(any_installation, number, "green")
    with unit_of_work(any_installation.sessions) as session:
        entries.create(
            session,
            any_installation.actors[Role.EDITOR],
            factories.content(),
            key="los",
            derived_from="thread:green",
            now=any_installation.clock(),
        )
    factories.release(any_installation, "los")
    take_entries(any_installation)
    found = gap(any_installation, number)
    with any_installation.sessions() as session:
        assert found.entry_id == by_key(session, "los").id
    assert (found.due, found.state) == (True, GapState.ANSWERED)
