"""Reading questions. What is right is in what these return: a page shows ``kb.questions.showing`` of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from kb.entries import queries as entry_queries
from kb.entries.models import Entry, Revision
from kb.entries.rules import SERVED
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.permissions import Actor, Permission, allowed, require
from kb.questions.models import Question
from kb.questions.proposing import Near
from kb.questions.rules import Difficulty, State

NEAR = 12
"""Entries that wrong answers are looked for in."""


def of_entry(session: Session, actor: Actor, entry: Entry) -> Sequence[Question]:
    """Return the questions of *entry*, what waits for a look first, retired ones last. One statement.

    Raises:
        PermissionDeniedError: *actor* may not write questions about it: the right answers are in them.
    """
    require(actor, Permission.QUESTION_WRITE, entry.target())
    found = session.scalars(select(Question).where(Question.entry_id == entry.id).order_by(Question.id)).all()
    order = (State.SUSPENDED, State.DRAFT, State.LIVE, State.RETIRED)
    return sorted(found, key=lambda question: order.index(question.state))


def live_of(session: Session, entry: Entry) -> Sequence[Question]:
    """Return the live questions of *entry*, to choose one of by its prompt. One statement."""
    wanted = select(Question).where(Question.entry_id == entry.id, Question.state == State.LIVE)
    return session.scalars(wanted.order_by(Question.id)).all()


def to_edit(session: Session, actor: Actor, id_: int) -> Question:
    """Return the question *id_* with its entry, for whoever may change it. Two statements.

    Raises:
        NotFoundError: there is none.
        PermissionDeniedError: *actor* may not write questions about its entry.
    """
    question = session.get(Question, id_)
    entry = session.get(Entry, question.entry_id) if question is not None else None
    if question is None or entry is None:
        raise NotFoundError(N_("没有这道题"))
    require(actor, Permission.QUESTION_WRITE, entry.target())
    question.entry = entry
    return question


def askable(actor: Actor, *, now: datetime) -> Select[Question]:
    """Return the selection of questions that *actor* may be asked at the moment *now*, with their entries.

    Live ones, of entries that *actor* is served then. Narrow it further by ``Question``, ``Entry`` and ``Revision``,
    which is the entry's live one.
    """
    return (
        select(Question)
        .join(Question.entry)
        .join(Entry.live_revision)
        .where(may_be_asked(actor, now=now))
        .options(contains_eager(Question.entry).contains_eager(Entry.live_revision))
    )


def may_be_asked(actor: Actor, *, now: datetime) -> ColumnElement[bool]:
    """Return the condition of ``askable``, on ``Question`` joined with its ``Entry`` and the live ``Revision``."""
    return and_(
        Question.state == State.LIVE,
        Entry.live_state.in_(SERVED),
        or_(Revision.valid_from.is_(None), Revision.valid_from <= now),
        or_(Revision.valid_until.is_(None), Revision.valid_until > now),
        entry_queries.meant_for(actor),
    )


def bank(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    modules: Collection[str] | None = None,
    difficulties: Collection[Difficulty] | None = None,
) -> Sequence[Question]:
    """Return what may be drawn from, by module (levels below are not added) and difficulty, by id. One statement.

    Args:
        actor: whom the questions are for: what is not meant for them is not drawn.
    """
    wanted = askable(actor, now=now)
    if modules is not None:
        wanted = wanted.where(Revision.module_key.in_(modules))
    if difficulties is not None:
        wanted = wanted.where(Question.difficulty.in_([int(level) for level in difficulties]))
    return session.scalars(wanted.order_by(Question.id)).unique().all()


def by_ids(session: Session, ids: Collection[int]) -> Mapping[int, Question]:
    """Return the questions with these *ids*, in whatever state, with entry and revisions, by id. One statement."""
    rows = session.scalars(
        select(Question)
        .join(Question.entry)
        .outerjoin(Entry.live_revision)
        .where(Question.id.in_(set(ids)))
        .options(contains_eager(Question.entry).contains_eager(Entry.live_revision))
    )
    return {question.id: question for question in rows.unique()}


def meant_for(session: Session, actor: Actor, ids: Collection[int]) -> Collection[int]:
    """Return which of these questions are about entries that are meant for *actor* as they are now. One statement.

    In whatever state: what was retired or suspended since is told to whom it was meant for.
    """
    wanted = (
        select(Question.id)
        .join(Question.entry)
        .join(Revision, Revision.id == func.coalesce(Entry.live_revision_id, Entry.work_revision_id))
        .where(Question.id.in_(set(ids)), entry_queries.meant_for(actor))
    )
    return set(session.scalars(wanted))


def count_live(session: Session, entry_ids: Collection[int]) -> Mapping[int, int]:
    """Return how many live questions each of these entries has; those without any are missing. One statement."""
    rows = session.execute(
        select(Question.entry_id, func.count())
        .where(Question.entry_id.in_(set(entry_ids)), Question.state == State.LIVE)
        .group_by(Question.entry_id)
    )
    return {row[0]: row[1] for row in rows}


def waiting(session: Session, actor: Actor, *, limit: int) -> Sequence[Question]:
    """Return what waits for somebody like *actor* to look at: suspended questions first, then drafts. One statement."""
    require(actor, Permission.QUESTION_WRITE)
    rows = session.scalars(
        select(Question)
        .join(Question.entry)
        .join(Entry.live_revision)
        .where(Question.state.in_((State.SUSPENDED, State.DRAFT)), Entry.live_state.in_(SERVED))
        .options(contains_eager(Question.entry).contains_eager(Entry.live_revision))
        .order_by((Question.state == State.SUSPENDED).desc(), Question.changed_at.desc(), Question.id)
        .limit(limit * 4)
    )
    mine = (
        question for question in rows.unique() if allowed(actor, Permission.QUESTION_WRITE, question.entry.target())
    )
    return list(islice(mine, limit))


def near(session: Session, actor: Actor, entry: Entry, keys: Sequence[str] = (), *, now: datetime) -> Sequence[Near]:
    """Return entries close to *entry*: its related ones, then *keys* in their order, then those of its module.

    Only what *actor* is served. Two statements.

    Args:
        keys: of entries that a search finds near.
    """
    content = entry.shown_revision.content
    first = list(dict.fromkeys((*content.related, *keys)))
    found = {
        other.key: other
        for other in session.scalars(
            select(Entry)
            .join(Entry.live_revision)
            .options(contains_eager(Entry.live_revision))
            .where(Entry.key.in_(first))
        )
        if entry_queries.may_read(actor, other, now=now) and other.live_state in SERVED
    }
    ordered = [found[key] for key in first if key in found]
    siblings = entry_queries.served_to(session, actor, now=now, limit=NEAR + 1, modules=[content.module_key])
    ordered += [other for other in siblings if other.key not in found]
    return [Near(other.key, other.shown_revision.content) for other in ordered if other.id != entry.id][:NEAR]
