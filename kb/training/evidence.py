"""The events behind every figure of a training: a count and the list it counts come from the same statement.

What an event is of is told, who it was of is not: study and outcomes are their people's own. People are counted, to
know whether there are enough of them to show a figure at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    Subquery,
    and_,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from kb.corrections.models import Correction
from kb.corrections.rules import State as CorrectionState
from kb.desk.models import Outcome
from kb.entries.models import Revision
from kb.events.models import Event, Subject, Verb
from kb.exams.models import Attempt, AttemptQuestion
from kb.gaps.models import Ask, Gap, Phrasing
from kb.gaps.rules import GapState
from kb.people.models import Team, User
from kb.questions.models import Question
from kb.study.models import StudyAnswer
from kb.training.effect import Rate
from kb.training.models import LaunchPack
from kb.training.rules import HORIZON, Cell, Count, Source

UPHELD = (CorrectionState.UPHELD, CorrectionState.FIXED, CorrectionState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a figure counts.

    Attributes:
        title: the entry, the searched words, the question or the new business.
        note: a label of why not, where there is one.
        event: number of the event in the log that made it; ``None`` for what was stored without one of its own.
    """

    at: datetime
    title: str
    cell: Cell
    subject: Subject
    subject_id: str
    event: int | None


def counts(session: Session, *, since: datetime, until: datetime) -> Mapping[tuple[Cell, Source], Count]:
    """Return how often each source tells of each module and team in [*since*, *until*). Seven statements.

    Of wrong answers ``people`` are all who answered there, right or wrong: fewer than the floor are not shown.
    """
    found: dict[tuple[Cell, Source], Count] = {}
    for source in (Source.UNSOLVED, Source.FAILED_SEARCH, Source.WRONG_ANSWER, Source.CORRECTION):
        facts = _facts(source, since, until)
        rows = session.execute(
            select(facts.c.module, facts.c.team, func.count(), func.count(facts.c.user_id.distinct())).group_by(
                facts.c.module, facts.c.team
            )
        )
        found.update({(Cell(row[0], row[1]), source): Count(row[2], row[3]) for row in rows})
    answered = _answers(since, until).subquery()
    for module, team, people in session.execute(
        select(answered.c.module, answered.c.team, func.count(answered.c.user_id.distinct())).group_by(
            answered.c.module, answered.c.team
        )
    ):
        key = (Cell(module, team), Source.WRONG_ANSWER)
        if key in found:
            found[key] = Count(found[key].times, people)
    for pack, teams in _launches(session, until):
        for team in teams:
            key = (Cell(pack.module_key, team), Source.NEW_BUSINESS)
            found[key] = Count(found.get(key, Count()).times + 1, 0)
    return found


def listed(
    session: Session, source: Source, cell: Cell, *, since: datetime, until: datetime, limit: int
) -> Sequence[Fact]:
    """Return what the figure of *source* for *cell* counts, newest first, with each one's event. Two statements."""
    if source is Source.NEW_BUSINESS:
        packs = [
            pack for pack, teams in _launches(session, until) if pack.module_key == cell.module and cell.team in teams
        ]
        events = _events(session, Subject.LAUNCH_PACK, [str(pack.id) for pack in packs])
        return [
            Fact(pack.launch_at, pack.title, cell, Subject.LAUNCH_PACK, str(pack.id), events.get(str(pack.id)))
            for pack in packs
        ][:limit]
    return _read(session, _facts(source, since, until), [cell], limit)


def calls_listed(
    session: Session, cells: Iterable[Cell], *, solved: bool | None, since: datetime, until: datetime, limit: int
) -> Sequence[Fact]:
    """Return the outcomes that a solved rate of *cells* counts, newest first. Two statements.

    Args:
        solved: only those that were, or were not; ``None`` for all.
    """
    return _read(session, _outcomes(since, until, solved).subquery(), list(cells), limit)


def rates(session: Session, team: str, *, since: datetime, until: datetime) -> Mapping[str, Rate]:
    """Return the solved rate of *team* in [*since*, *until*) by module. One statement."""
    rows = session.execute(
        select(Revision.module_key, func.count(), func.count().filter(Outcome.solved.is_(True)))
        .select_from(Outcome)
        .join(Revision, Revision.id == Outcome.revision_id)
        .join(User, User.id == Outcome.user_id)
        .join(Team, Team.id == User.team_id)
        .where(Team.key == team, _within(Outcome.at, since, until))
        .group_by(Revision.module_key)
    )
    return {row[0]: Rate(row[2], row[1]) for row in rows}


def _facts(source: Source, since: datetime, until: datetime) -> Subquery:
    match source:
        case Source.UNSOLVED:
            return _outcomes(since, until, solved=False).subquery()
        case Source.FAILED_SEARCH:
            return _failed_searches(since, until).subquery()
        case Source.WRONG_ANSWER:
            wrong = _answers(since, until).subquery()
            return select(wrong).where(wrong.c.right.is_(False)).subquery()
        case Source.CORRECTION:
            return _corrections(since, until).subquery()
        case _:
            raise AssertionError(f"{source} is read from launch packs")


def _outcomes(since: datetime, until: datetime, solved: bool | None) -> Select[*tuple[Any, ...]]:
    wanted = (
        select(
            Outcome.at.label("at"),
            Revision.module_key.label("module"),
            Team.key.label("team"),
            Outcome.user_id.label("user_id"),
            literal(Subject.OUTCOME.value).label("kind"),
            cast(Outcome.id, String).label("id"),
            Revision.title.label("title"),
        )
        .join(Revision, Revision.id == Outcome.revision_id)
        .join(User, User.id == Outcome.user_id)
        .join(Team, Team.id == User.team_id)
        .where(_within(Outcome.at, since, until))
    )
    return wanted if solved is None else wanted.where(Outcome.solved.is_(solved))


def _failed_searches(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    """Asks of gaps: one for a person, words and day. Gaps that were none (declined) don't count."""
    return (
        select(
            Ask.last_at.label("at"),
            Gap.module_key.label("module"),
            Team.key.label("team"),
            Ask.user_id.label("user_id"),
            literal(Subject.GAP.value).label("kind"),
            cast(Gap.id, String).label("id"),
            Phrasing.text.label("title"),
        )
        .join(Phrasing, Phrasing.id == Ask.phrasing_id)
        .join(Gap, Gap.id == Phrasing.gap_id)
        .join(User, User.id == Ask.user_id)
        .join(Team, Team.id == User.team_id)
        .where(Gap.module_key.is_not(None), Gap.state != GapState.DECLINED, _within(Ask.last_at, since, until))
    )


def _answers(since: datetime, until: datetime) -> CompoundSelect[*tuple[Any, ...]]:
    """Answers in attempts that have ended and in study, right or wrong."""
    return union_all(_exam_answers(since, until), _study_answers(since, until))


def _study_answers(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    """Answers in idle study; they are in no event log, because they are the person's own."""
    return (
        select(
            StudyAnswer.at.label("at"),
            Revision.module_key.label("module"),
            Team.key.label("team"),
            StudyAnswer.user_id.label("user_id"),
            literal(Subject.QUESTION.value).label("kind"),
            cast(StudyAnswer.question_id, String).label("id"),
            Question.prompt.label("title"),
            StudyAnswer.right.label("right"),
        )
        .join(Question, Question.id == StudyAnswer.question_id)
        .join(Revision, Revision.id == Question.revision_id)
        .join(User, User.id == StudyAnswer.user_id)
        .join(Team, Team.id == User.team_id)
        .where(_within(StudyAnswer.at, since, until))
    )


def _exam_answers(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Attempt.submitted_at.label("at"),
            AttemptQuestion.module_key.label("module"),
            Team.key.label("team"),
            Attempt.user_id.label("user_id"),
            literal(Subject.EXAM_ATTEMPT.value).label("kind"),
            cast(Attempt.id, String).label("id"),
            AttemptQuestion.item["prompt"].as_string().label("title"),
            AttemptQuestion.right.label("right"),
        )
        .join(Attempt, Attempt.id == AttemptQuestion.attempt_id)
        .join(User, User.id == Attempt.user_id)
        .join(Team, Team.id == User.team_id)
        .where(_within(Attempt.submitted_at, since, until))
    )


def _corrections(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    """Corrections that were upheld, of the team that met what was wrong."""
    return (
        select(
            Correction.reported_at.label("at"),
            Revision.module_key.label("module"),
            Team.key.label("team"),
            Correction.reporter_id.label("user_id"),
            literal(Subject.CORRECTION.value).label("kind"),
            cast(Correction.id, String).label("id"),
            Revision.title.label("title"),
        )
        .join(Revision, Revision.id == Correction.revision_id)
        .join(User, User.id == Correction.reporter_id)
        .join(Team, Team.id == User.team_id)
        .where(Correction.state.in_(UPHELD), _within(Correction.reported_at, since, until))
    )


def _launches(session: Session, until: datetime) -> Sequence[tuple[LaunchPack, Sequence[str]]]:
    """Return what is launched soon after *until*, with the keys of the teams it concerns. Two statements."""
    packs = session.scalars(
        select(LaunchPack)
        .where(LaunchPack.launch_at >= until, LaunchPack.launch_at < until + HORIZON)
        .order_by(LaunchPack.launch_at, LaunchPack.id)
    ).all()
    everybody = session.scalars(select(Team.key).order_by(Team.key)).all()
    return [(pack, pack.teams or everybody) for pack in packs]


def _within(column: Any, since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(column >= since, column < until)


def _read(session: Session, facts: Subquery, cells: Sequence[Cell], limit: int) -> Sequence[Fact]:
    modules, teams = {cell.module for cell in cells}, {cell.team for cell in cells}
    rows = session.execute(
        select(facts)
        .where(facts.c.module.in_(modules), facts.c.team.in_(teams))
        .order_by(facts.c.at.desc(), facts.c.id.desc())
        .limit(limit)
    ).all()
    if not rows:
        return []
    events = {
        subject: _events(session, subject, {row.id for row in rows if row.kind == subject})
        for subject in {Subject(row.kind) for row in rows}
    }
    return [
        Fact(
            row.at,
            row.title,
            Cell(row.module, row.team),
            Subject(row.kind),
            row.id,
            events[Subject(row.kind)].get(row.id),
        )
        for row in rows
    ]


def _events(session: Session, subject: Subject, ids: Iterable[str]) -> Mapping[str, int]:
    """Return the number of the last event about each of these things that made it what it is. One statement."""
    rows = session.execute(
        select(Event.subject_id, func.max(Event.seq))
        .where(Event.subject_kind == subject, Event.subject_id.in_(set(ids)), Event.verb != Verb.READ)
        .group_by(Event.subject_id)
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}
