"""Reading the forum."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from kb.errors import NotFoundError
from kb.forum.models import Mark, Reply, Thread, ThreadKind, ThreadState
from kb.i18n import N_
from kb.permissions import Actor, Permission, allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a list of threads is narrowed to; ``None`` is no narrowing.

    Attributes:
        modules, regions: keys; levels below are not added. A thread without a region is in none.
    """

    modules: Collection[str] | None = None
    regions: Collection[str] | None = None
    kind: ThreadKind | None = None


EVERYTHING = Narrowing()


class View(StrEnum):
    """Which threads a list shows."""

    ALL = "all"
    FOLLOWED = "followed"
    WAITING = "waiting"
    MINE = "mine"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return VIEW_LABELS[self]


VIEW_LABELS: Mapping[View, str] = {
    View.ALL: N_("全部"),
    View.FOLLOWED: N_("我关注的"),
    View.WAITING: N_("等回答的"),
    View.MINE: N_("我写过的"),
}
UNLISTED = (ThreadState.HIDDEN, ThreadState.MERGED)
"""What no list shows."""


def _with_replies() -> Select[Thread]:
    return select(Thread).options(selectinload(Thread.replies))


def by_key(session: Session, key: str) -> Thread | None:
    """Return the thread called *key* with its replies. Two statements."""
    return session.scalar(_with_replies().where(Thread.key == key))


def by_ids(session: Session, ids: Iterable[int]) -> Sequence[Thread]:
    """Return the threads with these *ids*, with their replies, in no order. Two statements."""
    return session.scalars(_with_replies().where(Thread.id.in_(set(ids)))).all()


def readable(session: Session, actor: Actor, key: str) -> Thread:
    """Return the thread called *key*; one that was merged is what it has become a part of.

    Raises:
        NotFoundError: there is none that *actor* may see.
    """
    thread = by_key(session, key)
    if thread is not None and thread.merged_into is not None:
        thread = by_key(session, thread.merged_into)  # merging keeps this one step
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
    """Return whether *actor* may see *thread*: a hidden one is the moderators', a merged one nobody's."""
    if thread.state is ThreadState.MERGED:
        return False
    needed = Permission.THREAD_MODERATE if thread.state is ThreadState.HIDDEN else Permission.THREAD_READ
    return allowed(actor, needed, thread.target)


def latest(session: Session, *, limit: int) -> Sequence[Thread]:
    """Return the *limit* threads with the newest activity, hidden ones left out. Two statements."""
    return session.scalars(
        _with_replies().where(Thread.state.not_in(UNLISTED)).order_by(Thread.active_at.desc()).limit(limit)
    ).all()


def count_by_module(
    session: Session, *, view: View = View.ALL, actor: Actor | None = None, narrowing: Narrowing = EVERYTHING
) -> Mapping[str, int]:
    """Return how many threads a list has by module key, whatever modules it is narrowed to. One statement."""
    rows = session.execute(
        select(Thread.module_key, func.count(Thread.id))
        .where(_shown(replace(narrowing, modules=None)), _in_view(view, actor))
        .group_by(Thread.module_key)
    )
    return {row[0]: row[1] for row in rows}


def page(
    session: Session,
    *,
    limit: int,
    offset: int = 0,
    narrowing: Narrowing = EVERYTHING,
    view: View = View.ALL,
    actor: Actor | None = None,
) -> Sequence[tuple[Thread, int]]:
    """Return threads by newest activity, each with its number of replies that are shown. One statement.

    Args:
        actor: whose view; somebody else's is nobody's.
    """
    replies = (
        select(func.count(Reply.id))
        .where(Reply.thread_id == Thread.id, Reply.hidden_reason.is_(None))
        .scalar_subquery()
    )
    wanted = select(Thread, replies).where(_shown(narrowing), _in_view(view, actor))
    wanted = wanted.order_by(Thread.active_at.desc(), Thread.id.desc()).limit(limit).offset(offset)
    return [(row[0], row[1]) for row in session.execute(wanted)]


def titles(session: Session, keys: Iterable[str]) -> Mapping[str, str]:
    """Return the titles of the threads among *keys* that are listed, by key. One statement."""
    wanted = select(Thread.key, Thread.title).where(_shown(EVERYTHING), Thread.key.in_(set(keys)))
    return {row[0]: row[1] for row in session.execute(wanted)}


def merged_into(session: Session, key: str) -> Sequence[Thread]:
    """Return the threads that have become a part of the one called *key*, oldest first. One statement."""
    return session.scalars(select(Thread).where(Thread.merged_into == key).order_by(Thread.created_at)).all()


def hidden_of(session: Session, user_id: int, *, limit: int) -> Sequence[Thread]:
    """Return the newest hidden threads of a person, to tell them why. One statement."""
    return session.scalars(
        select(Thread)
        .where(Thread.author_id == user_id, Thread.state == ThreadState.HIDDEN)
        .order_by(Thread.created_at.desc())
        .limit(limit)
    ).all()


def _in_view(view: View, actor: Actor | None) -> ColumnElement[bool]:
    if view is View.ALL:
        return true()
    if view is View.WAITING:
        return and_(
            Thread.kind == ThreadKind.QUESTION, Thread.state == ThreadState.OPEN, Thread.accepted_number.is_(None)
        )
    if actor is None or actor.user_id is None:
        return false()
    if view is View.FOLLOWED:
        own = select(Mark.thread_id).where(Mark.user_id == actor.user_id, Mark.follows.is_(True))
        return Thread.id.in_(own)
    written = select(Reply.thread_id).where(Reply.author_id == actor.user_id)
    return or_(Thread.author_id == actor.user_id, Thread.id.in_(written))


def _shown(narrowing: Narrowing) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [Thread.state.not_in(UNLISTED)]
    if narrowing.modules is not None:
        wanted.append(Thread.module_key.in_(narrowing.modules))
    if narrowing.regions is not None:
        wanted.append(Thread.region_key.in_(narrowing.regions))
    if narrowing.kind is not None:
        wanted.append(Thread.kind == narrowing.kind)
    return and_(*wanted)
