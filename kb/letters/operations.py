"""The verbs of letters: make them of notices, take one to the mail server, and say how that went.

A notice is put into one letter and never into another, in the transaction that makes the letter. A letter is taken
before it goes and told as sent after, each in a transaction of its own: who is killed in between leaves it ``SENDING``,
and it goes again after the lease, under the same name (``Message-ID``). No events: a letter is no news of its own.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from kb.letters import rules
from kb.letters.models import Letter, LetterLine, LetterState
from kb.notices.models import Mailbox, Mailing, Notice
from kb.people.models import User

MAX_PROBLEM = 300
BATCH = 500
"""Notices that are put into letters in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A letter that was taken, with all that is needed to write it down.

    Attributes:
        locale: the person's language; ``None`` where they have chosen none.
        confirms: whether it asks to confirm the address; there are no notices in it then.
    """

    letter_id: int
    attempt: int
    address: str
    name: str
    locale: str | None
    digest: bool
    made_at: datetime
    notices: tuple[Notice, ...]
    user_id: int
    confirms: bool


def make(session: Session, *, timezone: str, hour: int, now: datetime) -> int:
    """Put notices that wait for it into letters, one a person; return how many notices that were.

    What was read meanwhile is not mailed. Call it until that is 0.

    Args:
        timezone, hour: when a day's notices are summed up.
    """
    old_enough = Notice.at < rules.last_digest(now, timezone, hour)
    due = session.scalars(
        select(Notice)
        .where(or_(Notice.mail == Mailing.AT_ONCE, (Notice.mail == Mailing.DAILY) & old_enough))
        .order_by(Notice.user_id, Notice.mail, Notice.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    reachable = set(
        session.scalars(
            select(Mailbox.user_id)
            .join(User, User.id == Mailbox.user_id)
            .where(
                Mailbox.user_id.in_({notice.user_id for notice in due}),
                Mailbox.confirmed_at.is_not(None),
                User.active,
            )
        )
    )
    for (user_id, mailing), group in groupby(due, key=lambda notice: (notice.user_id, notice.mail)):
        notices = list(group)
        wanted = [notice for notice in notices if notice.read_at is None and user_id in reachable]
        for notice in notices:
            notice.mail = Mailing.TAKEN if notice in wanted else Mailing.SKIPPED
        if wanted:
            letter = Letter(
                user_id=user_id,
                digest=mailing is Mailing.DAILY,
                made_at=now,
                state=LetterState.WAITING,
                next_try_at=now,
            )
            session.add(letter)
            session.flush()
            session.add_all(LetterLine(notice_id=notice.id, letter_id=letter.id) for notice in wanted)
    session.flush()
    return len(due)


def take(session: Session, *, now: datetime) -> Parcel | None:
    """Take the next letter that is to go, or ``None``. Whoever takes it has it for ``rules.LEASE``.

    One whose person has left, or has no confirmed address any more, is given up on the way; so is one that asks to
    confirm what is not their address now, or is confirmed, or for so long that its link is good no more.
    """
    while True:
        letter = session.scalar(
            select(Letter)
            .where(Letter.state.in_((LetterState.WAITING, LetterState.SENDING)), Letter.next_try_at <= now)
            .order_by(Letter.next_try_at, Letter.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if letter is None:
            return None
        user, mailbox = session.get_one(User, letter.user_id), session.get(Mailbox, letter.user_id)
        if mailbox is not None and user.active and _may_go(letter, mailbox, now):
            break
        letter.state = LetterState.GIVEN_UP
        session.flush()
    letter.state, letter.attempts, letter.next_try_at = LetterState.SENDING, letter.attempts + 1, now + rules.LEASE
    session.flush()
    notices = session.scalars(
        select(Notice).join(LetterLine).where(LetterLine.letter_id == letter.id).order_by(Notice.id)
    ).all()
    return Parcel(
        letter_id=letter.id,
        attempt=letter.attempts,
        address=mailbox.address,
        name=user.name,
        locale=user.locale,
        digest=letter.digest,
        made_at=letter.made_at,
        notices=tuple(notices),
        user_id=letter.user_id,
        confirms=letter.confirms is not None,
    )


def _may_go(letter: Letter, mailbox: Mailbox, now: datetime) -> bool:
    if letter.confirms is None:
        return mailbox.confirmed_at is not None
    is_asked = mailbox.confirmed_at is None and mailbox.address == letter.confirms
    return is_asked and now < letter.made_at + rules.CONFIRM_WITHIN


def sent(session: Session, parcel: Parcel, *, now: datetime) -> None:
    """Say that the mail server has taken *parcel*. One statement."""
    session.execute(
        update(Letter).where(Letter.id == parcel.letter_id).values(state=LetterState.SENT, sent_at=now, problem="")
    )


def failed(session: Session, parcel: Parcel, problem: str, *, for_good: bool, now: datetime) -> None:
    """Say that *parcel* did not go. It is tried again later, unless it was tried often enough. One statement.

    Nothing happens where somebody else has it by now.

    Args:
        problem: what the mail server said.
        for_good: trying again is of no use: there is no such address.
    """
    again = None if for_good else rules.next_try(parcel.attempt, now)
    session.execute(
        update(Letter)
        .where(
            Letter.id == parcel.letter_id,
            Letter.state == LetterState.SENDING,
            Letter.attempts == parcel.attempt,
        )
        .values(
            state=LetterState.GIVEN_UP if again is None else LetterState.WAITING,
            next_try_at=again or now,
            problem=problem[:MAX_PROBLEM],
        )
    )
