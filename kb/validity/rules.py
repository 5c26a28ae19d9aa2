"""When somebody is reminded of a date: pure functions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kb.clock import local_day, local_day_end, local_midnight
from kb.entries.content import Freshness
from kb.i18n import N_
from kb.maturity.rules import SHELF_DAYS

REMIND_DAYS = (7, 1, 0)
"""How many days before a date its owner is reminded; 0 says that it has come."""

LONG_AGO = timedelta(days=REMIND_DAYS[0])
"""What came longer ago than this is told no more: it was when it came."""


class DateKind(StrEnum):
    """Which date of an entry."""

    VALID_UNTIL = "valid_until"
    REVIEW_DUE = "review_due"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return DATE_LABELS[self]


DATE_LABELS = {DateKind.VALID_UNTIL: N_("有效期"), DateKind.REVIEW_DUE: N_("复核")}


def reminder(end: datetime, now: datetime, told: Collection[int]) -> int | None:
    """Return of how many days before *end* its owner is to be reminded now; ``None`` where there is nothing to say.

    The nearest counts: whoever publishes something for three days is not told first that seven are left. What was
    *told* is not told again, nor anything farther from the end.

    Args:
        end: the moment that the date is over.
    """
    reached = [days for days in REMIND_DAYS if end - timedelta(days=days) <= now]
    if not reached:
        return None
    nearest = min(reached)
    return None if any(days <= nearest for days in told) else nearest


@dataclass(frozen=True, slots=True)
class Stretch:
    """The moments that are over on one day and of which the same reminder is the nearest.

    Attributes:
        first: the earliest of them.
        until: the first moment after them.
        day: what they are over on, as a reminder names it.
        days: of how many days before the end its owner is to be reminded.
    """

    first: datetime
    until: datetime
    day: date
    days: int


def stretches(now: datetime, timezone: str) -> Sequence[Stretch]:
    """Return the moments that are near or have come not long ago, cut where the day or the nearest reminder changes.

    A query can ask for these what ``reminder`` says of one moment.

    Args:
        timezone: IANA name; says which day a moment belongs to.
    """
    tick = timedelta.resolution  # a moment is reached when it has come: stretches begin just after one
    reached = [(now + timedelta(days=days) + tick, days) for days in sorted(REMIND_DAYS)]
    found, first = [], now - LONG_AGO + tick
    while first < reached[-1][0]:
        day = local_day(first, timezone)
        end, days = next((end, days) for end, days in reached if first < end)
        until = min(end, local_midnight(day + timedelta(days=1), timezone))
        found.append(Stretch(first, until, day, days))
        first = until
    return found


def due_days(now: datetime, timezone: str) -> Sequence[Stretch]:
    """Return the same for days that are over when they end: each ``Stretch`` is one such day."""
    today = local_day(now, timezone)
    days = (today + timedelta(days=number) for number in range(-REMIND_DAYS[0], REMIND_DAYS[0] + 1))
    ends = ((day, local_day_end(day, timezone)) for day in days)
    return [
        Stretch(end, end + timedelta.resolution, day, nearest)
        for day, end in ends
        if end > now - LONG_AGO and (nearest := reminder(end, now, ())) is not None
    ]


def next_review(freshness: Freshness, today: date) -> date:
    """Return the day by which what was confirmed *today* is to be looked at again: when it stops being fresh."""
    return today + timedelta(days=SHELF_DAYS[freshness])
