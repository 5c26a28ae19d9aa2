from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.clock import local_day
from kb.workdays.rules import Calendar, between, due_at, later, waited

ZONE = "Asia/Shanghai"
PLAIN = Calendar(ZONE)
# As the State Council's office set it for the National Day of 2026: seven days off, made up for on two weekends.
GOLDEN_WEEK = Calendar(
    ZONE,
    {date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 9, 20): True, date(2026, 10, 10): True},
)

days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
moments = days.map(lambda day: datetime(day.year, day.month, day.day, tzinfo=UTC)).flatmap(
    lambda start: st.integers(0, 86_399).map(lambda seconds: start + timedelta(seconds=seconds))
)
numbers = st.integers(0, 30)
calendars = st.builds(
    lambda special: Calendar(ZONE, special),
    st.dictionaries(st.dates(date(2026, 1, 1), date(2029, 1, 31)), st.booleans()),
)


@pytest.mark.parametrize(
    ("calendar", "start", "count", "end"),
    [
        (PLAIN, date(2026, 11, 2), 2, date(2026, 11, 4)),  # Monday → Wednesday
        (PLAIN, date(2026, 11, 5), 2, date(2026, 11, 9)),  # Thursday → over the weekend
        (PLAIN, date(2026, 11, 7), 1, date(2026, 11, 9)),  # Saturday → Monday
        (GOLDEN_WEEK, date(2026, 9, 30), 1, date(2026, 10, 8)),
        (GOLDEN_WEEK, date(2026, 9, 30), 3, date(2026, 10, 10)),  # the Saturday that is worked
        (GOLDEN_WEEK, date(2026, 9, 18), 1, date(2026, 9, 20)),  # so is the Sunday before
    ],
)
def test_the_first_day_does_not_count_and_holidays_do_not(calendar, start, count, end):
    assert later(start, count, calendar) == end


def test_a_deadline_is_the_end_of_its_day_where_the_centre_is():
    asked = datetime(2026, 11, 2, 1, tzinfo=UTC)  # nine in the morning, Monday
    assert due_at(asked, 2, PLAIN) == datetime(2026, 11, 4, 16, tzinfo=UTC)  # the midnight after Wednesday
    late = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)  # half past midnight, Tuesday already
    assert due_at(late, 2, PLAIN) == datetime(2026, 11, 5, 16, tzinfo=UTC)


def test_a_negative_number_of_days_is_a_mistake():
    with pytest.raises(ValueError, match="-1"):
        later(date(2026, 11, 2), -1, PLAIN)


@given(day=days, count=st.integers(1, 30), calendar=calendars)
def test_a_deadline_falls_on_a_working_day_with_so_many_between(day, count, calendar):
    end = later(day, count, calendar)
    assert end > day
    assert calendar.works(end)
    assert between(day, end, calendar) == count


@given(day=days, first=numbers, second=numbers, calendar=calendars)
def test_days_add_up(day, first, second, calendar):
    assert later(later(day, first, calendar), second, calendar) == later(day, first + second, calendar)


@given(day=days, more=st.integers(0, 60), count=numbers, calendar=calendars)
def test_whoever_starts_later_is_not_due_earlier(day, more, count, calendar):
    assert later(day + timedelta(days=more), count, calendar) >= later(day, count, calendar)


@given(day=days, count=numbers, holiday=days, calendar=calendars)
def test_a_holiday_never_makes_a_deadline_earlier_and_a_make_up_day_never_later(day, count, holiday, calendar):
    free = Calendar(ZONE, {**calendar.special, holiday: False})
    worked = Calendar(ZONE, {**calendar.special, holiday: True})
    assert later(day, count, worked) <= later(day, count, calendar) <= later(day, count, free)


@given(start=moments, count=st.integers(1, 20), calendar=calendars)
def test_what_is_due_has_waited_so_many_days_and_not_a_moment_before(start, count, calendar):
    due = due_at(start, count, calendar)
    assert due > start
    assert waited(start, due - timedelta(seconds=1), calendar) == count
    assert local_day(due - timedelta(seconds=1), ZONE) == later(local_day(start, ZONE), count, calendar)
