"""The table of working copies."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base
from kb.entries.models import Entry, Revision

KEY_LENGTH = 32


class WorkingCopy(Base):
    """What somebody is writing (工作稿) before anybody else sees it: one a person and entry, any number of new ones.

    It is saved every few seconds, so it is no revision and makes no events; handing it in makes both and removes it.

    Attributes:
        key: random name, used in its address.
        user_id: whose it is. Nobody else can read it.
        entry_id: what is being edited; ``None`` while it is to be a new entry.
        base_id: the revision that it began from, or that it was last merged with.
        source: where a new entry comes from: ``thread:<key>``, ``gap:<number>``, ``call:<reference>`` or
            ``interview:<username>``.
        fields: the fields as they stand in the form (``kb.drafting.fields``), however unfinished.
        version: rises with every change; a change made on an older one is refused instead of lost.
    """

    __tablename__ = "working_copies"
    __table_args__ = (UniqueConstraint("user_id", "entry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"), index=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    source: Mapped[str | None] = mapped_column(String(80))
    fields: Mapped[dict[str, Any]]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    entry: Mapped[Entry | None] = relationship(lazy="raise")
    base: Mapped[Revision | None] = relationship(lazy="raise")
