"""A year of the demo, lived by a clock that runs ahead: calls, ratings, verifications, and the levels that follow.

Nothing is written into a level by hand: people of the demo record outcomes and rate through the operations everybody
uses, and the rules do the rest, so every promotion and demotion has its event. What people wrote says that it is a
demonstration.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from kb.db import Sessions, unit_of_work
from kb.desk import operations as desk
from kb.desk.rules import Learning, Reason, Words
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.entries.rules import SERVED, State
from kb.maturity import following, nominating, operations, queries
from kb.maturity.elsewhere import WIRED, Elsewhere
from kb.maturity.rubric import HIGHEST, LOWEST, Scores
from kb.people import queries as people_queries
from kb.permissions import Actor, Permission, Role, allowed
from kb.taxonomy import queries as taxonomy_queries

WEEKS = 52
SEED = 7
BUSY = 24
"""Entries that calls are about."""
CALLS = 70
"""Outcomes a week."""
FORGOTTEN = 0.08
"""The share of entries that nobody verifies again."""
DEMONSTRATION = "（演示数据）"


@dataclass(slots=True)
class FakeClock:
    """A clock that says what it is told."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the moment it stands at."""
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What the year is lived with.

    Attributes:
        quality: the chance that an entry solves a call, by id.
        weights: how often calls are about each.
        looked_after: entries that somebody verifies in time; the others are forgotten.
    """

    sessions: Sessions
    learning: Learning
    people: Sequence[Actor]
    quality: Mapping[int, float]
    weights: Sequence[int]
    looked_after: Sequence[int]
    chance: random.Random


def live(
    sessions: Sessions,
    *,
    learning: Learning,
    clock: FakeClock,
    until: datetime,
    weeks: int = WEEKS,
    seed: int = SEED,
    progress: Callable[[int, int], None] = lambda done, total: None,
    elsewhere: Elsewhere = WIRED,
) -> int:
    """Live from where *clock* stands to *until*; return how many outcomes were recorded."""
    year = _begin(sessions, learning, random.Random(seed))  # noqa: S311 - plays, guards nothing
    begin, recorded = clock(), 0
    following.catch_up(sessions, clock=clock, elsewhere=elsewhere)
    for week in range(weeks):
        for day in range(5):
            clock.now = min(until, begin + (until - begin) * ((week * 7 + day) / (weeks * 7)))
            recorded += _calls(year, clock())
            following.catch_up(sessions, clock=clock, elsewhere=elsewhere)
        _ratings(year, clock())
        _verify(year, clock())
        following.look_at_all(sessions, now=clock(), elsewhere=elsewhere)
        progress(week + 1, weeks)
    clock.now = until
    _nominate(year, clock())
    following.catch_up(sessions, clock=clock, elsewhere=elsewhere)
    following.look_at_all(sessions, now=clock(), elsewhere=elsewhere)
    return recorded


def _begin(sessions: Sessions, learning: Learning, chance: random.Random) -> Year:
    with sessions() as session:
        taxonomy = taxonomy_queries.load(session)
        people = list(people_queries.actors(session, taxonomy).values())
        ids = session.scalars(select(Entry.id).where(Entry.live_state.in_(SERVED)).order_by(Entry.id)).all()
    busy = chance.sample(list(ids), min(BUSY, len(ids)))
    quality = {id_: min(0.97, 0.62 + 0.35 * chance.random() ** 0.5) for id_ in busy}
    for id_ in busy[-4:]:
        quality[id_] = 0.45
    return Year(
        sessions=sessions,
        learning=learning,
        people=people,
        quality=quality,
        weights=[BUSY + 6 - place for place in range(len(busy))],
        looked_after=[id_ for id_ in ids if chance.random() > FORGOTTEN],
        chance=chance,
    )


def _calls(year: Year, now: datetime) -> int:
    """Record what the agents say of a day's calls, in one unit of work."""
    agents = [person for person in year.people if Role.AGENT in person.roles]
    chosen = year.chance.choices(list(year.quality), weights=year.weights, k=CALLS // 5)
    recorded = 0
    with unit_of_work(year.sessions) as session:
        found = {entry.id: entry for entry in entry_queries.by_ids(session, chosen)}
        for id_ in chosen:
            entry, agent = found[id_], year.chance.choice(agents)
            solved = year.chance.random() < year.quality[id_]
            live = entry.live_revision
            if live is None or entry.live_state not in SERVED or not entry_queries.may_read(agent, entry, now=now):
                continue
            desk.record_outcome(
                session,
                agent,
                entry,
                Words("", ""),
                solved=solved,
                reason=None if solved else year.chance.choice(list(Reason)),
                learning=year.learning,
                now=now,
            )
            recorded += 1
    return recorded


def _ratings(year: Year, now: datetime) -> None:
    """Have every expert rate what is first in their queue, now and then."""
    for expert in year.people:
        if not allowed(expert, Permission.ENTRY_RATE) or year.chance.random() < 0.6:
            continue
        with unit_of_work(year.sessions) as session:
            for item in queries.ripe(session, expert, now=now, limit=1):
                seen = 1 + 4 * (year.quality.get(item.entry.id, 0.7) - 0.35) / 0.6
                scores = (min(HIGHEST, max(LOWEST, round(seen + year.chance.gauss(0.4, 0.5)))) for _ in range(5))
                operations.rate(
                    session, expert, item.entry, Scores(*scores), reason=f"按标准逐项看过{DEMONSTRATION}", now=now
                )


def _verify(year: Year, now: datetime) -> None:
    """Have a reviewer confirm, week by week, some of what was verified long ago."""
    reviewer = next(person for person in year.people if Role.REVIEWER in person.roles)
    editor = next(person for person in year.people if Role.EDITOR in person.roles)
    with unit_of_work(year.sessions) as session:
        for entry in sorted(entry_queries.by_ids(session, year.looked_after), key=lambda entry: entry.id):
            if entry.live_state is not State.PUBLISHED or entry.verified_at is None:
                continue
            if now - entry.verified_at < timedelta(days=50) or year.chance.random() < 0.8:
                continue
            entries.flag_for_review(session, editor, entry, reason=f"到期复核{DEMONSTRATION}", now=now)
            entries.confirm(session, reviewer, entry, now=now)


def _nominate(year: Year, now: datetime) -> None:
    """Have an agent put the best entry forward."""
    best = max(year.quality, key=lambda id_: year.quality[id_])
    with unit_of_work(year.sessions) as session:
        (entry,) = entry_queries.by_ids(session, [best])
        for agent in year.people:
            if Role.AGENT in agent.roles and agent.user_id not in entry.target().people:
                nominating.nominate(session, agent, entry, reason=f"照着念，客户一次就听懂{DEMONSTRATION}", now=now)
                return
