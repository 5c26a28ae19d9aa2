"""Tables of threads and replies."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, enum_type
from kb.i18n import N_
from kb.permissions import Target
from kb.taxonomy.models import KEY_LENGTH

MAX_TITLE = 120
MAX_BODY = 50_000


class ThreadKind(StrEnum):
    """What somebody starts a thread for."""

    QUESTION = "question"
    EXPERIENCE = "experience"
    CASE = "case"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return THREAD_KIND_LABELS[self]


THREAD_KIND_LABELS: Mapping[ThreadKind, str] = {
    ThreadKind.QUESTION: N_("提问"),
    ThreadKind.EXPERIENCE: N_("通话心得"),
    ThreadKind.CASE: N_("案例讨论"),
}


class ThreadState(StrEnum):
    """Whether a thread takes replies and is shown."""

    OPEN = "open"
    CLOSED = "closed"
    HIDDEN = "hidden"


class Thread(Base):
    """A thread: a first post and its replies.

    Attributes:
        key: stable public name, used in addresses and files.
        author_name: the author's name as imported, for somebody who has no account here.
    """

    __tablename__ = "threads"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), unique=True)
    kind: Mapped[ThreadKind] = mapped_column(enum_type(ThreadKind))
    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    body: Mapped[str] = mapped_column(Text)
    module_key: Mapped[str] = mapped_column(ForeignKey("modules.key"), index=True)
    region_key: Mapped[str | None] = mapped_column(ForeignKey("regions.key"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str | None] = mapped_column(String(80))
    state: Mapped[ThreadState] = mapped_column(enum_type(ThreadState), default=ThreadState.OPEN)
    created_at: Mapped[datetime]
    active_at: Mapped[datetime] = mapped_column(index=True)
    accepted_number: Mapped[int | None]

    replies: Mapped[list["Reply"]] = relationship(
        back_populates="thread", order_by="Reply.number", lazy="raise", cascade="all, delete-orphan"
    )

    @property
    def target(self) -> Target:
        """Return the thread as what a permission is asked about."""
        return Target(
            people=frozenset() if self.author_id is None else frozenset({self.author_id}),
            module=self.module_key,
            regions=frozenset() if self.region_key is None else frozenset({self.region_key}),
        )


class Reply(Base):
    """A reply, numbered 1, 2, 3 … in its thread."""

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("thread_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    number: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str | None] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]

    thread: Mapped[Thread] = relationship(back_populates="replies")
