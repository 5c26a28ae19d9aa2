"""The table of remarks."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base
from kb.entries.models import Revision
from kb.review.rules import MAX_QUOTE, MAX_REMARK


class Remark(Base):
    """What somebody says about a passage of a revision (意见). It stays with the revision, whatever follows it.

    Attributes:
        quote: the revision's own words that it is about; empty for the whole.
        part: name of the field that the quote stands in; ``None`` for the whole.
        resolved_at, resolved_by_id: who said that it is settled; ``None`` while it is open.
    """

    __tablename__ = "remarks"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    quote: Mapped[str] = mapped_column(String(MAX_QUOTE))
    part: Mapped[str | None] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(String(MAX_REMARK))
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    revision: Mapped[Revision] = relationship(lazy="raise")
