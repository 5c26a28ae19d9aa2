import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.errors import NotFoundError, PermissionDeniedError
from kb.maturity import flags
from kb.maturity.elsewhere import Elsewhere
from kb.maturity.honesty import CalledAgain, Check
from kb.maturity.models import Flag, FlagState, SetAside
from kb.permissions import Role
from tests.support import factories, maturity


def publish_as(installation, author, key):
    with unit_of_work(installation.sessions) as session:
        entry = entries.create(
            session, author, factories.content(title=f"断网 {key}"), key=key, now=installation.clock()
        )
        entries.submit(session, author, entry, now=installation.clock())
        entries.approve(session, installation.actors[Role.REVIEWER], entry, now=installation.clock())
        entries.publish(session, installation.actors[Role.REVIEWER], entry, now=installation.clock())


@pytest.fixture
def colluding(any_installation):
    """Two agents who mark each other's entry every day, and six who use both now and then."""
    one, other, *rest = maturity.callers(any_installation, 8, teams=4)
    publish_as(any_installation, one, "one")
    publish_as(any_installation, other, "other")
    for _ in range(9):
        factories.outcome(any_installation, one, "other", "")
        factories.outcome(any_installation, other, "one", "")
        any_installation.clock.advance(days=1)
    for agent in rest[:4]:
        factories.outcome(any_installation, agent, "one", "", solved=False)
        any_installation.clock.advance(hours=2)
    maturity.follow(any_installation)
    return any_installation


def look(installation, **options):
    with unit_of_work(installation.sessions) as session:
        found = flags.find(session, now=installation.clock(), **options)
        return flags.keep(session, found, now=installation.clock())


def decide(installation, flag, state, by=Role.MANAGER):
    with unit_of_work(installation.sessions) as session:
        flags.decide(session, installation.actors[by], flag.id, state, note="问过两人", now=installation.clock())


def only_flag(installation):
    with installation.sessions() as session:
        return session.scalars(select(Flag)).one()


def test_a_pair_is_flagged_once_and_nothing_changes_by_itself(colluding):
    before = maturity.standing(colluding, "one").facts.tally
    assert look(colluding) == 1
    assert look(colluding) == 0
    flag = only_flag(colluding)
    assert (flag.name, flag.state) == (Check.RECIPROCAL_MARKS, FlagState.OPEN)
    assert maturity.standing(colluding, "one").facts.tally == before
    assert before.trials == 13


def test_upholding_sets_their_word_aside_and_opening_again_brings_it_back(colluding):
    look(colluding)
    flag = only_flag(colluding)
    decide(colluding, flag, FlagState.UPHELD)
    assert maturity.standing(colluding, "one").facts.tally.trials == 4
    assert look(colluding) == 0
    assert only_flag(colluding).note == "问过两人"
    decide(colluding, flag, FlagState.OPEN)
    assert maturity.standing(colluding, "one").facts.tally.trials == 13
    with colluding.sessions() as session:
        assert session.scalars(select(SetAside)).all() == []


def test_dismissed_stays_dismissed(colluding):
    look(colluding)
    decide(colluding, only_flag(colluding), FlagState.DISMISSED)
    assert look(colluding) == 0
    with colluding.sessions() as session:
        assert flags.count_open(session) == 0
        assert [flag.name for flag in flags.listed(session, FlagState.DISMISSED, limit=9)] == [Check.RECIPROCAL_MARKS]


def test_only_managers_decide(colluding):
    look(colluding)
    with pytest.raises(PermissionDeniedError):
        decide(colluding, only_flag(colluding), FlagState.DISMISSED, by=Role.LEADER)
    with unit_of_work(colluding.sessions) as session, pytest.raises(NotFoundError):
        flags.decide(session, colluding.actors[Role.MANAGER], 999, FlagState.OPEN, note="", now=colluding.clock())


def test_a_burst_and_one_team_s_praise_are_found_in_the_database(any_installation):
    team = maturity.team(any_installation, "own")
    owner = factories.person(any_installation, "owner", Role.AGENT, team=team)
    publish_as(any_installation, owner, "mine")
    mates = [factories.person(any_installation, f"mate-{number}", Role.AGENT, team=team) for number in range(10)]
    for mate in mates:
        factories.outcome(any_installation, mate, "mine", "")
    look(any_installation)
    with any_installation.sessions() as session:
        found = {flag.name: flag.facts for flag in session.scalars(select(Flag))}
    assert found == {
        Check.ONE_TEAM_PRAISE: {"marks": 10, "own": 10},
        Check.BURST: {"marks": 10, "agents": 10, "hour": "2026-11-02T01"},
    }


def test_calls_again_come_from_wherever_calls_are_kept(any_installation):
    factories.publish(any_installation, "los")
    entry = maturity.entry_of(any_installation, "los").id
    agent = any_installation.actors[Role.AGENT].user_id
    again = CalledAgain(agent=agent, entry=entry, marks=20, again=9)
    assert look(any_installation, elsewhere=Elsewhere(calls=lambda session, since: [again])) == 1
    assert only_flag(any_installation).facts == {"marks": 20, "again": 9}
