"""Who lives the simulated quarter, with what knowledge, and how well they do."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from kb.db import Sessions
from kb.demo_year import FakeClock
from kb.desk.rules import Learning
from kb.entries.models import Entry
from kb.entries.rules import SERVED
from kb.people import queries as people_queries
from kb.permissions import Actor, Role
from kb.taxonomy import queries as taxonomy_queries
from kb.training.rules import Cell

SIMULATION = "（模拟数据）"
"""Ends whatever the simulated people write."""
LINES = 2
"""Modules that the plan takes up for the largest team."""


@dataclass(frozen=True, slots=True)
class Chances:
    """How the simulated people do: invented, and the same for everybody."""

    solved: float = 0.82
    troubled: float = 0.5
    """In the modules that the plan will take up, before its lessons."""
    taught: float = 0.8
    """In the same modules afterwards."""
    before: float = 0.45
    after: float = 0.85
    recall: float = 0.75
    failed_search: float = 0.18
    """How often an unsolved call leaves a gap."""
    correction: float = 0.03


@dataclass(slots=True)
class Quarter:
    """What the quarter is lived with."""

    sessions: Sessions
    learning: Learning
    clock: FakeClock
    people: Mapping[str, Sequence[Actor]]
    manager: Actor
    reviewer: Actor
    editor: Actor
    entries: Mapping[str, Sequence[int]]
    troubled: frozenset[Cell]
    taught: set[Cell]
    chance: random.Random
    chances: Chances

    @property
    def everyone(self) -> list[Actor]:
        """All who take calls."""
        return [person for team in self.people.values() for person in team]


def begin(sessions: Sessions, learning: Learning, clock: FakeClock, chance: random.Random) -> Quarter:
    """Return the demo's people and knowledge; its largest team has trouble with the modules that have most entries."""
    with sessions() as session:
        taxonomy = taxonomy_queries.load(session)
        everyone = list(people_queries.actors(session, taxonomy).values())
        served = session.scalars(select(Entry).where(Entry.live_state.in_(SERVED)).order_by(Entry.id)).all()
        entries: dict[str, list[int]] = {}
        for entry in served:
            entries.setdefault(entry.shown_revision.module_key, []).append(entry.id)
    agents = [person for person in everyone if person.team is not None and Role.AGENT in person.roles]
    keys = sorted({person.team for person in agents if person.team is not None})
    teams = {team: [person for person in agents if person.team == team] for team in keys}
    largest = max(teams, key=lambda team: len(teams[team]))
    rich = sorted(entries, key=lambda module: (-len(entries[module]), module))[:LINES]

    def one(role: Role) -> Actor:
        return next(person for person in everyone if role in person.roles)

    return Quarter(
        sessions=sessions,
        learning=learning,
        clock=clock,
        people=teams,
        manager=one(Role.MANAGER),
        reviewer=one(Role.REVIEWER),
        editor=one(Role.EDITOR),
        entries=entries,
        troubled=frozenset(Cell(module, largest) for module in rich),
        taught=set(),
        chance=chance,
        chances=Chances(),
    )
