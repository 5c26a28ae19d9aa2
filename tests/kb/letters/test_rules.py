from datetime import UTC, datetime

from kb.letters.rules import last_digest


def test_a_day_of_notices_ends_at_the_hour_in_the_centres_time_zone():
    at = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)  # eight in the morning in Shanghai
    assert last_digest(at, "Asia/Shanghai", 8) == at
    assert last_digest(at.replace(hour=23), "Asia/Shanghai", 8) == at
    assert last_digest(datetime(2026, 11, 1, 23, 59, tzinfo=UTC), "Asia/Shanghai", 8) == at.replace(day=1)
