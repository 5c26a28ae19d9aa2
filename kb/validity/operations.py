"""What time does to entries: owners are reminded of dates, and what is due for review is marked."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.clock import local_day, local_day_end
from kb.entries.models import Entry
from kb.entries.operations import flag_for_review
from kb.entries.rules import State
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import SYSTEM
from kb.validity import queries
from kb.validity.models import DateReminder
from kb.validity.rules import DateKind, reminder

DUE = N_("到了复核日期")
"""Why an entry was marked for review by itself."""

LIMIT = 200
"""Entries in one unit of work."""


@dataclass(frozen=True, slots=True)
class _Date:
    entry_id: int
    kind: DateKind
    day: date
    end: datetime


def remind(session: Session, *, timezone: str, now: datetime, limit: int = LIMIT) -> int:
    """Remind owners of dates that are seven days or one day off, or have come; return how many reminders.

    Call it until that is 0. The row that says so has the reminder as its key, so two processes at once remind once:
    the second fails and looks again. Two statements, and those of what it finds.

    Args:
        timezone: IANA name; a review is due until the end of its day there.
    """
    done = 0
    dates = list(_dates(queries.near_an_end(session, timezone=timezone, now=now), timezone))
    told = _told(session, {item.entry_id for item in dates})
    for item in dates:
        days = reminder(item.end, now, told[item.entry_id, item.kind, item.day])
        if days is None:
            continue
        session.add(DateReminder(entry_id=item.entry_id, kind=item.kind, day=item.day, days_before=days, at=now))
        session.flush()
        append(
            session,
            at=now,
            actor_id=None,
            verb=Verb.REMINDED,
            subject_kind=Subject.VALIDITY,
            subject_id=item.entry_id,
            payload={"kind": item.kind.value, "day": item.day.isoformat(), "days": days},
        )
        done += 1
        if done >= limit:
            break
    return done


def flag_due(session: Session, *, timezone: str, now: datetime, limit: int = LIMIT) -> int:
    """Mark what is published and past its review day as due for a look; it stays on the desk. Return how many.

    Call it until that is 0.
    """
    today = local_day(now, timezone)
    due = session.scalars(
        select(Entry)
        .where(Entry.live_state == State.PUBLISHED, Entry.review_due < today)
        .order_by(Entry.id)
        .limit(limit)
    ).all()
    for entry in due:
        flag_for_review(session, SYSTEM, entry, reason=DUE, now=now)
    session.flush()
    return len(due)


def _dates(entries: Iterable[Entry], timezone: str) -> Iterable[_Date]:
    for entry in entries:
        live = entry.live_revision
        if live is not None and live.valid_until is not None:
            day = local_day(live.valid_until, timezone)
            yield _Date(entry.id, DateKind.VALID_UNTIL, day, live.valid_until)
        if entry.review_due is not None:
            yield _Date(entry.id, DateKind.REVIEW_DUE, entry.review_due, local_day_end(entry.review_due, timezone))


def _told(session: Session, entry_ids: Iterable[int]) -> dict[tuple[int, DateKind, date], set[int]]:
    found: dict[tuple[int, DateKind, date], set[int]] = defaultdict(set)
    for row in session.scalars(select(DateReminder).where(DateReminder.entry_id.in_(set(entry_ids)))):
        found[row.entry_id, row.kind, row.day].add(row.days_before)
    return found
