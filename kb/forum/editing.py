"""What authors do with what they wrote: change it, with everything that stood there before kept for all to see.

Nobody else changes their words: moderators move, hide and close.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.attachments import operations as attachments
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.forum import mentions
from kb.forum.models import FIRST_POST, PostEdit, Reply, Thread, ThreadState
from kb.forum.operations import check_body, check_title, record
from kb.i18n import N_
from kb.permissions import Actor, Permission, allowed, require


class EditedMeanwhileError(ConflictError):
    """The post was changed in another window since the form was made: whoever writes has to look at that first."""

    code = "edited_meanwhile"


@dataclass(frozen=True, slots=True)
class Text:
    """What a post says, or said.

    Attributes:
        version: how often it had been changed by then.
        title: of a thread's own text; ``None`` of a reply.
        at: when it was written.
    """

    version: int
    title: str | None
    body: str
    at: datetime


def may_edit(actor: Actor, thread: Thread, number: int) -> bool:
    """Return whether *actor* may change post *number* of *thread* now: it is theirs, and neither closed nor hidden."""
    post = find(thread, number)
    if actor.user_id is None or post.author_id != actor.user_id or not allowed(actor, Permission.THREAD_WRITE):
        return False
    return thread.state is ThreadState.OPEN and not (isinstance(post, Reply) and post.hidden_reason is not None)


def edit(
    session: Session,
    actor: Actor,
    thread: Thread,
    number: int,
    *,
    body: str,
    version: int,
    now: datetime,
    title: str | None = None,
) -> bool:
    """Change post *number* of *thread*, and return whether it says anything else now.

    Who is called by name for the first time is told, and who accepted the post as the answer.

    Args:
        title: the thread's, for its own text; ``None`` leaves it.
        version: of the text that the change began from.

    Raises:
        PermissionDeniedError: *actor* did not write it.
        ConflictError: the thread is closed, or the post hidden.
        EditedMeanwhileError: it has another version by now.
        InvalidInputError: there is no such post, no text, or too much.
    """
    require(actor, Permission.THREAD_WRITE)
    post = find(thread, number)
    if actor.user_id is None or post.author_id != actor.user_id:
        raise PermissionDeniedError(N_("只能改自己写的"))
    # Two windows of one author: the second waits here, and reads what the first one left.
    session.execute(select(Thread.id).where(Thread.id == thread.id).with_for_update())
    session.refresh(thread, ["state", "title", "body", "edited_at", "accepted_number"])
    if isinstance(post, Reply):
        session.refresh(post, ["body", "edited_at", "hidden_reason"])
    if not may_edit(actor, thread, number):
        raise ConflictError(N_("关闭或隐藏以后不能再改"))
    before = now_says(session, thread, number)
    after = before.title if title is None or before.title is None else title.strip()
    if (after, body) == (before.title, before.body):
        return False
    if before.version != version:
        raise EditedMeanwhileError(N_("这一条在另一个窗口里改过了，先看看差别"))
    check_body(body)
    if after is not None:
        check_title(after)
    called_before = mentions.called_in(session, [text.body for text in history(session, thread, number)])
    session.add(
        PostEdit(
            thread_id=thread.id,
            number=number,
            version=before.version,
            title=before.title,
            body=before.body,
            at=before.at,
        )
    )
    post.body, post.edited_at = body, now
    if isinstance(post, Thread) and after is not None:
        post.title = after
    session.flush()
    attachments.use(session, actor, Subject.THREAD, thread.id, body, now=now)
    facts: dict[str, Any] = {"version": before.version + 1}
    if number != FIRST_POST:
        facts["reply"] = number
        facts["accepted"] = number == thread.accepted_number
    called = [user_id for user_id in mentions.called(session, body) if user_id not in called_before]
    if called:
        facts["mentions"] = called
    record(session, actor, thread, Verb.EDITED, now, **facts)
    return True


def now_says(session: Session, thread: Thread, number: int) -> Text:
    """Return what post *number* of *thread* says now. One statement.

    Raises:
        InvalidInputError: there is no such post.
    """
    post = find(thread, number)
    version = session.scalar(select(func.count()).where(PostEdit.thread_id == thread.id, PostEdit.number == number))
    title = post.title if isinstance(post, Thread) else None
    return Text(version or 0, title, _unix(post.body), post.edited_at or post.created_at)


def history(session: Session, thread: Thread, number: int) -> Sequence[Text]:
    """Return all that post *number* of *thread* ever said, the first text first, the present one last. Two statements.

    Raises:
        InvalidInputError: there is no such post.
    """
    rows = session.scalars(
        select(PostEdit).where(PostEdit.thread_id == thread.id, PostEdit.number == number).order_by(PostEdit.version)
    )
    before = [Text(row.version, row.title, _unix(row.body), row.at) for row in rows]
    return [*before, now_says(session, thread, number)]


def first_texts(session: Session, thread: Thread) -> Mapping[int, Text]:
    """Return what the posts of *thread* that were changed said at first, by number. One statement."""
    rows = session.scalars(select(PostEdit).where(PostEdit.thread_id == thread.id, PostEdit.version == 0))
    return {row.number: Text(0, row.title, row.body, row.at) for row in rows}


def _unix(text: str) -> str:
    """Return *text* with line ends as the form gives them: what browsers sent before is no change."""
    return text.replace("\r\n", "\n")


def find(thread: Thread, number: int) -> Thread | Reply:
    """Return what holds post *number* of *thread*: the thread itself its own text.

    Raises:
        InvalidInputError: there is no such post.
    """
    if number == FIRST_POST:
        return thread
    found = next((item for item in thread.replies if item.number == number), None)
    if found is None:
        raise InvalidInputError(N_("没有第 %(number)s 条回复"), field="number", number=number)
    return found
