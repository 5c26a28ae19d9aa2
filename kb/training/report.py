"""The loop of one plan on one page: need, plan, lessons, evaluation, proposal. Every figure has its list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from kb.exams import queries as exam_queries
from kb.permissions import Actor
from kb.training import evidence, operations, proposing, queries, rules
from kb.training.effect import NOTHING_LEARNED, Change, Effect, Learned, Rate, learned
from kb.training.facts import Line
from kb.training.models import Lesson, Plan, PlanItem
from kb.training.proposing import Evaluated, Proposal
from kb.training.rules import WINDOW, Cause, LessonState, Need, Period, Stage

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Window:
    """The moments between which calls are counted."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of one line of a plan.

    Attributes:
        lesson: the first one that was held for the team; ``None`` while none was.
        assigned, came: of all lessons that were held.
        before_lesson, after_lesson: when its calls were counted; ``None`` without a lesson.
        need_before, need_now: when it was planned, and since the lessons.
        month_before, month_now: their scores as of 30 days: the periods differ in length.
    """

    item: PlanItem
    lesson: Lesson | None
    assigned: int
    came: int
    learned: Learned
    effect: Effect
    before_lesson: Window | None
    after_lesson: Window | None
    need_before: Need | None
    need_now: Need | None
    month_before: float
    month_now: float


@dataclass(frozen=True, slots=True)
class TeamEffect:
    """What all the lessons of a plan brought a team: around its first one, what was trained against what was not.

    Attributes:
        trained, untrained: keys of the modules whose calls are counted.
    """

    team: str
    before: Window
    after: Window
    trained: tuple[str, ...]
    untrained: tuple[str, ...]
    effect: Effect


@dataclass(frozen=True, slots=True)
class Loop:
    """A plan with everything that led to it and came of it.

    Attributes:
        needs: of the teams that are shown, when the plan was made.
        seen: when what came of it was counted: from its last lesson that was held, else from the end of its evidence.
    """

    plan: Plan
    needs: Sequence[Need]
    seen: Window
    measured: Sequence[Measured]
    teams: Sequence[TeamEffect]
    proposals: Sequence[Proposal]
    following: Plan | None

    @property
    def held(self) -> int:
        """How many lessons were held."""
        return sum(lesson.state is LessonState.HELD for item in self.plan.items for lesson in item.lessons)

    @property
    def set(self) -> int:
        """How many lessons were set and not cancelled."""
        return sum(lesson.state is not LessonState.CANCELLED for item in self.plan.items for lesson in item.lessons)


def needs(session: Session, teams: Iterable[str], *, since: datetime, until: datetime, floor: int) -> Sequence[Need]:
    """Return what these teams need, the most first. Seven statements."""
    wanted = frozenset(teams)
    found = rules.needs_of(evidence.counts(session, since=since, until=until), floor=floor)
    return [need for need in found if need.cell.team in wanted]


def loop(session: Session, actor: Actor, number: int, *, floor: int, now: datetime) -> Loop:
    """Return the loop of plan *number*. Statements: 25, and two for each line with a lesson.

    Args:
        floor: figures of fewer people's answers are not told.

    Raises:
        NotFoundError: there is no such plan that *actor* may see.
    """
    plan = queries.plan(session, actor, number)
    teams = {team.key for team in queries.teams_of(session, actor)}
    then = needs(session, teams, since=plan.since, until=plan.until, floor=floor)
    seen = _seen(plan, now)
    since = needs(session, teams, since=seen.since, until=seen.until, floor=floor)
    before, after = {need.cell: need for need in then}, {need.cell: need for need in since}
    items = [item for item in plan.items if item.team_key in teams]
    scores = exam_queries.scores(session, [check.exam_id for item in items for check in item.checks])
    trained = {team: {item.module_key for item in items if item.team_key == team} for team in teams}
    measured = [
        _measured(
            session, item, scores, trained[item.team_key], before.get(item.cell), after.get(item.cell), seen, floor, now
        )
        for item in items
    ]
    known = [
        Evaluated(one.item.cell, one.need_now, one.month_before, one.month_now, one.learned, one.effect)
        for one in measured
        if one.lesson is not None and not one.item.people
    ]
    return Loop(
        plan=plan,
        needs=then[:SHOWN],
        seen=seen,
        measured=measured,
        teams=_teams(session, measured, trained, now),
        proposals=proposing.propose(known, since, lambda score: rules.per_month(score, seen.since, seen.until)),
        following=queries.following(session, plan.id),
    )


def propose_next(
    session: Session, actor: Actor, number: int, period: Period, *, due_on: date, floor: int, now: datetime
) -> Plan:
    """Draft the plan that follows plan *number* from what came of it, each line with why; return it.

    Raises:
        NotFoundError, PermissionDeniedError, InvalidInputError: as ``loop`` and ``operations.draft`` say.
    """
    found = loop(session, actor, number, floor=floor, now=now)
    period = replace(period, since=found.seen.since, until=found.seen.until)
    plan = operations.draft(session, actor, period, team=found.plan.team_key, follows=number, now=now)
    for proposal in found.proposals:
        if proposal.advice.trains:
            is_new = proposal.advice is proposing.Advice.NEW
            why = "；".join(str(reason) for reason in proposal.reasons)
            line = Line(
                module=proposal.cell.module,
                team=proposal.cell.team,
                due_on=due_on,
                cause=Cause.NEED if is_new else Cause.REPEAT,
                reason=f"{proposal.advice.label}：{why}"[: rules.MAX_REASON],
            )
            operations.add_line(session, actor, plan.id, line, now=now)
    return plan


def _seen(plan: Plan, now: datetime) -> Window:
    """Return since when needs tell what the lessons brought: not of the days before, nor of quizzes taken before."""
    held = [lesson.starts_at for item in plan.items for lesson in item.lessons if lesson.state is LessonState.HELD]
    since = max(held, default=plan.until)
    return Window(since, max(since + timedelta(seconds=1), now))


def _measured(
    session: Session,
    item: PlanItem,
    scores: Mapping[int, Mapping[int, float]],
    trained: set[str],
    before: Need | None,
    after: Need | None,
    seen: Window,
    floor: int,
    now: datetime,
) -> Measured:
    held = [lesson for lesson in item.lessons if lesson.state is LessonState.HELD]
    lesson = next((lesson for lesson in held if not lesson.leaders_only), None)
    exams = {check.stage: scores.get(check.exam_id, {}) for check in item.checks}
    quiz = learned(*(exams.get(stage, {}) for stage in Stage), floor=floor) if item.checks else NOTHING_LEARNED
    earlier = later = None
    effect = Effect(Change(Rate(), Rate()), Change(Rate(), Rate()))
    if lesson is not None:
        earlier, later = _around(lesson, now)
        rates_before, rates_after = _rates(session, item.team_key, earlier), _rates(session, item.team_key, later)
        others = (rates_before.keys() | rates_after.keys()) - trained
        effect = _effect(rates_before, rates_after, {item.module_key}, others)
    return Measured(
        item=item,
        lesson=lesson,
        assigned=sum(len(lesson.assignments) for lesson in held),
        came=sum(bool(assignment.attended) for lesson in held for assignment in lesson.assignments),
        learned=quiz,
        effect=effect,
        before_lesson=earlier,
        after_lesson=later,
        need_before=before,
        need_now=after,
        month_before=rules.per_month(before.score, item.plan.since, item.plan.until) if before is not None else 0.0,
        month_now=rules.per_month(after.score, seen.since, seen.until) if after is not None else 0.0,
    )


def _teams(
    session: Session, measured: Sequence[Measured], trained: Mapping[str, set[str]], now: datetime
) -> Sequence[TeamEffect]:
    first: dict[str, Lesson] = {}
    taught: dict[str, set[str]] = {}
    for one in measured:
        if one.lesson is None:
            continue
        team = one.item.team_key
        taught.setdefault(team, set()).add(one.item.module_key)
        if team not in first or one.lesson.starts_at < first[team].starts_at:
            first[team] = one.lesson
    found = []
    for team, lesson in sorted(first.items()):
        before, after = _around(lesson, now)
        then, since = _rates(session, team, before), _rates(session, team, after)
        others = (then.keys() | since.keys()) - trained[team]
        effect = _effect(then, since, taught[team], others)
        found.append(TeamEffect(team, before, after, tuple(sorted(taught[team])), tuple(sorted(others)), effect))
    return found


def _around(lesson: Lesson, now: datetime) -> tuple[Window, Window]:
    """Return the times before and after *lesson* in which calls are compared, as long as each other in the end."""
    start = lesson.starts_at
    return Window(start - WINDOW, start), Window(start, max(start, min(start + WINDOW, now)))


def _rates(session: Session, team: str, window: Window) -> Mapping[str, Rate]:
    return evidence.rates(session, team, since=window.since, until=window.until)


def _effect(
    before: Mapping[str, Rate], after: Mapping[str, Rate], trained: Iterable[str], untrained: Iterable[str]
) -> Effect:
    def change(keys: Iterable[str]) -> Change:
        wanted = list(keys)
        return Change(
            sum((before.get(key, Rate()) for key in wanted), Rate()),
            sum((after.get(key, Rate()) for key in wanted), Rate()),
        )

    return Effect(change(trained), change(untrained))
