"""What an event is. How it gets its number is in ``kb.events.operations``."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, enum_type

BigId = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up only INTEGER keys


class Subject(StrEnum):
    """What kind of thing an event is about."""

    ENTRY = "entry"
    THREAD = "thread"
    PERSON = "person"
    TAXONOMY = "taxonomy"
    OUTCOME = "outcome"
    WORDING = "wording"
    GAP = "gap"
    GAP_PROPOSAL = "gap_proposal"
    LEXICON = "lexicon"
    BULLETIN = "bulletin"
    BULLETIN_RECEIPT = "bulletin_receipt"
    BRIEF = "brief"
    CORRECTION = "correction"
    CALL = "call"
    MATURITY = "maturity"
    RATING = "rating"
    RUBRIC = "rubric"
    MATURITY_FLAG = "maturity_flag"
    NOMINATION = "nomination"
    CALENDAR = "calendar"
    COMMENT = "comment"
    VERIFICATION = "verification"
    VALIDITY = "validity"
    POST_VOTE = "post_vote"
    ATTACHMENT = "attachment"
    TRAINING_PLAN = "training_plan"
    LESSON = "lesson"
    LAUNCH_PACK = "launch_pack"
    EXAM = "exam"
    EXAM_ATTEMPT = "exam_attempt"
    LICENCE = "licence"
    QUESTION = "question"
    MUST_READ = "must_read"
    IMPORT = "import"


class Verb(StrEnum):
    """What happened to it."""

    CREATED = "created"
    IMPORTED = "imported"
    REVISED = "revised"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    APPROVED = "approved"
    VERIFIED = "verified"
    PUBLISHED = "published"
    FLAGGED = "flagged"
    CONFIRMED = "confirmed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    RETIRED = "retired"
    ARCHIVED = "archived"
    OWNER_CHANGED = "owner_changed"
    REPLIED = "replied"
    ACCEPTED = "accepted"
    HIDDEN = "hidden"
    SIGNED_IN = "signed_in"
    ROLES_CHANGED = "roles_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a verb, not a password
    TOKEN_ISSUED = "token_issued"  # noqa: S105
    DEACTIVATED = "deactivated"
    RECORDED = "recorded"
    WORDING_ACCEPTED = "wording_accepted"
    WORDING_REJECTED = "wording_rejected"
    WORDING_REOPENED = "wording_reopened"
    REMOVED = "removed"
    SWITCHED_OFF = "switched_off"
    SWITCHED_ON = "switched_on"
    DISMISSED = "dismissed"
    EXTENDED = "extended"
    READ = "read"
    REPORTED = "reported"
    UPHELD = "upheld"
    REFUSED = "refused"
    MERGED = "merged"
    FIXED = "fixed"
    FIX_LOST = "fix_lost"
    KEPT = "kept"
    RELEASED = "released"
    TOLD = "told"
    LINKED = "linked"
    PLACED = "placed"
    SPLIT = "split"
    CLOSED = "closed"
    DECLINED = "declined"
    REOPENED = "reopened"
    LEVEL_CHANGED = "level_changed"
    RESCORED = "rescored"
    HELD = "held"
    VOTED = "voted"
    REJECTED = "rejected"
    COMMENTED = "commented"
    RESOLVED = "resolved"
    OVERLAID = "overlaid"
    OVERLAY_WITHDRAWN = "overlay_withdrawn"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    MOVED = "moved"
    SHOWN = "shown"
    DRAWN_IN = "drawn_in"
    STARTED = "started"
    ASSIGNED = "assigned"
    CANCELLED = "cancelled"
    GRANTED = "granted"
    REVOKED = "revoked"
    ADDRESS_CHANGED = "address_changed"
    EDITED = "edited"
    ADDRESS_CONFIRMED = "address_confirmed"


class Event(Base):
    """One thing that happened, written in the transaction that made it happen.

    Attributes:
        seq: position in the log: 1, 2, 3 … without gaps and in the order of commits, given at commit. ``None`` only
            inside the transaction that appends it.
        at: when the operation ran.
        actor_id: who did it; ``None`` for the system. Not a foreign key: the trail outlives the person's row, and a
            key check would lock that row while the numbering lock is held.
        payload: small, for people and figures. Documents are rebuilt from the database, never from here.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_subject", "subject_kind", "subject_id"),
        Index("ix_events_kind_seq", "subject_kind", "seq"),
        CheckConstraint("seq > 0", name="seq_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seq: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    verb: Mapped[Verb] = mapped_column(enum_type(Verb))
    subject_kind: Mapped[Subject] = mapped_column(enum_type(Subject))
    subject_id: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]]


class EventCursor(Base):
    """How far a reader of the log has come that changes the database itself: see ``kb.events.cursors``."""

    __tablename__ = "event_cursors"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
