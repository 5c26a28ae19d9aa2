"""The verbs of notices: deliver what the event log has to tell, and take one as read."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from kb.errors import PermissionDeniedError
from kb.events import cursors
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.notices import rules
from kb.notices.models import DEFAULT_TELLING, Mailbox, Notice, NoticeChoice, NoticeKind, Telling
from kb.notices.rules import Wishes
from kb.notices.sources import SOURCES
from kb.people.models import User
from kb.permissions import Actor

READER = "notices"
KINDS = frozenset(kind for kind, _ in SOURCES)


def deliver(session: Session, *, limit: int = 100) -> int:
    """Make the notices of the next *limit* events; return how many events that were. Call it until that is 0.

    The place in the log moves in the same transaction: every event is told once, whatever is killed in between.
    Nobody is told of what they did themselves, nobody who is gone, and nobody who does not want to hear of its kind.
    """
    events = cursors.take(session, READER, KINDS, limit=limit)
    for event in events:
        source = SOURCES.get((event.subject_kind, event.verb))
        told = source(session, event) if source is not None else ()
        wanted = {item.user_id for item in told} - {event.actor_id}
        wishes = _wishes(session, wanted) if wanted else {}
        session.add_all(
            Notice(
                user_id=item.user_id,
                event_id=event.id,
                kind=item.kind,
                subject_kind=event.subject_kind,
                subject_id=event.subject_id,
                facts=dict(item.facts),
                at=event.at,
                mail=wishes[item.user_id].mailing(item.kind),
            )
            for item in told
            if item.user_id in wishes and wishes[item.user_id].telling(item.kind) is not Telling.NEVER
        )
    session.flush()
    return len(events)


def _wishes(session: Session, user_ids: Collection[int]) -> Mapping[int, Wishes]:
    """Return how those of *user_ids* who are here want to be told. Three statements."""
    active = session.scalars(select(User.id).where(User.id.in_(user_ids), User.active)).all()
    confirmed = Mailbox.confirmed_at.is_not(None)
    reachable = set(session.scalars(select(Mailbox.user_id).where(Mailbox.user_id.in_(active), confirmed)))
    chosen: dict[int, dict[NoticeKind, Telling]] = {}
    for choice in session.scalars(select(NoticeChoice).where(NoticeChoice.user_id.in_(active))):
        chosen.setdefault(choice.user_id, {})[choice.kind] = choice.telling
    return {user_id: Wishes(chosen.get(user_id, {}), user_id in reachable) for user_id in active}


def choose(
    session: Session,
    actor: Actor,
    choices: Mapping[NoticeKind, Telling],
    *,
    address: str,
    domains: Collection[str],
    now: datetime,
) -> bool:
    """Keep how *actor* wants to be told from now on, and where they get mail; what was told before stays as it is.

    Return whether there is another address now, which is theirs only when ``letters.confirming.confirm`` says so.

    Args:
        choices: what they say; a kind that is missing goes the default way.
        address: their mail address; empty for none, and then nothing is mailed.
        domains: the only domains mail may go to; empty for all.

    Raises:
        PermissionDeniedError: *actor* is no person.
        InvalidInputError: *address* is none, or elsewhere than in *domains*.
    """
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才有提醒"))
    wanted = rules.mail_address(address, domains) if address.strip() else None
    session.execute(delete(NoticeChoice).where(NoticeChoice.user_id == actor.user_id))
    session.add_all(
        NoticeChoice(user_id=actor.user_id, kind=kind, telling=telling)
        for kind, telling in choices.items()
        if telling is not DEFAULT_TELLING
    )
    mailbox = session.get(Mailbox, actor.user_id)
    before = mailbox.address if mailbox is not None else None
    if wanted == before:
        return False
    if mailbox is not None:
        session.delete(mailbox)
        session.flush()
    if wanted is not None:
        session.add(Mailbox(user_id=actor.user_id, address=wanted))
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=Verb.ADDRESS_CHANGED,
        subject_kind=Subject.PERSON,
        subject_id=actor.user_id,
    )
    return wanted is not None


def read(session: Session, actor: Actor, *, now: datetime, number: int | None = None) -> None:
    """Take *actor*'s notice *number* as read, or all of theirs. No event: it concerns nobody else. One statement.

    Raises:
        PermissionDeniedError: *actor* is no person.
    """
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才有提醒"))
    wanted = update(Notice).where(Notice.user_id == actor.user_id, Notice.read_at.is_(None)).values(read_at=now)
    if number is not None:
        wanted = wanted.where(Notice.id == number)
    session.execute(wanted)
