"""Reading the forum."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, selectinload

from kb.errors import NotFoundError
from kb.forum.models import Reply, Thread, ThreadState
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
    if thread is not None and may_read(actor, thread):
        return thread
    raise NotFoundError(N_("没有这个帖子，或者你没有权限看它"))


def readable_ids(session: Session, actor: Actor, ids: Iterable[int]) -> frozenset[int]:
    """Return those of *ids* whose threads *actor* may see. One statement."""
    rows = session.scalars(select(Thread).where(Thread.id.in_(set(ids))))
    return frozenset(thread.id for thread in rows if may_read(actor, thread))


def readable_keys(session: Session, actor: Actor, keys: Iterable[str]) -> frozenset[str]:
    """Return those of *keys* whose threads *actor* may see. One statement."""
    rows = session.scalars(select(Thread).where(Thread.key.in_(set(keys))))
    return frozenset(thread.key for thread in rows if may_read(actor, thread))


def may_read(actor: Actor, thread: Thread) -> bool:
    """Return whether *actor* may see *thread*: a hidden one is the moderators'."""
    needed = Permission.THREAD_MODERATE if thread.state is ThreadState.HIDDEN else Permission.THREAD_READ
    return allowed(actor, needed, thread.target)


def latest(session: Session, *, limit: int) -> Sequence[Thread]:
    """Return the *limit* threads with the newest activity, hidden ones left out. Two statements."""
    return session.scalars(
        _with_replies().where(Thread.state != ThreadState.HIDDEN).order_by(Thread.active_at.desc()).limit(limit)
    ).all()


def count_by_module(session: Session) -> Mapping[str, int]:
    """Return how many threads there are by module key, hidden ones left out. One statement."""
    rows = session.execute(
        select(Thread.module_key, func.count(Thread.id)).where(_shown(None)).group_by(Thread.module_key)
    )
    return {row[0]: row[1] for row in rows}


def page(
    session: Session, *, limit: int, offset: int = 0, modules: Collection[str] | None = None
) -> Sequence[tuple[Thread, int]]:
    """Return threads by newest activity, hidden ones left out, each with its number of replies. One statement."""
    replies = select(func.count(Reply.id)).where(Reply.thread_id == Thread.id).scalar_subquery()
    wanted = select(Thread, replies).where(_shown(modules)).order_by(Thread.active_at.desc(), Thread.id.desc())
    return [(row[0], row[1]) for row in session.execute(wanted.limit(limit).offset(offset))]


def titles(session: Session, keys: Iterable[str]) -> Mapping[str, str]:
    """Return the titles of the threads among *keys* that are not hidden, by key. One statement."""
    wanted = select(Thread.key, Thread.title).where(_shown(None), Thread.key.in_(set(keys)))
    return {row[0]: row[1] for row in session.execute(wanted)}


def _shown(modules: Collection[str] | None) -> ColumnElement[bool]:
    shown = Thread.state != ThreadState.HIDDEN
    return shown if modules is None else and_(shown, Thread.module_key.in_(modules))
