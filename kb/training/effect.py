"""What a training brought: quizzes before, after and 30 days later, and calls against those not trained. Pure.

Calls: the change of the solved rate in what was trained, minus the change in what was not, of the same team in the same
weeks (difference in differences; Angrist and Pischke, 2009, ch. 5): what got better everywhere is no merit of the
lesson. Its interval adds one solved and one unsolved call to each of the four rates (Agresti and Caffo, 2000), so that
four calls do not look like certainty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from kb.i18n import N_

Z = 1.96
ENOUGH = 10
"""Calls that each of the four rates needs before anything is concluded."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Solved among those of which it is known."""

    solved: int = 0
    trials: int = 0

    @property
    def share(self) -> float | None:
        """0..1; ``None`` where nothing is known."""
        return self.solved / self.trials if self.trials else None

    @property
    def variance(self) -> float:
        """Of the share, with one of each added."""
        n = self.trials + 2
        p = (self.solved + 1) / n
        return p * (1 - p) / n

    def __add__(self, other: "Rate") -> "Rate":
        """Return both together."""
        return Rate(self.solved + other.solved, self.trials + other.trials)


@dataclass(frozen=True, slots=True)
class Change:
    """A rate before and after."""

    before: Rate
    after: Rate

    @property
    def difference(self) -> float | None:
        """By how much it rose; ``None`` where one side is unknown."""
        if self.before.share is None or self.after.share is None:
            return None
        return self.after.share - self.before.share

    def __add__(self, other: "Change") -> "Change":
        """Return both together."""
        return Change(self.before + other.before, self.after + other.after)


class Verdict(StrEnum):
    """What the calls allow to conclude."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"
    TOO_FEW = "too_few"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return VERDICT_LABELS[self]


VERDICT_LABELS: Mapping[Verdict, str] = {
    Verdict.BETTER: N_("明显变好"),
    Verdict.WORSE: N_("明显变差"),
    Verdict.UNCLEAR: N_("看不出差别"),
    Verdict.TOO_FEW: N_("通话太少，不下结论"),
}


@dataclass(frozen=True, slots=True)
class Effect:
    """The change in what was trained against the change in what was not."""

    trained: Change
    untrained: Change

    @property
    def gain(self) -> float | None:
        """Difference in differences, −1..1; ``None`` where a rate is unknown."""
        trained, untrained = self.trained.difference, self.untrained.difference
        return None if trained is None or untrained is None else trained - untrained

    @property
    def margin(self) -> float:
        """Half the width of its 95 % interval."""
        rates = (self.trained.before, self.trained.after, self.untrained.before, self.untrained.after)
        return Z * sqrt(sum(rate.variance for rate in rates))

    @property
    def verdict(self) -> Verdict:
        """What may be concluded."""
        rates = (self.trained.before, self.trained.after, self.untrained.before, self.untrained.after)
        gain = self.gain
        if gain is None or min(rate.trials for rate in rates) < ENOUGH:
            return Verdict.TOO_FEW
        if abs(gain) <= self.margin:
            return Verdict.UNCLEAR
        return Verdict.BETTER if gain > 0 else Verdict.WORSE


@dataclass(frozen=True, slots=True)
class Learned:
    """What quizzes say, of the people who took both that are compared.

    Attributes:
        people: who took the quiz before and the one after.
        before, after: their mean scores, 0..1.
        recalled: who took the one after and the one 30 days later.
        retention: mean of the later over mean of the one after, among those; ``None`` where nobody did or scored.
        recall: their mean 30 days later.
    """

    people: int
    before: float | None
    after: float | None
    recalled: int
    recall: float | None
    retention: float | None

    @property
    def gain(self) -> float | None:
        """By how much they rose."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def normalised(self) -> float | None:
        """The gain as a share of what there was to gain (Hake, 1998); ``None`` where nothing was."""
        gain = self.gain
        if gain is None or self.before is None or self.before >= 1:
            return None
        return gain / (1 - self.before)


NOTHING_LEARNED = Learned(0, None, None, 0, None, None)


def learned(
    before: Mapping[int, float], after: Mapping[int, float], recall: Mapping[int, float], *, floor: int
) -> Learned:
    """Return what scores by person come to in sum; nothing of fewer than *floor* people is told.

    Only people who took both of two quizzes are compared: otherwise who came would change the mean.
    """
    both = sorted(before.keys() & after.keys())
    later = sorted(after.keys() & recall.keys())
    tells, tells_later = len(both) >= floor, len(later) >= floor
    mean_then = _mean([after[id_] for id_ in later]) if tells_later else None
    mean_later = _mean([recall[id_] for id_ in later]) if tells_later else None
    return Learned(
        people=len(both),
        before=_mean([before[id_] for id_ in both]) if tells else None,
        after=_mean([after[id_] for id_ in both]) if tells else None,
        recalled=len(later),
        recall=mean_later,
        retention=mean_later / mean_then if mean_later is not None and mean_then else None,
    )


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
