import pytest

from kb.calls import operations as calls
from kb.calls import queries
from kb.calls.rules import TIMEOUT, ContactRecord
from kb.db import unit_of_work
from kb.desk.scopes import Scope
from kb.errors import NotFoundError
from kb.people import operations as people
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.support.statements import counted

NUMBER = "GD20261102"


def record(installation, actor, number=NUMBER, **fields):
    """A finished call with a contact record."""
    call = factories.call(installation, actor, **fields)
    with unit_of_work(installation.sessions) as session:
        found = queries.own(session, actor, call.reference)
        calls.keep_record(session, actor, found, ContactRecord(ticket=number), now=installation.clock())
        calls.close_call(session, actor, found, now=installation.clock())
    installation.clock.advance(minutes=1)
    return call.id


def told(installation, actor, number=NUMBER):
    with installation.sessions() as session:
        found = [call.id for call in queries.on_ticket(session, actor, number, limit=10)]
        assert queries.count_on_ticket(session, actor, number) == len(found)
    return found


def test_a_ticket_is_found_by_whoever_its_customer_may_reach(any_installation):
    """Own, of the team, of the region, below it and above it; not a neighbouring county's."""
    with unit_of_work(any_installation.sessions) as session:
        night = people.put_team(session, SYSTEM, key="night", name="夜班", region=None)
    regions = {"county": "jiangyang", "city": "lanzhou", "neighbour": "yunxi", "province": "lanjiang"}
    agents = {
        name: factories.person(any_installation, name, Role.AGENT, region=region) for name, region in regions.items()
    }
    agents["nowhere"] = factories.person(any_installation, "nowhere", Role.AGENT)
    mate = factories.person(any_installation, "mate", Role.AGENT, region="jiangyang", team=night)
    far_mate = factories.person(any_installation, "far", Role.AGENT, region="yunxi", team=night)
    made = {name: record(any_installation, agent) for name, agent in agents.items()}
    of_mate = record(any_installation, mate)
    found = {name: set(told(any_installation, agent)) for name, agent in agents.items()}
    names = {call_id: name for name, call_id in made.items()} | {of_mate: "mate"}
    seen = {name: {names[call_id] for call_id in ids} for name, ids in found.items()}
    assert seen == {
        "county": {"county", "city", "province", "nowhere", "mate"},
        "city": {"county", "city", "neighbour", "province", "nowhere", "mate"},
        "neighbour": {"neighbour", "city", "province", "nowhere"},
        "province": set(names.values()),
        "nowhere": set(names.values()),
    }
    assert of_mate in told(any_installation, far_mate)


def test_roles_that_are_not_at_the_desk_find_their_own_and_managers_all(installation):
    agent = factories.person(installation, "wang", Role.AGENT, region="yunxi")
    made = record(installation, agent)
    for role in Role:
        found = told(installation, installation.actors[role])
        expected = [made] if role in (Role.AGENT, Role.EXPERT, Role.LEADER, Role.MANAGER) else []
        assert found == expected, role
    assert told(installation, agent, "GD2026") == []


def test_the_newest_call_on_a_ticket_comes_first_with_what_was_told(any_installation):
    factories.publish(any_installation, "los")
    agent = any_installation.actors[Role.AGENT]
    first = record(any_installation, agent)
    second = factories.call(any_installation, agent)
    factories.steps(any_installation, agent, second.reference, factories.step(1, factories.StepKind.OPENED))
    with unit_of_work(any_installation.sessions) as session:
        found = queries.own(session, agent, second.reference)
        calls.keep_record(session, agent, found, ContactRecord(ticket=NUMBER), now=any_installation.clock())
    factories.revise(any_installation, "los", answer="换了说法。")
    with any_installation.sessions() as session, counted(any_installation.engine) as statements:
        newest, oldest = queries.on_ticket(session, agent, NUMBER, limit=10)
        assert (newest.id, oldest.id) == (second.id, first)
        assert newest.revision.number == 1
        assert newest.revision.answer == factories.CONTENT.answer
    # entries bring the owner's columns along with their revisions
    assert len(statements) <= 2


def test_an_agents_own_calls_and_nobody_elses(any_installation):
    agent = any_installation.actors[Role.AGENT]
    other = factories.person(any_installation, "li", Role.AGENT)
    call = factories.call(any_installation, agent)
    with any_installation.sessions() as session:
        assert [found.id for found in queries.of_agent(session, agent.user_id, limit=5)] == [call.id]
        assert queries.count_of_agent(session, agent.user_id) == 1
        assert queries.of_agent(session, other.user_id, limit=5) == []
        assert queries.own(session, agent, call.reference).id == call.id
        with pytest.raises(NotFoundError):
            queries.own(session, other, call.reference)
        with pytest.raises(NotFoundError):
            queries.own(session, SYSTEM, call.reference)


def test_which_call_goes_on(any_installation):
    agent = any_installation.actors[Role.AGENT]
    call = factories.call(any_installation, agent, scope=Scope(module="tv"))
    with any_installation.sessions() as session:
        now = any_installation.clock()
        assert queries.going_on(session, agent.user_id, now=now + TIMEOUT).id == call.id
        assert queries.going_on(session, agent.user_id, now=now + TIMEOUT * 2) is None
        assert queries.named(session, agent.user_id, call.reference, now=now).id == call.id
        assert queries.named(session, agent.user_id, "unknown", now=now) is None
        assert queries.is_reference(session, call.reference)
