"""Which cards come next for somebody: unread must-reads, reviews that are due, own misses, new cards.

Each kind is asked for only when the one before did not fill what is wanted, so that the next card usually costs one or
two statements.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, contains_eager

from kb.desk.models import Outcome
from kb.entries.models import Entry, Revision
from kb.gaps.models import Ask, Gap, Phrasing
from kb.gaps.rules import AskOrigin
from kb.must_reads import queries as must_read_queries
from kb.must_reads.models import MustRead
from kb.permissions import Actor, Role
from kb.questions.models import Question
from kb.questions.queries import askable, may_be_asked
from kb.study.models import Card, StudyAnswer, StudyScope
from kb.study.rules import LOOK_BACK, Miss, Slip, Why, weigh

MISSED_ENTRIES = 8
"""Of the entries somebody missed, how many of the heaviest are looked at for a question."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A card that comes next.

    Attributes:
        turn: how often the person has answered it: the order of its options is another one each time.
        must_read: what it gives a receipt for, where that is why it comes.
    """

    question: Question
    why: Why
    turn: int
    must_read: MustRead | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What new cards somebody is shown.

    Attributes:
        tiers: keys of tiers up to theirs; empty for all.
        modules: keys, all levels below included; empty for all.
        left_today: how many new ones are left for today.
    """

    tiers: Collection[str] = ()
    modules: Collection[str] = ()
    left_today: int = 12


def upcoming(
    session: Session, actor: Actor, course: Course, *, now: datetime, limit: int, without: Collection[int] = ()
) -> Sequence[Upcoming]:
    """Return the next *limit* cards of *actor* in their order. Up to eight statements, two where reviews fill it.

    Args:
        without: questions not to come: what is on the page already, or answered there and not sent yet.
    """
    if actor.user_id is None:
        return []
    found: dict[int, Upcoming] = {}

    def take(more: Iterable[Upcoming]) -> bool:
        for item in more:
            if item.question.id not in without:
                found.setdefault(item.question.id, item)
        return len(found) >= limit

    room = limit + len(without)
    if take(_must_reads(session, actor, actor.user_id, now=now, limit=room)):
        return list(found.values())[:limit]
    if take(_reviews(session, actor, actor.user_id, now=now, limit=room)):
        return list(found.values())[:limit]
    if take(_misses(session, actor, actor.user_id, now=now, limit=room)):
        return list(found.values())[:limit]
    wanted = min(room, course.left_today + len(without)) if course.left_today > 0 else 0
    if wanted:
        fresh = 0
        for item in _new(session, actor, actor.user_id, course, now=now, limit=wanted):
            if item.question.id not in without and item.question.id not in found and fresh < course.left_today:
                found[item.question.id] = item
                fresh += 1
    return list(found.values())[:limit]


def misses(session: Session, user_id: int, *, now: datetime) -> Mapping[int, float]:
    """Return what each entry's own misses weigh for this person, the heaviest first. Four statements."""
    since = now - LOOK_BACK
    found = [
        Miss(row.entry_id, Slip.SEARCH, row.last_at)
        for row in session.execute(
            select(Gap.entry_id, Ask.last_at)
            .join(Phrasing, Phrasing.id == Ask.phrasing_id)
            .join(Gap, Gap.id == Phrasing.gap_id)
            .where(
                Ask.user_id == user_id,
                Ask.last_at > since,
                Ask.origin.in_((AskOrigin.SEARCH, AskOrigin.REPORT)),
                Gap.entry_id.is_not(None),
            )
        )
    ]
    found += [
        Miss(row.entry_id, Slip.UNSOLVED, row.at)
        for row in session.execute(
            select(Outcome.entry_id, Outcome.at).where(
                Outcome.user_id == user_id, Outcome.at > since, Outcome.solved.is_(False)
            )
        )
    ]
    found += [
        Miss(row.entry_id, Slip.ANSWER, row.at)
        for row in session.execute(
            select(StudyAnswer.entry_id, StudyAnswer.at).where(
                StudyAnswer.user_id == user_id, StudyAnswer.at > since, StudyAnswer.right.is_(False)
            )
        )
    ]
    if not found:
        return {}
    learned = session.execute(
        select(StudyAnswer.entry_id, func.max(StudyAnswer.at))
        .where(StudyAnswer.user_id == user_id, StudyAnswer.at > since, StudyAnswer.right)
        .group_by(StudyAnswer.entry_id)
    )
    return weigh(found, {row[0]: row[1] for row in learned}, now=now)


def usual_tiers(tiers: Sequence[str], actor: Actor, chosen: str | None) -> tuple[str, ...]:
    """Return the keys of the tiers that *actor* learns for: up to the one they chose, else up to their own.

    Args:
        tiers: all keys, first line first.
        chosen: what they chose; ``None`` for their own: the first line's, for experts all.
    """
    if chosen in tiers:
        return tuple(tiers[: tiers.index(chosen) + 1])
    return tuple(tiers) if Role.EXPERT in actor.roles else tuple(tiers[:1])


def scope_of(session: Session, user_id: int) -> StudyScope | None:
    """Return what this person chose to be shown, ``None`` if they never did. One statement."""
    return session.get(StudyScope, user_id)


def new_since(session: Session, user_id: int, moment: datetime) -> int:
    """Return how many new cards this person has answered since *moment*. One statement."""
    wanted = select(func.count()).where(Card.user_id == user_id, Card.first_at >= moment)
    return session.scalar(wanted) or 0


def _must_reads(session: Session, actor: Actor, user_id: int, *, now: datetime, limit: int) -> Iterable[Upcoming]:
    found = must_read_queries.unread(session, actor, now=now, limit=limit)
    if not found:
        return
    turns = _turns(session, user_id, [must_read.question_id for must_read in found])
    for must_read in found:
        yield Upcoming(must_read.question, Why.MUST_READ, turns.get(must_read.question_id, 0), must_read)


def _reviews(session: Session, actor: Actor, user_id: int, *, now: datetime, limit: int) -> Iterable[Upcoming]:
    """What was wrong though they were sure comes first, then what has been due for longest. One statement."""
    order = (Card.sure_wrong.desc(), Card.due_at, Card.question_id)
    # Sorted by what is short: whole entries are read for those alone that come next.
    first = (
        select(Question.id)
        .join(Question.entry)
        .join(Entry.live_revision)
        .join(Card, and_(Card.question_id == Question.id, Card.user_id == user_id))
        .where(Card.due_at <= now, may_be_asked(actor, now=now))
        .order_by(*order)
        .limit(limit)
    )
    rows = session.execute(
        _whole(first)
        .join(Card, and_(Card.question_id == Question.id, Card.user_id == user_id))
        .add_columns(Card.times)
        .order_by(*order)
    )
    return [Upcoming(row[0], Why.REVIEW, row[1]) for row in rows.unique()]


def _misses(session: Session, actor: Actor, user_id: int, *, now: datetime, limit: int) -> Iterable[Upcoming]:
    """One question of each of the heaviest entries: one they have not been asked since they last missed it."""
    weights = misses(session, user_id, now=now)
    heaviest = list(weights)[:MISSED_ENTRIES]
    if not heaviest:
        return []
    rows = session.execute(
        askable(actor, now=now)
        .outerjoin(Card, and_(Card.question_id == Question.id, Card.user_id == user_id))
        .where(Question.entry_id.in_(heaviest), Card.user_id.is_(None))
        .order_by(Question.difficulty, Question.id)
    ).unique()
    first: dict[int, Upcoming] = {}
    for row in rows:
        first.setdefault(row[0].entry_id, Upcoming(row[0], Why.MISS, 0))
    return [first[entry_id] for entry_id in heaviest if entry_id in first][:limit]


def _new(
    session: Session, actor: Actor, user_id: int, course: Course, *, now: datetime, limit: int
) -> Iterable[Upcoming]:
    """Cards they never had, of entries that have proven most first. One statement."""
    order = (Entry.level.desc(), Question.difficulty, Question.id)
    wanted = (
        select(Question.id)
        .join(Question.entry)
        .join(Entry.live_revision)
        .where(
            may_be_asked(actor, now=now),
            Question.id.not_in(select(Card.question_id).where(Card.user_id == user_id)),
        )
    )
    if course.tiers:
        wanted = wanted.where(Revision.tier_key.in_(course.tiers))
    if course.modules:
        wanted = wanted.where(Revision.module_key.in_(course.modules))
    first = wanted.order_by(*order).limit(limit)
    rows = session.scalars(_whole(first).order_by(*order))
    return [Upcoming(question, Why.NEW, 0) for question in rows.unique()]


def _whole(ids: Select[int]) -> Select[Question]:
    """Return the selection of the questions *ids* with their entries and live revisions."""
    return (
        select(Question)
        .join(Question.entry)
        .join(Entry.live_revision)
        .where(Question.id.in_(ids))
        .options(contains_eager(Question.entry).contains_eager(Entry.live_revision))
    )


def _turns(session: Session, user_id: int, question_ids: Collection[int]) -> Mapping[int, int]:
    rows = session.execute(
        select(Card.question_id, Card.times).where(Card.user_id == user_id, Card.question_id.in_(question_ids))
    )
    return {row[0]: row[1] for row in rows}
