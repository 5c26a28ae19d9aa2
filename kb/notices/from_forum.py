"""What the forum has to tell, and to whom: calls by name, replies, answers, moderation, experts drawn in, entries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries import queries as entry_queries
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


def _edited(session: Session, event: Event) -> Sequence[Told]:
    """Those whom the post calls for the first time; of an accepted answer, who asked and who accepted it.

    Whoever is both is told as called. Two statements.
    """
    thread = session.get(Thread, int(event.subject_id))
    if thread is None:
        return []
    called = event.payload.get("mentions", ())
    facts = {**_facts(thread, event), "by": event.actor_id}
    told = [Told(user_id, NoticeKind.MENTIONED, facts) for user_id in called]
    if event.payload.get("accepted"):
        accepted = select(Event.actor_id).where(
            Event.subject_kind == Subject.THREAD, Event.subject_id == event.subject_id, Event.verb == Verb.ACCEPTED
        )
        people = {thread.author_id, session.scalar(accepted.order_by(Event.seq.desc()).limit(1))} - {None, *called}
        told += [Told(user_id, NoticeKind.ANSWER_EDITED, facts) for user_id in sorted(filter(None, people))]
    return told


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
    """Whoever started a thread and whoever answered it, when an entry is first published with what it said.

    That is the entry that came from it, or one that has taken it in since it was last published.
    """
    entry = session.get(Entry, int(event.subject_id))
    if entry is None:
        return []
    before = _published_before(session, event)
    fresh = [item.source for item in entry_queries.sources(session, [entry.id]) if before is None or item.at > before]
    if before is None and entry.derived_from is not None:
        fresh.insert(0, entry.derived_from)
    keys = [source.partition(":")[2] for source in fresh if source.startswith("thread:")]
    told: dict[int, Told] = {}
    for thread in session.scalars(select(Thread).where(Thread.key.in_(keys)).order_by(Thread.id)) if keys else ():
        answered = select(Reply.author_id).where(Reply.thread_id == thread.id, Reply.number == thread.accepted_number)
        facts = {"thread": thread.title, "entry": entry.key, "title": entry.shown_revision.title}
        for user_id in (thread.author_id, session.scalar(answered)):
            if user_id is not None:
                told.setdefault(user_id, Told(user_id, NoticeKind.BECAME_KNOWLEDGE, facts))
    return [told[user_id] for user_id in sorted(told)]


def _published_before(session: Session, event: Event) -> datetime | None:
    """Return when the entry of *event* was last published before that."""
    before = select(Event.at).where(
        Event.subject_kind == Subject.ENTRY,
        Event.subject_id == event.subject_id,
        Event.verb == Verb.PUBLISHED,
        Event.seq < event.seq,
    )
    return session.scalar(before.order_by(Event.seq.desc()).limit(1))


def _facts(thread: Thread, event: Event) -> dict[str, Any]:
    return {"thread": thread.key, "title": thread.title, "reply": event.payload.get("reply")}


SOURCES: Mapping[tuple[Subject, Verb], Source] = {
    (Subject.THREAD, Verb.CREATED): _written,
    (Subject.THREAD, Verb.REPLIED): _written,
    (Subject.THREAD, Verb.ACCEPTED): _accepted,
    (Subject.THREAD, Verb.EDITED): _edited,
    **{
        (Subject.THREAD, verb): _moderated
        for verb in (Verb.MOVED, Verb.MERGED, Verb.CLOSED, Verb.REOPENED, Verb.HIDDEN, Verb.SHOWN)
    },
    (Subject.THREAD, Verb.DRAWN_IN): _drawn_in,
}
