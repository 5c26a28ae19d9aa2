"""Figures of a series of timings."""

import statistics
from collections.abc import Sequence


def row(name: str, seconds: Sequence[float]) -> str:
    """Return a line with the median, the 95th percentile and the maximum of *seconds*, in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return (
        f"{name:<44} n {len(ordered):>5}   p50 {statistics.median(ordered) * 1000:>8.1f} ms"
        f"   p95 {p95 * 1000:>8.1f} ms   max {ordered[-1] * 1000:>8.1f} ms"
    )
