"""Tables of must-reads and their receipts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base
from kb.entries.models import Entry
from kb.permissions import Target
from kb.questions.models import Question

MAX_NOTE = 200


class MustRead(Base):
    """That people were asked to read an entry and answer one question about it (必读).

    Attributes:
        edition: rises when a material edit of the entry goes live: new receipts are asked for. A comma changes nothing.
        question_id: what whoever has read it can answer. Nobody is asked while it is not live.
        teams: keys of teams; empty for all.
        due_at: by when.
        withdrawn_at: when it was taken back; ``None`` while it stands.
    """

    __tablename__ = "must_reads"
    __table_args__ = (Index("ix_must_reads_withdrawn_at", "withdrawn_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"))
    edition: Mapped[int] = mapped_column(default=1)
    teams: Mapped[list[str]]
    note: Mapped[str] = mapped_column(String(MAX_NOTE))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    entry: Mapped[Entry] = relationship(lazy="raise")
    question: Mapped[Question] = relationship(lazy="raise")

    @property
    def target(self) -> Target:
        """Return it as what a permission is asked about."""
        return Target(teams=frozenset(self.teams))


class MustReadReceipt(Base):
    """That a person answered the question of one edition rightly: opening the entry is not reading it.

    What they answered before, and how often, is theirs (``kb.study``) and not kept here, where leaders look.
    """

    __tablename__ = "must_read_receipts"

    must_read_id: Mapped[int] = mapped_column(ForeignKey("must_reads.id"), primary_key=True)
    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    at: Mapped[datetime]
