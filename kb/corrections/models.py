"""The table of corrections."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.corrections.rules import (
    MAX_EVIDENCE,
    MAX_PASSAGE,
    MAX_REASON,
    MAX_RIGHT,
    MAX_TOKEN,
    MAX_WRONG,
    OPEN,
    Hold,
    Severity,
    State,
)
from kb.db import Base, enum_type
from kb.entries.models import Entry, Revision


class Correction(Base):
    """That somebody said an entry is wrong (纠错), and what became of it.

    Attributes:
        revision: the revision they had read.
        token: made by their page: what is sent twice is one correction.
        severity: as decided; ``reported_severity`` as reported.
        passage, wrong, right, evidence: see ``rules.Report``.
        due_at: by when it has to be answered; follows the severity.
        reason: why it was decided so.
        duplicate_of_id: the correction that says the same, never itself a duplicate.
        fixed_revision: the revision that is right.
        closed_at: when it was answered: on the desk, not upheld or found a duplicate.
        told_at: when the reporter was last told what became of it.
        hold: what it does to the entry meanwhile; ``suspend_at`` is when it takes it off the desk by itself.
        held_by_id, held_at: who suspended the entry because of it, or let it stay; nobody for the system.
    """

    __tablename__ = "corrections"
    __table_args__ = (
        UniqueConstraint("reporter_id", "token"),
        Index("ix_corrections_state_due_at", "state", "due_at"),
        Index("ix_corrections_hold", "hold"),
        Index("ix_corrections_reported_at", "reported_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    token: Mapped[str | None] = mapped_column(String(MAX_TOKEN))
    reported_at: Mapped[datetime]
    reported_severity: Mapped[Severity] = mapped_column(enum_type(Severity))
    passage: Mapped[str] = mapped_column(String(MAX_PASSAGE))
    wrong: Mapped[str] = mapped_column(String(MAX_WRONG))
    right: Mapped[str] = mapped_column(String(MAX_RIGHT))
    evidence: Mapped[str] = mapped_column(String(MAX_EVIDENCE))

    severity: Mapped[Severity] = mapped_column(enum_type(Severity))
    due_at: Mapped[datetime]
    state: Mapped[State] = mapped_column(enum_type(State))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(MAX_REASON), default="")
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"), index=True)
    fixed_revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    fixed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    fixed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]

    hold: Mapped[Hold] = mapped_column(enum_type(Hold))
    suspend_at: Mapped[datetime | None]
    held_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    held_at: Mapped[datetime | None]

    entry: Mapped[Entry] = relationship()
    revision: Mapped[Revision] = relationship(foreign_keys=[revision_id])
    fixed_revision: Mapped[Revision | None] = relationship(foreign_keys=[fixed_revision_id])

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in OPEN

    def is_overdue(self, now: datetime) -> bool:
        """Return whether its time is up without an answer at the moment *now*."""
        return self.is_open and now > self.due_at

    @property
    def on_time(self) -> bool | None:
        """Whether it was answered in time; ``None`` while it is open."""
        return None if self.closed_at is None else self.closed_at <= self.due_at
