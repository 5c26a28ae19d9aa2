"""Counting in working days: pure functions of a calendar.

The day that something starts on does not count, and the last day counts to its end: 《中华人民共和国民法典》
第二百零一条、第二百零三条 count periods of days so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kb.clock import local_day, local_day_end

FRIDAY = 4
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked.

    Attributes:
        special: whether a day is worked, for the days that are not what their weekday says.
        timezone: IANA name; says which day a moment belongs to.
    """

    timezone: str
    special: Mapping[date, bool] = field(default_factory=dict)

    def works(self, day: date) -> bool:
        """Return whether *day* is a working day."""
        return self.special.get(day, day.weekday() <= FRIDAY)


def later(day: date, days: int, calendar: Calendar) -> date:
    """Return the day that is *days* (0 or more) working days after *day*; *day* itself for 0.

    Raises:
        ValueError: a negative number of days.
    """
    if days < 0:
        raise ValueError(f"{days} working days")
    while days:
        day += DAY
        days -= calendar.works(day)
    return day


def between(first: date, last: date, calendar: Calendar) -> int:
    """Return how many working days lie after *first*, up to and including *last*; 0 where that is no later."""
    return sum(calendar.works(first + DAY * number) for number in range(1, (last - first).days + 1))


def due_at(start: datetime, days: int, calendar: Calendar) -> datetime:
    """Return the moment at which *days* (1 or more) working days from *start* are over: the end of the last of them."""
    return local_day_end(later(local_day(start, calendar.timezone), days, calendar), calendar.timezone)


def waited(start: datetime, now: datetime, calendar: Calendar) -> int:
    """Return how many working days have begun since the day of *start*: 0 on that day, and over a weekend after it."""
    return between(local_day(start, calendar.timezone), local_day(now, calendar.timezone), calendar)
