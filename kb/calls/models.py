"""Tables of calls: a call with its contact record, its steps, and what is left of a week of them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.calls.rules import MAX_NOTE, MAX_TICKET, TIMEOUT, ContactRecord, Ending, StepKind, Topic
from kb.db import Base, enum_type
from kb.desk.rules import MAX_WORDS, Reason
from kb.entries.models import Entry, Revision
from kb.events.models import BigId
from kb.taxonomy.models import KEY_LENGTH

REFERENCE_LENGTH = 16
CTI_LENGTH = 64


class Dimension(StrEnum):
    """What the calls of a week are told apart by."""

    ALL = "all"
    MODULE = "module"
    REGION = "region"


class Measure(StrEnum):
    """What of a call has a median: milliseconds, or a count."""

    FIRST_CARD = "first_card"
    OUTCOME = "outcome"
    SEARCHES = "searches"
    POSITION = "position"


class Call(Base):
    """A call (通话) of one agent. At most one of an agent's is open.

    It carries what its steps measure, so that figures need no steps: those are kept for a shorter time.

    Attributes:
        reference: short name that the server made.
        cti: the telephone system's name for it, where it came with the link.
        team_key: the agent's team at the time.
        week: the Monday of its week in the centre's time zone.
        opened_at: when it began: at the first key of its first search, or when the telephone system opened it.
        last_at: when it was last heard of.
        closed_at: ``None`` while it is open; ``ending`` says how it ended.
        region_key, module_key, product_key: what the desk was narrowed to; without a region, the agent's own. Not
            foreign keys, as in the search log.
        text, spelling: the customer's words of its first search.
        topic, ticket, note: the contact record.
        recorded_at: when that was last written; ``None`` where nothing was.
        entry_id, revision_id: what the customer was told (``rules.told``), in the revision that was shown then.
        copied: whether its script was copied.
        solved, unsolved_reason: what the agent said; ``None`` is unknown, not unsolved.
        outcome_ms: milliseconds from the beginning to that.
        first_key_ms, searches, empty, first_card_ms, position: see ``rules.Measures``.
    """

    __tablename__ = "calls"
    __table_args__ = (
        Index("ix_calls_user_id_opened_at", "user_id", "opened_at"),
        Index("ix_calls_user_id_closed_at", "user_id", "closed_at"),
        Index("ix_calls_user_id_cti", "user_id", "cti"),
        Index("ix_calls_ticket_opened_at", "ticket", "opened_at"),
        Index("ix_calls_week", "week"),
        Index("ix_calls_opened_at", "opened_at"),
        Index("ix_calls_closed_at_last_at", "closed_at", "last_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(REFERENCE_LENGTH), unique=True)
    cti: Mapped[str | None] = mapped_column(String(CTI_LENGTH))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    team_key: Mapped[str | None] = mapped_column(String(64))
    week: Mapped[date]
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    ending: Mapped[Ending | None] = mapped_column(enum_type(Ending))
    region_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    module_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    product_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    text: Mapped[str] = mapped_column(String(MAX_WORDS), default="")
    spelling: Mapped[str] = mapped_column(String(MAX_WORDS), default="")
    topic: Mapped[Topic | None] = mapped_column(enum_type(Topic))
    ticket: Mapped[str | None] = mapped_column(String(MAX_TICKET))
    note: Mapped[str] = mapped_column(String(MAX_NOTE), default="")
    recorded_at: Mapped[datetime | None]
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    copied: Mapped[bool] = mapped_column(default=False)
    solved: Mapped[bool | None]
    unsolved_reason: Mapped[Reason | None] = mapped_column(enum_type(Reason))
    outcome_ms: Mapped[int | None]
    first_key_ms: Mapped[int | None]
    searches: Mapped[int] = mapped_column(default=0)
    empty: Mapped[int] = mapped_column(default=0)
    first_card_ms: Mapped[int | None]
    position: Mapped[int | None]

    entry: Mapped[Entry | None] = relationship(lazy="raise")
    revision: Mapped[Revision | None] = relationship(lazy="raise")

    @property
    def is_open(self) -> bool:
        """Whether nothing has ended it yet."""
        return self.closed_at is None

    def goes_on(self, now: datetime) -> bool:
        """Return whether it goes on at the moment *now*: nothing ended it, and something was heard of it lately."""
        return self.closed_at is None and now - self.last_at <= TIMEOUT

    @property
    def record(self) -> ContactRecord:
        """The contact record."""
        return ContactRecord(topic=self.topic, ticket=self.ticket, note=self.note)


class CallStep(Base):
    """One thing that was done on a call. No event: there are ten times as many as calls, kept for a set time.

    The fields are those of ``rules.Step``, with the entry and its revision by their rows.
    """

    __tablename__ = "call_steps"

    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[StepKind] = mapped_column(enum_type(StepKind))
    ms: Mapped[int]
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    position: Mapped[int | None]
    text: Mapped[str] = mapped_column(String(MAX_WORDS), default="")
    spelling: Mapped[str] = mapped_column(String(MAX_WORDS), default="")
    total: Mapped[int | None]
    solved: Mapped[bool | None]


class CallWeek(Base):
    """What is left of a week's calls: counts, in sum and for each module and region.

    Attributes:
        week: a Monday.
        by, key: which of them; the key is empty for all, and where a call has no module or region.
        agents: how many different people's.
    """

    __tablename__ = "call_weeks"

    week: Mapped[date] = mapped_column(primary_key=True)
    by: Mapped[Dimension] = mapped_column(enum_type(Dimension), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    calls: Mapped[int]
    agents: Mapped[int]
    searches: Mapped[int]
    empty: Mapped[int]
    solved: Mapped[int]
    unsolved: Mapped[int]


class CallSpread(Base):
    """How one measure was spread over a week's calls; only where ``rules.MIN_AGENTS`` people are behind it.

    Attributes:
        n: how many calls it is known of.
        median, p90: half of the calls, and nine of ten, have at most this.
    """

    __tablename__ = "call_spreads"

    week: Mapped[date] = mapped_column(primary_key=True)
    by: Mapped[Dimension] = mapped_column(enum_type(Dimension), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    measure: Mapped[Measure] = mapped_column(enum_type(Measure), primary_key=True)
    n: Mapped[int]
    agents: Mapped[int]
    median: Mapped[int]
    p90: Mapped[int]
