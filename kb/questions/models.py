"""The table of questions."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, enum_type
from kb.entries.models import Entry
from kb.people.models import User
from kb.questions.rules import MAX_PROMPT, Difficulty, Item, Kind, Origin, State


class Question(Base):
    """A question about an entry (题目), kept beside it.

    The columns from ``kind`` to ``difficulty`` are the fields of ``rules.Item``, which says what they mean.

    Attributes:
        version: rises with every change of what it asks; an answer names the version it was given to.
        fingerprint: of what was proposed, so that nothing is proposed twice; ``None`` for one that a person wrote.
        revision_id: what the entry said when somebody last looked at the question.
        suspended_at: when a material edit of the entry, or a person, took it out; ``None`` unless it is suspended.
        reason: why it is suspended; empty when the entry's edit did it.
    """

    __tablename__ = "questions"
    __table_args__ = (
        UniqueConstraint("entry_id", "fingerprint"),
        Index("ix_questions_entry_id_state", "entry_id", "state"),
        Index("ix_questions_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    state: Mapped[State] = mapped_column(enum_type(State))
    origin: Mapped[Origin] = mapped_column(enum_type(Origin))
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    published_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300), default="")

    kind: Mapped[Kind] = mapped_column(enum_type(Kind))
    prompt: Mapped[str] = mapped_column(String(MAX_PROMPT))
    options: Mapped[list[str]]
    right: Mapped[list[int]]
    entries: Mapped[list[str]]
    text: Mapped[str] = mapped_column(Text)
    explanation: Mapped[str] = mapped_column(Text)
    difficulty: Mapped[int]

    entry: Mapped[Entry] = relationship(lazy="raise")
    author: Mapped[User | None] = relationship(foreign_keys=[author_id], lazy="raise")

    @property
    def item(self) -> Item:
        """Return what it asks, and what is right, as a value."""
        return Item(
            kind=self.kind,
            prompt=self.prompt,
            options=tuple(self.options),
            right=tuple(self.right),
            entries=tuple(self.entries),
            text=self.text,
            explanation=self.explanation,
            difficulty=Difficulty(self.difficulty),
        )
