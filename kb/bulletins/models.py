"""Tables of bulletins and of who has read them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.bulletins.rules import MAX_PROMPT, MAX_TITLE, Facts, Question, Standing, standing
from kb.db import Base


class Bulletin(Base):
    """A bulletin (公告): short-lived, said by a leader at once. What is to last is an entry, and reviewed.

    The columns from ``title`` to ``explanation`` are the fields of ``rules.Facts``, which says what they mean.

    Attributes:
        version: rises with every change of what it says, and so asks for new receipts; an extension changes no word.
        withdrawn_at: when it was taken back before its end.
    """

    __tablename__ = "bulletins"
    __table_args__ = (
        Index("ix_bulletins_valid_until", "valid_until"),
        CheckConstraint("valid_from < valid_until", name="validity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    text: Mapped[str] = mapped_column(Text)
    script: Mapped[str] = mapped_column(Text)
    words: Mapped[list[str]]
    regions: Mapped[list[str]]
    teams: Mapped[list[str]]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    urgent: Mapped[bool]
    must_read: Mapped[bool]
    prompt: Mapped[str] = mapped_column(String(MAX_PROMPT))
    options: Mapped[list[str]]
    right: Mapped[int | None]
    explanation: Mapped[str] = mapped_column(Text)

    @property
    def question(self) -> Question | None:
        """Return the question it asks, if it asks one."""
        if self.right is None:
            return None
        return Question(prompt=self.prompt, options=tuple(self.options), right=self.right, explanation=self.explanation)

    @property
    def facts(self) -> Facts:
        """Return what it says, as a value."""
        return Facts(
            title=self.title,
            text=self.text,
            script=self.script,
            words=tuple(self.words),
            regions=tuple(self.regions),
            teams=tuple(self.teams),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            urgent=self.urgent,
            must_read=self.must_read,
            question=self.question,
        )

    def standing(self, now: datetime) -> Standing:
        """Return where it stands at the moment *now*."""
        return standing(self.valid_from, self.valid_until, self.withdrawn_at, now)


class Receipt(Base):
    """That a person has read one version of a bulletin (回执). The first answer to its question counts.

    Attributes:
        choice: place of the answer they chose; ``None`` where nothing was asked.
        right: whether it was the right one.
    """

    __tablename__ = "bulletin_receipts"

    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletins.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    at: Mapped[datetime]
    choice: Mapped[int | None]
    right: Mapped[bool | None]
