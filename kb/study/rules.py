"""What idle study goes by: how sure somebody is, why a card is shown, and what an own miss weighs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from kb.i18n import N_

HALF_LIFE = timedelta(days=14)
"""After which a miss weighs half."""
LOOK_BACK = 4 * HALF_LIFE
"""A miss before that weighs less than a sixteenth and is not asked for any more."""
MAX_TOOK = timedelta(minutes=10)
"""A card that stood open for longer was left for a call."""
MAX_LATE = timedelta(days=7)
"""How old an answer may be that was kept while the server was away."""


class Confidence(IntEnum):
    """How sure somebody says they are, before they learn whether it was right."""

    GUESS = 1
    UNSURE = 2
    SURE = 3

    @property
    def label(self) -> str:
        """The Chinese name."""
        return CONFIDENCE_LABELS[self]


CONFIDENCE_LABELS: Mapping[Confidence, str] = {
    Confidence.SURE: N_("有把握"),
    Confidence.UNSURE: N_("不太确定"),
    Confidence.GUESS: N_("猜的"),
}


class Why(StrEnum):
    """Why a card is shown; the order is the order in which they come."""

    MUST_READ = "must_read"
    REVIEW = "review"
    MISS = "miss"
    NEW = "new"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return WHY_LABELS[self]


WHY_LABELS: Mapping[Why, str] = {
    Why.MUST_READ: N_("必读"),
    Why.REVIEW: N_("到期复习"),
    Why.MISS: N_("我栽过的"),
    Why.NEW: N_("新卡片"),
}


class Slip(StrEnum):
    """How an agent missed what an entry says."""

    SEARCH = "search"
    UNSOLVED = "unsolved"
    ANSWER = "answer"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return SLIP_LABELS[self]


SLIP_LABELS: Mapping[Slip, str] = {
    Slip.SEARCH: N_("没搜到"),
    Slip.UNSOLVED: N_("没解决"),
    Slip.ANSWER: N_("答错"),
}
WEIGHTS: Mapping[Slip, float] = {Slip.SEARCH: 3.0, Slip.UNSOLVED: 2.0, Slip.ANSWER: 2.0}


@dataclass(frozen=True, slots=True)
class Miss:
    """That the person missed what the entry *entry_id* says."""

    entry_id: int
    slip: Slip
    at: datetime


def weigh(misses: Iterable[Miss], learned: Mapping[int, datetime], *, now: datetime) -> dict[int, float]:
    """Return what each entry's misses weigh at the moment *now*, the heaviest first.

    Args:
        learned: when the person last answered a question about an entry rightly: what they missed before is made good.
    """
    found: dict[int, float] = {}
    for miss in misses:
        if miss.at > learned.get(miss.entry_id, miss.at - HALF_LIFE) and now - miss.at <= LOOK_BACK:
            weight = WEIGHTS[miss.slip] * 0.5 ** (max(now - miss.at, timedelta(0)) / HALF_LIFE)
            found[miss.entry_id] = found.get(miss.entry_id, 0.0) + weight
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
