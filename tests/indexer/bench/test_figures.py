"""Percentiles and exponents."""

import pytest

from indexer.bench.figures import heaps_exponent, latency, zipf_exponent


def test_percentiles_are_values_that_occurred():
    figures = latency(range(100, 0, -1))
    assert (figures.p50, figures.p95, figures.p99, figures.mean, figures.count) == (50, 95, 99, 50.5, 100)
    assert latency([7.0]).p99 == 7.0


def test_exponents_of_laws_that_hold_exactly():
    assert heaps_exponent([(10**power, 3 * 10 ** (power // 2)) for power in (2, 4, 6)]) == pytest.approx(0.5)
    counts = {str(rank): round(10**9 / rank**1.1) for rank in range(1, 3001)}
    assert zipf_exponent(counts) == pytest.approx(1.1, abs=0.001)
