"""Reading working copies: nobody's but one's own."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from kb.drafting.models import WorkingCopy
from kb.entries.models import Entry
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.permissions import Actor


def own(session: Session, actor: Actor, key: str) -> WorkingCopy:
    """Return *actor*'s working copy called *key*, with its entry and base. One statement.

    Raises:
        NotFoundError: there is none, or it is somebody else's; the two can't be told apart.
    """
    found = session.scalar(_own(actor).where(WorkingCopy.key == key))
    if found is None:
        raise NotFoundError(N_("没有这份工作稿：可能已经提交，或者已经丢掉了"))
    return found


def of_entry(session: Session, actor: Actor, entry: Entry) -> WorkingCopy | None:
    """Return *actor*'s working copy of *entry*, ``None`` where they have none. One statement."""
    return session.scalar(_own(actor).where(WorkingCopy.entry_id == entry.id))


def from_source(session: Session, actor: Actor, source: str) -> WorkingCopy | None:
    """Return *actor*'s newest working copy of what is to come from *source*. One statement."""
    wanted = _own(actor).where(WorkingCopy.source == source, WorkingCopy.entry_id.is_(None))
    return session.scalars(wanted.order_by(WorkingCopy.id.desc()).limit(1)).first()


def mine(session: Session, actor: Actor, *, limit: int) -> Sequence[WorkingCopy]:
    """Return what *actor* is writing, the latest change first. One statement."""
    return session.scalars(
        _own(actor).order_by(WorkingCopy.updated_at.desc(), WorkingCopy.id.desc()).limit(limit)
    ).all()


def _own(actor: Actor) -> Select[WorkingCopy]:
    entry = joinedload(WorkingCopy.entry)
    return (
        select(WorkingCopy)
        .where(WorkingCopy.user_id == actor.user_id)
        .options(
            entry.joinedload(Entry.live_revision), entry.joinedload(Entry.work_revision), joinedload(WorkingCopy.base)
        )
    )
