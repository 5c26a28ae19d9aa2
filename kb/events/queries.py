"""Reading the event log in its order."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.events.models import Event, Subject


def last_seq(session: Session) -> int:
    """Return the number of the last committed event, 0 when the log is empty. One statement."""
    return session.scalar(select(func.max(Event.seq))) or 0


def after(session: Session, seq: int, *, limit: int) -> Sequence[Event]:
    """Return at most *limit* committed events that follow number *seq*, oldest first. One statement."""
    return session.scalars(select(Event).where(Event.seq > seq).order_by(Event.seq).limit(limit)).all()


def history(session: Session, kind: Subject, subject_id: int | str, *, limit: int = 100) -> Sequence[Event]:
    """Return the newest *limit* events about one thing, newest first. One statement."""
    return session.scalars(
        select(Event)
        .where(Event.subject_kind == kind, Event.subject_id == str(subject_id), Event.seq.is_not(None))
        .order_by(Event.seq.desc())
        .limit(limit)
    ).all()
