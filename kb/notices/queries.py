"""Reading notices."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.errors import NotFoundError
from kb.i18n import N_
from kb.notices.models import DEFAULT_TELLING, Mailbox, Notice, NoticeChoice, NoticeKind, Telling
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


def choices(session: Session, actor: Actor) -> Mapping[NoticeKind, Telling]:
    """Return how *actor* wants to be told of each kind. One statement."""
    chosen = session.scalars(select(NoticeChoice).where(NoticeChoice.user_id == actor.user_id))
    return dict.fromkeys(NoticeKind, DEFAULT_TELLING) | {choice.kind: choice.telling for choice in chosen}


def mailbox(session: Session, actor: Actor) -> Mailbox | None:
    """Return where *actor* gets mail, ``None`` for nowhere. One statement."""
    return session.scalar(select(Mailbox).where(Mailbox.user_id == actor.user_id))


def newest(session: Session) -> int:
    """Return the number of the newest notice, 0 when there is none. One statement."""
    return session.scalar(select(func.max(Notice.id))) or 0


def told_since(session: Session, number: int) -> Mapping[int, int]:
    """Return who got a notice after *number*, and the number of their newest. One statement.

    Notices are made one reader of the log at a time, so their numbers are in the order of commits.
    """
    rows = session.execute(
        select(Notice.user_id, func.max(Notice.id)).where(Notice.id > number).group_by(Notice.user_id)
    )
    return {row[0]: row[1] for row in rows}
