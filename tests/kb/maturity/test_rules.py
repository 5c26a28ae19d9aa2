import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from kb.entries.content import Freshness
from kb.maturity import rules

counts = st.integers(0, 500)
shares = st.floats(0, 1)
scores = st.floats(1, 5)
ages = st.floats(0, 5000)
shelves = st.sampled_from(sorted(set(rules.SHELF_DAYS.values())))


@pytest.mark.parametrize(
    ("solved", "trials", "bound"), [(2, 2, 0.34), (10, 10, 0.72), (26, 30, 0.70), (24, 30, 0.63), (0, 0, 0.0)]
)
def test_the_wilson_bound_is_the_checked_one(solved, trials, bound):
    assert rules.wilson_lower_bound(solved, trials) == pytest.approx(bound, abs=0.005)


@given(solved=counts, unsolved=counts)
def test_the_wilson_bound_is_that_of_scipy(solved, unsolved):
    if solved + unsolved:
        interval = binomtest(solved, solved + unsolved).proportion_ci(0.95, method="wilson")
        # scipy takes z = 1.959964
        assert rules.wilson_lower_bound(solved, solved + unsolved) == pytest.approx(interval.low, abs=1e-5)


@given(solved=counts, unsolved=counts)
def test_more_solved_never_lowers_it_and_more_not_solved_never_raises_it(solved, unsolved):
    bound = rules.wilson_lower_bound(solved, solved + unsolved)
    assert rules.wilson_lower_bound(solved + 1, solved + unsolved + 1) >= bound
    assert rules.wilson_lower_bound(solved, solved + unsolved + 1) <= bound
    assert 0 <= bound <= 1


def test_more_successes_than_trials_are_refused():
    with pytest.raises(ValueError, match="3 of 2"):
        rules.wilson_lower_bound(3, 2)


def test_few_ratings_stay_near_the_corpus():
    assert rules.bayesian_mean([], 3.4) == 3.4
    assert rules.bayesian_mean([5], 3.0) == pytest.approx(3.4)
    assert rules.bayesian_mean([5] * 12, 3.0) == pytest.approx(4.5)


@given(given_scores=st.lists(st.floats(-3, 9), max_size=20), prior=scores)
def test_the_expert_mean_stays_on_the_scale(given_scores, prior):
    assert 1 <= rules.bayesian_mean(given_scores, prior) <= 5


@given(one=scores, other=scores, mean=scores, count=st.integers(1, 40), prior=scores)
def test_centring_keeps_the_order_within_a_rater(one, other, mean, count, prior):
    def moved(score):
        return rules.centred(score, mean=mean, count=count, prior=prior)

    if one <= other:
        assert moved(one) <= moved(other)


def test_a_lenient_rater_is_centred_once_enough_is_known():
    assert rules.centred(5, mean=4.8, count=9, prior=3.5) == 5
    assert rules.centred(5, mean=4.8, count=10, prior=3.5) == pytest.approx(3.7)


def test_knowledge_stays_fresh_for_its_class_then_halves():
    shelf = rules.SHELF_DAYS[Freshness.TARIFF]
    assert [rules.freshness(age, shelf) for age in (0, 30, 60, 90)] == [1, 1, 0.5, 0.25]
    assert rules.freshness(None, shelf) == 0
    assert set(rules.SHELF_DAYS) == set(Freshness)


@given(age=ages, later=ages, shelf=shelves)
def test_freshness_never_rises_without_a_verification(age, later, shelf):
    assert rules.freshness(age + later, shelf) <= rules.freshness(age, shelf)
    assert 0 <= rules.freshness(age, shelf) <= 1


def test_corrections_weigh_by_severity():
    assert rules.correctness(0, 0, 0) == 1
    assert rules.correctness(1, 0, 0) == 0.2
    assert rules.correctness(0, 1, 1) == 0.25


@given(solved=shares, expert=scores, fresh=shares, corrections=shares, checklist=shares)
def test_maturity_is_between_nothing_and_one(solved, expert, fresh, corrections, checklist):
    score = rules.maturity(solved=solved, expert=expert, fresh=fresh, corrections=corrections, checklist=checklist)
    assert -1e-9 <= score <= 1 + 1e-9
    assert abs(rules.merit(score) - score) <= rules.STEP / 2 + 1e-9


def test_the_ends_of_maturity():
    assert rules.maturity(solved=0, expert=1, fresh=0, corrections=0, checklist=0) == 0
    assert rules.maturity(solved=1, expert=5, fresh=1, corrections=1, checklist=1) == pytest.approx(1)
