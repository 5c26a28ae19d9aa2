"""What it costs to remind of one date that many entries have, as after an import, the present way and the one before.

The one before read all entries near a date, and what was told of them, again for each two hundred reminders.
``python -m tests.benchmarks.reminders 20000``.
"""

import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, delete, insert, select, text
from sqlalchemy.orm import Session, contains_eager

from kb import home
from kb.clock import local_day, local_day_end
from kb.db import Sessions, make_engine, make_sessions, unit_of_work
from kb.entries import operations as entries
from kb.entries.models import Entry, Revision
from kb.entries.rules import SERVED
from kb.events.models import Event, Subject
from kb.permissions import SYSTEM
from kb.validity import operations, queries
from kb.validity.models import DateReminder
from kb.validity.queries import Due
from kb.validity.rules import REMIND_DAYS, DateKind, reminder
from tests.support import factories
from tests.support.installation import settings_for

ZONE = "Asia/Shanghai"
NOW = datetime(2027, 3, 25, tzinfo=UTC)  # a week before the review day of the sample content
PART = operations.LIMIT


def main(count: int) -> None:
    settings = settings_for(Path(tempfile.mkdtemp()))
    engine = make_engine(settings.url)
    home.initialise(settings, engine, now=NOW)
    sessions = make_sessions(engine)
    fill(sessions, engine, count)
    for name, way in (("read once", once), ("read for each part", for_each_part)):
        start = time.perf_counter()
        done = way(sessions)
        middle = time.perf_counter()
        way(sessions)
        idle = time.perf_counter() - middle
        print(f"{name:<20} {done:>7} reminders {middle - start:>8.1f} s   nothing to do {idle * 1000:>9.1f} ms")
        with unit_of_work(sessions) as session:
            session.execute(delete(DateReminder))
            session.execute(delete(Event).where(Event.subject_kind == Subject.VALIDITY))
    engine.dispose()


def fill(sessions: Sessions, engine: Engine, count: int) -> None:
    """Make *count* entries with one review day, as rows: how they got there is not what is measured."""
    with unit_of_work(sessions) as session:
        made = entries.import_content(session, SYSTEM, factories.content(), key="first", now=NOW)
        session.flush()
        tables = ((Revision, session.get_one(Revision, made.live_revision_id)), (Entry, made))
        rows = {model: {item.name: getattr(row, item.key) for item in model.__table__.columns} for model, row in tables}
    numbers = range(10, 9 + count)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        connection.execute(insert(Revision), [{**rows[Revision], "id": n, "entry_id": n} for n in numbers])
        given = [{**rows[Entry], "id": n, "key": f"e{n}", "live_revision_id": n} for n in numbers]
        connection.execute(insert(Entry), given)


def once(sessions: Sessions) -> int:
    with sessions() as session:
        due = queries.due(session, timezone=ZONE, now=NOW)
    done = 0
    for first in range(0, len(due), PART):
        with unit_of_work(sessions) as session:
            done += operations.remind(session, due[first : first + PART], timezone=ZONE, now=NOW)
    return done


def for_each_part(sessions: Sessions) -> int:
    done = 0
    while True:
        with unit_of_work(sessions) as session:
            due = _near(session)[:PART]
            count = operations.remind(session, due, timezone=ZONE, now=NOW) if due else 0
        if not count:
            return done
        done += count


def _near(session: Session) -> list[Due]:
    days, today = timedelta(days=REMIND_DAYS[0]), local_day(NOW, ZONE)
    rows = select(Entry).join(Entry.live_revision).options(contains_eager(Entry.live_revision))
    near = session.scalars(
        rows.where(Entry.live_state.in_(SERVED), Entry.review_due.between(today - days, today + days))
    ).all()
    told: dict[int, set[int]] = defaultdict(set)
    for row in session.scalars(select(DateReminder).where(DateReminder.entry_id.in_({item.id for item in near}))):
        told[row.entry_id].add(row.days_before)
    return [
        Due(item.id, DateKind.REVIEW_DUE, item.review_due, nearest)
        for item in near
        if (nearest := reminder(local_day_end(item.review_due, ZONE), NOW, told[item.id])) is not None
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
