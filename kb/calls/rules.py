"""What a call is and when it ends, what stands in its contact record, and what is measured on it. Pure functions."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from kb.clock import local_day
from kb.desk.rules import Words
from kb.errors import InvalidInputError
from kb.i18n import N_

TIMEOUT = timedelta(minutes=30)
"""A call that nothing is heard of for so long has ended when it was last heard of."""
SAME_CTI = timedelta(hours=24)
"""How long the telephone system's name for a call means the same call; switches begin to count again."""
MAX_WAITED = timedelta(minutes=10)
"""How long before it is opened a call can have begun at most: its first key, as the page tells it."""
MAX_MS = 12 * 3600 * 1000
"""The latest moment of a call that a step is taken for, in milliseconds; later ones are taken for this."""
MAX_STEPS = 100
"""Steps that are taken at once."""
MAX_POSITION = 1000
MIN_AGENTS = 5
"""Figures of fewer people than this are shown to nobody: they would be somebody's own."""
GRACE = timedelta(days=2)
"""How long after its end a week waits for steps that desks without a connection still hold."""
MAX_TICKET = 40
MAX_NOTE = 200

REFERENCE_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
"""What a reference is made of: nothing that can be misread aloud."""
_REFERENCE_LENGTH = 9

_TICKET = re.compile(r"[0-9A-Z][0-9A-Z_./-]{3,39}")
_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d{9}")
_PAGE = re.compile(r"[0-9a-zA-Z]{1,16}")


class Ending(StrEnum):
    """How a call came to its end."""

    OUTCOME = "outcome"
    """An entry solved it."""
    AGENT = "agent"
    """The agent said so."""
    NEXT = "next"
    """The telephone system put through another one."""
    TIMEOUT = "timeout"
    """Nothing was heard of it any more."""


class StepKind(StrEnum):
    """What an agent did on a call."""

    SEARCHED = "searched"
    OPENED = "opened"
    COPIED = "copied"
    OUTCOME = "outcome"


class Topic(StrEnum):
    """What the customer called for (受理类型): the reason code of a contact record."""

    QUESTION = "question"
    FAULT = "fault"
    ORDER = "order"
    COMPLAINT = "complaint"
    CHASE = "chase"
    SUGGESTION = "suggestion"
    NOTHING = "nothing"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return TOPIC_LABELS[self]


TOPIC_LABELS: Mapping[Topic, str] = {
    Topic.QUESTION: N_("咨询"),
    Topic.FAULT: N_("报障"),
    Topic.ORDER: N_("办理"),
    Topic.COMPLAINT: N_("投诉"),
    Topic.CHASE: N_("催单"),
    Topic.SUGGESTION: N_("表扬建议"),
    Topic.NOTHING: N_("无声或打错"),
    Topic.OTHER: N_("其他"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord:
    """What an agent writes down about a call (受理记录). All of it is optional.

    Attributes:
        ticket: number of the ticket (工单) in the centre's ticket system, in its one spelling.
        note: one line, without customers' numbers.
    """

    topic: Topic | None = None
    ticket: str | None = None
    note: str = ""

    @classmethod
    def of(cls, *, topic: str, ticket: str, note: str) -> "ContactRecord":
        """Return what was filled in; long numbers in the note are masked as in every text of a call.

        Raises:
            InvalidInputError: no such topic, or no ticket number; ``field`` names it.
        """
        try:
            found = Topic(topic) if topic else None
        except ValueError as error:
            raise InvalidInputError(N_("没有这个受理类型：%(key)s"), field="topic", key=topic) from error
        return cls(topic=found, ticket=ticket_number(ticket), note=Words.of(note, str).text[:MAX_NOTE])

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in."""
        return self == ContactRecord()


def ticket_number(typed: str) -> str | None:
    """Return *typed* as a ticket number in its one spelling (NFKC, capitals, no blanks); ``None`` for nothing.

    Raises:
        InvalidInputError: it is none: 4 to ``MAX_TICKET`` letters, digits and ``-_./``, and not a mobile number,
            which would make a customer's number searchable.
    """
    spelled = _spelled(typed)
    if not spelled:
        return None
    if _MOBILE.fullmatch(spelled):
        raise InvalidInputError(N_("这是手机号，不是工单号"), field="ticket")
    if not _TICKET.fullmatch(spelled):
        raise InvalidInputError(N_("工单号是 4 到 40 个字母、数字或 - _ . /"), field="ticket")
    return spelled


def as_ticket(query: str) -> str | None:
    """Return the ticket number that a search may be meant as: six signs, five of them digits; ``None`` for none."""
    spelled = _spelled(query)
    digits = sum(character.isdigit() for character in spelled)
    is_one = _TICKET.fullmatch(spelled) and len(spelled) >= 6 and digits >= 5 and not _MOBILE.fullmatch(spelled)
    return spelled if is_one else None


def _spelled(typed: str) -> str:
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def reference(random: bytes) -> str:
    """Return the short name of a new call made of *random*, nine bytes at least: ``c-`` and nine signs, 44 bits."""
    signs = (REFERENCE_ALPHABET[byte % len(REFERENCE_ALPHABET)] for byte in random[:_REFERENCE_LENGTH])
    return "c-" + "".join(signs)


def week_of(moment: datetime, timezone: str) -> date:
    """Return the Monday of the week that *moment* falls into in *timezone* (an IANA name)."""
    day = local_day(moment, timezone)
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing an agent did, as the desk tells it. The desk numbers them, so that telling twice is telling once.

    Attributes:
        page: which page counted: two tabs of the same desk count apart. 1 to 16 letters and digits.
        number: from 1.
        ms: milliseconds since the call began, by the desk's clock.
        entry: key of the entry that it is about; ``None`` for a search.
        revision: number of the revision that was shown.
        position: where it stood in the list, from 1; ``None`` where it was in none.
        words: what was searched.
        total: how many answers a search had.
        solved: what an outcome said.
    """

    page: str
    number: int
    kind: StepKind
    ms: int
    entry: str | None = None
    revision: int | None = None
    position: int | None = None
    words: Words = field(default_factory=lambda: Words("", ""))
    total: int | None = None
    solved: bool | None = None

    def __post_init__(self) -> None:
        if not _PAGE.fullmatch(self.page) or not 1 <= self.number < 1_000_000 or self.ms < 0:
            raise InvalidInputError(N_("步骤的编号或时间不对"), field="steps")
        if self.position is not None and not 1 <= self.position <= MAX_POSITION:
            raise InvalidInputError(N_("步骤的位置不对"), field="steps")
        if (self.kind is StepKind.SEARCHED) != (self.entry is None):
            raise InvalidInputError(N_("搜索没有知识，其他步骤要有知识"), field="steps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A stored step as measuring wants it. The fields are those of ``CallStep``."""

    kind: StepKind
    ms: int
    entry_id: int | None = None
    revision_id: int | None = None
    position: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What one call measures.

    Attributes:
        searches, empty: searches, and those without an answer.
        first_card_ms: milliseconds from the first key to the first opened card.
        position: where that card stood in the list, from 1.
    """

    searches: int = 0
    empty: int = 0
    first_card_ms: int | None = None
    position: int | None = None


def measure(steps: Iterable[Seen], *, first_key_ms: int | None) -> Measures:
    """Return what *steps*, in any order, come to.

    Args:
        first_key_ms: when the first key of a search was pressed; where that is unknown or after the first card (the
            telephone system brought the words along), the call's beginning counts.
    """
    ordered = sorted(steps, key=lambda step: step.ms)
    searches = [step for step in ordered if step.kind is StepKind.SEARCHED]
    opened = [step for step in ordered if step.kind is StepKind.OPENED]
    first_card_ms = None
    if opened:
        began = first_key_ms if first_key_ms is not None and first_key_ms <= opened[0].ms else 0
        first_card_ms = opened[0].ms - began
    return Measures(
        searches=len(searches),
        empty=sum(step.total == 0 for step in searches),
        first_card_ms=first_card_ms,
        position=next((step.position for step in opened if step.position is not None), None),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What the customer was told.

    Attributes:
        copied: whether its script was copied.
    """

    entry_id: int
    revision_id: int
    copied: bool


def told(steps: Sequence[Seen], *, entry_id: int | None = None, revision_id: int | None = None) -> Told | None:
    """Return what the customer was told, as far as is known.

    That is what the outcome was about, else what was copied last, else what was opened last.

    Args:
        entry_id, revision_id: the outcome's, where there is one.
    """
    ordered = sorted((step for step in steps if step.revision_id is not None), key=lambda step: step.ms)
    copied = [step for step in ordered if step.kind is StepKind.COPIED]
    if entry_id is None or revision_id is None:
        last = (copied or [step for step in ordered if step.kind is StepKind.OPENED])[-1:]
        if not last or last[0].entry_id is None or last[0].revision_id is None:
            return None
        entry_id, revision_id = last[0].entry_id, last[0].revision_id
    return Told(entry_id, revision_id, any(step.revision_id == revision_id for step in copied))
