"""What readers do: read on, follow, find a post useful. Reading and following concern nobody else: no events."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.forum.models import FIRST_POST, Mark, Reply, Thread, ThreadState, Vote
from kb.i18n import N_
from kb.permissions import Actor, Permission, require

NEWS = timedelta(days=14)
"""How long a thread that somebody never opened is new to them: whoever comes back from leave is not buried."""


def mark_of(session: Session, actor: Actor, thread: Thread) -> Mark | None:
    """Return what *actor* keeps of *thread*. One statement."""
    return None if actor.user_id is None else session.get(Mark, (actor.user_id, thread.id))


def saw(session: Session, actor: Actor, thread: Thread, number: int) -> None:
    """Note that *actor* has read *thread* up to post *number*."""
    mark = _mark(session, actor, thread)
    if mark is not None and (mark.read_number is None or mark.read_number < number):
        mark.read_number = number
        session.flush()


def follow(session: Session, actor: Actor, thread: Thread, *, follows: bool) -> None:
    """Follow *thread*, or say that one does not want to.

    Raises:
        PermissionDeniedError: *actor* may not read the forum, or is no person.
    """
    require(actor, Permission.THREAD_READ, thread.target)
    mark = _mark(session, actor, thread)
    if mark is None:
        raise PermissionDeniedError(N_("只有登录的人才能关注"))
    mark.follows = follows
    session.flush()


def follow_unless_told(session: Session, actor: Actor, thread: Thread) -> None:
    """Follow *thread*, unless *actor* has said that they do not want to."""
    mark = _mark(session, actor, thread)
    if mark is not None and mark.follows is None:
        mark.follows = True
        session.flush()


def followers(session: Session, thread_id: int) -> Collection[int]:
    """Return the ids of those who follow a thread. One statement."""
    return set(session.scalars(select(Mark.user_id).where(Mark.thread_id == thread_id, Mark.follows.is_(True))))


def unread(session: Session, actor: Actor, thread_ids: Collection[int], *, now: datetime) -> frozenset[int]:
    """Return those of *thread_ids* with something *actor* has not read: replies since, or a new thread. One statement.

    What they wrote themselves is not news to them.
    """
    if actor.user_id is None or not thread_ids:
        return frozenset()
    read = func.coalesce(Mark.read_number, FIRST_POST)
    newer = (
        select(Reply.id)
        .where(
            Reply.thread_id == Thread.id,
            Reply.number > read,
            Reply.hidden_reason.is_(None),
            or_(Reply.author_id.is_(None), Reply.author_id != actor.user_id),
        )
        .exists()
    )
    fresh = and_(Thread.active_at > now - NEWS, or_(_by_others(actor.user_id), newer))
    rows = session.scalars(
        select(Thread.id)
        .outerjoin(Mark, and_(Mark.thread_id == Thread.id, Mark.user_id == actor.user_id))
        .where(Thread.id.in_(thread_ids), case((Mark.read_number.is_(None), fresh), else_=newer))
    )
    return frozenset(rows)


def vote(session: Session, actor: Actor, thread: Thread, number: int, *, useful: bool, now: datetime) -> None:
    """Say that post *number* of *thread* is useful, or take that back.

    Raises:
        PermissionDeniedError: *actor* may not write in the forum, or wrote the post.
        InvalidInputError: there is no such post.
        ConflictError: the thread is not shown any more.
    """
    require(actor, Permission.THREAD_WRITE)
    if thread.state not in (ThreadState.OPEN, ThreadState.CLOSED):
        raise ConflictError(N_("这个帖子已经不再显示"))
    authors = {item.number: item.author_id for item in thread.replies if item.hidden_reason is None}
    authors[FIRST_POST] = thread.author_id
    if number not in authors:
        raise InvalidInputError(N_("没有第 %(number)s 条回复"), field="number", number=number)
    if actor.user_id is None or authors[number] == actor.user_id:
        raise PermissionDeniedError(N_("不能给自己写的标有用"))
    # Whoever presses twice waits for the first one here.
    session.execute(select(Thread.id).where(Thread.id == thread.id).with_for_update())
    before = session.get(Vote, (thread.id, number, actor.user_id))
    if (before is not None) == useful:
        return
    if before is None:
        session.add(Vote(thread_id=thread.id, number=number, user_id=actor.user_id, at=now))
    else:
        session.delete(before)
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=Verb.VOTED,
        subject_kind=Subject.POST_VOTE,
        subject_id=thread.id,
        payload={"reply": number, "useful": useful},
    )
    session.flush()


def votes(session: Session, thread: Thread) -> Mapping[int, Mapping[int, datetime]]:
    """Return who found which post useful and when, by its number. One statement."""
    found: dict[int, dict[int, datetime]] = {}
    rows = select(Vote.number, Vote.user_id, Vote.at).where(Vote.thread_id == thread.id)
    for number, user_id, at in session.execute(rows):
        found.setdefault(number, {})[user_id] = at
    return found


def _by_others(user_id: int) -> ColumnElement[bool]:
    return or_(Thread.author_id.is_(None), Thread.author_id != user_id)


def _mark(session: Session, actor: Actor, thread: Thread) -> Mark | None:
    """Return the row that holds what *actor* keeps of *thread*, made where there is none; nobody has none.

    Somebody opens a thread in two tabs at once: the second waits for the first one's row, and takes that.
    """
    if actor.user_id is None:
        return None
    key = (actor.user_id, thread.id)
    mark = session.get(Mark, key)
    if mark is None:
        values = {"user_id": actor.user_id, "thread_id": thread.id}
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(Mark).values(**values).on_conflict_do_nothing())
        mark = session.get_one(Mark, key)
    return mark
