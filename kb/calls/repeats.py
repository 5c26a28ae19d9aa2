"""Who called again: solved calls that another call on the same ticket followed. Which ticket it was is told nobody."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.calls.models import Call

AGAIN_WITHIN = timedelta(days=7)
"""A customer who calls on the same ticket within this time was not helped for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """The calls that an entry solved for one agent's customers, and how many of these called again.

    Attributes:
        solved: calls marked as solved whose contact record names a ticket: of others nobody knows.
        again: those of them that another call on the same ticket followed within ``AGAIN_WITHIN``, anybody's.
    """

    user_id: int
    entry_id: int
    solved: int
    again: int


def repeats(session: Session, since: datetime) -> Sequence[Repeats]:
    """Return the repeats of the calls that began after *since*, by agent and entry. One statement."""
    order = (Call.opened_at, Call.id)
    following = func.lead(Call.opened_at, type_=Call.opened_at.type).over(partition_by=Call.ticket, order_by=order)
    calls = (
        select(Call.user_id, Call.entry_id, Call.solved, Call.opened_at, following.label("next_at"))
        .where(Call.ticket.is_not(None), Call.opened_at >= since)
        .subquery()
    )
    rows = session.execute(
        select(calls.c.user_id, calls.c.entry_id, calls.c.opened_at, calls.c.next_at).where(
            calls.c.solved, calls.c.entry_id.is_not(None)
        )
    ).all()
    solved = Counter((row[0], row[1]) for row in rows)
    # Moments are subtracted here: databases do it each in their own way.
    again = Counter((row[0], row[1]) for row in rows if row[3] is not None and row[3] - row[2] <= AGAIN_WITHIN)
    return [
        Repeats(user_id=user_id, entry_id=entry_id, solved=count, again=again[user_id, entry_id])
        for (user_id, entry_id), count in sorted(solved.items())
    ]
