from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kb.study.rules import HALF_LIFE, Miss, Slip, weigh

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MISSES = st.lists(
    st.builds(
        Miss,
        st.integers(1, 4),
        st.sampled_from(Slip),
        st.floats(0, 55).map(lambda days: NOW - timedelta(days=days)),
    ),
    max_size=20,
)


def test_a_failed_search_weighs_three_the_others_two_and_half_after_two_weeks():
    misses = [
        Miss(1, Slip.SEARCH, NOW - HALF_LIFE),
        Miss(2, Slip.UNSOLVED, NOW),
        Miss(3, Slip.ANSWER, NOW),
        Miss(3, Slip.SEARCH, NOW),
        Miss(4, Slip.SEARCH, NOW - timedelta(days=57)),
    ]
    assert weigh(misses, {}, now=NOW) == {3: 5.0, 2: 2.0, 1: 1.5}
    assert list(weigh(misses, {}, now=NOW)) == [3, 2, 1]


def test_what_was_learned_since_is_made_good():
    misses = [Miss(1, Slip.SEARCH, NOW - timedelta(days=2)), Miss(1, Slip.ANSWER, NOW)]
    assert weigh(misses, {1: NOW - timedelta(days=1)}, now=NOW) == {1: 2.0}
    assert weigh(misses, {1: NOW}, now=NOW) == {}


@given(MISSES, MISSES)
def test_one_more_miss_never_weighs_less_and_time_only_lightens(misses, more):
    before, after = weigh(misses, {}, now=NOW), weigh([*misses, *more], {}, now=NOW)
    assert all(after[entry] >= weight - 1e-9 for entry, weight in before.items())
    later = weigh(misses, {}, now=NOW + timedelta(days=1))
    assert all(later.get(entry, 0) < weight for entry, weight in before.items())
