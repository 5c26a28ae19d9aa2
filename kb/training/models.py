"""Tables of training: plans with their items, lessons with who is assigned, quizzes that measure, launch packs."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, PortableJSON, enum_type
from kb.exams.models import Exam
from kb.training.rules import (
    MAX_PLACE,
    MAX_REASON,
    MAX_TITLE,
    Cause,
    Cell,
    LessonState,
    Path,
    PlanState,
    Stage,
    Taught,
)


class Plan(Base):
    """A training plan (培训计划) of a period, and the needs it was made from.

    Attributes:
        starts_on, ends_on: its first and last day.
        since, until: the moments between which needs were counted.
        follows_id: the plan whose evaluation it was proposed by.
        team_key: the only team it is for, where a leader made it; ``None`` for the centre's.
    """

    __tablename__ = "training_plans"
    __table_args__ = (CheckConstraint("since < until", name="evidence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    state: Mapped[PlanState] = mapped_column(enum_type(PlanState), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    since: Mapped[datetime]
    until: Mapped[datetime]
    team_key: Mapped[str | None] = mapped_column(String(64))
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("training_plans.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    items: Mapped[list["PlanItem"]] = relationship(back_populates="plan", order_by="PlanItem.id")


class LaunchPack(Base):
    """What belongs to a new business before its first day (新业务上线包): knowledge, wordings, bulletin, quiz.

    Attributes:
        launch_at: when calls about it begin.
        teams: keys of the teams that answer them; empty for all.
        entry_keys: the knowledge that has to be live by then.
        bulletin_id: the must-read bulletin that announces it.
        exam_id: the quiz that says whether people are ready.
    """

    __tablename__ = "launch_packs"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    module_key: Mapped[str] = mapped_column(ForeignKey("modules.key"))
    launch_at: Mapped[datetime] = mapped_column(index=True)
    teams: Mapped[list[str]]
    entry_keys: Mapped[list[str]]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    bulletin_id: Mapped[int | None] = mapped_column(ForeignKey("bulletins.id"))
    exam_id: Mapped[int | None] = mapped_column(ForeignKey("exams.id"))


class PlanItem(Base):
    """One line of a plan: who learns what by when, why, and who teaches it.

    Attributes:
        team_key: whose people; ``people`` are ids where it is for some by name.
        leaders_first: whether leaders are to hear it before their people.
        reason: why, in words.
        trainer_id: who is responsible.
    """

    __tablename__ = "training_plan_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("training_plans.id"), index=True)
    module_key: Mapped[str] = mapped_column(ForeignKey("modules.key"))
    team_key: Mapped[str] = mapped_column(String(64))
    people: Mapped[list[int]] = mapped_column(PortableJSON)
    path: Mapped[Path] = mapped_column(enum_type(Path))
    cause: Mapped[Cause] = mapped_column(enum_type(Cause))
    leaders_first: Mapped[bool]
    due_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(MAX_REASON))
    trainer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    pack_id: Mapped[int | None] = mapped_column(ForeignKey("launch_packs.id"))

    plan: Mapped[Plan] = relationship(back_populates="items")
    lessons: Mapped[list["Lesson"]] = relationship(back_populates="item", order_by="Lesson.starts_at")
    checks: Mapped[list["Check"]] = relationship(back_populates="item")
    pack: Mapped[LaunchPack | None] = relationship()

    @property
    def cell(self) -> Cell:
        """The module and team it is about."""
        return Cell(self.module_key, self.team_key)


class Lesson(Base):
    """One occasion on which an item is taught (培训课), with its material and trainer.

    Attributes:
        entry_keys: the knowledge it teaches from.
        held_at: when it was recorded as held.
    """

    __tablename__ = "lessons"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("training_plan_items.id"), index=True)
    state: Mapped[LessonState] = mapped_column(enum_type(LessonState))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(String(MAX_PLACE))
    trainer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    leaders_only: Mapped[bool]
    entry_keys: Mapped[list[str]]
    held_at: Mapped[datetime | None]

    item: Mapped[PlanItem] = relationship(back_populates="lessons")
    assignments: Mapped[list["Assignment"]] = relationship(back_populates="lesson", order_by="Assignment.user_id")

    @property
    def taught(self) -> Taught:
        """Return it as far as the order of lessons is concerned."""
        return Taught(self.starts_at, self.leaders_only, self.state)


class Assignment(Base):
    """That somebody is to come to a lesson (学习任务), and whether they came; ``None`` before it was held."""

    __tablename__ = "lesson_assignments"
    __table_args__ = (Index("ix_lesson_assignments_user_id", "user_id"),)

    lesson_id: Mapped[int] = mapped_column(ForeignKey("lessons.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    attended: Mapped[bool | None]

    lesson: Mapped[Lesson] = relationship(back_populates="assignments")


class Check(Base):
    """The quiz that measures an item at one stage."""

    __tablename__ = "training_checks"
    __table_args__ = (UniqueConstraint("item_id", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("training_plan_items.id"))
    stage: Mapped[Stage] = mapped_column(enum_type(Stage))
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), unique=True)

    item: Mapped[PlanItem] = relationship(back_populates="checks")
    exam: Mapped[Exam] = relationship()
