"""Storing one thread record, without losing what people here have written in the thread since."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.errors import ConflictError
from kb.events.models import Event, Subject, Verb
from kb.forum import editing, operations, queries
from kb.forum.editing import Text
from kb.forum.models import FIRST_POST, Thread
from kb.forum.operations import ImportedPost
from kb.i18n import N_
from kb.importing.records import ThreadRecord
from kb.importing.report import Outcome, Stored
from kb.permissions import Actor

CONTRIBUTIONS = (Verb.CREATED, Verb.REPLIED, Verb.ACCEPTED, Verb.EDITED)
"""What people do in a thread that an import would undo."""


def store(session: Session, actor: Actor, record: ThreadRecord, *, people: Mapping[str, int], now: datetime) -> Stored:
    """Store *record* and return what became of it.

    Args:
        actor: who imports.
        people: user ids by username; somebody else keeps the name that the record has.

    Raises:
        ConflictError: the file has changed, and people here have written in the thread, which an import would undo.
        InvalidInputError: something in it can't be stored.
    """
    posts = [
        ImportedPost(
            body=post.body,
            created_at=post.created,
            author_id=people.get(post.author),
            author_name=None if post.author in people else post.author,
        )
        for post in record.posts
    ]
    thread = queries.by_key(session, record.key)
    if thread is not None:
        done_here = _done_here(session, thread)
        first = editing.first_texts(session, thread) if Verb.EDITED in done_here else {}
        if _has_nothing_new(thread, record, posts, done_here, first):
            return Stored(Outcome.UNCHANGED)
        if done_here:
            raise ConflictError(N_("文件里的帖子有变化，但大家在这里已经接着写了：导入会盖掉他们写的，所以没有导入"))
    operations.import_thread(
        session,
        actor,
        key=record.key,
        title=record.title,
        kind=record.kind,
        module=record.module,
        region=record.region,
        posts=posts,
        accepted=record.accepted,
        now=now,
        thread=thread,
    )
    return Stored(Outcome.CREATED if thread is None else Outcome.UPDATED)


def _done_here(session: Session, thread: Thread) -> frozenset[Verb]:
    """Return what people have done in *thread* since it was last imported, or ever if it was not."""
    about = (Event.subject_kind == Subject.THREAD, Event.subject_id == str(thread.id))
    imported = session.scalar(select(func.max(Event.seq)).where(*about, Event.verb == Verb.IMPORTED)) or 0
    verbs = select(Event.verb).where(*about, Event.seq > imported, Event.verb.in_(CONTRIBUTIONS)).distinct()
    return frozenset(session.scalars(verbs))


def _has_nothing_new(
    thread: Thread,
    record: ThreadRecord,
    posts: Sequence[ImportedPost],
    done_here: frozenset[Verb],
    first: Mapping[int, Text],
) -> bool:
    """Return whether *thread* holds all that the file says. It may hold more if people have gone on writing here.

    Args:
        first: what posts said before their authors changed them here, by number.
    """
    title = (first[FIRST_POST].title if FIRST_POST in first else None) or thread.title
    head = (title, thread.kind, thread.module_key, thread.region_key)
    if head != (record.title, record.kind, record.module, record.region):
        return False
    if thread.accepted_number != record.accepted and Verb.ACCEPTED not in done_here:
        return False
    own = ImportedPost(
        body=first[FIRST_POST].body if FIRST_POST in first else thread.body,
        created_at=thread.created_at,
        author_id=thread.author_id,
        author_name=thread.author_name,
    )
    held = [
        own,
        *(
            ImportedPost(
                body=first[reply.number].body if reply.number in first else reply.body,
                created_at=reply.created_at,
                author_id=reply.author_id,
                author_name=reply.author_name,
            )
            for reply in thread.replies
        ),
    ]
    if not done_here:
        return held == list(posts)
    # Who has got an account since is no reason to touch a thread that people go on writing in.
    return [(post.created_at, post.body) for post in held[: len(posts)]] == [
        (post.created_at, post.body) for post in posts
    ]
