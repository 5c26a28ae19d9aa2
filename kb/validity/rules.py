"""When somebody is reminded of a date: pure functions."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum

from kb.entries.content import Freshness
from kb.i18n import N_
from kb.maturity.rules import SHELF_DAYS

REMIND_DAYS = (7, 1, 0)
"""How many days before a date its owner is reminded; 0 says that it has come."""


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


def next_review(freshness: Freshness, today: date) -> date:
    """Return the day by which what was confirmed *today* is to be looked at again: when it stops being fresh."""
    return today + timedelta(days=SHELF_DAYS[freshness])
