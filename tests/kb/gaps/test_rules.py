import math
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kb.gaps.rules import (
    BLIND_AGENTS,
    FIRST_LINE_WEIGHT,
    HALF_LIFE,
    Evidence,
    Finding,
    Met,
    ProposalKind,
    closes,
    proposed_as,
    share_found,
    standing,
    tier_weight,
    urgency,
)

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)

moments = st.integers(0, 400 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
met = st.builds(Met, times=st.integers(1, 1000), last_at=moments)
several = st.lists(met, min_size=1, max_size=30)
weights = st.sampled_from([1.0, 1.25, FIRST_LINE_WEIGHT])


@given(several, weights)
def test_urgency_is_the_sum_that_its_docstring_says(agents, weight):
    said = weight * sum((1 + math.log10(item.times)) * 0.5 ** ((NOW - item.last_at) / HALF_LIFE) for item in agents)
    assert math.isclose(urgency(standing(agents, weight), NOW), said, rel_tol=1e-9)


@given(several, met, weights)
def test_another_agent_never_makes_a_gap_less_urgent(agents, another, weight):
    assert standing([*agents, another], weight) >= standing(agents, weight)


@given(several, st.integers(0, 29), st.integers(1, 1000))
def test_asking_again_never_makes_a_gap_less_urgent(agents, place, more):
    place %= len(agents)
    again = [Met(item.times + more, NOW) if number == place else item for number, item in enumerate(agents)]
    assert standing(again, 1.0) >= standing(agents, 1.0)


@given(several, several, st.integers(0, 1000))
def test_time_alone_changes_no_order(some, others, days):
    one, other = standing(some, 1.0), standing(others, 1.0)
    then = NOW + timedelta(days=days)
    assert (one > other) >= (urgency(one, then) > urgency(other, then))
    assert urgency(one, then) <= urgency(one, NOW)


@given(st.integers(2, 50))
def test_ten_agents_once_count_more_than_one_agent_as_often(agents):
    assert standing([Met(1, NOW)] * agents, 1.0) > standing([Met(agents, NOW)], 1.0)


def test_what_nobody_met_is_the_least():
    assert standing([], 1.5) == -math.inf
    assert urgency(-math.inf, NOW) == 0


def test_half_life():
    fresh, old = standing([Met(1, NOW)], 1.0), standing([Met(1, NOW - HALF_LIFE)], 1.0)
    assert math.isclose(urgency(fresh, NOW), 1)
    assert math.isclose(urgency(old, NOW), 0.5)


@given(st.integers(1, 9), st.integers(0, 20))
def test_a_lower_tier_never_counts_more(tiers, position):
    weight = tier_weight(position, tiers)
    assert 1.0 <= weight <= FIRST_LINE_WEIGHT
    assert tier_weight(position + 1, tiers) <= weight
    assert tier_weight(None, tiers) == tier_weight(0, tiers) == FIRST_LINE_WEIGHT


def finding(agents, place):
    return Finding(1, "说法", None, agents, place)


def test_a_gap_closes_when_most_of_its_agents_would_find_the_answer():
    assert closes([finding(4, 3), finding(1, None)])
    assert not closes([finding(3, 1), finding(1, None)])
    assert not closes([finding(9, 4)])  # the fourth place is not read while somebody talks
    assert not closes([])
    assert closes([finding(0, 1)])
    assert share_found([finding(3, 1), finding(1, None)]) == 0.75


@given(st.lists(st.builds(finding, st.integers(0, 9), st.none() | st.integers(1, 9)), max_size=9))
def test_the_share_found_is_a_share(findings):
    assert 0 <= share_found(findings) <= 1
    assert closes(findings) <= (share_found(findings) > 0)


def evidence(**changes):
    return Evidence(**{"searches": 5, "agents": 3, "followed": 0, "solved": 0, "opened": None, **changes})


def test_what_is_proposed():
    assert proposed_as(evidence(opened=0)) is ProposalKind.UNUSED
    assert proposed_as(evidence(opened=1)) is None
    assert proposed_as(evidence()) is None  # nobody knows what was opened
    assert proposed_as(evidence(agents=BLIND_AGENTS, searches=9)) is ProposalKind.UNUSED
    assert proposed_as(evidence(followed=3)) is ProposalKind.REFORMULATED
    assert proposed_as(evidence(followed=3, opened=9)) is ProposalKind.REFORMULATED
    assert proposed_as(evidence(followed=2, opened=9)) is None
    assert proposed_as(evidence(agents=2, opened=0, followed=5)) is None
    assert proposed_as(evidence(solved=1, opened=0, followed=5)) is None
