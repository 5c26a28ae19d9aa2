"""Tables of regional verification. That a region confirmed a revision is ``kb.entries.models.Verification``."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, enum_type
from kb.verification.rules import Local, Nudge


class Overlay(Base):
    """What is otherwise in a region (地方口径), shown on top of the entry there. Never changed: another replaces it.

    Attributes:
        since: number of the revision that it was written for; it holds from the moment that one, or a later one, is
            live.
        until: number of the revision from which on it holds no more; ``None`` while it does. It goes on with the next
            revision: a verifier who confirms that sees it.
        ended_by_id, ended_at: who replaced or withdrew it.
    """

    __tablename__ = "overlays"
    __table_args__ = (Index("ix_overlays_entry_id_region_key", "entry_id", "region_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    region_key: Mapped[str] = mapped_column(ForeignKey("regions.key"))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    since: Mapped[int]
    until: Mapped[int | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]

    @property
    def local(self) -> Local:
        """Return it as a value."""
        return Local(id=self.id, region=self.region_key, text=self.text)


class VerificationNudge(Base):
    """That a region's silence about a revision had a consequence: each once, whoever looks when."""

    __tablename__ = "verification_nudges"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    region_key: Mapped[str] = mapped_column(ForeignKey("regions.key"), primary_key=True)
    kind: Mapped[Nudge] = mapped_column(enum_type(Nudge), primary_key=True)
    at: Mapped[datetime]
