"""Tables of maturity: evidence in sums, level changes, holds, rubrics, ratings, flags and nominations.

The level itself stands on the entry: every list shows it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, PortableJSON, enum_type
from kb.i18n import N_
from kb.maturity.gates import Cause, Tally
from kb.maturity.honesty import Check
from kb.maturity.reasons import Reason
from kb.maturity.rubric import MAX_REASON, Criterion, Scores


class Standing(Base):
    """What speaks for an entry, in sums that can be counted again from outcomes, ratings and events at any time.

    Attributes:
        live_revision_id: the live revision this was counted for.
        base_revision_id: the revision evidence began with: outcomes and ratings of older ones don't count.
        checklist: Q of the live revision, 0..1: the share of the writing standard's points that it meets.
        standard: the version of the standard that Q was counted by (``kb.entries.standard.Standard.version``).
        solved, unsolved, agents, teams: see ``gates.Tally``.
        raters, rater_teams: independent raters, and of how many teams.
        merit: M as the index knows it, 0..1.
        aged_for: the verification after which a level was lost for age; it is lost once only.
    """

    __tablename__ = "maturity_standings"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True, autoincrement=False)
    live_revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    base_revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    checklist: Mapped[float]
    standard: Mapped[str] = mapped_column(String(20))
    solved: Mapped[int] = mapped_column(default=0)
    unsolved: Mapped[int] = mapped_column(default=0)
    agents: Mapped[int] = mapped_column(default=0)
    teams: Mapped[int] = mapped_column(default=0)
    raters: Mapped[int] = mapped_column(default=0)
    rater_teams: Mapped[int] = mapped_column(default=0)
    merit: Mapped[float] = mapped_column(default=0.0)
    aged_for: Mapped[datetime | None]

    @property
    def tally(self) -> Tally:
        """What calls say."""
        return Tally(self.solved, self.unsolved, self.agents, self.teams)


class LevelChange(Base):
    """That an entry's level changed, and why.

    Attributes:
        reasons: ``Reason.to_json`` each.
        actor_id: who did it; ``None`` when the rules did.
        note: what a manager wrote.
        seen_at: when the owner has seen it.
    """

    __tablename__ = "level_changes"
    __table_args__ = (Index("ix_level_changes_entry_id_at", "entry_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    before: Mapped[int | None]
    after: Mapped[int]
    cause: Mapped[Cause] = mapped_column(enum_type(Cause))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(PortableJSON)
    actor_id: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(MAX_REASON), default="")
    seen_at: Mapped[datetime | None]

    @property
    def why(self) -> tuple[Reason, ...]:
        """The reasons as values."""
        return tuple(Reason.from_json(item) for item in self.reasons)

    @property
    def rises(self) -> bool:
        """Whether the level went up."""
        return self.before is not None and self.after > self.before


class Hold(Base):
    """That a manager set an entry's level, and why; rules leave it alone until it ends."""

    __tablename__ = "level_holds"
    __table_args__ = (
        Index(
            "ix_level_holds_open",
            "entry_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    level: Mapped[int]
    reason: Mapped[str] = mapped_column(String(MAX_REASON))
    held_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    held_at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]


class Rubric(Base):
    """A version of the rubric; the newest is in force, and a rating keeps the one it was given by.

    Attributes:
        words: see ``rubric.Words``.
    """

    __tablename__ = "rubrics"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    words: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(String(MAX_REASON))


class Rating(Base):
    """What an expert says of a revision. A change is a new row; the one before stays.

    Attributes:
        team_id: the rater's team at that time.
        overall: mean of the five scores, 1..5.
        replaced_at: when the same rater rated the entry anew; ``None`` for what counts.
    """

    __tablename__ = "ratings"
    __table_args__ = (
        Index(
            "ix_ratings_current",
            "entry_id",
            "rater_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
        *(CheckConstraint(f"{item.value} BETWEEN 1 AND 5", name=item.value) for item in Criterion),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    rubric_id: Mapped[int] = mapped_column(ForeignKey("rubrics.id"))
    rater_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    at: Mapped[datetime]
    accuracy: Mapped[int]
    completeness: Mapped[int]
    wording: Mapped[int]
    applicability: Mapped[int]
    reusability: Mapped[int]
    overall: Mapped[float]
    reason: Mapped[str] = mapped_column(String(MAX_REASON))
    replaced_at: Mapped[datetime | None]

    @property
    def scores(self) -> Scores:
        """The scores as a value."""
        return Scores(*(getattr(self, criterion.value) for criterion in Criterion))


class FlagState(StrEnum):
    """What a manager made of a flag."""

    OPEN = "open"
    DISMISSED = "dismissed"
    UPHELD = "upheld"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return FLAG_LABELS[self]


FLAG_LABELS = {
    FlagState.OPEN: N_("待看"),
    FlagState.DISMISSED: N_("没有问题"),
    FlagState.UPHELD: N_("不计入"),
}


class Flag(Base):
    """Something a check found odd. It changes nothing by itself; a manager looks.

    Attributes:
        key: what it is about, in one text: the same finding again is the same flag.
        entry_ids, user_ids: whose marks and ratings of which entries; these are set aside when it is upheld.
        facts: figures, for the manager.
    """

    __tablename__ = "maturity_flags"
    __table_args__ = (UniqueConstraint("name", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Check] = mapped_column(enum_type(Check))
    key: Mapped[str] = mapped_column(String(80))
    entry_ids: Mapped[list[int]] = mapped_column(PortableJSON)
    user_ids: Mapped[list[int]] = mapped_column(PortableJSON)
    facts: Mapped[dict[str, Any]]
    state: Mapped[FlagState] = mapped_column(enum_type(FlagState), index=True)
    found_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(MAX_REASON), default="")


class SetAside(Base):
    """That what a person says of an entry does not count (不计入), because a manager upheld a flag."""

    __tablename__ = "maturity_set_aside"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("maturity_flags.id"), primary_key=True)


class NominationState(StrEnum):
    """Where a nomination stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return NOMINATION_LABELS[self]


NOMINATION_LABELS = {
    NominationState.OPEN: N_("评审中"),
    NominationState.ACCEPTED: N_("评为最佳经验"),
    NominationState.DECLINED: N_("未通过"),
}


class Nomination(Base):
    """That a colleague put an entry forward as best practice (最佳经验)."""

    __tablename__ = "nominations"
    __table_args__ = (
        Index(
            "ix_nominations_open",
            "entry_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(MAX_REASON))
    at: Mapped[datetime]
    state: Mapped[NominationState] = mapped_column(enum_type(NominationState))
    decided_at: Mapped[datetime | None] = mapped_column(index=True)


class PanelVote(Base):
    """What one expert of the panel says of a nomination."""

    __tablename__ = "panel_votes"

    nomination_id: Mapped[int] = mapped_column(ForeignKey("nominations.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    approves: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(MAX_REASON))
    at: Mapped[datetime]


class Progress(Base):
    """How far maturity has followed the event log, and the day it last looked at every entry. One row."""

    __tablename__ = "maturity_progress"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    passed_at: Mapped[datetime | None]
