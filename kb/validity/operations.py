"""What time does to entries: owners are reminded of dates, and what is due for review is marked."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.clock import local_day
from kb.entries.models import Entry
from kb.entries.operations import flag_for_review
from kb.entries.rules import State
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import SYSTEM
from kb.validity import queries
from kb.validity.models import DateReminder
from kb.validity.queries import Due

DUE = N_("到了复核日期")
"""Why an entry was marked for review by itself."""

LIMIT = 200
"""Entries in one unit of work."""


def remind(session: Session, due: Sequence[Due], *, timezone: str, now: datetime) -> int:
    """Give those of the reminders *due* that nobody has given meanwhile; return how many.

    The row that says so has the reminder as its key, so two processes at once remind once: the second fails and looks
    again. Two statements, and those of what it does.

    Args:
        due: of ``LIMIT`` entries or so, as ``queries.due`` found them.
        timezone: IANA name; a review is due until the end of its day there.
    """
    found = queries.due(session, timezone=timezone, now=now, among={item.entry_id for item in due})
    session.add_all(
        DateReminder(entry_id=item.entry_id, kind=item.kind, day=item.day, days_before=item.days, at=now)
        for item in found
    )
    session.flush()
    for item in found:
        append(
            session,
            at=now,
            actor_id=None,
            verb=Verb.REMINDED,
            subject_kind=Subject.VALIDITY,
            subject_id=item.entry_id,
            payload={"kind": item.kind.value, "day": item.day.isoformat(), "days": item.days},
        )
    return len(found)


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
