"""How a correction goes: its states, its deadlines and when it takes an entry off the desk. Pure functions.

A correction has two sides that move apart from each other. Its *state* is the way from the report to the reporter's
answer. Its *hold* is what it does to the entry meanwhile: only the first severity takes an entry off the desk.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kb.entries.content import TEXT_FIELDS, Content
from kb.errors import InvalidInputError, TransitionError
from kb.i18n import N_
from kb.markup import plain

MAX_PASSAGE = 500
MAX_WRONG = 1000
MAX_RIGHT = 2000
MAX_EVIDENCE = 500
MAX_REASON = 1000
MAX_TOKEN = 64


class Severity(StrEnum):
    """How bad it is that the entry says so. The order of the members is the order of urgency."""

    P1 = "p1"
    """A price, a law or somebody's safety."""
    P2 = "p2"
    """It misleads the customer or the agent."""
    P3 = "p3"
    """Wording, a typing slip, the look."""

    @property
    def label(self) -> str:
        """The Chinese name."""
        return SEVERITY_LABELS[self]

    @property
    def badge(self) -> str:
        """What stands on a badge."""
        return self.value.upper()


SEVERITY_LABELS: Mapping[Severity, str] = {
    Severity.P1: N_("价格、法规或安全有错"),
    Severity.P2: N_("会误导客户或坐席"),
    Severity.P3: N_("文字、格式的小错"),
}

DEADLINES: Mapping[Severity, timedelta] = {
    Severity.P1: timedelta(hours=2),
    Severity.P2: timedelta(hours=24),
    Severity.P3: timedelta(days=5),
}
"""From the report to the answer: fixed and on the desk, or not upheld. By the clock: the centre never closes."""


class State(StrEnum):
    """Where a correction stands."""

    RECEIVED = "received"
    UPHELD = "upheld"
    FIXED = "fixed"
    PUBLISHED = "published"
    NOT_UPHELD = "not_upheld"
    DUPLICATE = "duplicate"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return STATE_LABELS[self]


STATE_LABELS: Mapping[State, str] = {
    State.RECEIVED: N_("待判定"),
    State.UPHELD: N_("属实，待修改"),
    State.FIXED: N_("已改好，待发布"),
    State.PUBLISHED: N_("已更正"),
    State.NOT_UPHELD: N_("不属实"),
    State.DUPLICATE: N_("重复"),
}

OPEN = frozenset({State.RECEIVED, State.UPHELD, State.FIXED})
"""States in which somebody still has to do something."""


class Step(StrEnum):
    """What moves a correction."""

    UPHOLD = "uphold"
    REFUSE = "refuse"
    MERGE = "merge"
    FIX = "fix"
    LOSE_FIX = "lose_fix"
    PUBLISH = "publish"
    CLEAR = "clear"


STEP_LABELS: Mapping[Step, str] = {
    Step.UPHOLD: N_("判定属实"),
    Step.REFUSE: N_("判定不属实"),
    Step.MERGE: N_("并入另一条"),
    Step.FIX: N_("标记改好"),
    Step.LOSE_FIX: N_("修改被盖掉"),
    Step.PUBLISH: N_("更正上线"),
    Step.CLEAR: N_("知识已停用"),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: *step* moves a correction from any of *sources* to *target*."""

    step: Step
    sources: frozenset[State]
    target: State


def _row(step: Step, sources: set[State], target: State) -> Transition:
    return Transition(step, frozenset(sources), target)


TRANSITIONS: Mapping[Step, Transition] = {
    row.step: row
    for row in (
        _row(Step.UPHOLD, {State.RECEIVED}, State.UPHELD),
        _row(Step.REFUSE, {State.RECEIVED}, State.NOT_UPHELD),
        _row(Step.MERGE, {State.RECEIVED}, State.DUPLICATE),
        _row(Step.FIX, {State.UPHELD}, State.FIXED),
        _row(Step.LOSE_FIX, {State.FIXED}, State.UPHELD),
        _row(Step.PUBLISH, {State.FIXED}, State.PUBLISHED),
        _row(Step.CLEAR, {State.UPHELD, State.FIXED}, State.PUBLISHED),
    )
}


def check(step: Step, state: State) -> Transition:
    """Return the transition of *step* if it may start from *state*.

    Raises:
        TransitionError: it may not.
    """
    transition = TRANSITIONS[step]
    if state not in transition.sources:
        raise TransitionError(
            N_("这条纠错现在是“%(state)s”，不能做这一步（%(step)s）"), state=state.label, step=STEP_LABELS[step]
        )
    return transition


class Hold(StrEnum):
    """What a correction does to the entry on the desk."""

    NONE = "none"
    """Nothing: not of the first severity, or the text it is about is not on the desk."""
    PENDING = "pending"
    """The duty (值班) is asked; without an answer the entry is suspended by itself."""
    HELD = "held"
    """The entry is suspended because of it."""
    KEPT = "kept"
    """Somebody said that the entry may stay on the desk meanwhile."""
    RELEASED = "released"
    """The entry was suspended because of it, and need not be any more."""

    @property
    def label(self) -> str:
        """The Chinese name."""
        return HOLD_LABELS[self]


HOLD_LABELS: Mapping[Hold, str] = {
    Hold.NONE: N_("没有暂停"),
    Hold.PENDING: N_("等值班确认"),
    Hold.HELD: N_("已暂停"),
    Hold.KEPT: N_("值班认为不用暂停"),
    Hold.RELEASED: N_("已恢复"),
}


def due_at(severity: Severity, reported_at: datetime) -> datetime:
    """Return by when a correction reported at that moment has to be answered."""
    return reported_at + DEADLINES[severity]


def more_urgent(one: Severity, other: Severity) -> Severity:
    """Return the more urgent of two severities."""
    order = list(Severity)
    return min(one, other, key=order.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody says is wrong with an entry.

    Attributes:
        wrong: what is wrong, in their words.
        right: what would be right; empty where they don't know.
        passage: the entry's own words that it is about, quoted; empty for the whole.
        evidence: where they know it from: a document, a caller, a colleague.
        revision: number of the revision they read; ``None`` for the live one.
        token: made by the page, so that what is sent twice is one report; empty for none.
    """

    severity: Severity
    wrong: str
    right: str = ""
    passage: str = ""
    evidence: str = ""
    revision: int | None = None
    token: str = ""


def checked(report: Report) -> Report:
    """Return *report* with the white space around its texts removed.

    Raises:
        InvalidInputError: nothing is said to be wrong, or a text is too long.
    """
    limits = {"wrong": MAX_WRONG, "right": MAX_RIGHT, "passage": MAX_PASSAGE, "evidence": MAX_EVIDENCE}
    texts = {name: getattr(report, name).strip() for name in limits}
    if not texts["wrong"]:
        raise InvalidInputError(N_("请写明哪里不对"), field="wrong")
    for name, limit in limits.items():
        if len(texts[name]) > limit:
            raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field=name, max=limit)
    if len(report.token) > MAX_TOKEN:
        raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field="token", max=MAX_TOKEN)
    return Report(severity=report.severity, revision=report.revision, token=report.token, **texts)


PARTS = ("title", "answer", *TEXT_FIELDS)
"""The fields of an entry that are read to somebody, in the order of the card."""


def part_of(content: Content, passage: str) -> str | None:
    """Return the name of the first field that holds the quoted *passage*, ``None`` where none does.

    White space is taken no notice of, and Markdown is read as it is shown: the words were marked on a page.
    """
    wanted = "".join(passage.split())
    if not wanted:
        return None
    for name in PARTS:
        if wanted in "".join(plain(getattr(content, name)).split()):
            return name
    return None


@dataclass(frozen=True, slots=True)
class Record:
    """What a figure needs to know of one correction."""

    week: str
    severity: Severity
    due_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OnTime:
    """How many of the corrections whose time is up were answered in time.

    Attributes:
        total: those that are answered, or overdue; one that still has time is no figure yet.
    """

    on_time: int
    total: int

    @property
    def share(self) -> float | None:
        """The share in time, 0..1; ``None`` where there is none to count."""
        return self.on_time / self.total if self.total else None


def on_time(records: Iterable[Record], now: datetime) -> Mapping[tuple[str, Severity], OnTime]:
    """Return the figures of *records* at the moment *now*, by week of the report and severity.

    An open one past its deadline counts as late, so that leaving it lie does not better the share.
    """
    found: dict[tuple[str, Severity], OnTime] = {}
    for record in records:
        if record.closed_at is None and now <= record.due_at:
            continue
        place = (record.week, record.severity)
        before = found.get(place, OnTime(0, 0))
        good = record.closed_at is not None and record.closed_at <= record.due_at
        found[place] = OnTime(before.on_time + good, before.total + 1)
    return found
