import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from indexer.calibration import calibrate, curve, point
from indexer.relevance import JudgedQuestion

CONFIDENCES = st.integers(0, 6).map(float)
"""Few different ones, so that many tie."""


def unwatched(done, total):
    """Show no progress."""


@given(st.lists(st.tuples(CONFIDENCES, CONFIDENCES), min_size=1, max_size=40))
def test_the_area_and_the_best_threshold_are_right(rows):
    pairs = np.array(rows)
    found = curve("score", pairs)
    theirs = stats.mannwhitneyu(pairs[:, 0], pairs[:, 1], method="asymptotic").statistic / len(pairs) ** 2
    assert found.auc.value == pytest.approx(theirs)
    assert found.best.youden == pytest.approx(max(point(pairs, value).youden for value in np.unique(pairs)))
    assert found.auc.low <= found.auc.high
    assert found.threshold.low <= found.threshold.high


def test_what_a_threshold_does():
    pairs = np.array([(0.9, 0.2), (0.6, 0.6), (0.3, 0.1), (0.8, 0.4)])
    assert (point(pairs, 0.6).shown, point(pairs, 0.6).withheld) == (0.75, 0.75)
    assert point(pairs, 0.6).youden == pytest.approx(0.5)


def test_of_equally_good_thresholds_the_one_that_withholds_least_is_taken():
    pairs = np.array([(3.0, 1.0), (2.0, 2.0)])
    assert curve("score", pairs).threshold.value == 2.0


def test_points_go_from_showing_everything_up():
    pairs = np.random.default_rng(1).normal((1, 0), 1, (300, 2))
    found = curve("score", pairs)
    thresholds = [each.threshold for each in found.points]
    assert thresholds == sorted(set(thresholds))
    assert (found.points[0].shown, found.points[0].withheld) == (1.0, 0.0)
    assert all(later.shown <= earlier.shown for earlier, later in zip(found.points, found.points[1:], strict=False))
    # Two normal distributions one apart: AUC is Φ(1/√2).
    assert found.auc.low < stats.norm.cdf(1 / np.sqrt(2)) < found.auc.high
    assert found.auc.low < found.auc.value < found.auc.high


def test_a_useless_confidence_is_worth_a_coin():
    found = curve("constant", np.ones((50, 2)))
    assert (found.auc.value, found.auc.low, found.auc.high) == (0.5, 0.5, 0.5)
    assert found.best.youden == 0.0


def test_each_question_is_asked_as_is_and_with_its_answers_hidden():
    asked = []

    def sure(text, hidden):
        asked.append((text, frozenset(hidden)))
        return 1.0 if not frozenset(hidden) & {"a", "c"} else 0.0

    questions = [
        JudgedQuestion("q1", "甲", {"a": 1, "b": 2}, "own"),
        JudgedQuestion("q2", "乙", {"c": 1}, None),
    ]
    steps = []
    best, other = calibrate(
        questions, {"sure": sure, "constant": lambda text, hidden: 0.5}, lambda *done: steps.append(done)
    )
    assert asked == [
        ("甲", frozenset({"own"})),
        ("甲", frozenset({"own", "a", "b"})),
        ("乙", frozenset()),
        ("乙", frozenset({"c"})),
    ]
    assert (best.name, best.auc.value, best.threshold.value) == ("sure", 1.0, 1.0)
    assert (other.name, other.auc.value) == ("constant", 0.5)
    assert steps == [(1, 2), (2, 2)]
