"""Tables of shifts and of who has read a brief."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base


class Shift(Base):
    """That a team's shift (班次) begins at a moment."""

    __tablename__ = "shifts"
    __table_args__ = (Index("ix_shifts_team_id_starts_at", "team_id", "starts_at", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    starts_at: Mapped[datetime]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    set_at: Mapped[datetime]


class BriefReceipt(Base):
    """That a person has read what changed between two moments (班前会回执).

    Attributes:
        since: from when on they were told.
        at: when they said so, and until when.
    """

    __tablename__ = "brief_receipts"
    __table_args__ = (Index("ix_brief_receipts_user_id_at", "user_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    since: Mapped[datetime]
    at: Mapped[datetime]
