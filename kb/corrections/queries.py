"""Reading corrections: the queue, one of them, what a card says, a person's own, and the figures."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from kb.corrections.models import Correction
from kb.corrections.rules import OPEN, Hold, OnTime, Record, Severity, State, on_time
from kb.entries.models import Entry, Revision
from kb.entries.queries import meant_for
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.permissions import Actor, Permission, Scope, allowed

SEES = (Permission.CORRECTION_DECIDE, Permission.CORRECTION_DUTY)
"""Who has one of these on an entry sees all its corrections; everybody else sees their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which part of the queue.

    Attributes:
        states: open ones when not given.
        modules: keys; ``None`` for all.
        overdue_at: only those overdue at this moment.
    """

    states: frozenset[State] = OPEN
    severity: Severity | None = None
    modules: frozenset[str] | None = None
    overdue_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Underway:
    """What an agent is told about an open correction of the entry that they read."""

    severity: Severity
    since: datetime
    hold: Hold


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """One week's figures, by severity; ``week`` is ISO's, as 2026-W45."""

    week: str
    by_severity: Mapping[Severity, OnTime]


def to_read(session: Session, actor: Actor, number: int) -> Correction:
    """Return correction *number* with its entry and revisions: their own, or one they decide on or are on duty for.

    One statement.

    Raises:
        NotFoundError: there is none, or none for them; the two can't be told apart.
    """
    found = session.scalar(_with_entry().where(Correction.id == number))
    if found is not None and (found.reporter_id == actor.user_id or may_work_on(actor, found)):
        return found
    raise NotFoundError(N_("没有这条纠错，或者你没有权限看它"))


def may_work_on(actor: Actor, correction: Correction) -> bool:
    """Return whether *actor* sees what others say about *correction*, to decide or to suspend."""
    target = correction.entry.target(correction.revision)
    return any(allowed(actor, permission, target) for permission in SEES)


def queue(session: Session, actor: Actor, wanted: Wanted, *, limit: int, offset: int = 0) -> Sequence[Correction]:
    """Return the corrections of *wanted* that *actor* may work on: what is due first comes first. One statement.

    Those that the duty is asked about stand before all others; answered ones come with the latest first.
    """
    asked = (Correction.hold != Hold.PENDING, Correction.due_at, Correction.id)
    order = asked if wanted.states & OPEN else (Correction.closed_at.desc(), Correction.id.desc())
    rows = _with_entry().where(_within(actor, wanted)).order_by(*order).limit(limit).offset(offset)
    return session.scalars(rows).unique().all()


def count(session: Session, actor: Actor, wanted: Wanted) -> Mapping[Severity, int]:
    """Return how many corrections of *wanted* there are for *actor*, by severity. One statement."""
    rows = (
        select(Correction.severity, func.count())
        .join(Correction.entry)
        .join(Correction.revision)
        .where(_within(actor, wanted))
        .group_by(Correction.severity)
    )
    found = {row[0]: row[1] for row in session.execute(rows)}
    return {severity: found.get(severity, 0) for severity in Severity}


def asking_the_duty(session: Session, actor: Actor) -> Sequence[Correction]:
    """Return what *actor* is asked about as the duty, the most pressing first; for others none, without a statement."""
    if not allowed(actor, Permission.CORRECTION_DUTY):
        return []
    rows = _with_entry().where(Correction.hold == Hold.PENDING, meant_for(actor)).order_by(Correction.suspend_at)
    return session.scalars(rows).unique().all()


def unanswered(session: Session, *, now: datetime) -> Sequence[int]:
    """Return the numbers of those that the duty has not answered in time. One statement."""
    return session.scalars(
        select(Correction.id)
        .where(Correction.hold == Hold.PENDING, Correction.suspend_at <= now)
        .order_by(Correction.suspend_at)
    ).all()


def mine(session: Session, user_id: int, *, limit: int, offset: int = 0) -> Sequence[Correction]:
    """Return what this person reported, the newest first, with the entries. One statement."""
    rows = _with_entry().where(Correction.reporter_id == user_id).order_by(Correction.id.desc())
    return session.scalars(rows.limit(limit).offset(offset)).unique().all()


def count_mine(session: Session, user_id: int) -> int:
    """Return how many corrections this person reported. One statement."""
    return session.scalar(select(func.count()).where(Correction.reporter_id == user_id)) or 0


def underway(session: Session, entry_id: int) -> Sequence[Underway]:
    """Return what agents are told about the open corrections of an entry, the most urgent first. One statement."""
    rows = session.execute(
        select(Correction.severity, Correction.reported_at, Correction.hold)
        .where(Correction.entry_id == entry_id, Correction.state.in_(OPEN))
        .order_by(Correction.reported_at)
    )
    order = list(Severity)
    return sorted((Underway(*row) for row in rows), key=lambda item: order.index(item.severity))


def of_entry(session: Session, entry_id: int, *, limit: int = 50) -> Sequence[Correction]:
    """Return the corrections of an entry, the newest first. One statement."""
    rows = _with_entry().where(Correction.entry_id == entry_id).order_by(Correction.id.desc()).limit(limit)
    return session.scalars(rows).unique().all()


def count_open(session: Session, entry_ids: Iterable[int]) -> Mapping[int, Mapping[Severity, int]]:
    """Return how many open corrections each of these entries has, by severity; none where there are none.

    One statement.
    """
    rows = session.execute(
        select(Correction.entry_id, Correction.severity, func.count())
        .where(Correction.entry_id.in_(set(entry_ids)), Correction.state.in_(OPEN))
        .group_by(Correction.entry_id, Correction.severity)
    )
    found: dict[int, dict[Severity, int]] = defaultdict(dict)
    for entry_id, severity, number in rows:
        found[entry_id][severity] = number
    return found


def figures(session: Session, actor: Actor, *, weeks: int, timezone: str, now: datetime) -> Sequence[WeekFigures]:
    """Return the share answered in time of the last *weeks* weeks, this one first. One statement.

    Duplicates don't count: finding one is no answer to what it says, and its original counts already.

    Args:
        timezone: IANA name; says when a week begins.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    names = [_week(today - timedelta(weeks=back)) for back in range(weeks)]
    # A week and a day more than is shown, and cut by name: no arithmetic with local midnights is needed.
    rows = session.execute(
        select(Correction.reported_at, Correction.severity, Correction.due_at, Correction.closed_at)
        .join(Correction.entry)
        .join(Correction.revision)
        .where(
            Correction.reported_at > now - timedelta(weeks=weeks, days=1),
            Correction.state != State.DUPLICATE,
            _theirs(actor),
        )
    )
    found = on_time((Record(_week(row[0].astimezone(zone).date()), row[1], row[2], row[3]) for row in rows), now)
    return [
        WeekFigures(name, {severity: found.get((name, severity), OnTime(0, 0)) for severity in Severity})
        for name in names
    ]


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _with_entry() -> Select[Correction]:
    return (
        select(Correction)
        .join(Correction.entry)
        .join(Correction.revision)
        .options(
            contains_eager(Correction.entry).joinedload(Entry.live_revision),
            contains_eager(Correction.entry).joinedload(Entry.work_revision),
            contains_eager(Correction.revision),
            joinedload(Correction.fixed_revision),
        )
    )


def _within(actor: Actor, wanted: Wanted) -> ColumnElement[bool]:
    """Return *wanted*, as far as *actor* may see it, as a condition."""
    conditions = [Correction.state.in_(wanted.states), _theirs(actor)]
    if wanted.severity is not None:
        conditions.append(Correction.severity == wanted.severity)
    if wanted.modules is not None:
        conditions.append(Revision.module_key.in_(wanted.modules))
    if wanted.overdue_at is not None:
        conditions += [Correction.state.in_(OPEN), Correction.due_at < wanted.overdue_at]
    return and_(*conditions)


def _theirs(actor: Actor) -> ColumnElement[bool]:
    """Return ``may_work_on`` as a condition on a correction, its entry and the revision it was reported on."""
    scopes = frozenset(scope for permission in SEES for scope in actor.scopes(permission))
    if Scope.ALL in scopes:
        reach: ColumnElement[bool] = true()
    elif Scope.MODULE in scopes:
        reach = or_(Revision.module_key.in_(actor.modules), false())
    else:
        reach = false()
    return and_(reach, meant_for(actor))
