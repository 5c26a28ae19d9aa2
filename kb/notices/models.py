"""The table of notices."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.db import Base, enum_type
from kb.events.models import BigId, Event, Subject
from kb.i18n import N_


class NoticeKind(StrEnum):
    """What a notice tells. What it says in words is the page's business."""

    GAP_CLOSED = "gap_closed"
    GAP_DECLINED = "gap_declined"
    CORRECTION_ANSWERED = "correction_answered"
    HANDED_OVER = "handed_over"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return NOTICE_LABELS[self]


NOTICE_LABELS: Mapping[NoticeKind, str] = {
    NoticeKind.GAP_CLOSED: N_("有答案了"),
    NoticeKind.GAP_DECLINED: N_("不归我们答复"),
    NoticeKind.CORRECTION_ANSWERED: N_("纠错有结果了"),
    NoticeKind.HANDED_OVER: N_("交接给你"),
}


class Notice(Base):
    """That a person is to know of an event (提醒): one for each person and event, whatever happens twice.

    Attributes:
        subject_kind, subject_id: what the event is about.
        facts: what the notice says, as it was then: small, by name, for the page to make a sentence of.
        read_at: ``None`` while it is unread.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("user_id", "event_id"),
        Index("ix_notices_user_id_read_at", "user_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey(Event.id), index=True)
    kind: Mapped[NoticeKind] = mapped_column(enum_type(NoticeKind))
    subject_kind: Mapped[Subject] = mapped_column(enum_type(Subject))
    subject_id: Mapped[str] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
