"""How sure a mean over questions is, and whether two engines differ by more than chance. Seeds are fixed.

Sources: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13, for intervals; Smucker, Allan and
Carterette, A Comparison of Statistical Significance Tests for Information Retrieval Evaluation (2007), for the test.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
"""Bootstrap resamples: the ends of an interval then wobble by about a twentieth of its width."""

PERMUTATIONS = 10_000
"""Random sign flips of a test: the smallest p there can be is 0.0001."""

CONFIDENCE = 95
"""Per cent of intervals that hold the true mean."""

SEED = 20260101
_BLOCK = 2_000_000  # numbers held in memory at a time
_ROUNDING = 1e-12

Values = NDArray[np.float64]
"""One number a question."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, and the ends of its interval at ``CONFIDENCE`` per cent."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How a second engine differs from a first on the same questions.

    Attributes:
        mean: mean of second - first, with its interval.
        p: chance of a mean at least as far from zero if it made no difference which engine answered which question.
        wins, losses, ties: questions on which the second is better, worse, the same.
    """

    mean: Estimate
    p: float
    wins: int
    losses: int
    ties: int


def mean(values: Values) -> Estimate:
    """Return the mean of *values* (one or more) with its bootstrap percentile interval."""
    (found,) = means([values])
    return found


def means(columns: Sequence[Values]) -> list[Estimate]:
    """Return the mean of each of *columns*, which are of the same questions, with its interval.

    Drawing is most of the work, so all of them share the same resamples.
    """
    table = np.column_stack(columns)
    resampled = np.concatenate([counts @ table for counts in resamples(len(table))]) / len(table)
    return [
        Estimate(float(values.mean()), *interval(column)) for values, column in zip(columns, resampled.T, strict=True)
    ]


def difference(first: Values, second: Values) -> Difference:
    """Return how *second* differs from *first*; both have one value a question, in the same order (one or more)."""
    change = second - first
    return Difference(
        mean=mean(change),
        p=permutation_test(change),
        wins=int(np.count_nonzero(change > _ROUNDING)),
        losses=int(np.count_nonzero(change < -_ROUNDING)),
        ties=int(np.count_nonzero(np.abs(change) <= _ROUNDING)),
    )


def permutation_test(change: Values) -> float:
    """Return the two-sided p of the paired randomisation test: how often flipped signs give as large a sum.

    The observed signs count as one of the permutations, so p is never 0 (Phipson and Smyth 2010).
    """
    moved = change[np.abs(change) > _ROUNDING]
    observed = abs(moved.sum()) - _ROUNDING * max(1, len(moved))
    generator = np.random.default_rng(SEED)
    extreme = 0
    for size in _blocks(PERMUTATIONS - 1, len(moved)):
        signs = generator.integers(0, 2, (size, len(moved)), dtype=np.int8) * 2 - 1
        extreme += int(np.count_nonzero(np.abs(signs @ moved) >= observed))
    return (extreme + 1) / PERMUTATIONS


def resamples(questions: int, times: int = RESAMPLES) -> Iterator[Values]:
    """Yield blocks of bootstrap resamples: rows of how often each of *questions* was drawn, *times* rows in all."""
    generator = np.random.default_rng(SEED)
    for size in _blocks(times, questions):
        drawn = generator.integers(0, questions, (size, questions)) + np.arange(size)[:, None] * questions
        yield np.bincount(drawn.ravel(), minlength=size * questions).reshape(size, questions).astype(np.float64)


def interval(figures: Values) -> tuple[float, float]:
    """Return the ends between which the middle ``CONFIDENCE`` per cent of resampled *figures* lie."""
    low, high = np.percentile(figures, ((100 - CONFIDENCE) / 2, (100 + CONFIDENCE) / 2))
    return float(low), float(high)


def _blocks(rows: int, width: int) -> Iterator[int]:
    """Yield how many of *rows* to work on at a time, so that a block of *width* columns fits into memory."""
    step = max(1, _BLOCK // max(1, width))
    for start in range(0, rows, step):
        yield min(step, rows - start)
