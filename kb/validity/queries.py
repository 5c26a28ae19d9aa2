"""Reading what time has done to entries, or soon will."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    column,
    exists,
    func,
    or_,
    select,
    true,
    values,
)
from sqlalchemy.orm import Session, contains_eager

from kb.clock import local_day
from kb.db import UTCDateTime
from kb.entries.models import Entry, Revision
from kb.entries.queries import meant_for
from kb.entries.rules import SERVED, State
from kb.i18n import N_
from kb.permissions import Actor, Permission, Scope
from kb.validity.models import DateReminder
from kb.validity.rules import REMIND_DAYS, DateKind, Stretch, due_days, stretches


class Overdue(StrEnum):
    """The lists of what time has done."""

    REVIEW = "review"
    """Past its review day: on the desk still."""
    EXPIRED = "expired"
    """Past its validity: nobody is served it."""
    SOON = "soon"
    """One of the two within seven days."""

    @property
    def label(self) -> str:
        """The Chinese name."""
        return OVERDUE_LABELS[self]


OVERDUE_LABELS: Mapping[Overdue, str] = {
    Overdue.REVIEW: N_("该复核了"),
    Overdue.EXPIRED: N_("已过有效期"),
    Overdue.SOON: N_("七天内到期"),
}


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due: of which date of which entry, and how many days before it."""

    entry_id: int
    kind: DateKind
    day: date
    days: int


def due(session: Session, *, timezone: str, now: datetime, among: Collection[int] | None = None) -> Sequence[Due]:
    """Return the reminders that are due and were not given, in the order of the entries' rows. Two statements.

    What ``rules.reminder`` says of one date is asked of all: the nearest reminder that is reached, unless that one or
    a nearer one was given.

    Args:
        among: only of the entries with these rows.
    """
    days = _stretches(due_days(now, timezone), "due_days")
    reviews = _untold(DateKind.REVIEW_DUE, days).join(Entry, Entry.review_due == days.c.day)
    moments = _stretches(stretches(now, timezone), "stretches")
    ends = (
        _untold(DateKind.VALID_UNTIL, moments)
        .join(Revision, and_(Revision.valid_until >= moments.c.first, Revision.valid_until < moments.c.until))
        # The second half finds the entry by its key: nothing leads from a revision to the entry it is live in.
        .join(Entry, and_(Entry.live_revision_id == Revision.id, Entry.id == Revision.entry_id))
    )
    chosen = true() if among is None else Entry.id.in_(among)
    found = [
        Due(row.id, kind, row.day, row.days)
        for kind, rows in ((DateKind.VALID_UNTIL, ends), (DateKind.REVIEW_DUE, reviews))
        for row in session.execute(rows.where(chosen))
    ]
    return sorted(found, key=lambda item: item.entry_id)


def _stretches(given: Sequence[Stretch], name: str) -> CTE:
    """Return *given* as a table of the statement's own."""
    rows = values(
        column("first", UTCDateTime), column("until", UTCDateTime), column("day", Date), column("days", Integer)
    )
    return rows.data([(item.first, item.until, item.day, item.days) for item in given]).cte(name)


def _untold(kind: DateKind, near: CTE) -> Select[tuple[int, date, int]]:
    """Return the question for what is *near* and was not told, to be joined with the entries that it is about."""
    told = exists().where(
        DateReminder.entry_id == Entry.id,
        DateReminder.kind == kind,
        DateReminder.day == near.c.day,
        DateReminder.days_before <= near.c.days,
    )
    return select(Entry.id, near.c.day, near.c.days).select_from(near).where(Entry.live_state.in_(SERVED), ~told)


def overdue(
    session: Session, actor: Actor, which: Overdue, *, timezone: str, now: datetime, limit: int, offset: int = 0
) -> Sequence[Entry]:
    """Return what *actor* looks after of *which*, the longest overdue first. One statement."""
    order = {
        Overdue.REVIEW: (Entry.review_due, Entry.id),
        Overdue.EXPIRED: (Revision.valid_until, Entry.id),
        Overdue.SOON: (func.coalesce(Revision.valid_until, now + timedelta(days=8)), Entry.review_due, Entry.id),
    }[which]
    rows = _live().where(_is(which, timezone, now), _looked_after(actor)).order_by(*order)
    return session.scalars(rows.limit(limit).offset(offset)).all()


def count_overdue(session: Session, actor: Actor, *, timezone: str, now: datetime) -> Mapping[Overdue, int]:
    """Return how long each of *actor*'s lists is. Three statements."""
    return {which: _count(session, _is(which, timezone, now), _looked_after(actor)) for which in Overdue}


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    rows = select(func.count()).select_from(Entry).join(Entry.live_revision)
    return session.scalar(rows.where(Entry.live_state.in_(SERVED), *conditions)) or 0


def _live() -> Select[Entry]:
    rows = select(Entry).join(Entry.live_revision).options(contains_eager(Entry.live_revision))
    return rows.where(Entry.live_state.in_(SERVED))


def _is(which: Overdue, timezone: str, now: datetime) -> ColumnElement[bool]:
    today, soon = local_day(now, timezone), timedelta(days=REMIND_DAYS[0])
    expired = and_(Revision.valid_until.is_not(None), Revision.valid_until <= now)
    due = or_(Entry.live_state == State.REVIEW_DUE, and_(Entry.review_due.is_not(None), Entry.review_due < today))
    match which:
        case Overdue.REVIEW:
            return due
        case Overdue.EXPIRED:
            return expired
        case Overdue.SOON:
            return or_(
                and_(Revision.valid_until > now, Revision.valid_until <= now + soon),
                and_(Entry.live_state == State.PUBLISHED, Entry.review_due.between(today, today + soon)),
            )


def _looked_after(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that *actor* reviews or may edit an entry, or owns it."""
    scopes = actor.scopes(Permission.ENTRY_REVIEW) | actor.scopes(Permission.ENTRY_EDIT)
    if Scope.ALL in scopes:
        return true() if actor.is_system else meant_for(actor)
    mine = [Entry.owner_id == actor.user_id]
    if Scope.MODULE in scopes and actor.modules:
        mine.append(Revision.module_key.in_(actor.modules))
    return and_(or_(*mine), meant_for(actor))
