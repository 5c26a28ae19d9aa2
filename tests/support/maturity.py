"""Making the history of an entry for tests: people of teams, calls, ratings."""

from collections.abc import Sequence
from datetime import timedelta

from kb.db import unit_of_work
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.maturity import following, operations, queries
from kb.maturity.assessing import Assessed
from kb.maturity.models import LevelChange, Rating
from kb.maturity.rubric import Scores
from kb.people import operations as people
from kb.people.models import Team
from kb.permissions import SYSTEM, Actor, Role
from tests.support import factories
from tests.support.installation import Installation

GOOD = Scores(5, 4, 5, 4, 5)


def team(installation: Installation, key: str) -> Team:
    """Add a team."""
    with unit_of_work(installation.sessions) as session:
        return people.put_team(session, SYSTEM, key=key, name=key, region=None)


def callers(installation: Installation, count: int, *, teams: int = 2) -> list[Actor]:
    """Add *count* agents, in turn of *teams* teams, and return them."""
    groups = [team(installation, f"group-{number}") for number in range(teams)]
    return [
        factories.person(installation, f"caller-{number}", Role.AGENT, team=groups[number % teams])
        for number in range(count)
    ]


def experts(installation: Installation, count: int, *, teams: int = 2, prefix: str = "expert") -> list[Actor]:
    """Add *count* experts of faults, in turn of *teams* teams, and return them."""
    groups = [team(installation, f"{prefix}s-{number}") for number in range(teams)]
    return [
        factories.person(
            installation, f"{prefix}-{number}", Role.EXPERT, expertise=["fault"], team=groups[number % teams]
        )
        for number in range(count)
    ]


def entry_of(installation: Installation, key: str) -> Entry:
    """Return the entry as it is now."""
    with installation.sessions() as session:
        found = entry_queries.by_key(session, key)
        assert found is not None
        return found


def follow(installation: Installation) -> int:
    """Follow the event log, and return how many events there were."""
    return following.catch_up(installation.sessions, clock=installation.clock)


def calls(installation: Installation, people_: Sequence[Actor], key: str, *, solved: int, unsolved: int = 0) -> None:
    """Have *people_* in turn say that the entry solved so many calls and so many not, over as many days as it takes."""
    for number in range(solved + unsolved):
        if number and number % len(people_) == 0:
            installation.clock.advance(days=1)
        factories.outcome(installation, people_[number % len(people_)], key, "", solved=number >= unsolved)


def rate(installation: Installation, actor: Actor, key: str, scores: Scores = GOOD) -> Rating:
    """Have an expert rate an entry."""
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        assert entry is not None
        return operations.rate(session, actor, entry, scores, reason="逐条核过", now=installation.clock())


def changes(installation: Installation, key: str) -> list[LevelChange]:
    """Return how the entry's level came about."""
    with installation.sessions() as session:
        return list(queries.changes(session, entry_of(installation, key).id))


def standing(installation: Installation, key: str) -> Assessed:
    """Return what the entry's level rests on."""
    with installation.sessions() as session:
        found = queries.standing(session, entry_of(installation, key).id, now=installation.clock())
        assert found is not None
        return found


def night(installation: Installation, *, days: float = 1) -> following.PassReport:
    """Let time pass, and look at every entry."""
    installation.clock.now += timedelta(days=days)
    return following.look_at_all(installation.sessions, now=installation.clock())
