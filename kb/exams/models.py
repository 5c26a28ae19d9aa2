"""Tables of exams: the exam, somebody's attempt at it, and each question of an attempt with its answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, PortableJSON, enum_type
from kb.exams.rules import MAX_TITLE, SEED_LENGTH, Ending, Facts, Purpose, Section
from kb.taxonomy.models import KEY_LENGTH


class Exam(Base):
    """An exam (考试) or a quiz (小测). The columns from ``title`` on are the fields of ``rules.Facts``.

    Attributes:
        published_at: since when it can be taken; ``None`` for a draft.
        closed_at: when it was closed before its end.
    """

    __tablename__ = "exams"
    __table_args__ = (Index("ix_exams_closes_at", "closes_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    purpose: Mapped[Purpose] = mapped_column(enum_type(Purpose))
    sections: Mapped[list[dict[str, Any]]] = mapped_column(PortableJSON)
    minutes: Mapped[int]
    pass_share: Mapped[float]
    attempts: Mapped[int]
    wait_hours: Mapped[int]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    teams: Mapped[list[str]]
    people: Mapped[list[int]] = mapped_column(PortableJSON)
    grants_tier: Mapped[str | None] = mapped_column(ForeignKey("tiers.key"))
    valid_days: Mapped[int]

    @property
    def facts(self) -> Facts:
        """Return what it says of itself, as a value."""
        return Facts(
            title=self.title,
            purpose=self.purpose,
            sections=tuple(Section.from_json(section) for section in self.sections),
            minutes=self.minutes,
            pass_share=self.pass_share,
            attempts=self.attempts,
            wait_hours=self.wait_hours,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            teams=tuple(self.teams),
            people=tuple(self.people),
            grants_tier=self.grants_tier,
            valid_days=self.valid_days,
        )


class Attempt(Base):
    """That somebody takes, or took, an exam.

    Attributes:
        number: 1 for a person's first at this exam.
        seed: draws the questions and orders their options; never leaves the server.
        ends_at: when it is over, by the server's clock.
        submitted_at: when it ended; ``None`` while it goes on.
        score: 0..1; ``None`` while it goes on.
    """

    __tablename__ = "exam_attempts"
    __table_args__ = (
        UniqueConstraint("exam_id", "user_id", "number"),
        Index("ix_exam_attempts_submitted_at_ends_at", "submitted_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    number: Mapped[int]
    seed: Mapped[str] = mapped_column(String(SEED_LENGTH))
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    ending: Mapped[Ending | None] = mapped_column(enum_type(Ending))
    score: Mapped[float | None]
    passed: Mapped[bool | None]

    exam: Mapped[Exam] = relationship()


class AttemptQuestion(Base):
    """A question of an attempt, as it was when the attempt began, and what was answered.

    Attributes:
        place: from 1, as it is asked.
        module_key: of the question's entry at that time.
        item: ``kb.questions`` Item as JSON: a later change of the question changes no attempt.
        answer: ``kb.questions`` Answer as JSON; ``None`` until answered.
        answered_at: of the last answer.
        share: 0..1 of its point; ``None`` until the attempt has ended.
        right: whether all of it is right; ``None`` until the attempt has ended.
    """

    __tablename__ = "exam_attempt_questions"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("exam_attempts.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    module_key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    item: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any] | None] = mapped_column(PortableJSON)
    answered_at: Mapped[datetime | None]
    share: Mapped[float | None]
    right: Mapped[bool | None]
