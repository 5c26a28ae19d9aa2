"""The verbs of the calendar: say what days are, and take that back."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kb.errors import InvalidInputError, NotFoundError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import Actor, Permission, require
from kb.workdays.models import MAX_NAME, DayKind, SpecialDay

LONGEST = 31
"""Days that can be set at once: longer holidays are a slip of the year."""


def set_days(
    session: Session, actor: Actor, first: date, last: date, kind: DayKind, name: str, *, now: datetime
) -> int:
    """Say that the days from *first* to *last* are holidays, or worked; return how many they are.

    What was said of them before is replaced. Deadlines follow at once: they are counted, never kept.

    Raises:
        PermissionDeniedError: *actor* does not look after the calendar.
        InvalidInputError: the days are in the wrong order or too many, or have no name.
    """
    require(actor, Permission.CALENDAR_MANAGE)
    name = name.strip()
    if not name:
        raise InvalidInputError(N_("请写明是什么日子，比如“国庆节”"), field="name")
    if len(name) > MAX_NAME:
        raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field="name", max=MAX_NAME)
    count = (last - first).days + 1
    if count < 1:
        raise InvalidInputError(N_("最后一天不能早于第一天"), field="last")
    if count > LONGEST:
        raise InvalidInputError(N_("一次最多设 %(max)s 天"), field="last", max=LONGEST)
    days = [first + timedelta(days=number) for number in range(count)]
    session.execute(delete(SpecialDay).where(SpecialDay.day.in_(days)))
    session.add_all(SpecialDay(day=day, kind=kind, name=name) for day in days)
    session.flush()
    _record(session, actor, Verb.CREATED, first, now, last=last.isoformat(), kind=kind.value)
    return count


def clear_day(session: Session, actor: Actor, day: date, *, now: datetime) -> None:
    """Let *day* be what its weekday says again.

    Raises:
        PermissionDeniedError: *actor* does not look after the calendar.
        NotFoundError: nothing was said of it.
    """
    require(actor, Permission.CALENDAR_MANAGE)
    found = session.get(SpecialDay, day)
    if found is None:
        raise NotFoundError(N_("日历里没有这一天"))
    session.delete(found)
    session.flush()
    _record(session, actor, Verb.REMOVED, day, now)


def _record(session: Session, actor: Actor, verb: Verb, day: date, now: datetime, **payload: str) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.CALENDAR,
        subject_id=day.isoformat(),
        payload=payload,
    )
