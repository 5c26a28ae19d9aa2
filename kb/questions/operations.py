"""The verbs of questions: write, propose, revise, publish, suspend, retire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries.models import Entry
from kb.errors import ConflictError, InvalidInputError, NotFoundError, TransitionError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import Actor, Permission, require
from kb.questions.models import Question
from kb.questions.proposing import Near, fingerprint, proposals
from kb.questions.rules import SOURCES, STATE_LABELS, Item, Origin, State, Step, checked

MAX_REASON = 300


def write(session: Session, actor: Actor, entry: Entry, item: Item, *, now: datetime) -> Question:
    """Write a question about *entry* and return it. It is a draft until somebody publishes it.

    Raises:
        InvalidInputError: *item* can't be asked.
        PermissionDeniedError: *actor* may not write questions about this entry.
    """
    require(actor, Permission.QUESTION_WRITE, entry.target())
    return _add(session, actor, entry, checked(item), Origin.WRITTEN, None, now)


def propose(session: Session, actor: Actor, entry: Entry, near: Sequence[Near], *, now: datetime) -> list[Question]:
    """Draft what the entry's structure gives, and return what is new; what was proposed before never comes again.

    Args:
        near: entries close to it, nearest first: what the wrong answers are taken from.

    Raises:
        PermissionDeniedError: *actor* may not write questions about this entry.
    """
    require(actor, Permission.QUESTION_WRITE, entry.target())
    # Two editors who ask for proposals at once: the second waits here, and finds the first one's.
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    known = set(session.scalars(select(Question.fingerprint).where(Question.entry_id == entry.id)))
    made: list[Question] = []
    for item in proposals(entry.key, entry.shown_revision.content, near):
        mark = fingerprint(item)
        if mark not in known:
            known.add(mark)
            made.append(_add(session, actor, entry, checked(item), Origin.PROPOSED, mark, now))
    return made


def revise(session: Session, actor: Actor, id_: int, item: Item, *, version: int, now: datetime) -> Question:
    """Change what the question *id_*, read at *version*, asks. Where it stands stays; so do the answers given so far.

    Raises:
        ConflictError: somebody changed it since.
        InvalidInputError: *item* can't be asked.
        TransitionError: it is retired.
    """
    question = _held(session, actor, id_, Step.REVISE, version)
    item = checked(item)
    if item == question.item:
        return question
    question.version += 1
    _put(question, item)
    question.changed_by_id, question.changed_at = actor.user_id, now
    if question.state is State.LIVE:
        question.revision_id = question.entry.live_revision_id  # whoever changed it has looked at the entry as it is
    session.flush()
    _record(session, actor, question, Verb.REVISED, now)
    return question


def publish(session: Session, actor: Actor, id_: int, *, version: int, now: datetime) -> Question:
    """Ask the question *id_* from now on, as *actor* has seen it at *version*; also one that had been suspended.

    Raises:
        ConflictError: it says something else than they have seen.
        TransitionError: it is asked already or retired, or nothing of its entry is live.
    """
    question = _held(session, actor, id_, Step.PUBLISH, version)
    if question.entry.live_revision_id is None:
        raise TransitionError(N_("知识还没有发布，题目先留作草稿"))
    question.state, question.suspended_at, question.reason = State.LIVE, None, ""
    question.revision_id = question.entry.live_revision_id
    question.published_by_id, question.published_at = actor.user_id, now
    session.flush()
    _record(session, actor, question, Verb.PUBLISHED, now)
    return question


def suspend(session: Session, actor: Actor, id_: int, *, reason: str, now: datetime) -> Question:
    """Stop asking the question *id_* until somebody has looked at it.

    Raises:
        InvalidInputError: no reason.
        TransitionError: it is not asked.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= MAX_REASON:
        raise InvalidInputError(N_("请写明原因，最多 %(max)s 个字"), field="reason", max=MAX_REASON)
    question = _held(session, actor, id_, Step.SUSPEND)
    question.state, question.suspended_at, question.reason = State.SUSPENDED, now, reason
    session.flush()
    _record(session, actor, question, Verb.SUSPENDED, now, reason=reason)
    return question


def retire(session: Session, actor: Actor, id_: int, *, now: datetime) -> Question:
    """Take the question *id_* out for good. Answers given to it stay.

    Raises:
        TransitionError: it is retired already.
    """
    question = _held(session, actor, id_, Step.RETIRE)
    question.state, question.suspended_at = State.RETIRED, None
    session.flush()
    _record(session, actor, question, Verb.RETIRED, now)
    return question


def _add(
    session: Session, actor: Actor, entry: Entry, item: Item, origin: Origin, mark: str | None, now: datetime
) -> Question:
    question = Question(
        entry_id=entry.id,
        entry=entry,
        state=State.DRAFT,
        origin=origin,
        fingerprint=mark,
        version=1,
        author_id=actor.user_id,
        created_at=now,
        changed_by_id=actor.user_id,
        changed_at=now,
        reason="",
    )
    _put(question, item)
    session.add(question)
    session.flush()
    _record(session, actor, question, Verb.CREATED, now, origin=origin.value)
    return question


def _put(question: Question, item: Item) -> None:
    question.kind, question.difficulty = item.kind, int(item.difficulty)
    question.prompt, question.text, question.explanation = item.prompt, item.text, item.explanation
    question.options, question.right = list(item.options), list(item.right)
    question.entries = list(item.entries)


def _held(session: Session, actor: Actor, id_: int, step: Step, version: int | None = None) -> Question:
    """Return the question, locked, to take *step* with; at *version* if that was read."""
    entry_id = session.scalar(select(Question.entry_id).where(Question.id == id_))
    entry = session.get(Entry, entry_id) if entry_id is not None else None
    if entry is None:
        raise NotFoundError(N_("没有这道题"))
    # The entry's row first, as its own verbs lock it: an edit that suspends the question waits, or is seen.
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    question = session.get(Question, id_, with_for_update=True, populate_existing=True)
    if question is None:
        raise NotFoundError(N_("没有这道题"))
    session.refresh(entry, ["live_revision_id", "live_state"])
    question.entry = entry
    require(actor, Permission.QUESTION_WRITE, entry.target())
    if version is not None and question.version != version:
        raise ConflictError(N_("别人刚刚改过这道题。请看现在的内容再决定。"))
    if question.state not in SOURCES[step]:
        raise TransitionError(N_("“%(state)s”的题不能这样做"), state=STATE_LABELS[question.state])
    return question


def _record(session: Session, actor: Actor, question: Question, verb: Verb, now: datetime, **payload: Any) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.QUESTION,
        subject_id=question.id,
        payload={"entry": question.entry_id, "version": question.version, "kind": question.kind.value, **payload},
    )
