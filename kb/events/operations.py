"""Appending to the event log, and numbering it so that no reader can step over an event.

A sequence taken from the database when a row is inserted is no order of commits: on PostgreSQL a transaction that took
7 may commit after one that took 8, and a follower that has read 8 never sees 7. So an event is inserted without a
number, and gets one as the last thing before commit, under a lock that is held until the commit is done. The numbers
are gapless and in commit order on every database; a reader needs one integer to know what it has seen.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, SessionTransaction

from kb.events.models import Event, Subject, Verb

NUMBERING_LOCK = 0x5A_48_49  # any constant that nothing else in this database locks
_PENDING = "kb.events.pending"


def append(
    session: Session,
    *,
    at: datetime,
    actor_id: int | None,
    verb: Verb,
    subject_kind: Subject,
    subject_id: int | str,
    payload: dict[str, Any] | None = None,
) -> Event:
    """Append an event to *session*'s transaction. It takes effect, and gets its number, when that commits."""
    event = Event(
        at=at,
        actor_id=actor_id,
        verb=verb,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        payload=payload or {},
    )
    session.add(event)
    session.info[_PENDING] = True
    return event


@sqlalchemy_event.listens_for(Session, "before_commit")
def _number(session: Session) -> None:
    """Give this transaction's events the next numbers, holding the lock until the transaction has ended.

    Everything else is flushed first, so no row lock is waited for while holding it: two operations can't deadlock.
    """
    if session.in_nested_transaction() or not session.info.pop(_PENDING, False):
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": NUMBERING_LOCK})
    # Only our own transaction's events can be seen without a number.
    unnumbered = session.scalars(select(Event).where(Event.seq.is_(None)).order_by(Event.id)).all()
    last = session.scalar(select(func.max(Event.seq))) or 0
    for seq, event in enumerate(unnumbered, start=last + 1):
        event.seq = seq


@sqlalchemy_event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous_transaction: SessionTransaction) -> None:
    if previous_transaction.parent is None:  # a savepoint's end leaves what was appended before it
        session.info.pop(_PENDING, None)
