"""The verbs of the forum: start a thread, reply, accept an answer, take a thread over from elsewhere.

Moderating is ``moderation``'s, what readers do ``reading``'s; who is called by name is in ``mentions``.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kb.attachments import operations as attachments
from kb.errors import ConflictError, InvalidInputError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.forum import mentions, reading
from kb.forum.models import MAX_BODY, MAX_TITLE, PostEdit, Reply, Thread, ThreadKind, ThreadState
from kb.forum.queries import by_key
from kb.i18n import N_
from kb.people.models import User
from kb.permissions import Actor, Permission, require
from kb.taxonomy.models import Module, Region

AGAIN = timedelta(minutes=10)
"""How long the same words are the same post sent once more."""


def start(
    session: Session,
    actor: Actor,
    *,
    title: str,
    body: str,
    kind: ThreadKind,
    module: str,
    now: datetime,
    region: str | None = None,
    key: str | None = None,
    derived_from: str | None = None,
) -> Thread:
    """Start a thread and return it. Its author follows it; whom it calls by name is told.

    Args:
        derived_from: ``gap:<number>``, where it looks for the answer to one.

    Raises:
        PermissionDeniedError: *actor* may not write in the forum.
        InvalidInputError: no title, no text, too long, or an unknown module or region.
        ConflictError: *key* is taken.
    """
    require(actor, Permission.THREAD_WRITE)
    _check(session, title=title, body=body, module=module, region=region)
    key = key or f"t-{secrets.token_hex(5)}"
    if by_key(session, key) is not None:
        raise ConflictError(N_("编号 %(key)s 已经有了"), key=key)
    thread = Thread(
        key=key,
        kind=kind,
        title=title.strip(),
        body=body,
        module_key=module,
        region_key=region,
        author_id=actor.user_id,
        created_at=now,
        active_at=now,
        derived_from=derived_from,
        replies=[],
    )
    session.add(thread)
    session.flush()
    _published(session, actor, thread, body, now=now)
    record(session, actor, thread, Verb.CREATED, now, **_calls(session, body))
    return thread


def started_before(session: Session, actor: Actor, *, title: str, body: str, now: datetime) -> Thread | None:
    """Return the thread that *actor* started with the very same words a moment ago: pressed twice, or sent once more.

    Whoever presses twice waits here for the first one.
    """
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    same = (Thread.author_id == actor.user_id, Thread.title == title.strip(), Thread.body == body)
    wanted = select(Thread).where(*same, Thread.created_at > now - AGAIN, Thread.state == ThreadState.OPEN)
    return session.scalar(wanted.order_by(Thread.id).limit(1))


def reply(session: Session, actor: Actor, thread: Thread, body: str, *, now: datetime) -> Reply:
    """Add a reply to *thread*. Whoever replies follows from then on, unless they said no.

    What the same person said last, word for word, a moment ago, is that reply: pressed twice, or sent once more because
    no answer came.

    Raises:
        ConflictError: the thread is closed.
        InvalidInputError: no text, or too much.
    """
    require(actor, Permission.THREAD_WRITE)
    if thread.state is not ThreadState.OPEN:
        raise ConflictError(N_("这个帖子已经关闭，不能再回复"))
    check_body(body)
    # Whoever else is replying gets to commit first, and their number is taken.
    session.execute(select(Thread.id).where(Thread.id == thread.id).with_for_update())
    last = session.scalar(select(Reply).where(Reply.thread_id == thread.id).order_by(Reply.number.desc()).limit(1))
    said = None if last is None or actor.user_id is None else (last.author_id, last.body)
    if last is not None and said == (actor.user_id, body) and last.created_at > now - AGAIN:
        return last
    number = (0 if last is None else last.number) + 1
    added = Reply(number=number, author_id=actor.user_id, body=body, created_at=now)
    thread.replies.append(added)
    thread.active_at = now
    session.flush()
    _published(session, actor, thread, body, now=now)
    reading.saw(session, actor, thread, number)
    record(session, actor, thread, Verb.REPLIED, now, reply=number, **_calls(session, body))
    return added


def accept(
    session: Session, actor: Actor, thread: Thread, number: int, *, now: datetime, read_at: datetime | None = None
) -> None:
    """Mark reply *number* as the one that answers the thread.

    Args:
        read_at: when *actor* was shown it; ``None`` for just now.

    Raises:
        PermissionDeniedError: it is neither their thread nor one of their modules.
        InvalidInputError: there is no such reply.
        ConflictError: its author has changed it since *read_at*: nobody accepts what they have not read.
    """
    require(actor, Permission.THREAD_ACCEPT, thread.target)
    # An author who is changing it gets to commit first.
    session.execute(select(Thread.id).where(Thread.id == thread.id).with_for_update())
    found = next((item for item in thread.replies if item.number == number and item.hidden_reason is None), None)
    if found is None:
        raise InvalidInputError(N_("没有第 %(number)s 条回复"), field="number", number=number)
    session.refresh(found, ["edited_at"])
    if read_at is not None and found.edited_at is not None and found.edited_at > read_at:
        raise ConflictError(N_("作者刚刚改过这条回复，看过再采纳"))
    thread.accepted_number, thread.accepted_at = number, now
    record(session, actor, thread, Verb.ACCEPTED, now, reply=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPost:
    """A post of a thread that was written elsewhere. ``author_name`` is for somebody who has no account here."""

    body: str
    created_at: datetime
    author_id: int | None = None
    author_name: str | None = None


def import_thread(
    session: Session,
    actor: Actor,
    *,
    key: str,
    title: str,
    kind: ThreadKind,
    module: str,
    region: str | None,
    posts: Sequence[ImportedPost],
    accepted: int | None,
    now: datetime,
    thread: Thread | None = None,
) -> Thread:
    """Take over a thread from another system, first post first; an existing *thread* is replaced by what is given.

    Raises:
        PermissionDeniedError: *actor* may not import.
        InvalidInputError: something in it can't be stored.
    """
    require(actor, Permission.ENTRY_IMPORT)
    if not posts:
        raise InvalidInputError(N_("帖子没有正文"), field="body")
    first, *replies = posts
    _check(session, title=title, body=first.body, module=module, region=region)
    if accepted is not None and not 1 <= accepted <= len(replies):
        raise InvalidInputError(N_("没有第 %(number)s 条回复"), field="accepted", number=accepted)
    for post in replies:
        check_body(post.body)
    if thread is None:
        thread = Thread(key=key, replies=[])
        session.add(thread)
    thread.title, thread.kind, thread.body = title.strip(), kind, first.body
    thread.module_key, thread.region_key = module, region
    thread.author_id, thread.author_name = first.author_id, first.author_name
    thread.created_at, thread.active_at = first.created_at, posts[-1].created_at
    thread.accepted_number, thread.accepted_at, thread.edited_at = accepted, None, None
    thread.replies.clear()
    if thread.id is not None:
        session.execute(delete(PostEdit).where(PostEdit.thread_id == thread.id))
    session.flush()
    thread.replies += [
        Reply(
            number=number,
            body=post.body,
            created_at=post.created_at,
            author_id=post.author_id,
            author_name=post.author_name,
        )
        for number, post in enumerate(replies, start=1)
    ]
    session.flush()
    record(session, actor, thread, Verb.IMPORTED, now)
    return thread


def _check(session: Session, *, title: str, body: str, module: str, region: str | None) -> None:
    check_title(title)
    check_body(body)
    if session.get(Module, module) is None:
        raise InvalidInputError(N_("没有这个业务模块：%(key)s"), field="module", key=module)
    if region is not None and session.get(Region, region) is None:
        raise InvalidInputError(N_("没有这个区域：%(key)s"), field="region", key=region)


def check_title(title: str) -> None:
    """Raise InvalidInputError where *title* is empty or too long."""
    if not title.strip():
        raise InvalidInputError(N_("标题不能为空"), field="title")
    if len(title) > MAX_TITLE:
        raise InvalidInputError(N_("标题最多 %(max)s 个字"), field="title", max=MAX_TITLE)


def check_body(body: str) -> None:
    """Raise InvalidInputError where a post's *body* is empty or too long."""
    if not body.strip():
        raise InvalidInputError(N_("正文不能为空"), field="body")
    if len(body) > MAX_BODY:
        raise InvalidInputError(N_("正文最多 %(max)s 个字"), field="body", max=MAX_BODY)


def _published(session: Session, actor: Actor, thread: Thread, body: str, *, now: datetime) -> None:
    attachments.use(session, actor, Subject.THREAD, thread.id, body, now=now)
    reading.follow_unless_told(session, actor, thread)


def _calls(session: Session, body: str) -> dict[str, Any]:
    called = mentions.called(session, body)
    return {"mentions": called} if called else {}


def record(session: Session, actor: Actor, thread: Thread, verb: Verb, now: datetime, **payload: Any) -> None:
    """Append the event that *verb* happened to *thread*."""
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.THREAD,
        subject_id=thread.id,
        payload=payload,
    )
