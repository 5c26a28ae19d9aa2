"""What a ``derived_from`` says, and the ways in which somebody can have given to an entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kb.entries.rules import SERVED, State
from kb.i18n import N_


class HopKind(StrEnum):
    """What something came from."""

    GAP = "gap"
    CALL = "call"
    OUTCOME = "outcome"
    THREAD = "thread"
    ENTRY = "entry"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return HOP_LABELS[self]


HOP_LABELS: Mapping[HopKind, str] = {
    HopKind.GAP: N_("搜不到答案的问题"),
    HopKind.CALL: N_("一通电话"),
    HopKind.OUTCOME: N_("通话里的反馈"),
    HopKind.THREAD: N_("讨论"),
    HopKind.ENTRY: N_("知识"),
}


@dataclass(frozen=True, slots=True)
class Ref:
    """What something came from.

    Attributes:
        key: a thread's or entry's key, a gap's or outcome's number, a call's reference.
    """

    kind: HopKind
    key: str

    @property
    def number(self) -> int:
        """The key as a number; 0, which nothing has, where it is none."""
        return int(self.key) if self.key.isascii() and self.key.isdigit() and len(self.key) <= 9 else 0


def parse(derived_from: str | None) -> Ref | None:
    """Return what *derived_from* (``kind:key``) names; ``None`` where it names nothing that is known."""
    kind, _, key = (derived_from or "").partition(":")
    if not key or kind not in {item.value for item in HopKind}:
        return None
    return Ref(HopKind(kind), key)


class Growth(StrEnum):
    """How far a thread has become knowledge."""

    DRAFTED = "drafted"
    SERVED = "served"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return GROWTH_LABELS[self]


GROWTH_LABELS: Mapping[Growth, str] = {
    Growth.DRAFTED: N_("正在整理成知识"),
    Growth.SERVED: N_("已成知识"),
}
_GIVEN_UP = frozenset({State.REJECTED, State.RETIRED, State.ARCHIVED})


def growth(states: Iterable[State]) -> Growth | None:
    """Return how far a thread is whose entries are in *states*; ``None`` where none of them is under way any more."""
    live = {state for state in states if state not in _GIVEN_UP}
    if live & SERVED:
        return Growth.SERVED
    return Growth.DRAFTED if live else None


class Gift(StrEnum):
    """How somebody gave to an entry; the order is that in which knowledge comes about."""

    ASKED = "asked"
    STARTED = "started"
    ANSWERED = "answered"
    HELPED = "helped"
    WROTE = "wrote"
    REVIEWED = "reviewed"
    VERIFIED = "verified"
    CORRECTED = "corrected"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return GIFT_LABELS[self]


GIFT_LABELS: Mapping[Gift, str] = {
    Gift.ASKED: N_("最先问到"),
    Gift.STARTED: N_("发起讨论"),
    Gift.ANSWERED: N_("给出答案"),
    Gift.HELPED: N_("补充"),
    Gift.WROTE: N_("写成知识"),
    Gift.REVIEWED: N_("审核"),
    Gift.VERIFIED: N_("区县核实"),
    Gift.CORRECTED: N_("纠错"),
}


@dataclass(frozen=True, slots=True)
class Thanks:
    """A person to thank for an entry, and what for, in the order of ``Gift``."""

    user_id: int
    gifts: tuple[Gift, ...]


def thanks(given: Mapping[int, frozenset[Gift]]) -> list[Thanks]:
    """Return *given* (ids of people → what they gave) in the order in which knowledge comes about."""
    order = list(Gift)
    found = [Thanks(user_id, tuple(sorted(gifts, key=order.index))) for user_id, gifts in given.items()]
    return sorted(found, key=lambda item: (order.index(item.gifts[0]), item.user_id))
