"""What moderators do: move, merge, close and reopen, hide and show again. Whoever wrote it is told, and why."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from kb.attachments import operations as attachments
from kb.entries.models import Entry, EntrySource
from kb.errors import ConflictError, InvalidInputError
from kb.events.models import Subject, Verb
from kb.forum.models import FIRST_POST, MAX_REASON, Mark, PostEdit, Reply, Thread, ThreadState, Vote
from kb.forum.operations import record
from kb.gaps.models import Gap
from kb.i18n import N_
from kb.permissions import Actor, Permission, allowed, require
from kb.taxonomy.models import Module, Region


def move(session: Session, actor: Actor, thread: Thread, *, module: str, region: str | None, now: datetime) -> None:
    """Put *thread* under another module or region.

    Raises:
        PermissionDeniedError: *actor* may not moderate.
        InvalidInputError: there is no such module or region.
    """
    require(actor, Permission.THREAD_MODERATE, thread.target)
    if session.get(Module, module) is None:
        raise InvalidInputError(N_("没有这个业务模块：%(key)s"), field="module", key=module)
    if region is not None and session.get(Region, region) is None:
        raise InvalidInputError(N_("没有这个区域：%(key)s"), field="region", key=region)
    if (thread.module_key, thread.region_key) == (module, region):
        return
    thread.module_key, thread.region_key = module, region
    record(session, actor, thread, Verb.MOVED, now, module=module, region=region)


def close(session: Session, actor: Actor, thread: Thread, *, reason: str, now: datetime) -> None:
    """Take no more replies in *thread*. Whoever asked may close their own question.

    Raises:
        PermissionDeniedError: it is not theirs, and they may not moderate.
        InvalidInputError: no reason, or a long one.
        ConflictError: it is not open.
    """
    if not _is_asker(actor, thread):
        require(actor, Permission.THREAD_MODERATE, thread.target)
    reason = _checked(reason, N_("关闭要写明原因"))
    if thread.state is not ThreadState.OPEN:
        raise ConflictError(N_("这个帖子现在不是开放的"))
    thread.state, thread.state_reason = ThreadState.CLOSED, reason
    record(session, actor, thread, Verb.CLOSED, now, reason=reason)


def reopen(session: Session, actor: Actor, thread: Thread, *, now: datetime) -> None:
    """Take replies in *thread* again.

    Raises:
        ConflictError: it is not closed.
    """
    require(actor, Permission.THREAD_MODERATE, thread.target)
    if thread.state is not ThreadState.CLOSED:
        raise ConflictError(N_("这个帖子没有关闭"))
    thread.state, thread.state_reason = ThreadState.OPEN, None
    record(session, actor, thread, Verb.REOPENED, now)


def hide(session: Session, actor: Actor, thread: Thread, *, reason: str, now: datetime) -> None:
    """Hide *thread* from everybody but moderators.

    Raises:
        InvalidInputError: no reason, or a long one.
        ConflictError: it is a part of another one.
    """
    require(actor, Permission.THREAD_MODERATE, thread.target)
    reason = _checked(reason, N_("隐藏要写明原因"))
    if thread.state is ThreadState.MERGED:
        raise ConflictError(N_("这个帖子已经并入别的帖子"))
    thread.state, thread.state_reason = ThreadState.HIDDEN, reason
    record(session, actor, thread, Verb.HIDDEN, now, reason=reason)


def show(session: Session, actor: Actor, thread: Thread, *, now: datetime) -> None:
    """Show a hidden *thread* again, open for replies.

    Raises:
        ConflictError: it is not hidden.
    """
    require(actor, Permission.THREAD_MODERATE, thread.target)
    if thread.state is not ThreadState.HIDDEN:
        raise ConflictError(N_("这个帖子没有隐藏"))
    thread.state, thread.state_reason = ThreadState.OPEN, None
    record(session, actor, thread, Verb.SHOWN, now)


def hide_reply(session: Session, actor: Actor, thread: Thread, number: int, *, reason: str, now: datetime) -> None:
    """Hide reply *number* of *thread*; an accepted answer that is hidden is none any more.

    Raises:
        InvalidInputError: no reason, or a long one; or there is no such reply.
    """
    require(actor, Permission.THREAD_MODERATE, thread.target)
    reason = _checked(reason, N_("隐藏要写明原因"))
    _reply(thread, number).hidden_reason = reason
    if thread.accepted_number == number:
        thread.accepted_number = thread.accepted_at = None
    record(session, actor, thread, Verb.HIDDEN, now, reply=number, reason=reason)


def show_reply(session: Session, actor: Actor, thread: Thread, number: int, *, now: datetime) -> None:
    """Show reply *number* of *thread* again.

    Raises:
        InvalidInputError: there is no such reply.
        ConflictError: it is not hidden.
    """
    require(actor, Permission.THREAD_MODERATE, thread.target)
    found = _reply(thread, number)
    if found.hidden_reason is None:
        raise ConflictError(N_("这条回复没有隐藏"))
    found.hidden_reason = None
    record(session, actor, thread, Verb.SHOWN, now, reply=number)


def merge(session: Session, actor: Actor, source: Thread, target: Thread, *, reason: str, now: datetime) -> None:
    """Make *source* a part of *target*: its text and its replies become replies there, with who wrote them and when.

    Votes, followers, attachments, gaps and the entries that came from it go along. The address of *source* leads to
    *target* from then on. An accepted answer stays one where *target* has none.

    Raises:
        PermissionDeniedError: *actor* may not moderate both.
        InvalidInputError: no reason, or the two are one thread.
        ConflictError: one of them is hidden or merged.
    """
    for thread in (source, target):
        require(actor, Permission.THREAD_MODERATE, thread.target)
    reason = _checked(reason, N_("合并要写明原因"))
    if source.id == target.id:
        raise InvalidInputError(N_("不能并入它自己"), field="into")
    # In the order of rows: two who merge the same pair both ways can't wait for each other.
    rows = sorted([source.id, target.id])
    session.execute(select(Thread.id).where(Thread.id.in_(rows)).order_by(Thread.id).with_for_update())
    shown = (ThreadState.OPEN, ThreadState.CLOSED)
    if source.state not in shown or target.state not in shown:
        raise ConflictError(N_("隐藏或已经合并的帖子不能再合并"))
    last = session.scalar(select(func.max(Reply.number)).where(Reply.thread_id == target.id)) or 0
    moved = _move_posts(session, source, target, last)
    _move_what_hangs_on_it(session, source, target, moved)
    if target.accepted_number is None and source.accepted_number is not None:
        target.accepted_number, target.accepted_at = moved[source.accepted_number], source.accepted_at
    source.accepted_number = source.accepted_at = None
    source.state, source.state_reason, source.merged_into = ThreadState.MERGED, reason, target.key
    # What was merged into it before leads on, so that nobody is sent twice.
    session.execute(update(Thread).where(Thread.merged_into == source.key).values(merged_into=target.key))
    target.active_at = max(target.active_at, source.active_at)
    session.flush()
    record(session, actor, source, Verb.MERGED, now, into=target.key, reason=reason)
    record(session, actor, target, Verb.REVISED, now, merged=source.key)


def _move_posts(session: Session, source: Thread, target: Thread, last: int) -> dict[int, int]:
    """Return the new number of each of *source*'s posts, by the old one."""
    moved = {FIRST_POST: last + 1}
    target.replies.append(
        Reply(
            number=last + 1,
            author_id=source.author_id,
            author_name=source.author_name,
            body=_with_title(source.title, source.body),
            created_at=source.created_at,
            edited_at=source.edited_at,
        )
    )
    for offset, reply in enumerate(list(source.replies), start=2):
        moved[reply.number] = last + offset
        reply.number = last + offset
        target.replies.append(reply)
    session.flush()
    session.expire(source, ["replies"])
    return moved


def _with_title(title: str | None, body: str) -> str:
    """Return a thread's own text as the reply that it becomes elsewhere."""
    return body if title is None else f"**{title}**\n\n{body}"


def _move_what_hangs_on_it(session: Session, source: Thread, target: Thread, moved: dict[int, int]) -> None:
    for edit in session.scalars(select(PostEdit).where(PostEdit.thread_id == source.id)).all():
        text, at = _with_title(edit.title, edit.body), edit.at
        session.add(PostEdit(thread_id=target.id, number=moved[edit.number], version=edit.version, body=text, at=at))
        session.delete(edit)
    for vote in session.scalars(select(Vote).where(Vote.thread_id == source.id)).all():
        session.add(Vote(thread_id=target.id, number=moved[vote.number], user_id=vote.user_id, at=vote.at))
        session.delete(vote)
    for mark in session.scalars(select(Mark).where(Mark.thread_id == source.id)).all():
        there = session.get(Mark, (mark.user_id, target.id))
        if there is None:
            session.add(Mark(user_id=mark.user_id, thread_id=target.id, follows=mark.follows))
        elif there.follows is None:
            there.follows = mark.follows
    session.execute(delete(Mark).where(Mark.thread_id == source.id))
    attachments.move_uses(session, Subject.THREAD, source.id, target.id)
    session.execute(update(Gap).where(Gap.thread_id == source.id).values(thread_id=target.id))
    session.execute(
        update(Entry)
        .where(Entry.derived_from == f"thread:{source.key}")
        .values(derived_from=f"thread:{target.key}")
        .execution_options(synchronize_session="fetch")
    )
    for taken in session.scalars(select(EntrySource).where(EntrySource.source == f"thread:{source.key}")).all():
        session.merge(EntrySource(entry_id=taken.entry_id, source=f"thread:{target.key}", at=taken.at))
        session.delete(taken)


def _is_asker(actor: Actor, thread: Thread) -> bool:
    return actor.user_id is not None and thread.author_id == actor.user_id and allowed(actor, Permission.THREAD_WRITE)


def _reply(thread: Thread, number: int) -> Reply:
    found = next((item for item in thread.replies if item.number == number), None)
    if found is None:
        raise InvalidInputError(N_("没有第 %(number)s 条回复"), field="number", number=number)
    return found


def _checked(reason: str, missing: str) -> str:
    reason = reason.strip()
    if not reason:
        raise InvalidInputError(missing, field="reason")
    if len(reason) > MAX_REASON:
        raise InvalidInputError(N_("原因最多 %(max)s 个字"), field="reason", max=MAX_REASON)
    return reason
