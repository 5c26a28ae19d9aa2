"""Reading what time has done to entries, or soon will."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager

from kb.clock import local_day
from kb.entries.models import Entry, Revision
from kb.entries.queries import meant_for
from kb.entries.rules import SERVED, State
from kb.i18n import N_
from kb.permissions import Actor, Permission, Scope
from kb.validity.rules import REMIND_DAYS


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


def near_an_end(session: Session, *, timezone: str, now: datetime) -> Sequence[Entry]:
    """Return the served entries with a date that is near or has come and of which too little was told. One statement.

    What came long ago is left out: it was told when it came.
    """
    first = timedelta(days=REMIND_DAYS[0])
    today = local_day(now, timezone)
    return session.scalars(
        _live().where(
            or_(
                and_(Revision.valid_until <= now + first, Revision.valid_until > now - first),
                and_(Entry.review_due <= today + first, Entry.review_due > today - first),
            )
        )
    ).all()


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
