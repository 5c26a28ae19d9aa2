"""Tables of idle study. They are the person's own: no query gives them to anybody else one by one."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, enum_type
from kb.events.models import BigId
from kb.questions.models import Question
from kb.study.rules import Why
from kb.study.scheduling import Memory
from kb.taxonomy.models import KEY_LENGTH

KEY_MAX = 40


class Card(Base):
    """A question as one person has it (卡片). The columns from ``box`` on are the fields of ``scheduling.Memory``."""

    __tablename__ = "study_cards"
    __table_args__ = (Index("ix_study_cards_user_id_due_at", "user_id", "due_at"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True, index=True)
    first_at: Mapped[datetime]

    box: Mapped[int]
    due_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int]
    lapses: Mapped[int]
    sure_wrong: Mapped[bool]
    stability: Mapped[float | None]
    hardness: Mapped[float | None]

    question: Mapped[Question] = relationship(lazy="raise")

    @property
    def memory(self) -> Memory:
        """Return what is remembered, as a value."""
        return Memory(**{name: getattr(self, name) for name in Memory.__dataclass_fields__})

    def put(self, memory: Memory) -> None:
        """Take over *memory*."""
        for name in Memory.__dataclass_fields__:
            setattr(self, name, getattr(memory, name))


class StudyAnswer(Base):
    """One answer to a card. No event: what somebody gets wrong is theirs, and others read the log.

    Attributes:
        key: made by the page, so that an answer that is sent twice is one.
        version: of the question that was answered.
        entry_id: the question's; here too, since sums over answers go by entries.
        why: why the card was shown.
        given: what was answered (``kb.questions.grading.Answer``).
        right, share: see ``kb.questions.grading.Grade``.
        at: when it was answered; ``received_at`` later when the server had been away.
        before: the card's box before, ``None`` for a new card.
    """

    __tablename__ = "study_answers"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_study_answers_user_id_at", "user_id", "at"),
        Index("ix_study_answers_question_id_at", "question_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    key: Mapped[str] = mapped_column(String(KEY_MAX))
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"))
    version: Mapped[int]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    why: Mapped[Why] = mapped_column(enum_type(Why))
    given: Mapped[dict[str, Any]]
    confidence: Mapped[int]
    right: Mapped[bool]
    share: Mapped[float]
    before: Mapped[int | None]
    took_ms: Mapped[int]
    at: Mapped[datetime]
    received_at: Mapped[datetime]


class StudyScope(Base):
    """Which new cards a person wants (学习范围): up to which tier, of which modules; none named means all."""

    __tablename__ = "study_scopes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    tier_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    modules: Mapped[list[str]]
