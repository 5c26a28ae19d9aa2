"""The verbs of licences: grant, when an exam is passed, and revoke."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.errors import ConflictError, InvalidInputError, NotFoundError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.licences.models import Licence
from kb.licences.rules import MAX_REASON
from kb.permissions import Actor, Permission, require


def grant(
    session: Session, user_id: int, *, tier: str, attempt_id: int, expires_at: datetime, now: datetime
) -> Licence:
    """Give a licence for the passed exam attempt *attempt_id*; the same attempt again returns the one there is.

    No permission: the exam has decided. Whoever hands an exam in calls it in the same unit of work.
    """
    found = session.scalar(select(Licence).where(Licence.attempt_id == attempt_id))
    if found is not None:
        return found
    licence = Licence(user_id=user_id, tier_key=tier, attempt_id=attempt_id, granted_at=now, expires_at=expires_at)
    session.add(licence)
    session.flush()
    append(
        session,
        at=now,
        actor_id=user_id,
        verb=Verb.GRANTED,
        subject_kind=Subject.LICENCE,
        subject_id=licence.id,
        payload={"user": user_id, "tier": tier, "attempt": attempt_id, "expires": expires_at.isoformat()},
    )
    return licence


def revoke(session: Session, actor: Actor, number: int, *, reason: str, now: datetime) -> Licence:
    """Take licence *number* back: from this moment on it counts no more.

    Raises:
        PermissionDeniedError: *actor* may not.
        NotFoundError: there is none.
        ConflictError: it does not count any more anyway.
        InvalidInputError: no reason, or a long one.
    """
    require(actor, Permission.EXAM_MANAGE)
    reason = reason.strip()
    if not 0 < len(reason) <= MAX_REASON:
        raise InvalidInputError(N_("请写明理由（1–%(max)s 个字）"), field="reason", max=MAX_REASON)
    licence = session.get(Licence, number, with_for_update=True, populate_existing=True)
    if licence is None:
        raise NotFoundError(N_("没有这张上岗资格"))
    if not licence.held.is_valid(now):
        raise ConflictError(N_("这张上岗资格已经不再有效"))
    licence.revoked_at, licence.revoked_by_id, licence.reason = now, actor.user_id, reason
    session.flush()
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=Verb.REVOKED,
        subject_kind=Subject.LICENCE,
        subject_id=licence.id,
        payload={"user": licence.user_id, "tier": licence.tier_key},
    )
    return licence
