"""Reading the calendar."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.workdays.models import DayKind, SpecialDay
from kb.workdays.rules import Calendar


def load(session: Session, timezone: str) -> Calendar:
    """Return the whole calendar: some thirty days a year. One statement."""
    rows = session.execute(select(SpecialDay.day, SpecialDay.kind))
    return Calendar(timezone, {day: kind is DayKind.MAKE_UP for day, kind in rows})


def special_days(session: Session, year: int) -> Sequence[SpecialDay]:
    """Return the special days of *year*, in order. One statement."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return session.scalars(select(SpecialDay).where(SpecialDay.day.between(first, last)).order_by(SpecialDay.day)).all()
