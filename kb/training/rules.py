"""What a need weighs, how a plan goes, and when a lesson may be held. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from kb.errors import ConflictError, InvalidInputError, TransitionError
from kb.i18n import N_

MAX_TITLE = 120
MAX_REASON = 500
MAX_PLACE = 80
MAX_MINUTES = 480
MAX_MATERIAL = 20
RECALL_AFTER = timedelta(days=30)
"""How long after a lesson is asked what is still known (30-day recall)."""
WINDOW = timedelta(days=28)
"""How long before and after a lesson calls are compared."""
HORIZON = timedelta(days=45)
"""How far ahead new business is a need already."""


class Source(StrEnum):
    """What tells that something should be trained. Each is a list of events (``kb.training.evidence``)."""

    UNSOLVED = "unsolved"
    FAILED_SEARCH = "failed_search"
    WRONG_ANSWER = "wrong_answer"
    CORRECTION = "correction"
    NEW_BUSINESS = "new_business"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return SOURCE_LABELS[self]


SOURCE_LABELS: Mapping[Source, str] = {
    Source.UNSOLVED: N_("没解决"),
    Source.FAILED_SEARCH: N_("搜不到"),
    Source.WRONG_ANSWER: N_("答错题"),
    Source.CORRECTION: N_("纠错属实"),
    Source.NEW_BUSINESS: N_("新业务"),
}

WEIGHTS: Mapping[Source, int] = {
    Source.FAILED_SEARCH: 3,
    Source.UNSOLVED: 2,
    Source.WRONG_ANSWER: 2,
    Source.CORRECTION: 2,
    Source.NEW_BUSINESS: 20,
}
"""What one event weighs: the first three as in idle study; a launch stands for the calls to come."""


class Path(StrEnum):
    """What kind of thing is learned: the stages of onboarding, in this order."""

    RULES = "rules"
    BUSINESS = "business"
    SKILL = "skill"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return PATH_LABELS[self]


PATH_LABELS: Mapping[Path, str] = {
    Path.RULES: N_("制度规范"),
    Path.BUSINESS: N_("业务知识"),
    Path.SKILL: N_("业务技巧"),
}
ONBOARDING: Mapping[Path, timedelta] = {
    Path.RULES: timedelta(days=7),
    Path.BUSINESS: timedelta(days=21),
    Path.SKILL: timedelta(days=30),
}
"""By when after the first day somebody new has gone each stage."""


class Cause(StrEnum):
    """Why something is in a plan."""

    NEED = "need"
    LAUNCH = "launch"
    ONBOARDING = "onboarding"
    REPEAT = "repeat"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return CAUSE_LABELS[self]


CAUSE_LABELS: Mapping[Cause, str] = {
    Cause.NEED: N_("需求"),
    Cause.LAUNCH: N_("新业务上线"),
    Cause.ONBOARDING: N_("新人上岗"),
    Cause.REPEAT: N_("上期建议"),
}


class PlanState(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    RUNNING = "running"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return PLAN_STATE_LABELS[self]


PLAN_STATE_LABELS: Mapping[PlanState, str] = {
    PlanState.DRAFT: N_("草拟中"),
    PlanState.RUNNING: N_("进行中"),
    PlanState.CLOSED: N_("已结束"),
}


class PlanStep(StrEnum):
    """What moves a plan."""

    START = "start"
    CLOSE = "close"


PLAN_STEPS: Mapping[PlanStep, tuple[PlanState, PlanState]] = {
    PlanStep.START: (PlanState.DRAFT, PlanState.RUNNING),
    PlanStep.CLOSE: (PlanState.RUNNING, PlanState.CLOSED),
}


def moved(step: PlanStep, state: PlanState) -> PlanState:
    """Return the state of a plan after *step*.

    Raises:
        TransitionError: *state* does not allow it.
    """
    source, target = PLAN_STEPS[step]
    if state is not source:
        raise TransitionError(N_("计划现在是“%(state)s”，不能这样做"), state=state.label)
    return target


class LessonState(StrEnum):
    """Where a lesson stands."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return LESSON_STATE_LABELS[self]


LESSON_STATE_LABELS: Mapping[LessonState, str] = {
    LessonState.PLANNED: N_("已安排"),
    LessonState.HELD: N_("已上"),
    LessonState.CANCELLED: N_("已取消"),
}


class Stage(StrEnum):
    """When a quiz measures: before the lesson, after it, and 30 days later."""

    BEFORE = "before"
    AFTER = "after"
    RECALL = "recall"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return STAGE_LABELS[self]


STAGE_LABELS: Mapping[Stage, str] = {
    Stage.BEFORE: N_("训前"),
    Stage.AFTER: N_("训后"),
    Stage.RECALL: N_("30 天回忆"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A module and a team: what is needed, planned and measured is always about one."""

    module: str
    team: str


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened.

    Attributes:
        times: events.
        people: different people it is known of; of wrong answers, all who answered there.
    """

    times: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """What a team has trouble with in a module.

    Attributes:
        counts: by source; what too few people stand behind is left out already.
        hidden: the sources that were left out because fewer people than may be shown stand behind them.
    """

    cell: Cell
    counts: Mapping[Source, Count]
    hidden: frozenset[Source] = field(default_factory=frozenset)

    @property
    def score(self) -> int:
        """What the events weigh in sum."""
        return sum(WEIGHTS[source] * count.times for source, count in self.counts.items())

    def times(self, source: Source) -> int:
        """Return how many events of *source* there are."""
        found = self.counts.get(source)
        return found.times if found is not None else 0


def per_month(score: int, since: datetime, until: datetime) -> float:
    """Return *score*, counted from *since* to *until*, as it would be of 30 days: periods of other lengths compare so.

    Of less than a week nothing is made up: it is taken for a week.
    """
    return score * timedelta(days=30) / max(until - since, timedelta(days=7))


def needs_of(counts: Mapping[tuple[Cell, Source], Count], *, floor: int) -> Sequence[Need]:
    """Return what *counts* say is needed, the most first.

    Args:
        floor: answers of fewer people than this are nobody's but their own: they are left out, and said to be.
    """
    cells: dict[Cell, dict[Source, Count]] = {}
    hidden: dict[Cell, set[Source]] = {}
    for (cell, source), count in counts.items():
        if source is Source.WRONG_ANSWER and count.people < floor:
            hidden.setdefault(cell, set()).add(source)
            continue
        if count.times:
            cells.setdefault(cell, {})[source] = count
    found = [Need(cell, sources, frozenset(hidden.get(cell, ()))) for cell, sources in cells.items()]
    return sorted(found, key=lambda need: (-need.score, need.cell.module, need.cell.team))


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What a plan is for and what it is made from.

    Attributes:
        starts_on, ends_on: first and last day of the plan.
        since, until: the moments between which needs were counted.
    """

    title: str
    starts_on: date
    ends_on: date
    since: datetime
    until: datetime


def checked_period(period: Period) -> Period:
    """Return *period* if it can be planned.

    Raises:
        InvalidInputError: it can't; ``field`` names what is wrong.
    """
    title = " ".join(period.title.split())
    if not 0 < len(title) <= MAX_TITLE:
        raise InvalidInputError(N_("名称要有 1–%(max)s 个字"), field="title", max=MAX_TITLE)
    if period.starts_on > period.ends_on:
        raise InvalidInputError(N_("结束不能早于开始"), field="ends_on")
    if period.since >= period.until:
        raise InvalidInputError(N_("需求的统计时段不对"), field="since")
    return Period(
        title=title, starts_on=period.starts_on, ends_on=period.ends_on, since=period.since, until=period.until
    )


@dataclass(frozen=True, slots=True)
class Taught:
    """A lesson as far as the order of lessons is concerned."""

    starts_at: datetime
    leaders_only: bool
    state: LessonState


def check_order(leaders_first: bool, lessons: Sequence[Taught], starts_at: datetime, leaders_only: bool) -> None:
    """Return if a lesson may be set for *starts_at*: of new business leaders hear before their people do.

    Raises:
        ConflictError: no lesson for leaders comes before it.
    """
    if not leaders_first or leaders_only:
        return
    if not any(
        lesson.leaders_only and lesson.state is not LessonState.CANCELLED and lesson.starts_at < starts_at
        for lesson in lessons
    ):
        raise ConflictError(N_("新业务先培训组长：请先安排一次组长的课，时间在这之前"))
