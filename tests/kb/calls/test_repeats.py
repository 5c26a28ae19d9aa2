"""Whom a solved call did not help for good: who called again on the same ticket within a week."""

from kb.calls import operations, queries
from kb.calls.repeats import Repeats, repeats
from kb.calls.rules import ContactRecord
from kb.db import unit_of_work
from kb.maturity.elsewhere import WIRED
from kb.permissions import Role
from tests.support import factories
from tests.support.statements import counted


def solved_call(installation, actor, ticket) -> None:
    """Have a call on *ticket* that the entry "los" solved, then let some hours pass."""
    call = factories.call(installation, actor)
    outcome = factories.outcome(installation, actor, "los", "盒子亮红灯")
    with unit_of_work(installation.sessions) as session:
        found = queries.own(session, actor, call.reference)
        operations.take_outcome(session, actor, found, outcome, now=installation.clock())
    factories.recorded(installation, actor, call.reference, ContactRecord.of(topic="", ticket=ticket, note=""))
    installation.clock.advance(hours=5)


def test_calls_on_the_same_ticket_within_a_week_are_repeats(any_installation):
    factories.publish(any_installation, "los")
    agent, other = any_installation.actors[Role.AGENT], any_installation.actors[Role.EXPERT]
    since = any_installation.clock()
    solved_call(any_installation, agent, "T-1001")
    solved_call(any_installation, agent, "T-1002")
    solved_call(any_installation, other, "T-1001")  # a colleague's desk, the same customer
    any_installation.clock.advance(days=8)
    solved_call(any_installation, agent, "T-1002")  # a week later: another matter
    solved_call(any_installation, agent, "")  # nobody knows whose it was
    with any_installation.sessions() as session, counted(any_installation.engine) as statements:
        found = repeats(session, since)
    assert len(statements) == 1
    by_person = {item.user_id: item for item in found}
    mine = by_person[agent.user_id]
    assert mine == Repeats(user_id=agent.user_id, entry_id=mine.entry_id, solved=3, again=1)
    assert (by_person[other.user_id].solved, by_person[other.user_id].again) == (1, 0)
    with any_installation.sessions() as session:
        told = {item.agent: (item.marks, item.again) for item in WIRED.calls(session, since)}
    assert told == {agent.user_id: (3, 1), other.user_id: (1, 0)}
