"""The rubric (评分标准): five criteria, 1 to 5 each, with words for what a 1, a 3 and a 5 look like."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kb.errors import InvalidInputError
from kb.i18n import N_

LOWEST, HIGHEST = 1, 5
ANCHORS = ("1", "3", "5")
MAX_WORDS = 80
MAX_REASON = 300


class Criterion(StrEnum):
    """What is judged."""

    ACCURACY = "accuracy"
    COMPLETENESS = "completeness"
    WORDING = "wording"
    APPLICABILITY = "applicability"
    REUSABILITY = "reusability"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return CRITERION_LABELS[self]


CRITERION_LABELS: Mapping[Criterion, str] = {
    Criterion.ACCURACY: N_("准确"),
    Criterion.COMPLETENESS: N_("完整"),
    Criterion.WORDING: N_("话术"),
    Criterion.APPLICABILITY: N_("适用"),
    Criterion.REUSABILITY: N_("可复用"),
}

Words = Mapping[str, Mapping[str, str]]
"""Criterion → anchor ("1", "3", "5") → what it looks like."""

FIRST: Words = {
    "accuracy": {"1": "有错，照着说会误导客户", "3": "基本对，个别地方要再核", "5": "逐条核过，和现行政策一致"},
    "completeness": {"1": "缺关键步骤或费用", "3": "主干齐全，例外没写", "5": "步骤、例外、费用、时限都有"},
    "wording": {"1": "没有话术，或念出来别扭", "3": "能用，要自己改几句", "5": "照着念客户就明白"},
    "applicability": {"1": "只对个别客户有用", "3": "常见情形能用", "5": "写清了谁能用、谁不能用"},
    "reusability": {"1": "是一次个案的记录", "3": "换个地区要改", "5": "别的班组和区县拿来就能用"},
}
"""The rubric a new installation begins with, in the centre's language: managers rewrite it."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What a rater says: 1..5 for each criterion.

    Raises:
        InvalidInputError: a criterion is missing or not 1..5.
    """

    accuracy: int
    completeness: int
    wording: int
    applicability: int
    reusability: int

    def __post_init__(self) -> None:
        for criterion in Criterion:
            value = getattr(self, criterion.value)
            if not isinstance(value, int) or not LOWEST <= value <= HIGHEST:
                raise InvalidInputError(N_("每一项都要给 1–5 分"), field=criterion.value)

    @property
    def overall(self) -> float:
        """The mean of the five, 1..5."""
        given = (self.accuracy, self.completeness, self.wording, self.applicability, self.reusability)
        return sum(given) / len(given)


def checked(words: Words) -> dict[str, dict[str, str]]:
    """Return *words* cleaned, every anchor of every criterion filled in.

    Raises:
        InvalidInputError: one is missing or too long.
    """
    cleaned: dict[str, dict[str, str]] = {}
    for criterion in Criterion:
        cleaned[criterion.value] = {}
        for anchor in ANCHORS:
            text = " ".join(words.get(criterion.value, {}).get(anchor, "").split())
            field = f"{criterion.value}-{anchor}"
            if not text:
                raise InvalidInputError(N_("每一项的 1、3、5 分都要写明是什么样"), field=field)
            if len(text) > MAX_WORDS:
                raise InvalidInputError(N_("说明最多 %(max)s 个字"), field=field, max=MAX_WORDS)
            cleaned[criterion.value][anchor] = text
    return cleaned
