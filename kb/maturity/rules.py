"""The formulas of maturity, as pure functions: what evidence is worth. Levels are ``kb.maturity.gates``' business."""

from collections.abc import Iterable, Mapping
from math import sqrt

from kb.entries.content import Freshness

Z = 1.96
"""Standard deviations of the interval: 95 of 100 lie inside."""
PRIOR_WEIGHT = 4
"""How many ratings the corpus mean counts for (design, "Maturity": m)."""
PRIOR_MEAN = 3.0
"""The mean of a corpus without ratings: the middle of the scale."""
CENTRED_FROM = 10
"""From how many ratings on a rater's own mean is known well enough to be taken out."""
SHELF_DAYS: Mapping[Freshness, int] = {
    Freshness.TARIFF: 30,
    Freshness.POLICY: 90,
    Freshness.FAULT: 180,
    Freshness.EVERGREEN: 365,
}
"""T: how many days a kind of knowledge stays fresh after somebody verified it."""
STEP = 0.02
"""How finely the index knows M: a change of order that small is noticed by nobody, and indexing an entry costs."""

_WEIGHTS = {"solved": 0.35, "expert": 0.25, "fresh": 0.20, "corrections": 0.10, "checklist": 0.10}


def wilson_lower_bound(successes: int, trials: int, z: float = Z) -> float:
    """Return W, the lower end of the Wilson score interval of a share, 0..1; 0 without trials.

    It is low where little is known: 2 of 2 come to .34, 26 of 30 to .70. Source: E. B. Wilson, "Probable inference, the
    law of succession, and statistical inference", JASA 22 (1927); for ranking, E. Miller, "How not to sort by average
    rating" (2009).

    Raises:
        ValueError: more successes than trials, or negative ones.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials}")
    if not trials:
        return 0.0
    share, square = successes / trials, z * z
    centre = share + square / (2 * trials)
    spread = z * sqrt((share * (1 - share) + square / (4 * trials)) / trials)
    return max(0.0, (centre - spread) / (1 + square / trials))


def bayesian_mean(scores: Iterable[float], prior: float, weight: float = PRIOR_WEIGHT) -> float:
    """Return E, the mean of *scores* (1..5) drawn towards *prior* as if that were *weight* ratings more, 1..5.

    (v·R + m·C) / (v + m): a single 5 is not a 5 yet. Source: the estimate with a conjugate normal prior, as rating
    sites use it (IMDb's "true Bayesian estimate"). Centred scores may lie outside the scale; E never does.
    """
    given = list(scores)
    mean = (sum(given) + weight * prior) / (len(given) + weight)
    return min(5.0, max(1.0, mean))


def centred(score: float, *, mean: float, count: int, prior: float) -> float:
    """Return a rater's *score* with their leniency taken out: moved by as much as their *mean* is off *prior*.

    Only from ``CENTRED_FROM`` ratings on (*count*). All of a rater's scores move alike, so their order stays; the
    result may lie outside 1..5. Source: mean-centring of ratings, Herlocker et al., SIGIR 1999.
    """
    return score if count < CENTRED_FROM else score - mean + prior


def freshness(age_days: float | None, shelf_days: int) -> float:
    """Return F, 0..1: 1 up to *shelf_days* after it was verified, half as much after every further *shelf_days*.

    0.5^(max(0, age - T) / T), exponential decay with half-life T. 0 for what was never verified (``None``).
    """
    if age_days is None:
        return 0.0
    return float(0.5 ** (max(0.0, age_days - shelf_days) / shelf_days))


def correctness(p1: int, p2: int, p3: int) -> float:
    """Return K, 0..1: 1 without open corrections, 1/(1 + 4·P1 + 2·P2 + P3) with them (design, "Maturity")."""
    return 1 / (1 + 4 * p1 + 2 * p2 + p3)


def maturity(*, solved: float, expert: float, fresh: float, corrections: float, checklist: float) -> float:
    """Return M, 0..1: .35 W + .25 (E - 1)/4 + .20 F + .10 K + .10 Q. It ranks; gates decide the level.

    Args:
        solved: W. expert: E, 1..5. fresh: F. corrections: K. checklist: Q (``kb.entries.standard.share_met``).
    """
    return (
        _WEIGHTS["solved"] * solved
        + _WEIGHTS["expert"] * (expert - 1) / 4
        + _WEIGHTS["fresh"] * fresh
        + _WEIGHTS["corrections"] * corrections
        + _WEIGHTS["checklist"] * checklist
    )


def merit(score: float) -> float:
    """Return M as the index knows it: in steps of ``STEP``."""
    return round(round(score / STEP) * STEP, 4)
