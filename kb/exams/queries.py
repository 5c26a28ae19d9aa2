"""Reading exams: what somebody can take, their attempts, results for managers, and the answers for analysis."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from kb.errors import NotFoundError
from kb.exams import analysis, papers
from kb.exams.analysis import Figures, Response
from kb.exams.models import Attempt, AttemptQuestion, Exam
from kb.exams.papers import Asked, Marked
from kb.exams.rules import Purpose
from kb.i18n import N_
from kb.people.models import Team, User
from kb.permissions import Actor, Permission, require
from kb.questions import queries as question_queries
from kb.questions.rules import Item, Kind


def concerns(actor: Actor, exam: Exam) -> bool:
    """Return whether *exam* is for *actor*: for everybody, their team, or them by name."""
    if not exam.teams and not exam.people:
        return True
    return actor.team in exam.teams or actor.user_id in exam.people


def for_person(session: Session, actor: Actor, number: int) -> Exam:
    """Return the published exam *number* that is for *actor*. One statement.

    Raises:
        NotFoundError: there is none.
    """
    exam = session.get(Exam, number)
    if exam is None or exam.published_at is None or not concerns(actor, exam):
        raise NotFoundError(N_("没有这场考试，或者它与你无关"))
    return exam


def for_manager(session: Session, actor: Actor, number: int) -> Exam:
    """Return exam *number*, a draft too, for whoever manages exams. One statement.

    A quiz of a training is not among them: its results are nobody's but the person's, and sums.

    Raises:
        PermissionDeniedError: *actor* does not.
        NotFoundError: there is none.
    """
    require(actor, Permission.EXAM_MANAGE)
    exam = session.get(Exam, number)
    if exam is None or exam.purpose is Purpose.QUIZ:
        raise NotFoundError(N_("没有这场考试，或者它与你无关"))
    return exam


def managed(session: Session, actor: Actor, *, limit: int) -> Sequence[tuple[Exam, int]]:
    """Return exams with how many attempts have ended, newest first. One statement.

    Raises:
        PermissionDeniedError: *actor* does not manage exams.
    """
    require(actor, Permission.EXAM_MANAGE)
    taken = (
        select(Attempt.exam_id, func.count().label("count"))
        .where(Attempt.submitted_at.is_not(None))
        .group_by(Attempt.exam_id)
        .subquery()
    )
    rows = session.execute(
        select(Exam, func.coalesce(taken.c.count, 0))
        .outerjoin(taken, taken.c.exam_id == Exam.id)
        .where(Exam.purpose == Purpose.EXAM)
        .order_by(Exam.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def open_to(session: Session, actor: Actor, *, now: datetime) -> Sequence[Exam]:
    """Return the exams that *actor* could begin at *now* or later, those that close first on top. One statement."""
    rows = session.scalars(
        select(Exam).where(Exam.published_at.is_not(None), Exam.closes_at > now).order_by(Exam.closes_at, Exam.id)
    )
    return [exam for exam in rows if concerns(actor, exam)]


def attempts_of(session: Session, user_id: int, number: int | None = None) -> Sequence[Attempt]:
    """Return somebody's attempts, at exam *number* alone if given, oldest first. One statement."""
    wanted = select(Attempt).where(Attempt.user_id == user_id).options(joinedload(Attempt.exam)).order_by(Attempt.id)
    if number is not None:
        wanted = wanted.where(Attempt.exam_id == number)
    return session.scalars(wanted).all()


def own(session: Session, actor: Actor, attempt_id: int) -> Attempt:
    """Return *actor*'s attempt. One statement.

    Raises:
        NotFoundError: there is no such attempt of theirs.
    """
    attempt = session.scalar(
        select(Attempt)
        .where(Attempt.id == attempt_id, Attempt.user_id == actor.user_id)
        .options(joinedload(Attempt.exam))
    )
    if attempt is None:
        raise NotFoundError(N_("没有这次作答"))
    return attempt


def questions_of(session: Session, attempt_id: int) -> Sequence[AttemptQuestion]:
    """Return the questions of an attempt in their order. One statement."""
    return session.scalars(
        select(AttemptQuestion).where(AttemptQuestion.attempt_id == attempt_id).order_by(AttemptQuestion.place)
    ).all()


def paper(session: Session, attempt: Attempt) -> Sequence[Asked]:
    """Return the questions of *attempt* as its page shows them, without what is right. One statement."""
    return [papers.asked(attempt.seed, row) for row in questions_of(session, attempt.id)]


@dataclass(frozen=True, slots=True)
class ModuleShare:
    """How somebody did in one module of an attempt."""

    module: str
    share: float
    count: int


def by_module(rows: Sequence[AttemptQuestion]) -> Sequence[ModuleShare]:
    """Return how an ended attempt went, module by module, the weakest first."""
    found: dict[str, list[float]] = {}
    for row in rows:
        found.setdefault(row.module_key, []).append(row.share or 0.0)
    shares = [ModuleShare(module, sum(values) / len(values), len(values)) for module, values in found.items()]
    return sorted(shares, key=lambda item: (item.share, item.module))


def reveals(exam: Exam, now: datetime) -> bool:
    """Return whether right answers may be shown: not while somebody may still begin, nor of a quiz that comes again."""
    return exam.purpose is Purpose.EXAM and now >= exam.closes_at


def solutions(session: Session, attempt: Attempt, now: datetime) -> Sequence[Marked]:
    """Return the questions of an ended *attempt* with what is right; none before that may be shown. One statement."""
    if attempt.submitted_at is None or not reveals(attempt.exam, now):
        return ()
    return [papers.marked(row) for row in questions_of(session, attempt.id)]


@dataclass(frozen=True, slots=True)
class Result:
    """An ended attempt with whose it is."""

    attempt: Attempt
    name: str
    username: str
    team: str | None


def results(session: Session, actor: Actor, exam: Exam) -> Sequence[Result]:
    """Return the ended attempts at *exam*, by team and name. One statement.

    Raises:
        PermissionDeniedError: *actor* does not manage exams.
    """
    require(actor, Permission.EXAM_MANAGE)
    rows = session.execute(
        select(Attempt, User.name, User.username, Team.name)
        .join(User, User.id == Attempt.user_id)
        .outerjoin(Team, Team.id == User.team_id)
        .where(Attempt.exam_id == exam.id, Attempt.submitted_at.is_not(None))
        .order_by(Team.name, User.name, Attempt.number)
    )
    return [Result(row[0], row[1], row[2], row[3]) for row in rows]


def scores(session: Session, exam_ids: Collection[int]) -> Mapping[int, Mapping[int, float]]:
    """Return the first score of every person at each of these exams, by exam and person. One statement.

    For sums: no page shows one person's.
    """
    rows = session.execute(
        select(Attempt.exam_id, Attempt.user_id, Attempt.score)
        .where(Attempt.exam_id.in_(set(exam_ids)), Attempt.submitted_at.is_not(None), Attempt.number == 1)
        .order_by(Attempt.id)
    )
    found: dict[int, dict[int, float]] = {id_: {} for id_ in exam_ids}
    for exam_id, user_id, score in rows:
        found[exam_id][user_id] = score or 0.0
    return found


@dataclass(frozen=True, slots=True)
class Analysed:
    """A question of an exam with what its answers say."""

    question_id: int
    module: str
    item: Item
    figures: Figures


def analysed(session: Session, actor: Actor, exam: Exam) -> Sequence[Analysed]:
    """Return the questions of *exam* with their figures, those with the worst flaws first. Two statements.

    A question about an entry that is not meant for *actor* is left out; its answers count in what the others' figures
    are compared with. Only first attempts count: who comes back has seen questions before. A question that was changed
    between attempts is told by its newest words.

    Raises:
        PermissionDeniedError: *actor* does not manage exams.
    """
    require(actor, Permission.EXAM_MANAGE)
    rows = session.scalars(
        select(AttemptQuestion)
        .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
        .where(Attempt.exam_id == exam.id, Attempt.submitted_at.is_not(None), Attempt.number == 1)
        .order_by(AttemptQuestion.attempt_id, AttemptQuestion.place)
    )
    attempts: dict[int, list[Response]] = {}
    items: dict[int, tuple[str, Item]] = {}
    for row in rows:
        item = papers.item_from_json(row.item)
        items[row.question_id] = (row.module_key, item)
        places = (row.answer or {}).get("places", [])
        chosen = places[0] if _is_single(item) and places else None
        attempts.setdefault(row.attempt_id, []).append(Response(row.question_id, row.share or 0.0, chosen))
    figures = analysis.analyse(
        list(attempts.values()),
        options={id_: len(item.options) for id_, (_, item) in items.items() if _is_single(item)},
        right={id_: item.right[0] for id_, (_, item) in items.items() if _is_single(item)},
    )
    readable = question_queries.meant_for(session, actor, items)
    found = [Analysed(id_, module, item, figures[id_]) for id_, (module, item) in items.items() if id_ in readable]
    return sorted(found, key=_worst_first)


def _is_single(item: Item) -> bool:
    return item.kind in (Kind.SINGLE, Kind.WHICH_ENTRY)


def _worst_first(row: Analysed) -> tuple[bool, int, float, int]:
    r = row.figures.discrimination
    broken = any(flaw.is_broken for flaw in row.figures.flaws)
    return (not broken, -len(row.figures.flaws), 2.0 if r is None else r, row.question_id)
