"""Figures of what was measured, and of text: percentiles, Heaps' and Zipf's exponents. Pure functions."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    """How long something took, in milliseconds: median, 95th and 99th percentile, mean, and how often it was done."""

    p50: float
    p95: float
    p99: float
    mean: float
    count: int


def latency(milliseconds: Sequence[float]) -> Latency:
    """Return the figures of *milliseconds*, of which there is at least one."""
    ordered = sorted(milliseconds)
    return Latency(
        p50=percentile(ordered, 0.50),
        p95=percentile(ordered, 0.95),
        p99=percentile(ordered, 0.99),
        mean=round(math.fsum(ordered) / len(ordered), 3),
        count=len(ordered),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest of the *ordered* values that at least *share* of them do not exceed (nearest rank)."""
    return round(ordered[max(0, math.ceil(len(ordered) * share) - 1)], 3)


def heaps_exponent(growth: Sequence[tuple[int, int]]) -> float:
    """Return β of Heaps' law, distinct words = k · words ** β, by least squares over the logarithms.

    Args:
        growth: words read and distinct ones among them, at two points at least.
    """
    return _slope([(math.log(words), math.log(distinct)) for words, distinct in growth])


def zipf_exponent(counts: Mapping[str, int], *, first: int = 10, last: int = 2000) -> float:
    """Return s of Zipf's law, count = c / rank ** s, by least squares over the logarithms of ranks *first* to *last*.

    Ranks are taken at equal steps of their logarithm, so that the many rare words do not decide alone. The few
    commonest words are left out: no text obeys the law there.
    """
    ordered = sorted(counts.values(), reverse=True)[:last]
    ranks = sorted({round(first * (len(ordered) / first) ** (step / 40)) for step in range(41)})
    return -_slope([(math.log(rank), math.log(ordered[rank - 1])) for rank in ranks])


def _slope(points: Sequence[tuple[float, float]]) -> float:
    mean_x = math.fsum(x for x, _ in points) / len(points)
    mean_y = math.fsum(y for _, y in points) / len(points)
    above = math.fsum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / math.fsum((x - mean_x) ** 2 for x, _ in points)
