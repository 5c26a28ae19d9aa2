"""Tables of the desk: searches, outcomes and learned wordings."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, enum_type
from kb.desk.rules import MAX_WORDS, Origin, Reason, Tally, WordingState
from kb.entries.models import Entry
from kb.events.models import BigId
from kb.people.models import User
from kb.taxonomy.models import KEY_LENGTH


class Door(StrEnum):
    """Where a search came in."""

    PAGE = "page"
    API = "api"
    DESK = "desk"


class SearchRecord(Base):
    """One search. No event: there are a hundred times as many, and they are kept for a set time only.

    Attributes:
        user_id: who searched. Not a foreign key: checking it for every row buys nothing in a table read in sums.
        text, spelling: see ``kb.desk.rules.Words``.
        region_key, module_key: what the search was narrowed to.
        forum: whether threads were searched, not entries.
        total: how many entries or threads were found.
        answered: whether any of them was good enough to be an answer.
        top: keys of the first three.
        took_ms: milliseconds.
    """

    __tablename__ = "search_records"
    __table_args__ = (
        Index("ix_search_records_at", "at"),
        Index("ix_search_records_spelling_at", "spelling", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    text: Mapped[str] = mapped_column(String(MAX_WORDS))
    spelling: Mapped[str] = mapped_column(String(MAX_WORDS))
    region_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    module_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    forum: Mapped[bool]
    total: Mapped[int]
    answered: Mapped[bool]
    top: Mapped[list[str]]
    took_ms: Mapped[float]
    door: Mapped[Door] = mapped_column(enum_type(Door))


class SearchSummary(Base):
    """What is left of a day's searches for the same words once the records are gone.

    Attributes:
        day: in the centre's time zone.
        text: one of the ways they were typed.
        people: how many different people searched them that day.
    """

    __tablename__ = "search_summaries"
    __table_args__ = (Index("ix_search_summaries_day_spelling", "day", "spelling"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[date]
    spelling: Mapped[str] = mapped_column(String(MAX_WORDS))
    text: Mapped[str] = mapped_column(String(MAX_WORDS))
    searches: Mapped[int]
    answered: Mapped[int]
    people: Mapped[int]


class Outcome(Base):
    """That an agent said whether an entry solved a call. One per agent, entry and day; a later one replaces it.

    Attributes:
        day: in the centre's time zone.
        revision_id: what the agent had read.
        reason: why not; ``None`` when it did.
        text, spelling: the words that were searched; empty when the entry was not opened from a search.
    """

    __tablename__ = "outcomes"
    __table_args__ = (
        UniqueConstraint("entry_id", "user_id", "day"),
        Index("ix_outcomes_entry_id_spelling", "entry_id", "spelling"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    day: Mapped[date]
    at: Mapped[datetime]
    solved: Mapped[bool]
    reason: Mapped[Reason | None] = mapped_column(enum_type(Reason))
    text: Mapped[str] = mapped_column(String(MAX_WORDS))
    spelling: Mapped[str] = mapped_column(String(MAX_WORDS), index=True)


class LearnedWording(Base):
    """A customer's wording (客户说法) that calls taught, beside those an author wrote into the revision.

    Attributes:
        text: as it was first said.
        solved, unsolved, agents: what the outcomes with these words come to.
        decided_by_id: who accepted or rejected it; ``None`` with a ``decided_at`` when the threshold did.
        decided_at: ``None`` while it is open.
    """

    __tablename__ = "learned_wordings"
    __table_args__ = (UniqueConstraint("entry_id", "spelling"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    text: Mapped[str] = mapped_column(String(MAX_WORDS))
    spelling: Mapped[str] = mapped_column(String(MAX_WORDS))
    state: Mapped[WordingState] = mapped_column(enum_type(WordingState), index=True)
    origin: Mapped[Origin] = mapped_column(enum_type(Origin))
    solved: Mapped[int] = mapped_column(default=0)
    unsolved: Mapped[int] = mapped_column(default=0)
    agents: Mapped[int] = mapped_column(default=0)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]

    entry: Mapped[Entry] = relationship(lazy="raise")
    decided_by: Mapped[User | None] = relationship(lazy="raise")

    @property
    def tally(self) -> Tally:
        """What agents say about it."""
        return Tally(self.solved, self.unsolved, self.agents)


class DeskScope(Base):
    """What an agent last narrowed the desk to, so that the next call begins there. ``None`` means not narrowed."""

    __tablename__ = "desk_scopes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    region_key: Mapped[str | None] = mapped_column(ForeignKey("regions.key"))
    module_key: Mapped[str | None] = mapped_column(ForeignKey("modules.key"))
    product_key: Mapped[str | None] = mapped_column(ForeignKey("products.key"))
