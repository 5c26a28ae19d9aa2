"""The verbs of briefs: say when a shift begins, and that one has read what changed."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.briefs.models import BriefReceipt, Shift
from kb.errors import InvalidInputError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.people.models import Team
from kb.permissions import Actor, Permission, Target, require

AHEAD = timedelta(hours=24)
"""How far ahead a shift may be set."""


def set_shift(session: Session, actor: Actor, team_key: str, starts_at: datetime, *, now: datetime) -> Shift:
    """Say that the team's shift begins at *starts_at*, and return it; the same again changes nothing.

    Raises:
        InvalidInputError: there is no such team, or the moment is not within a day of *now*.
        PermissionDeniedError: it is not *actor*'s team to lead.
    """
    require(actor, Permission.SHIFT_SET, Target(teams=frozenset({team_key})))
    team = session.scalar(select(Team).where(Team.key == team_key).with_for_update())
    if team is None:
        raise InvalidInputError(N_("没有这个班组：%(key)s"), field="team", key=team_key)
    if abs(starts_at - now) > AHEAD:
        raise InvalidInputError(N_("班次的开始要在前后一天以内"), field="starts_at")
    shift = session.scalar(select(Shift).where(Shift.team_id == team.id, Shift.starts_at == starts_at))
    if shift is None:
        shift = Shift(team_id=team.id, starts_at=starts_at, set_by_id=actor.user_id, set_at=now)
        session.add(shift)
        session.flush()
        _record(session, actor, Verb.RECORDED, team_key, now, starts_at=starts_at.isoformat())
    return shift


def acknowledge(session: Session, actor: Actor, *, since: datetime, now: datetime) -> BriefReceipt:
    """Record that *actor* has read what changed from *since* until *now*, and return the receipt.

    Raises:
        InvalidInputError: *since* is not before *now*.
        PermissionDeniedError: *actor* is no person.
    """
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才能签收"))
    if since >= now:
        raise InvalidInputError(N_("这份班前会还没有内容"), field="since")
    receipt = BriefReceipt(user_id=actor.user_id, since=since, at=now)
    session.add(receipt)
    session.flush()
    _record(session, actor, Verb.READ, str(actor.user_id), now, since=since.isoformat())
    return receipt


def _record(session: Session, actor: Actor, verb: Verb, subject: str, now: datetime, **payload: str) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.BRIEF,
        subject_id=subject,
        payload=payload,
    )
