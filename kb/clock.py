"""The one clock. Everything that needs the time takes a ``Clock``; tests pass their own."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Returns the current moment as an aware UTC datetime."""


def system_clock() -> datetime:
    """Return the current moment, aware, in UTC."""
    return datetime.now(UTC)


def local_day(moment: datetime, timezone: str) -> date:
    """Return the day that *moment* falls on in *timezone* (an IANA name)."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def local_midnight(day: date, timezone: str) -> datetime:
    """Return the moment *day* begins in *timezone* (an IANA name), as UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def local_day_end(day: date, timezone: str) -> datetime:
    """Return the first moment after *day* in *timezone*, as UTC: a validity "until the 31st" includes the 31st."""
    return local_midnight(day + timedelta(days=1), timezone)
