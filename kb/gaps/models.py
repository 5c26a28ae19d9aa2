"""Tables of gaps: the gap, its phrasings, who asked them, and what the search log proposes."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, enum_type
from kb.desk.models import Door
from kb.desk.rules import MAX_WORDS
from kb.entries.models import Entry
from kb.events.models import BigId
from kb.forum.models import Thread
from kb.gaps.rules import AskOrigin, DeclineReason, GapState, ProposalKind
from kb.people.models import User
from kb.permissions import Target
from kb.taxonomy.models import KEY_LENGTH

MAX_NOTE = 500


class Gap(Base):
    """A question of one meaning without a good answer (缺口).

    Attributes:
        text: the phrasing that most agents used, to call it by.
        module_key, tier_key: who should answer it. ``None`` until somebody or something knows.
        module_is_guess: whether the module is that of the nearest entry, and nobody's word.
        thread_id, entry_id: what answers it, or where the answer is being looked for.
        agents, times: different people who met it, and how often in all.
        standing: its place in the queue (``kb.gaps.rules.standing``).
        first_at, last_at: of its asks.
        share_found: share of the agents whose words found the entry when that was last tried; ``None`` before.
        checked_at: when that was.
        due: whether its words are to be tried (again): the entry was linked, published or learned a wording.
        merged_into_id: what it has become a part of.
        decided_at, decided_by_id: when and by whom it was closed or declined; nobody where it was found closed.
    """

    __tablename__ = "gaps"
    __table_args__ = (Index("ix_gaps_state_standing", "state", "standing"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(MAX_WORDS))
    state: Mapped[GapState] = mapped_column(enum_type(GapState))
    module_key: Mapped[str | None] = mapped_column(ForeignKey("modules.key"), index=True)
    module_is_guess: Mapped[bool] = mapped_column(default=False)
    tier_key: Mapped[str | None] = mapped_column(ForeignKey("tiers.key"))
    agents: Mapped[int] = mapped_column(default=0)
    times: Mapped[int] = mapped_column(default=0)
    standing: Mapped[float]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("threads.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"), index=True)
    share_found: Mapped[float | None]
    checked_at: Mapped[datetime | None]
    due: Mapped[bool] = mapped_column(default=False, index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("gaps.id"))
    decline_reason: Mapped[DeclineReason | None] = mapped_column(enum_type(DeclineReason))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]

    entry: Mapped[Entry | None] = relationship(lazy="raise")
    thread: Mapped[Thread | None] = relationship(lazy="raise")
    decided_by: Mapped[User | None] = relationship(lazy="raise")

    @property
    def target(self) -> Target:
        """Return the gap as what a permission is asked about."""
        return Target(module=self.module_key)


class Phrasing(Base):
    """One way in which a gap's question was put. The same words are one phrasing, and belong to one gap.

    Attributes:
        text, spelling: see ``kb.desk.rules.Words``.
        compared_at: when it was looked at for gaps of the same meaning; ``None`` while that is to be done.
        found: whether it found the entry in every region it was asked in, when that was last tried.
    """

    __tablename__ = "gap_phrasings"

    id: Mapped[int] = mapped_column(primary_key=True)
    gap_id: Mapped[int] = mapped_column(ForeignKey("gaps.id"), index=True)
    text: Mapped[str] = mapped_column(String(MAX_WORDS))
    spelling: Mapped[str] = mapped_column(String(MAX_WORDS), unique=True)
    compared_at: Mapped[datetime | None] = mapped_column(index=True)
    found: Mapped[bool | None]


class Ask(Base):
    """That somebody met a gap: one row for a person, phrasing, day, way and scope.

    Attributes:
        user_id: who; ``None`` where it was nobody with an account.
        day: in the centre's time zone.
        region_key, module_key, product_key: what they had narrowed the search to.
        note: how the caller put it, if they wrote that down.
    """

    __tablename__ = "gap_asks"
    __table_args__ = (Index("ix_gap_asks_phrasing_id_user_id_day", "phrasing_id", "user_id", "day"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phrasing_id: Mapped[int] = mapped_column(ForeignKey("gap_phrasings.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    day: Mapped[date]
    origin: Mapped[AskOrigin] = mapped_column(enum_type(AskOrigin))
    door: Mapped[Door | None] = mapped_column(enum_type(Door))
    region_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    module_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    product_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    note: Mapped[str] = mapped_column(String(MAX_NOTE))
    times: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class ProposalState(StrEnum):
    """Where a proposed gap stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class GapProposal(Base):
    """Words that do find something and still do not seem to help: proposed as a gap (提议), once and for all.

    Attributes:
        searches, agents, followed: what the search log said when it was last looked at (``kb.gaps.rules.Evidence``).
        region_key, module_key: what the latest of the searches was narrowed to.
        gap_id: what it became.
    """

    __tablename__ = "gap_proposals"

    id: Mapped[int] = mapped_column(primary_key=True)
    spelling: Mapped[str] = mapped_column(String(MAX_WORDS), unique=True)
    text: Mapped[str] = mapped_column(String(MAX_WORDS))
    kind: Mapped[ProposalKind] = mapped_column(enum_type(ProposalKind))
    state: Mapped[ProposalState] = mapped_column(enum_type(ProposalState), index=True)
    searches: Mapped[int]
    agents: Mapped[int]
    followed: Mapped[int]
    region_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    module_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    last_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    gap_id: Mapped[int | None] = mapped_column(ForeignKey("gaps.id"))
