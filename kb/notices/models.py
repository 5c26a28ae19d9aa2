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
    CORRECTION_UPHELD = "correction_upheld"
    ENTRY_RETURNED = "entry_returned"
    ENTRY_REJECTED = "entry_rejected"
    ENTRY_REMARKED = "entry_remarked"
    VERIFICATION_ASKED = "verification_asked"
    VERIFICATION_LATE = "verification_late"
    VERIFICATION_SILENT = "verification_silent"
    DATE_NEAR = "date_near"
    MENTIONED = "mentioned"
    THREAD_REPLIED = "thread_replied"
    THREAD_ANSWERED = "thread_answered"
    REPLY_ACCEPTED = "reply_accepted"
    ANSWER_EDITED = "answer_edited"
    THREAD_MODERATED = "thread_moderated"
    EXPERT_WANTED = "expert_wanted"
    BECAME_KNOWLEDGE = "became_knowledge"
    HANDED_OVER = "handed_over"
    ENTRY_PUBLISHED = "entry_published"
    LESSON_SET = "lesson_set"
    LESSON_CANCELLED = "lesson_cancelled"
    MUST_READ = "must_read"
    EXAM_SET = "exam_set"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return NOTICE_LABELS[self]


NOTICE_LABELS: Mapping[NoticeKind, str] = {
    NoticeKind.GAP_CLOSED: N_("有答案了"),
    NoticeKind.GAP_DECLINED: N_("不归我们答复"),
    NoticeKind.CORRECTION_ANSWERED: N_("纠错有结果了"),
    NoticeKind.CORRECTION_UPHELD: N_("要你改的纠错"),
    NoticeKind.ENTRY_RETURNED: N_("退回"),
    NoticeKind.ENTRY_REJECTED: N_("不采用"),
    NoticeKind.ENTRY_REMARKED: N_("审核意见"),
    NoticeKind.VERIFICATION_ASKED: N_("请核实"),
    NoticeKind.VERIFICATION_LATE: N_("还没核实"),
    NoticeKind.VERIFICATION_SILENT: N_("区县没有核实"),
    NoticeKind.DATE_NEAR: N_("要到期了"),
    NoticeKind.MENTIONED: N_("提到你"),
    NoticeKind.THREAD_REPLIED: N_("新回复"),
    NoticeKind.THREAD_ANSWERED: N_("有采纳的答案了"),
    NoticeKind.REPLY_ACCEPTED: N_("你的回答被采纳"),
    NoticeKind.ANSWER_EDITED: N_("采纳的答案改过了"),
    NoticeKind.THREAD_MODERATED: N_("帖子有变动"),
    NoticeKind.EXPERT_WANTED: N_("请你来回答"),
    NoticeKind.BECAME_KNOWLEDGE: N_("成了知识"),
    NoticeKind.HANDED_OVER: N_("交接给你"),
    NoticeKind.ENTRY_PUBLISHED: N_("你写的发布了"),
    NoticeKind.LESSON_SET: N_("给你排了课"),
    NoticeKind.LESSON_CANCELLED: N_("课取消了"),
    NoticeKind.MUST_READ: N_("知识必读"),
    NoticeKind.EXAM_SET: N_("有你的考试"),
}
NOTICE_GROUPS: Mapping[str, tuple[NoticeKind, ...]] = {
    N_("问题和纠错"): (
        NoticeKind.GAP_CLOSED,
        NoticeKind.GAP_DECLINED,
        NoticeKind.CORRECTION_ANSWERED,
        NoticeKind.CORRECTION_UPHELD,
    ),
    N_("你写的和你负责的"): (
        NoticeKind.ENTRY_RETURNED,
        NoticeKind.ENTRY_REJECTED,
        NoticeKind.ENTRY_REMARKED,
        NoticeKind.ENTRY_PUBLISHED,
        NoticeKind.DATE_NEAR,
        NoticeKind.HANDED_OVER,
    ),
    N_("区县核实"): (NoticeKind.VERIFICATION_ASKED, NoticeKind.VERIFICATION_LATE, NoticeKind.VERIFICATION_SILENT),
    N_("讨论区"): (
        NoticeKind.MENTIONED,
        NoticeKind.EXPERT_WANTED,
        NoticeKind.THREAD_REPLIED,
        NoticeKind.THREAD_ANSWERED,
        NoticeKind.REPLY_ACCEPTED,
        NoticeKind.ANSWER_EDITED,
        NoticeKind.THREAD_MODERATED,
        NoticeKind.BECAME_KNOWLEDGE,
    ),
    N_("学习"): (NoticeKind.MUST_READ, NoticeKind.LESSON_SET, NoticeKind.LESSON_CANCELLED, NoticeKind.EXAM_SET),
}
"""Each kind under the heading where a person looks for it."""
MODERATED_LABELS: Mapping[str, str] = {
    "moved": N_("移到了别的模块或区域"),
    "merged": N_("并入了另一个帖子"),
    "closed": N_("关闭了"),
    "reopened": N_("重新打开了"),
    "hidden": N_("被隐藏了"),
    "shown": N_("重新显示了"),
}


class Telling(StrEnum):
    """How a person wants to be told of one kind of thing."""

    NEVER = "never"
    INBOX = "inbox"
    DAILY = "daily"
    AT_ONCE = "at_once"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return TELLING_LABELS[self]


TELLING_LABELS: Mapping[Telling, str] = {
    Telling.AT_ONCE: N_("站内，并马上发邮件"),
    Telling.DAILY: N_("站内，每天一封邮件汇总"),
    Telling.INBOX: N_("只在站内"),
    Telling.NEVER: N_("不告诉我"),
}

DEFAULT_TELLING = Telling.DAILY
"""For whoever has not chosen. Without an address nothing is mailed."""


class Mailing(StrEnum):
    """What becomes of a notice by mail."""

    NONE = "none"
    AT_ONCE = "at_once"
    DAILY = "daily"
    TAKEN = "taken"
    """It is in a letter."""
    SKIPPED = "skipped"
    """It was to be mailed, but was read here first, or the person has left or given up their address."""


class NoticeChoice(Base):
    """That a person wants to be told of one kind of thing otherwise than by default."""

    __tablename__ = "notice_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(enum_type(NoticeKind), primary_key=True)
    telling: Mapped[Telling] = mapped_column(enum_type(Telling))


class Mailbox(Base):
    """Where a person gets mail.

    Attributes:
        confirmed_at: when they showed that it is theirs; ``None`` until then, and nothing else is mailed there.
    """

    __tablename__ = "mailboxes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    confirmed_at: Mapped[datetime | None]


class Notice(Base):
    """That a person is to know of an event (提醒): one for each person and event, whatever happens twice.

    Attributes:
        subject_kind, subject_id: what the event is about.
        facts: what the notice says, as it was then: small, by name, for the page to make a sentence of.
        read_at: ``None`` while it is unread.
        mail: what becomes of it by mail; decided when the notice is made.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("user_id", "event_id"),
        Index("ix_notices_user_id_read_at", "user_id", "read_at"),
        Index("ix_notices_mail_user_id", "mail", "user_id"),
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
    mail: Mapped[Mailing] = mapped_column(enum_type(Mailing), default=Mailing.NONE)
