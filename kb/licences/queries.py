"""Reading licences: who holds which tier, and whether a question should go up the funnel."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.exams.models import Exam
from kb.licences import rules
from kb.licences.models import Licence
from kb.people.models import User
from kb.permissions import Actor, Role


def of_person(session: Session, user_id: int) -> Sequence[Licence]:
    """Return somebody's licences, newest first. One statement."""
    return session.scalars(
        select(Licence).where(Licence.user_id == user_id).order_by(Licence.granted_at.desc(), Licence.id.desc())
    ).all()


def all_current(session: Session, *, since: datetime, limit: int) -> Sequence[tuple[Licence, User]]:
    """Return the licences that go on after *since*, those that end first on top, with whose. Three statements."""
    rows = session.execute(
        select(Licence, User)
        .join(User, User.id == Licence.user_id)
        .where(Licence.expires_at >= since, Licence.revoked_at.is_(None))
        .order_by(Licence.expires_at, Licence.id)
        .limit(limit)
    ).all()
    return [(row[0], row[1]) for row in rows]


def tier_of(session: Session, actor: Actor, tiers: Sequence[str], *, now: datetime) -> str | None:
    """Return the highest tier that *actor* holds at *now*; ``None`` for none. One statement.

    Args:
        tiers: all tiers, the first line first.
    """
    if actor.user_id is None:
        return None
    return rules.tier_of((licence.held for licence in of_person(session, actor.user_id)), tiers, now)


def should_escalate(
    session: Session, actor: Actor, *, tier: str, module: str, tiers: Sequence[str], now: datetime
) -> bool:
    """Return whether an entry of *tier* in *module* is above what *actor* may answer at *now*. Two statements at most.

    An expert answers the modules of their expertise. Where no exam grants the tier nobody could have earned it, and
    nobody is told to hand over.
    """
    if tier not in tiers or tiers.index(tier) == 0 or actor.is_system:
        return False
    if Role.EXPERT in actor.roles and module in actor.modules:
        return False
    if session.scalar(select(Exam.id).where(Exam.grants_tier == tier, Exam.published_at.is_not(None)).limit(1)) is None:
        return False
    return rules.is_above(tier, tier_of(session, actor, tiers, now=now), tiers)
