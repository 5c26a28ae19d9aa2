import numpy as np
import pytest
from scipy import stats

from indexer import significance


def reciprocal_ranks(seed, questions=200):
    """Return values as a set of questions has them: few different ones, many zeros."""
    return np.random.default_rng(seed).choice([0, 0, 0.1, 0.25, 0.5, 1], questions)


def test_a_mean_lies_in_its_interval_which_is_the_bootstraps():
    values = reciprocal_ranks(1)
    found = significance.mean(values)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(5)
    ).confidence_interval
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.006)


def test_an_interval_is_the_same_in_every_run_and_narrows_with_more_questions():
    few, many = significance.mean(reciprocal_ranks(2, 100)), significance.mean(reciprocal_ranks(2, 2_500))
    assert few == significance.mean(reciprocal_ranks(2, 100))
    assert many.high - many.low < (few.high - few.low) / 3


def test_one_question_has_an_interval_of_no_width():
    assert significance.mean(np.array([0.5])) == significance.Estimate(0.5, 0.5, 0.5)


@pytest.mark.parametrize("shift", [0.0, 0.05, 0.3])
def test_the_paired_test_agrees_with_scipys(shift):
    change = np.random.default_rng(3).normal(shift, 0.5, 120)
    theirs = stats.permutation_test(
        (change, np.zeros_like(change)),
        lambda first, second, axis: np.mean(first - second, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=np.random.default_rng(7),
    )
    assert significance.permutation_test(change) == pytest.approx(theirs.pvalue, abs=0.015)


def test_the_paired_test_by_hand():
    # All eight questions won: of 256 ways to choose the signs, two are as extreme.
    assert significance.permutation_test(np.full(8, 0.5)) == pytest.approx(2 / 256, abs=0.003)


def test_two_settings_that_do_the_same_do_not_differ():
    values = reciprocal_ranks(4)
    found = significance.difference(values, values.copy())
    assert (found.wins, found.losses, found.ties, found.p) == (0, 0, 200, 1.0)
    assert found.mean == significance.Estimate(0.0, 0.0, 0.0)


def test_wins_losses_and_ties_are_those_of_the_second():
    found = significance.difference(np.array([0.1, 1.0, 0.5, 0.0]), np.array([0.2, 0.5, 0.5, 1.0]))
    assert (found.wins, found.losses, found.ties) == (2, 1, 1)
    assert found.mean.value == pytest.approx(0.15)
    assert found.mean.low <= found.mean.value <= found.mean.high


def test_blocks_do_not_change_the_number_of_resamples(monkeypatch):
    monkeypatch.setattr(significance, "_BLOCK", 1_000)
    blocks = list(significance.resamples(300))
    assert len(blocks) > 1
    assert sum(len(block) for block in blocks) == significance.RESAMPLES
    assert all((block.sum(axis=1) == 300).all() for block in blocks)
