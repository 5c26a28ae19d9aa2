"""The states of an entry, as one table that can be read, printed and tested.

An entry has two slots: the *live* revision, which agents are served, and the *work* revision, which is on its way to
replace it. Each slot has a state of its own, so a published entry stays live while its next revision is reviewed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from kb.errors import TransitionError
from kb.i18n import N_
from kb.permissions import Permission


class State(StrEnum):
    """Where a revision stands."""

    DRAFT = "draft"
    RETURNED = "returned"
    REJECTED = "rejected"
    IN_REVIEW = "in_review"
    VERIFYING = "verifying"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    REVIEW_DUE = "review_due"
    SUSPENDED = "suspended"
    RETIRED = "retired"
    ARCHIVED = "archived"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return STATE_LABELS[self]


STATE_LABELS: Mapping[State, str] = {
    State.DRAFT: N_("草稿"),
    State.RETURNED: N_("退回"),
    State.REJECTED: N_("不采用"),
    State.IN_REVIEW: N_("待审"),
    State.VERIFYING: N_("待核实"),
    State.SCHEDULED: N_("待发布"),
    State.PUBLISHED: N_("已发布"),
    State.REVIEW_DUE: N_("待复核"),
    State.SUSPENDED: N_("暂停"),
    State.RETIRED: N_("停用"),
    State.ARCHIVED: N_("归档"),
}

SERVED = frozenset({State.PUBLISHED, State.REVIEW_DUE})
"""States in which agents are given the live revision."""


class Level(IntEnum):
    """Knowledge maturity (知识成熟度)."""

    L0 = 0
    L1 = 1
    L2 = 2
    L3 = 3
    L4 = 4
    L5 = 5

    @property
    def label(self) -> str:
        """The Chinese name."""
        return LEVEL_LABELS[self]


LEVEL_LABELS: Mapping[Level, str] = {
    Level.L0: N_("线索"),
    Level.L1: N_("未验证"),
    Level.L2: N_("已验证"),
    Level.L3: N_("成熟"),
    Level.L4: N_("最佳经验"),
    Level.L5: N_("手册标准"),
}


class Slot(StrEnum):
    """Which of the two revisions a step moves."""

    WORK = "work"
    LIVE = "live"


class Step(StrEnum):
    """What somebody does to a revision."""

    SAVE = "save"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    RETURN = "return"
    REJECT = "reject"
    APPROVE = "approve"
    APPROVE_SCOPED = "approve_scoped"
    VERIFY = "verify"
    PUBLISH = "publish"
    FLAG = "flag"
    CONFIRM = "confirm"
    SUSPEND = "suspend"
    RESUME = "resume"
    RETIRE = "retire"
    ARCHIVE = "archive"


STEP_LABELS: Mapping[Step, str] = {
    Step.SAVE: N_("修改"),
    Step.SUBMIT: N_("提交审核"),
    Step.WITHDRAW: N_("撤回"),
    Step.RETURN: N_("退回"),
    Step.REJECT: N_("不采用"),
    Step.APPROVE: N_("审核通过"),
    Step.APPROVE_SCOPED: N_("审核通过"),
    Step.VERIFY: N_("核实"),
    Step.PUBLISH: N_("发布"),
    Step.FLAG: N_("标记复核"),
    Step.CONFIRM: N_("确认仍然有效"),
    Step.SUSPEND: N_("暂停"),
    Step.RESUME: N_("恢复"),
    Step.RETIRE: N_("停用"),
    Step.ARCHIVE: N_("归档"),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: *step* moves *slot* from any of *sources* to *target*, for whoever has *permission*.

    A source of ``None`` is an empty slot. Publishing is the one step that crosses slots: it empties the work slot and
    its target is the live slot's.
    """

    step: Step
    slot: Slot
    sources: frozenset[State | None]
    target: State
    permission: Permission


def _row(step: Step, slot: Slot, sources: set[State | None], target: State, permission: Permission) -> Transition:
    return Transition(step, slot, frozenset(sources), target, permission)


_P = Permission
TRANSITIONS: Mapping[Step, Transition] = {
    row.step: row
    for row in (
        _row(Step.SAVE, Slot.WORK, {None, State.DRAFT, State.RETURNED, State.REJECTED}, State.DRAFT, _P.ENTRY_EDIT),
        _row(Step.SUBMIT, Slot.WORK, {State.DRAFT, State.RETURNED}, State.IN_REVIEW, _P.ENTRY_EDIT),
        _row(Step.WITHDRAW, Slot.WORK, {State.IN_REVIEW}, State.DRAFT, _P.ENTRY_EDIT),
        _row(
            Step.RETURN,
            Slot.WORK,
            {State.IN_REVIEW, State.VERIFYING, State.SCHEDULED},
            State.RETURNED,
            _P.ENTRY_REVIEW,
        ),
        _row(Step.REJECT, Slot.WORK, {State.IN_REVIEW}, State.REJECTED, _P.ENTRY_REVIEW),
        _row(Step.APPROVE, Slot.WORK, {State.IN_REVIEW}, State.SCHEDULED, _P.ENTRY_REVIEW),
        _row(Step.APPROVE_SCOPED, Slot.WORK, {State.IN_REVIEW}, State.VERIFYING, _P.ENTRY_REVIEW),
        _row(Step.VERIFY, Slot.WORK, {State.VERIFYING}, State.SCHEDULED, _P.ENTRY_VERIFY),
        _row(Step.PUBLISH, Slot.WORK, {State.SCHEDULED}, State.PUBLISHED, _P.ENTRY_PUBLISH),
        _row(Step.FLAG, Slot.LIVE, {State.PUBLISHED}, State.REVIEW_DUE, _P.ENTRY_EDIT),
        _row(Step.CONFIRM, Slot.LIVE, {State.REVIEW_DUE}, State.PUBLISHED, _P.ENTRY_REVIEW),
        _row(Step.SUSPEND, Slot.LIVE, {State.PUBLISHED, State.REVIEW_DUE}, State.SUSPENDED, _P.ENTRY_SUSPEND),
        _row(Step.RESUME, Slot.LIVE, {State.SUSPENDED}, State.PUBLISHED, _P.ENTRY_PUBLISH),
        _row(
            Step.RETIRE,
            Slot.LIVE,
            {State.PUBLISHED, State.REVIEW_DUE, State.SUSPENDED},
            State.RETIRED,
            _P.ENTRY_RETIRE,
        ),
        _row(Step.ARCHIVE, Slot.LIVE, {State.RETIRED}, State.ARCHIVED, _P.ENTRY_RETIRE),
    )
}


def check(step: Step, state: State | None) -> Transition:
    """Return the transition of *step* if it may start from *state*, that of the step's slot.

    Raises:
        TransitionError: it may not.
    """
    transition = TRANSITIONS[step]
    if state not in transition.sources:
        nothing = N_("没有修改稿") if transition.slot is Slot.WORK else N_("还没有发布")
        raise TransitionError(
            N_("现在是“%(state)s”，不能做这一步（%(step)s）"),
            state=state.label if state is not None else nothing,
            step=STEP_LABELS[step],
        )
    return transition


def level_when_published(
    *, approved_by_other: bool, has_owner: bool, has_validity: bool, regions_verified: bool
) -> Level:
    """Return the level a revision starts at when it goes live: L2 if its gate is met, else L1 (design, "Maturity")."""
    return Level.L2 if approved_by_other and has_owner and has_validity and regions_verified else Level.L1
