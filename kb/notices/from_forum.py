"""What the forum has to tell, and to whom: calls by name, replies, answers, moderation, experts drawn in, entries."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries.models import Entry
from kb.events.models import Event, Subject, Verb
from kb.forum import reading
from kb.forum.models import Reply, Thread
from kb.notices.models import NoticeKind
from kb.notices.told import Source, Told


def _written(session: Session, event: Event) -> Sequence[Told]:
    """Those whom the post calls, and then those who follow the thread. Two statements."""
    thread = session.get(Thread, int(event.subject_id))
    if thread is None:
        return []
    called = event.payload.get("mentions", ())
    facts = {**_facts(thread, event), "by": event.actor_id}
    told = [Told(user_id, NoticeKind.MENTIONED, facts) for user_id in called]
    if event.verb is Verb.REPLIED:
        following = set(reading.followers(session, thread.id)) - set(called)
        told += [Told(user_id, NoticeKind.THREAD_REPLIED, facts) for user_id in sorted(following)]
    return told


def _accepted(session: Session, event: Event) -> Sequence[Told]:
    """Whose reply was accepted, and those who follow the thread. Three statements."""
    thread = session.get(Thread, int(event.subject_id))
    if thread is None:
        return []
    facts = _facts(thread, event)
    number = event.payload["reply"]
    author = session.scalar(select(Reply.author_id).where(Reply.thread_id == thread.id, Reply.number == number))
    told = [] if author is None else [Told(author, NoticeKind.REPLY_ACCEPTED, facts)]
    others = set(reading.followers(session, thread.id)) - {author}
    return [*told, *(Told(user_id, NoticeKind.THREAD_ANSWERED, facts) for user_id in sorted(others))]


def _moderated(session: Session, event: Event) -> Sequence[Told]:
    """Whoever wrote what was moved, merged, closed, hidden or shown again, with the reason. Two statements."""
    thread = session.get(Thread, int(event.subject_id))
    if thread is None:
        return []
    number = event.payload.get("reply")
    author = thread.author_id
    if number is not None:
        author = session.scalar(select(Reply.author_id).where(Reply.thread_id == thread.id, Reply.number == number))
    if author is None:
        return []
    facts = {**_facts(thread, event), "verb": event.verb.value, "reason": event.payload.get("reason", "")}
    return [Told(author, NoticeKind.THREAD_MODERATED, facts)]


def _drawn_in(session: Session, event: Event) -> Sequence[Told]:
    """The experts who were drawn in. One statement."""
    thread = session.get(Thread, int(event.subject_id))
    if thread is None:
        return []
    return [Told(user_id, NoticeKind.EXPERT_WANTED, _facts(thread, event)) for user_id in event.payload["experts"]]


def became_knowledge(session: Session, event: Event) -> Sequence[Told]:
    """Whoever started the thread and whoever answered it, when an entry from it is published for the first time."""
    entry = session.get(Entry, int(event.subject_id))
    kind, _, key = (entry.derived_from or "").partition(":") if entry is not None else ("", "", "")
    if entry is None or kind != "thread" or _was_published_before(session, event):
        return []
    thread = session.scalar(select(Thread).where(Thread.key == key))
    if thread is None:
        return []
    answered = select(Reply.author_id).where(Reply.thread_id == thread.id, Reply.number == thread.accepted_number)
    people = {thread.author_id, session.scalar(answered)} - {None}
    facts = {"thread": thread.title, "entry": entry.key, "title": entry.shown_revision.title}
    return [Told(user_id, NoticeKind.BECAME_KNOWLEDGE, facts) for user_id in sorted(filter(None, people))]


def _was_published_before(session: Session, event: Event) -> bool:
    before = select(Event.id).where(
        Event.subject_kind == Subject.ENTRY,
        Event.subject_id == event.subject_id,
        Event.verb == Verb.PUBLISHED,
        Event.seq < event.seq,
    )
    return session.scalar(before.limit(1)) is not None


def _facts(thread: Thread, event: Event) -> dict[str, Any]:
    return {"thread": thread.key, "title": thread.title, "reply": event.payload.get("reply")}


SOURCES: Mapping[tuple[Subject, Verb], Source] = {
    (Subject.THREAD, Verb.CREATED): _written,
    (Subject.THREAD, Verb.REPLIED): _written,
    (Subject.THREAD, Verb.ACCEPTED): _accepted,
    **{
        (Subject.THREAD, verb): _moderated
        for verb in (Verb.MOVED, Verb.MERGED, Verb.CLOSED, Verb.REOPENED, Verb.HIDDEN, Verb.SHOWN)
    },
    (Subject.THREAD, Verb.DRAWN_IN): _drawn_in,
}
