from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.entries.content import Freshness
from kb.validity.rules import REMIND_DAYS, next_review, reminder

END = datetime(2026, 12, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "told", "said"),
    [
        (timedelta(days=7, seconds=1), (), None),
        (timedelta(days=7), (), 7),
        (timedelta(days=3), (7,), None),
        (timedelta(days=1), (7,), 1),
        (timedelta(hours=1), (), 1),  # published for a day: not told first that seven are left
        (timedelta(0), (7, 1), 0),
        (timedelta(0), (0,), None),
    ],
)
def test_seven_days_one_day_and_the_day_itself(before, told, said):
    assert reminder(END, END - before, told) == said


@given(looks=st.lists(st.integers(-100, 300), min_size=1, max_size=40))
def test_however_often_somebody_looks_each_is_said_once_and_never_backwards(looks):
    told: list[int] = []
    for hours in sorted(looks, reverse=True):
        days = reminder(END, END - timedelta(hours=hours), told)
        if days is not None:
            told.append(days)
    assert len(told) == len(set(told))
    assert told == sorted(told, reverse=True)
    assert set(told) <= set(REMIND_DAYS)


def test_what_ages_fast_is_looked_at_sooner():
    today = END.date()
    assert next_review(Freshness.TARIFF, today) - today == timedelta(days=30)
    assert next_review(Freshness.EVERGREEN, today) - today == timedelta(days=365)
