"""Reading notices."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.errors import NotFoundError
from kb.i18n import N_
from kb.notices.models import Notice
from kb.permissions import Actor


def unread(session: Session, actor: Actor) -> int:
    """Return how many notices *actor* has not read. One statement."""
    return (
        session.scalar(
            select(func.count()).select_from(Notice).where(Notice.user_id == actor.user_id, Notice.read_at.is_(None))
        )
        or 0
    )


def page(session: Session, actor: Actor, *, limit: int, offset: int = 0) -> Sequence[Notice]:
    """Return *actor*'s notices, unread ones first, each newest first. One statement."""
    return session.scalars(
        select(Notice)
        .where(Notice.user_id == actor.user_id)
        .order_by(Notice.read_at.is_not(None), Notice.at.desc(), Notice.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def count(session: Session, actor: Actor) -> int:
    """Return how many notices *actor* has. One statement."""
    return session.scalar(select(func.count()).select_from(Notice).where(Notice.user_id == actor.user_id)) or 0


def notice(session: Session, actor: Actor, number: int) -> Notice:
    """Return a notice of *actor*'s. One statement.

    Raises:
        NotFoundError: they have none of that number.
    """
    found = session.scalar(select(Notice).where(Notice.id == number, Notice.user_id == actor.user_id))
    if found is None:
        raise NotFoundError(N_("没有这条提醒"))
    return found
