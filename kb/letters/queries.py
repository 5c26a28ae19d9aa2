"""Reading letters."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kb.letters import rules
from kb.letters.models import Letter, LetterState
from kb.notices.models import Mailing, Notice
from kb.permissions import Actor


def last(session: Session, actor: Actor) -> Letter | None:
    """Return the newest letter to *actor*. One statement."""
    return session.scalar(select(Letter).where(Letter.user_id == actor.user_id).order_by(Letter.id.desc()).limit(1))


def is_anything_due(session: Session, *, timezone: str, hour: int, now: datetime) -> bool:
    """Return whether there is a letter to make or to send, without locking a thing. Two statements at most."""
    old_enough = Notice.at < rules.last_digest(now, timezone, hour)
    to_make = select(Notice.id).where(or_(Notice.mail == Mailing.AT_ONCE, (Notice.mail == Mailing.DAILY) & old_enough))
    to_send = select(Letter.id).where(
        Letter.state.in_((LetterState.WAITING, LetterState.SENDING)), Letter.next_try_at <= now
    )
    return any(session.scalar(wanted.limit(1)) is not None for wanted in (to_make, to_send))
