"""Readers of the event log that change the database: each event takes effect exactly once, whatever is killed when.

How far a reader has come is a row, moved in the transaction that holds what it made of the events. The index has its
watermark in itself instead; see ``indexer.follower``.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kb.events import queries
from kb.events.models import Event, EventCursor, Subject


def take(
    session: Session, name: str, kinds: frozenset[Subject], *, limit: int, up_to: int | None = None
) -> Sequence[Event]:
    """Return the next events about *kinds* for the reader *name*, oldest first, and move it past them.

    Another process that reads under the same name waits until this transaction has ended. Three statements, four where
    there is something.

    Args:
        limit: how many events at most.
        up_to: number of the last event to hand out.
    """
    values = {"name": name, "seq": 0}
    # Two first readers at once: the second waits here for the first one's row, and then there is one.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(postgresql.insert(EventCursor).values(**values).on_conflict_do_nothing())
    else:
        session.execute(sqlite.insert(EventCursor).values(**values).on_conflict_do_nothing())
    cursor = session.scalars(
        select(EventCursor).where(EventCursor.name == name).with_for_update().execution_options(populate_existing=True)
    ).one()
    events = queries.after(session, cursor.seq, limit=limit, kinds=kinds)
    taken = [event for event in events if event.seq is not None and (up_to is None or event.seq <= up_to)]
    if taken:
        cursor.seq = taken[-1].seq or cursor.seq
        session.flush()
    return taken


def is_behind(session: Session, name: str, kinds: frozenset[Subject], *, up_to: int | None = None) -> bool:
    """Return whether ``take`` would find anything, without locking a thing. Two statements."""
    seq = session.scalar(select(EventCursor.seq).where(EventCursor.name == name)) or 0
    following = queries.after(session, seq, limit=1, kinds=kinds)
    return any(event.seq is not None and (up_to is None or event.seq <= up_to) for event in following)
