"""Reading the event log in its order."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.events.models import Event, Subject

ALL_KINDS = frozenset(Subject)


def last_seq(session: Session, *, kinds: Collection[Subject] = ALL_KINDS) -> int:
    """Return the number of the last committed event about *kinds*, 0 when there is none. One statement."""
    return session.scalar(select(func.max(Event.seq)).where(Event.subject_kind.in_(kinds))) or 0


def after(session: Session, seq: int, *, limit: int, kinds: Collection[Subject] = ALL_KINDS) -> Sequence[Event]:
    """Return at most *limit* committed events about *kinds* after number *seq*, oldest first. One statement."""
    return session.scalars(
        select(Event).where(Event.seq > seq, Event.subject_kind.in_(kinds)).order_by(Event.seq).limit(limit)
    ).all()


def history(session: Session, kind: Subject, subject_id: int | str, *, limit: int = 100) -> Sequence[Event]:
    """Return the newest *limit* events about one thing, newest first. One statement."""
    return session.scalars(
        select(Event)
        .where(Event.subject_kind == kind, Event.subject_id == str(subject_id), Event.seq.is_not(None))
        .order_by(Event.seq.desc())
        .limit(limit)
    ).all()
