"""Whether an address is its person's: a letter asks, and whoever reads it there and is signed in here says so.

What the letter's link holds, and that nobody else can have made it, is the web floor's business.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kb.errors import ConflictError, NotFoundError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.letters import rules
from kb.letters.models import Letter, LetterState
from kb.notices.models import Mailbox
from kb.notices.rules import mail_address
from kb.people.models import User
from kb.permissions import Actor, Permission, require


def ask(session: Session, actor: Actor, *, now: datetime) -> None:
    """Make a letter that asks *actor* to confirm their address. No event: nothing has changed. Three statements.

    Raises:
        PermissionDeniedError: *actor* is no person.
        NotFoundError: they have no address that is to be confirmed.
        ConflictError: they, or others for the same address, have asked ``rules.MAX_ASKED`` times within a day.
    """
    mailbox = _mailbox(session, actor)
    if mailbox is None or mailbox.confirmed_at is not None:
        raise NotFoundError(N_("没有要确认的邮箱"))
    same = or_(Letter.user_id == mailbox.user_id, Letter.confirms == mailbox.address)
    recent = Letter.made_at > now - rules.ASKED_WITHIN
    asked = select(func.count()).where(Letter.confirms.is_not(None), same, recent)
    if (session.scalar(asked) or 0) >= rules.MAX_ASKED:
        raise ConflictError(N_("一天最多发 %(max)s 封确认信，请明天再试，或者请管理员设置邮箱"), max=rules.MAX_ASKED)
    session.add(
        Letter(
            user_id=mailbox.user_id,
            confirms=mailbox.address,
            digest=False,
            made_at=now,
            state=LetterState.WAITING,
            next_try_at=now,
        )
    )
    session.flush()


def confirm(session: Session, actor: Actor, address: str, *, now: datetime) -> None:
    """Take *address* as *actor*'s own. What was told before stays as it is: nothing of the past is mailed.

    Confirming again changes nothing, and appends no event.

    Raises:
        PermissionDeniedError: *actor* is no person.
        NotFoundError: it is not the address that they have entered, by now.
    """
    mailbox = _mailbox(session, actor)
    if mailbox is None or mailbox.address != address:
        raise NotFoundError(N_("你现在填的不是这个邮箱，这封确认信不用了"))
    if mailbox.confirmed_at is not None:
        return
    mailbox.confirmed_at = now
    _record(session, actor, mailbox.user_id, Verb.ADDRESS_CONFIRMED, now)


def appoint(
    session: Session, actor: Actor, user: User, address: str, *, domains: Collection[str], now: datetime
) -> None:
    """Let *user* get mail at *address*, which the centre knows to be theirs; empty for none.

    Args:
        domains: the only domains mail may go to; empty for all.

    Raises:
        PermissionDeniedError: *actor* may not manage people.
        InvalidInputError: *address* is none, or elsewhere than in *domains*.
    """
    require(actor, Permission.PEOPLE_MANAGE)
    wanted = mail_address(address, domains) if address.strip() else None
    mailbox = session.get(Mailbox, user.id)
    if wanted is None:
        if mailbox is not None:
            session.delete(mailbox)
    elif mailbox is None:
        session.add(Mailbox(user_id=user.id, address=wanted, confirmed_at=now))
    else:
        mailbox.address, mailbox.confirmed_at = wanted, now
    _record(session, actor, user.id, Verb.ADDRESS_CHANGED, now)


def _mailbox(session: Session, actor: Actor) -> Mailbox | None:
    """Return *actor*'s mailbox, locked: of two who press at once, the second counts what the first has asked."""
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才有提醒"))
    return session.scalar(select(Mailbox).where(Mailbox.user_id == actor.user_id).with_for_update())


def _record(session: Session, actor: Actor, user_id: int, verb: Verb, now: datetime) -> None:
    append(session, at=now, actor_id=actor.user_id, verb=verb, subject_kind=Subject.PERSON, subject_id=user_id)
