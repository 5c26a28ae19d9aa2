"""My week (我的一周): what somebody learned, what is due, where they are weak, and what their questions changed.

All of it is the person's own: whoever calls this shows it to them and to nobody else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from kb.corrections.models import Correction
from kb.corrections.rules import State as CorrectionState
from kb.desk.models import LearnedWording, Outcome
from kb.desk.rules import WordingState
from kb.entries import queries as entry_queries
from kb.entries.models import Entry, Revision
from kb.entries.rules import SERVED
from kb.forum.models import Thread
from kb.gaps.models import Ask, Gap, Phrasing
from kb.gaps.rules import GapState
from kb.i18n import N_
from kb.permissions import Actor
from kb.questions.models import Question
from kb.questions.queries import may_be_asked
from kb.study import choosing
from kb.study.models import Card, StudyAnswer

WEAKEST = 5
FEWEST_ANSWERS = 3
"""From how many answers on a module's share of right ones is shown: of two, one wrong is no weakness."""
MODULE_DAYS = timedelta(days=28)


class ChangeKind(StrEnum):
    """What a question of the person's led to."""

    GAP = "gap"
    CORRECTION = "correction"
    WORDING = "wording"
    THREAD = "thread"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return CHANGE_LABELS[self]


CHANGE_LABELS: Mapping[ChangeKind, str] = {
    ChangeKind.GAP: N_("你问的缺口有了答案"),
    ChangeKind.CORRECTION: N_("你报的错改好了"),
    ChangeKind.WORDING: N_("你接的说法教会了搜索"),
    ChangeKind.THREAD: N_("你的帖子变成了知识"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """An entry the person is served, by key and title."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Change:
    """That something of the person's changed an entry; *text* is what they had said."""

    kind: ChangeKind
    text: str
    entry: Named
    at: datetime


@dataclass(frozen=True, slots=True)
class ModuleShare:
    """How many of the person's answers about a module were right lately."""

    module_key: str
    right: int
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One person's week.

    Attributes:
        answers, right: of this week.
        minutes: spent on cards, rounded.
        learned: entries of cards answered rightly for the first time, or again after a lapse.
        due: cards due by the end of each of the next seven days, today's with what is overdue.
        weak: entries whose misses weigh most, the heaviest first, with their weight.
        modules: the weakest first.
        changes: the newest first.
    """

    answers: int
    right: int
    minutes: int
    learned: Sequence[Named]
    due: Sequence[int]
    weak: Sequence[tuple[Named, float]]
    modules: Sequence[ModuleShare]
    changes: Sequence[Change]


def week(session: Session, actor: Actor, user_id: int, *, since: datetime, now: datetime, midnight: datetime) -> Week:
    """Return the week of *actor*, from *since* on. Sixteen statements at most.

    Args:
        midnight: when today ends where they work.
    """
    sums = session.execute(
        select(func.count(), func.sum(case((StudyAnswer.right, 1), else_=0)), func.sum(StudyAnswer.took_ms)).where(
            StudyAnswer.user_id == user_id, StudyAnswer.at >= since
        )
    ).one()
    learned = session.scalars(
        select(StudyAnswer.entry_id)
        .where(
            StudyAnswer.user_id == user_id,
            StudyAnswer.at >= since,
            StudyAnswer.right,
            func.coalesce(StudyAnswer.before, 0) == 0,
        )
        .order_by(StudyAnswer.at.desc())
    ).all()
    weights = choosing.misses(session, user_id, now=now)
    changes = _changes(session, user_id, since=since)
    weakest = list(weights)[:WEAKEST]
    names = _names(session, actor, {*learned, *weakest, *(change[2] for change in changes)}, now=now)
    return Week(
        answers=sums[0],
        right=sums[1] or 0,
        minutes=round((sums[2] or 0) / 60_000),
        learned=[names[entry_id] for entry_id in dict.fromkeys(learned) if entry_id in names],
        due=_due(session, actor, user_id, now=now, midnight=midnight),
        weak=[(names[entry_id], weights[entry_id]) for entry_id in weakest if entry_id in names],
        modules=_modules(session, user_id, since=now - MODULE_DAYS),
        changes=[Change(kind, text, names[entry_id], at) for kind, text, entry_id, at in changes if entry_id in names],
    )


def count_due(session: Session, actor: Actor, user_id: int, *, by: datetime, now: datetime) -> int:
    """Return how many of the person's cards are due by the moment *by*. One statement."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Card)
            .join(Question, Question.id == Card.question_id)
            .join(Question.entry)
            .join(Entry.live_revision)
            .where(Card.user_id == user_id, Card.due_at <= by, may_be_asked(actor, now=now))
        )
        or 0
    )


def _due(session: Session, actor: Actor, user_id: int, *, now: datetime, midnight: datetime) -> list[int]:
    """Return how many cards come due on each of seven days, today first. One statement."""
    rows = session.scalars(
        select(Card.due_at)
        .join(Question, Question.id == Card.question_id)
        .join(Question.entry)
        .join(Entry.live_revision)
        .where(Card.user_id == user_id, Card.due_at <= midnight + timedelta(days=6), may_be_asked(actor, now=now))
    )
    days = [0] * 7
    for due_at in rows:
        days[max(0, -((midnight - due_at) // timedelta(days=1)))] += 1
    return days


def _modules(session: Session, user_id: int, *, since: datetime) -> list[ModuleShare]:
    rows = session.execute(
        select(Revision.module_key, StudyAnswer.right, func.count())
        .select_from(StudyAnswer)
        .join(Entry, Entry.id == StudyAnswer.entry_id)
        .join(Entry.live_revision)
        .where(StudyAnswer.user_id == user_id, StudyAnswer.at >= since)
        .group_by(Revision.module_key, StudyAnswer.right)
    )
    counted: dict[str, list[int]] = {}
    for key, right, count in rows:
        counted.setdefault(key, [0, 0])[bool(right)] += count
    found = [ModuleShare(key, right, wrong + right) for key, (wrong, right) in counted.items()]
    shown = [share for share in found if share.answers >= FEWEST_ANSWERS]
    return sorted(shown, key=lambda share: (share.right / share.answers, -share.answers, share.module_key))[:WEAKEST]


def _changes(session: Session, user_id: int, *, since: datetime) -> list[tuple[ChangeKind, str, int, datetime]]:
    """Return what the person's asks, corrections, calls and threads led to. Four statements."""
    found: list[tuple[ChangeKind, str, int | None, datetime | None]] = [
        (ChangeKind.GAP, text, entry_id, at)
        for text, entry_id, at in session.execute(
            select(func.max(Phrasing.text), Gap.entry_id, Gap.decided_at)
            .join(Phrasing, Phrasing.gap_id == Gap.id)
            .join(Ask, Ask.phrasing_id == Phrasing.id)
            .where(Ask.user_id == user_id, Gap.state == GapState.CLOSED, Gap.decided_at >= since)
            .group_by(Gap.id, Gap.entry_id, Gap.decided_at)
        )
    ]
    found += [
        (ChangeKind.CORRECTION, text, entry_id, at)
        for text, entry_id, at in session.execute(
            select(Correction.wrong, Correction.entry_id, Correction.closed_at).where(
                Correction.reporter_id == user_id,
                Correction.state == CorrectionState.PUBLISHED,
                Correction.closed_at >= since,
            )
        )
    ]
    mine = and_(Outcome.entry_id == LearnedWording.entry_id, Outcome.spelling == LearnedWording.spelling)
    found += [
        (ChangeKind.WORDING, text, entry_id, at)
        for text, entry_id, at in session.execute(
            select(LearnedWording.text, LearnedWording.entry_id, LearnedWording.decided_at).where(
                LearnedWording.state == WordingState.ACCEPTED,
                LearnedWording.decided_at >= since,
                select(Outcome.id).where(mine, Outcome.user_id == user_id, Outcome.solved).exists(),
            )
        )
    ]
    found += [
        (ChangeKind.THREAD, title, entry_id, at)
        for title, entry_id, at in session.execute(
            select(Thread.title, Entry.id, Entry.created_at)
            .join(Entry, Entry.derived_from == "thread:" + Thread.key)
            .where(Thread.author_id == user_id, Entry.created_at >= since, Entry.live_state.in_(SERVED))
        )
    ]
    told = [(kind, text, entry, at) for kind, text, entry, at in found if entry is not None and at is not None]
    return sorted(told, key=lambda row: row[3], reverse=True)


def _names(session: Session, actor: Actor, entry_ids: set[int], *, now: datetime) -> dict[int, Named]:
    """Return key and title of those entries that *actor* may read now. One statement."""
    if not entry_ids:
        return {}
    return {
        entry.id: Named(entry.key, entry.shown_revision.title)
        for entry in entry_queries.by_ids(session, entry_ids)
        if entry_queries.may_read(actor, entry, now=now)
    }
