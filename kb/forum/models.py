"""Tables of threads, their replies, and what people think of them and keep of them."""

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
MAX_REASON = 300
FIRST_POST = 0
"""The number of a thread's own text among its posts; replies count from 1."""


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
    """Whether a thread takes replies and is shown. What was merged only leads to what it became a part of."""

    OPEN = "open"
    CLOSED = "closed"
    HIDDEN = "hidden"
    MERGED = "merged"


class Thread(Base):
    """A thread: a first post and its replies.

    Attributes:
        key: stable public name, used in addresses and files.
        author_name: the author's name as imported, for somebody who has no account here.
        derived_from: where it came from: ``gap:<number>``.
        merged_into: key of the thread that it has become a part of.
        state_reason: why it was closed, hidden or merged; ``None`` where nobody had to say.
        drawn_at: when the module's experts were drawn in, because nobody had answered.
        accepted_at: when the answer was accepted; ``None`` where that is not known, as of an imported one.
        edited_at: when its author last changed the first post; ``PostEdit`` has what stood there before.
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
    derived_from: Mapped[str | None] = mapped_column(String(80))
    merged_into: Mapped[str | None] = mapped_column(String(KEY_LENGTH), index=True)
    state_reason: Mapped[str | None] = mapped_column(String(MAX_REASON))
    drawn_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]

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
    """A reply, numbered 1, 2, 3 … in its thread.

    Attributes:
        hidden_reason: why moderators hid it; ``None`` while it is shown.
        edited_at: when its author last changed it.
    """

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("thread_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    number: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str | None] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    hidden_reason: Mapped[str | None] = mapped_column(String(MAX_REASON))
    edited_at: Mapped[datetime | None]

    thread: Mapped[Thread] = relationship(back_populates="replies")


class PostEdit(Base):
    """A post as it stood before its author changed it (改过); never changed itself.

    Attributes:
        number: the post's.
        version: 0 for what was written first, and one more with every change.
        title: of a thread's own text; ``None`` of a reply.
        at: when this text was written.
    """

    __tablename__ = "post_edits"

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str | None] = mapped_column(String(MAX_TITLE))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class Vote(Base):
    """That somebody found a post useful (有用).

    Attributes:
        number: the reply's, or ``FIRST_POST``.
    """

    __tablename__ = "post_votes"

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    at: Mapped[datetime]


class Mark(Base):
    """What a person keeps of a thread: how far they have read, and whether they follow it (关注).

    Attributes:
        read_number: the last post they have seen; ``None`` before they have opened it.
        follows: ``None`` while they have not said; whoever writes follows from then on, unless they said no.
    """

    __tablename__ = "thread_marks"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True, index=True)
    read_number: Mapped[int | None]
    follows: Mapped[bool | None]
