"""The verbs of notices: deliver what the event log has to tell, and take one as read."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kb.errors import PermissionDeniedError
from kb.events import cursors
from kb.i18n import N_
from kb.notices.models import Notice
from kb.notices.sources import SOURCES
from kb.people.models import User
from kb.permissions import Actor

READER = "notices"
KINDS = frozenset(kind for kind, _ in SOURCES)


def deliver(session: Session, *, limit: int = 100) -> int:
    """Make the notices of the next *limit* events; return how many events that were. Call it until that is 0.

    The place in the log moves in the same transaction: every event is told once, whatever is killed in between.
    Nobody is told of what they did themselves, and nobody who is gone.
    """
    events = cursors.take(session, READER, KINDS, limit=limit)
    for event in events:
        source = SOURCES.get((event.subject_kind, event.verb))
        told = source(session, event) if source is not None else ()
        wanted = {item.user_id for item in told} - {event.actor_id}
        active = set(session.scalars(select(User.id).where(User.id.in_(wanted), User.active))) if wanted else set()
        session.add_all(
            Notice(
                user_id=item.user_id,
                event_id=event.id,
                kind=item.kind,
                subject_kind=event.subject_kind,
                subject_id=event.subject_id,
                facts=dict(item.facts),
                at=event.at,
            )
            for item in told
            if item.user_id in active
        )
    session.flush()
    return len(events)


def read(session: Session, actor: Actor, *, now: datetime, number: int | None = None) -> None:
    """Take *actor*'s notice *number* as read, or all of theirs. No event: it concerns nobody else. One statement.

    Raises:
        PermissionDeniedError: *actor* is no person.
    """
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才有提醒"))
    wanted = update(Notice).where(Notice.user_id == actor.user_id, Notice.read_at.is_(None)).values(read_at=now)
    if number is not None:
        wanted = wanted.where(Notice.id == number)
    session.execute(wanted)
