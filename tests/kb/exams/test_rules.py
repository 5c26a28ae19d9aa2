from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import InvalidInputError
from kb.exams.rules import (
    GRACE,
    Candidate,
    Facts,
    Section,
    Tried,
    checked,
    draw,
    ends_at,
    passes,
    refusal,
    score,
    takes_answers,
)

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BELOW = {"fault": frozenset({"fault", "fault.broadband"}), "fault.broadband": frozenset({"fault.broadband"})}
BANK = [Candidate(n, "fault.broadband" if n % 2 else "fault", 1 + n % 3) for n in range(30)]


def facts(**changes):
    given = {"title": "考试", "sections": (Section("fault", 5),), "opens_at": NOW, "closes_at": NOW + DAY, **changes}
    return Facts(**given)


@given(seed=st.text(max_size=20), wide=st.integers(0, 8), narrow=st.integers(0, 8), hard=st.integers(0, 4))
def test_a_draw_follows_the_blueprint_and_its_seed(seed, wide, narrow, hard):
    sections = [Section("fault", wide), Section("fault.broadband", narrow), Section("fault.broadband", hard, 3)]
    drawn = draw(sections, BANK, BELOW, seed)
    assert drawn == draw(sections, list(reversed(BANK)), BELOW, seed)
    assert len(set(drawn)) == len(drawn) == wide + narrow + hard
    known = {candidate.id: candidate for candidate in BANK}
    assert sum(known[id_].module == "fault.broadband" for id_ in drawn) >= narrow + hard
    assert sum(known[id_].difficulty == 3 and known[id_].module == "fault.broadband" for id_ in drawn) >= hard


def test_other_seeds_draw_other_papers_and_a_small_bank_says_where():
    assert draw([Section("fault", 10)], BANK, BELOW, "a") != draw([Section("fault", 10)], BANK, BELOW, "b")
    with pytest.raises(InvalidInputError) as caught:
        draw([Section("fault.broadband", 99, 2)], BANK, BELOW, "a")
    assert (caught.value.params["found"], caught.value.params["wanted"]) == (5, 99)


def test_narrow_sections_get_theirs_before_wide_ones_take_it():
    bank = [Candidate(1, "fault.broadband", 3), Candidate(2, "fault", 1)]
    for seed in "abcdefgh":
        assert sorted(draw([Section("fault", 1), Section("fault.broadband", 1, 3)], bank, BELOW, seed)) == [1, 2]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"sections": ()}, "sections"),
        ({"sections": (Section("fault", 0),)}, "sections"),
        ({"sections": (Section("fault", 101),)}, "sections"),
        ({"sections": (Section("fault", 1, 4),)}, "sections"),
        ({"minutes": 0}, "minutes"),
        ({"attempts": 6}, "attempts"),
        ({"valid_days": 0}, "valid_days"),
        ({"pass_share": 0.0}, "pass_share"),
        ({"closes_at": NOW}, "closes_at"),
    ],
)
def test_what_an_exam_can_not_be(changes, field):
    with pytest.raises(InvalidInputError) as caught:
        checked(facts(**changes))
    assert caught.value.field == field


def test_who_may_try_again_and_when():
    rule = {"attempts": 2, "wait": DAY, "opens_at": NOW, "closes_at": NOW + 9 * DAY}
    failed, passed = Tried(NOW, False), Tried(NOW, True)
    assert refusal([], now=NOW, **rule) is None
    assert "还没开始" in refusal([], now=NOW - DAY, **rule)
    assert "截止" in refusal([], now=NOW + 9 * DAY, **rule)
    assert "通过" in refusal([passed], now=NOW + 2 * DAY, **rule)
    assert "隔" in refusal([failed], now=NOW + DAY / 2, **rule)
    assert refusal([failed], now=NOW + DAY, **rule) is None
    assert "用完" in refusal([failed, failed], now=NOW + 2 * DAY, **rule)


def test_the_servers_clock_ends_an_attempt_and_forgives_the_way():
    end = ends_at(NOW, 20)
    assert takes_answers(end, end + GRACE)
    assert not takes_answers(end, end + GRACE + timedelta(microseconds=1))


@given(st.integers(1, 60), st.data())
def test_so_many_of_so_many_pass_whatever_fractions_do(count, data):
    right = data.draw(st.integers(0, count))
    shares = [1.0] * right + [0.0] * (count - right)
    assert passes(shares, right / count) is True
    assert score(shares) == pytest.approx(right / count)
    if right:
        assert passes([1.0] * (right - 1) + [0.0] * (count - right + 1), right / count) is False


def test_four_of_five_are_eighty_percent_and_nothing_is_no_score():
    assert passes([1, 1, 1, 1, 0], 0.8)
    assert score([]) == 0.0
