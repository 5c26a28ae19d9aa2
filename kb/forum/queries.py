"""Reading the forum."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from kb.errors import NotFoundError
from kb.forum.models import Thread, ThreadState
from kb.i18n import N_
from kb.permissions import Actor, Permission, allowed


def _with_replies() -> Select[Thread]:
    return select(Thread).options(selectinload(Thread.replies))


def by_key(session: Session, key: str) -> Thread | None:
    """Return the thread called *key* with its replies. Two statements."""
    return session.scalar(_with_replies().where(Thread.key == key))


def by_ids(session: Session, ids: Iterable[int]) -> Sequence[Thread]:
    """Return the threads with these *ids*, with their replies, in no order. Two statements."""
    return session.scalars(_with_replies().where(Thread.id.in_(set(ids)))).all()


def readable(session: Session, actor: Actor, key: str) -> Thread:
    """Return the thread called *key*.

    Raises:
        NotFoundError: there is none that *actor* may see.
    """
    thread = by_key(session, key)
    needed = Permission.THREAD_READ
    if thread is not None and thread.state is ThreadState.HIDDEN:
        needed = Permission.THREAD_MODERATE
    if thread is not None and allowed(actor, needed, thread.target):
        return thread
    raise NotFoundError(N_("没有这个帖子，或者你没有权限看它"))


def latest(session: Session, *, limit: int) -> Sequence[Thread]:
    """Return the *limit* threads with the newest activity, hidden ones left out. Two statements."""
    return session.scalars(
        _with_replies().where(Thread.state != ThreadState.HIDDEN).order_by(Thread.active_at.desc()).limit(limit)
    ).all()
