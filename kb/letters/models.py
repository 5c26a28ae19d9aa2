"""The tables of letters."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, enum_type
from kb.events.models import BigId
from kb.notices.models import Notice


class LetterState(StrEnum):
    """Where a letter is."""

    WAITING = "waiting"
    SENDING = "sending"
    """Somebody has taken it to the mail server. Left behind by a killed sender, it is taken again."""
    SENT = "sent"
    GIVEN_UP = "given_up"


class Letter(Base):
    """One mail to one person (信件): made once, with the notices that are in it.

    Attributes:
        confirms: the address that it asks to confirm, and goes to; ``None`` for a letter with notices.
        digest: whether it is a day's summary; else it was made at once.
        next_try_at: not to be taken to the mail server before.
        attempts: how often it was taken there.
        problem: what the mail server said last, empty for nothing.
    """

    __tablename__ = "letters"
    __table_args__ = (Index("ix_letters_state_next_try_at", "state", "next_try_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    confirms: Mapped[str | None] = mapped_column(String(254), index=True)
    digest: Mapped[bool]
    made_at: Mapped[datetime]
    state: Mapped[LetterState] = mapped_column(enum_type(LetterState))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(String(300), default="")


class LetterLine(Base):
    """That a notice is in a letter. The notice is the key: none is in two, whoever makes letters at the same time."""

    __tablename__ = "letter_lines"

    notice_id: Mapped[int] = mapped_column(ForeignKey(Notice.id), primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey(Letter.id), index=True)
