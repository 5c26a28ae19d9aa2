"""Reading calls: an agent's own, and what was told to a ticket. Figures are in ``kb.calls.figures``."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from kb.calls import rules
from kb.calls.models import Call, CallStep
from kb.calls.rules import Seen
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.permissions import Actor, Permission, Scope


def named(session: Session, user_id: int, name: str, *, now: datetime) -> Call | None:
    """Return this agent's call called *name*: by its reference, or by the telephone system. One statement.

    The system's name counts for ``rules.SAME_CTI``; the newest call of that name is meant.
    """
    return session.scalar(
        select(Call)
        .where(
            Call.user_id == user_id,
            or_(Call.reference == name, (Call.cti == name) & (Call.opened_at > now - rules.SAME_CTI)),
        )
        .order_by((Call.reference == name).desc(), Call.opened_at.desc(), Call.id.desc())
        .limit(1)
    )


def is_reference(session: Session, name: str) -> bool:
    """Return whether *name* is the reference of anybody's call. One statement."""
    return session.scalar(select(Call.id).where(Call.reference == name)) is not None


def own(session: Session, actor: Actor, reference: str) -> Call:
    """Return *actor*'s call with this *reference*. One statement.

    Raises:
        NotFoundError: there is none, or it is somebody else's; the two can't be told apart.
    """
    found = session.scalar(select(Call).where(Call.reference == reference, Call.user_id == actor.user_id))
    if found is None:
        raise NotFoundError(N_("没有这通电话，或者它不是你的"))
    return found


def open_calls(session: Session, user_id: int) -> Sequence[Call]:
    """Return this agent's open calls, the newest first: one at most, unless its time is over too. One statement."""
    return session.scalars(
        select(Call).where(Call.user_id == user_id, Call.closed_at.is_(None)).order_by(Call.opened_at.desc())
    ).all()


def going_on(session: Session, user_id: int, *, now: datetime) -> Call | None:
    """Return this agent's call that goes on at the moment *now*, ``None`` where none does. One statement."""
    found = open_calls(session, user_id)
    return found[0] if found and found[0].goes_on(now) else None


def seen(session: Session, call: Call) -> Sequence[Seen]:
    """Return the steps of *call* as measuring wants them, in their order. One statement."""
    rows = session.execute(
        select(
            CallStep.kind,
            CallStep.ms,
            CallStep.entry_id,
            CallStep.revision_id,
            CallStep.position,
            CallStep.total,
        )
        .where(CallStep.call_id == call.id)
        .order_by(CallStep.ms, CallStep.page, CallStep.number)
    )
    return [
        Seen(kind=row[0], ms=row[1], entry_id=row[2], revision_id=row[3], position=row[4], total=row[5]) for row in rows
    ]


def of_agent(session: Session, user_id: int, *, limit: int, offset: int = 0) -> Sequence[Call]:
    """Return this agent's calls, the newest first, with what was told. One statement."""
    return session.scalars(
        select(Call)
        .where(Call.user_id == user_id)
        .options(joinedload(Call.entry), joinedload(Call.revision))
        .order_by(Call.opened_at.desc(), Call.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def count_of_agent(session: Session, user_id: int) -> int:
    """Return how many calls of this agent are kept. One statement."""
    return session.scalar(select(func.count()).select_from(Call).where(Call.user_id == user_id)) or 0


def on_ticket(session: Session, actor: Actor, ticket: str, *, limit: int, offset: int = 0) -> Sequence[Call]:
    """Return the calls with this *ticket* that *actor* may know of, with what was told, newest first. One statement.

    Args:
        ticket: in its one spelling (``rules.ticket_number``).
    """
    return session.scalars(
        select(Call)
        .where(Call.ticket == ticket, _concern(actor))
        .options(joinedload(Call.entry), joinedload(Call.revision))
        .order_by(Call.opened_at.desc(), Call.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def count_on_ticket(session: Session, actor: Actor, ticket: str) -> int:
    """Return how many calls with this *ticket* *actor* may know of. One statement."""
    return session.scalar(select(func.count()).select_from(Call).where(Call.ticket == ticket, _concern(actor))) or 0


def _concern(actor: Actor) -> ColumnElement[bool]:
    """Return ``CONTACT_READ`` as a condition on a call.

    On a team's scope that is what their team did, and calls from their region, those below and those above it: the same
    customer may reach the county's desk, then the city's. A neighbouring county's stay there. Whoever works for no
    region works for all of them, and a call from nowhere is everybody's.
    """
    scopes = actor.scopes(Permission.CONTACT_READ)
    if Scope.ALL in scopes:
        return true()
    conditions: list[ColumnElement[bool]] = []
    if Scope.OWN in scopes:
        conditions.append(Call.user_id == actor.user_id)
    if Scope.TEAM in scopes:
        conditions += [Call.region_key.in_(actor.line), Call.region_key.is_(None)]
        if actor.team is not None:
            conditions.append(Call.team_key == actor.team)
    return or_(*conditions) if conditions else false()
