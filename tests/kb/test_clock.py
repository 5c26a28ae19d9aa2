from datetime import UTC, date, datetime, timedelta

import pytest

from kb.clock import local_day_end, local_midnight, system_clock

SHANGHAI = "Asia/Shanghai"


def test_the_system_clock_is_aware_and_in_utc():
    assert system_clock().tzinfo is UTC


def test_a_day_begins_at_its_local_midnight():
    assert local_midnight(date(2026, 12, 31), SHANGHAI) == datetime(2026, 12, 30, 16, tzinfo=UTC)
    assert local_midnight(date(2026, 12, 31), "UTC") == datetime(2026, 12, 31, tzinfo=UTC)
    assert local_midnight(date(2026, 12, 31), SHANGHAI).tzinfo is UTC


def test_until_the_thirty_first_includes_the_thirty_first():
    end = local_day_end(date(2026, 12, 31), SHANGHAI)
    assert end == datetime(2026, 12, 31, 16, tzinfo=UTC) == local_midnight(date(2027, 1, 1), SHANGHAI)


@pytest.mark.parametrize(
    ("day", "timezone", "hours"),
    [
        (date(2026, 3, 29), "Europe/Berlin", 23),
        (date(2026, 10, 25), "Europe/Berlin", 25),
        (date(2026, 3, 29), SHANGHAI, 24),
        (date(1986, 5, 4), SHANGHAI, 23),
    ],
    ids=["spring", "autumn", "none", "China once had it"],
)
def test_a_day_is_as_long_as_it_is_there(day, timezone, hours):
    assert local_day_end(day, timezone) - local_midnight(day, timezone) == timedelta(hours=hours)
