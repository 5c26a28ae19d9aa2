"""The calendar that is shipped: taken over a year at a time, where nobody here has said anything of that year yet."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.errors import InvalidInputError
from kb.events.models import Event, Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import Actor, Permission, require
from kb.workdays.models import DayKind, SpecialDay


def load_file(session: Session, actor: Actor, path: Path, *, now: datetime) -> int:
    """Take over the years of the file at *path* that are new here; return how many days that were.

    A year of which somebody said or took back a day is theirs, and stays as it is. No file is no calendar.

    Raises:
        PermissionDeniedError: *actor* does not look after the calendar.
        InvalidInputError: the file is no YAML, or not made of years with named days in order.
    """
    require(actor, Permission.CALENDAR_MANAGE)
    if not path.exists():
        return 0
    try:
        years: dict[int, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        wanted = {year: list(_days(year, items)) for year, items in years.items()}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInputError(N_("读不了日历文件 %(path)s：%(reason)s"), path=path, reason=repr(error)) from error
    spoken = session.scalars(select(Event.subject_id).where(Event.subject_kind == Subject.CALENDAR))
    known = {subject[:4] for subject in spoken} | {f"{day:%Y}" for day in session.scalars(select(SpecialDay.day))}
    count = 0
    for year, days in wanted.items():
        if str(year) in known:
            continue
        session.add_all(days)
        session.flush()
        append(
            session,
            at=now,
            actor_id=actor.user_id,
            verb=Verb.IMPORTED,
            subject_kind=Subject.CALENDAR,
            subject_id=str(year),
            payload={"days": len(days)},
        )
        count += len(days)
    return count


def _days(year: int, items: list[dict[str, Any]]) -> Iterator[SpecialDay]:
    """Yield the days of one *year* of the file; of those of *items* that are wrong, raise a ``ValueError``."""
    seen: set[date] = set()
    for item in items:
        first, last = item["holiday"]
        free = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        for kind, days in ((DayKind.HOLIDAY, free), (DayKind.MAKE_UP, item.get("make_up", ()))):
            for day in days:
                if day.year != year or day in seen:
                    raise ValueError(f"{item['name']}: {day}")
                seen.add(day)
                yield SpecialDay(day=day, kind=kind, name=item["name"])
