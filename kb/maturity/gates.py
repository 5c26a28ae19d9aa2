"""The gates of the levels, as pure functions: what an entry has reached, what it lacks, and when it goes up or down.

Every decision comes with its reasons as data; ``kb.maturity.reasons`` says them in plain words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kb.entries.rules import Level
from kb.i18n import N_
from kb.maturity import rules
from kb.maturity.reasons import Code, Reason

PATIENCE = 2
"""Times T without a verification after which an entry loses a level."""
SLACK = 0.05
"""How far W may fall below its gate before the level is lost."""
SURE = 20
"""From how many outcomes on a low W takes a level away."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What calls say: outcomes since evidence began, by how many different agents of how many teams."""

    solved: int = 0
    unsolved: int = 0
    agents: int = 0
    teams: int = 0

    @property
    def trials(self) -> int:
        """All outcomes."""
        return self.solved + self.unsolved

    @property
    def wilson(self) -> float:
        """W, 0..1."""
        return rules.wilson_lower_bound(self.solved, self.trials)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What experts say: how many independent raters of how many teams, and E, 1..5."""

    raters: int = 0
    teams: int = 0
    expert: float = rules.PRIOR_MEAN


@dataclass(frozen=True, slots=True)
class OpenCorrections:
    """Corrections (纠错) that are still open, by severity."""

    p1: int = 0
    p2: int = 0
    p3: int = 0


@dataclass(frozen=True, slots=True)
class ManualFacts:
    """What the manual (手册) says of an entry: in the current one, signed by all its regions, with a live quiz item."""

    current: bool = False
    signed: bool = False
    quizzed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a level depends on, at one moment.

    Attributes:
        owned, dated, regions_verified: whether it has an owner, a validity, and the word of every scoped region.
        age_days: since somebody other than the author said that it is true; ``None`` when nobody has.
        shelf_days: T of its class.
        checklist: Q, 0..1.
    """

    owned: bool
    dated: bool
    regions_verified: bool
    age_days: float | None
    shelf_days: int
    checklist: float
    tally: Tally = Tally()
    judgement: Judgement = Judgement()
    corrections: OpenCorrections = OpenCorrections()
    manual: ManualFacts = ManualFacts()

    @property
    def stale(self) -> bool:
        """Whether it was verified too long ago to be trusted with its level."""
        return self.age_days is not None and self.age_days > PATIENCE * self.shelf_days

    @property
    def score(self) -> float:
        """M, 0..1."""
        return rules.maturity(
            solved=self.tally.wilson,
            expert=self.judgement.expert,
            fresh=rules.freshness(self.age_days, self.shelf_days),
            corrections=rules.correctness(self.corrections.p1, self.corrections.p2, self.corrections.p3),
            checklist=self.checklist,
        )


@dataclass(frozen=True, slots=True)
class CallGate:
    """What calls must say for a level."""

    outcomes: int
    agents: int
    teams: int
    wilson: float


CALL_GATES = {Level.L3: CallGate(10, 5, 2, 0.55), Level.L4: CallGate(30, 10, 2, 0.70)}
RATERS, RATER_TEAMS, RATING = 3, 2, 4.0
"""What experts must say for L4: how many independent ones, of how many teams, and E."""
ENOUGH_RATERS = 8
"""How many raters an entry is put before: E of a few good ratings is still drawn down by the corpus mean."""


class Cause(StrEnum):
    """Why a level changed."""

    EARNED = "earned"
    PUBLISHED = "published"
    MATERIAL_EDIT = "material_edit"
    AGED = "aged"
    FAILED_CALLS = "failed_calls"
    LEFT_MANUAL = "left_manual"
    HELD = "held"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return CAUSE_LABELS[self]


CAUSE_LABELS = {
    Cause.EARNED: N_("达到条件，升级"),
    Cause.PUBLISHED: N_("发布"),
    Cause.MATERIAL_EDIT: N_("内容有实质修改"),
    Cause.AGED: N_("太久没有核实"),
    Cause.FAILED_CALLS: N_("解决率下降"),
    Cause.LEFT_MANUAL: N_("不在现行手册里"),
    Cause.HELD: N_("知识经理指定"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """That a level changes, why, and the facts that say so."""

    level: Level
    cause: Cause
    reasons: tuple[Reason, ...]


def lacking(facts: Facts, level: Level) -> tuple[Reason, ...]:
    """Return what *facts* lack for *level*, the gates below it left out; empty when its own gate is met."""
    return tuple(_lacking(facts, level))


def _lacking(facts: Facts, level: Level) -> Iterator[Reason]:
    if level is Level.L2:
        yield from _unfounded(facts)
    if level in CALL_GATES:
        yield from _unproven(facts, CALL_GATES[level])
    if level is Level.L4:
        yield from _unrated(facts)
    if level is Level.L5:
        manual = facts.manual
        for met, code in (
            (manual.current, Code.NOT_IN_MANUAL),
            (manual.signed, Code.NOT_SIGNED),
            (manual.quizzed, Code.NO_QUIZ),
        ):
            if not met:
                yield Reason.of(code)


def _unfounded(facts: Facts) -> Iterator[Reason]:
    for met, code in (
        (facts.age_days is not None, Code.UNVERIFIED),
        (facts.owned, Code.NO_OWNER),
        (facts.dated, Code.NO_VALIDITY),
        (facts.regions_verified, Code.REGIONS_UNVERIFIED),
    ):
        if not met:
            yield Reason.of(code)


def _unproven(facts: Facts, gate: CallGate) -> Iterator[Reason]:
    tally = facts.tally
    if tally.trials < gate.outcomes:
        yield Reason.of(Code.FEW_OUTCOMES, count=gate.outcomes - tally.trials)
    if tally.agents < gate.agents:
        yield Reason.of(Code.FEW_AGENTS, count=gate.agents - tally.agents)
    if tally.teams < gate.teams:
        yield Reason.of(Code.FEW_TEAMS, count=gate.teams - tally.teams)
    if tally.wilson < gate.wilson:
        yield Reason.of(Code.LOW_WILSON, wilson=f"{tally.wilson:.2f}", needed=f"{gate.wilson:.2f}")
    if facts.corrections.p1 or facts.corrections.p2:
        yield Reason.of(Code.OPEN_CORRECTIONS, count=facts.corrections.p1 + facts.corrections.p2)


def _unrated(facts: Facts) -> Iterator[Reason]:
    judged = facts.judgement
    other_team = judged.raters > 0 and judged.teams < RATER_TEAMS
    if judged.raters < RATERS:
        code = Code.FEW_RATERS_OTHER_TEAM if other_team else Code.FEW_RATERS
        yield Reason.of(code, count=RATERS - judged.raters)
    elif other_team:
        yield Reason.of(Code.ONE_TEAM_RATERS)
    if judged.raters and judged.expert < RATING:
        yield Reason.of(Code.LOW_RATING, expert=f"{judged.expert:.1f}", needed=f"{RATING:.1f}")


def reached(facts: Facts) -> Level:
    """Return the highest level of which *facts* meet the gate and all gates below it; L1 at least."""
    level = Level.L1
    while level < Level.L5 and not lacking(facts, Level(level + 1)):
        level = Level(level + 1)
    return level


def decide(level: Level, facts: Facts, *, aged: bool) -> Decision | None:
    """Return what becomes of an entry at *level*: up to what it has reached, down by one, or ``None`` for neither.

    Rare use alone never takes a level away. Whoever applies a decision asks again until there is none.

    Args:
        aged: whether it has lost a level for its age since it was last verified; it loses only one.
    """
    return _down(level, facts, aged=aged) or _up(level, facts)


def _up(level: Level, facts: Facts) -> Decision | None:
    if facts.stale or reached(facts) <= level:
        return None
    return Decision(reached(facts), Cause.EARNED, evidence(facts))


def _down(level: Level, facts: Facts, *, aged: bool) -> Decision | None:
    if level <= Level.L1:
        return None
    below, tally = Level(level - 1), facts.tally
    if facts.stale and not aged and facts.age_days is not None:
        limit = PATIENCE * facts.shelf_days
        return Decision(below, Cause.AGED, (Reason.of(Code.STALE, days=int(facts.age_days), limit=limit),))
    if level is Level.L5 and not facts.manual.current:
        return Decision(below, Cause.LEFT_MANUAL, (Reason.of(Code.NOT_IN_MANUAL),))
    gate = CALL_GATES.get(min(level, Level.L4))
    if gate is not None and tally.trials >= SURE and tally.wilson < gate.wilson - SLACK:
        fell = Reason.of(Code.WILSON_FELL, wilson=f"{tally.wilson:.2f}", needed=f"{gate.wilson - SLACK:.2f}")
        return Decision(below, Cause.FAILED_CALLS, (_solved(tally), fell))
    return None


def settle(level: Level, facts: Facts, *, aged: bool) -> tuple[Decision, ...]:
    """Return all decisions that follow from *facts*, one after the other; empty when the level stays.

    Args:
        aged: see ``decide``.
    """
    found: list[Decision] = []
    while (decision := decide(level, facts, aged=aged)) is not None:
        found.append(decision)
        level, aged = decision.level, aged or decision.cause is Cause.AGED
    return tuple(found)


def evidence(facts: Facts) -> tuple[Reason, ...]:
    """Return what speaks for an entry: calls, raters, the last verification. Figures come with their n."""
    found = []
    if facts.tally.trials:
        found.append(_solved(facts.tally))
    if facts.judgement.raters:
        judged = facts.judgement
        found.append(
            Reason.of(Code.RATED, expert=f"{judged.expert:.1f}", raters=judged.raters, teams=max(judged.teams, 1))
        )
    if facts.age_days is not None:
        found.append(Reason.of(Code.VERIFIED, days=int(facts.age_days)))
    return tuple(found)


def next_gate(level: Level, facts: Facts) -> tuple[Level, tuple[Reason, ...]] | None:
    """Return the next level and what it takes, verification first where the entry is stale; ``None`` at the top."""
    if level >= Level.L5:
        return None
    following = Level(level + 1)
    old = (Reason.of(Code.VERIFY_FIRST),) if facts.stale else ()
    # A gate below that is no longer met is what has to be done first, too.
    needed = [reason for step in range(Level.L2, following + 1) for reason in lacking(facts, Level(step))]
    unique: dict[Code, Reason] = {}
    for reason in needed:
        unique[reason.code] = reason  # the higher gate asks for more of the same
    return following, (*old, *unique.values())


def _solved(tally: Tally) -> Reason:
    return Reason.of(Code.SOLVED, solved=tally.solved, trials=tally.trials, agents=tally.agents, teams=tally.teams)
