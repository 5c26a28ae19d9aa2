"""The table of licences."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base
from kb.licences.rules import MAX_REASON, Held


class Licence(Base):
    """That somebody earned a tier (漏斗的一层) by an exam, for a set time.

    Attributes:
        attempt_id: the attempt at an exam that earned it; no foreign key, so that a licence outlives the exam.
        revoked_at: when it was taken back before its end.
        reason: why it was taken back.
    """

    __tablename__ = "licences"
    __table_args__ = (Index("ix_licences_user_id_expires_at", "user_id", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    tier_key: Mapped[str] = mapped_column(ForeignKey("tiers.key"))
    attempt_id: Mapped[int] = mapped_column(unique=True)
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(MAX_REASON), default="")

    @property
    def held(self) -> Held:
        """Return what it says, as a value."""
        return Held(self.tier_key, self.granted_at, self.expires_at, self.revoked_at)
