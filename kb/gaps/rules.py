"""The rules of gaps as pure functions: which come first, when one is closed, which searches are proposed as gaps.

Storing is ``asks``', changing is ``operations``'. What is alike is the index's business; what is found comes in as
findings.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from kb.desk.rules import Reason
from kb.i18n import N_

HALF_LIFE = timedelta(days=14)
"""After this long an agent who met a gap counts half: what nobody has asked for a month is not urgent."""
FIRST_LINE_WEIGHT = 1.5
"""What a gap of the first line counts against 1.0 for the experts': those answers are wanted on every other call."""
SHARE_TO_CLOSE = 0.8
"""Share of the agents who met a gap whose words must find the entry. One odd wording must not keep it open for ever."""
TOP = 3
"""Places in which the entry must be found: as many as are read while somebody talks."""

MIN_AGENTS = 3
"""Different agents who must have searched something before it is proposed: two may be one habit."""
BLIND_AGENTS = 6
"""As many where nobody knows which results were opened, only what was marked: agents seldom mark."""
REFORMULATED_SHARE = 0.6
"""Share of the searches for some words that another search followed at once."""
REFORMULATED_WITHIN = timedelta(minutes=2)

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class GapState(StrEnum):
    """Where a gap stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    DECLINED = "declined"
    MERGED = "merged"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return GAP_STATE_LABELS[self]


GAP_STATE_LABELS: Mapping[GapState, str] = {
    GapState.OPEN: N_("待答复"),
    GapState.ANSWERED: N_("答复中"),
    GapState.CLOSED: N_("已关闭"),
    GapState.DECLINED: N_("不处理"),
    GapState.MERGED: N_("已合并"),
}

LIVE = frozenset({GapState.OPEN, GapState.ANSWERED})
"""States of gaps that something is still to be done about."""


class DeclineReason(StrEnum):
    """Why nothing is done about a gap. One that another gap already is, is merged with it instead."""

    NOT_OURS = "not_ours"
    NO_QUESTION = "no_question"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return DECLINE_LABELS[self]


DECLINE_LABELS: Mapping[DeclineReason, str] = {
    DeclineReason.NOT_OURS: N_("不归我们答复"),
    DeclineReason.NO_QUESTION: N_("不是问题"),
}


class AskOrigin(StrEnum):
    """How an ask came to be known."""

    SEARCH = "search"
    REPORT = "report"
    OUTCOME = "outcome"
    PROPOSAL = "proposal"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return ASK_ORIGIN_LABELS[self]


ASK_ORIGIN_LABELS: Mapping[AskOrigin, str] = {
    AskOrigin.SEARCH: N_("没有搜到答案"),
    AskOrigin.REPORT: N_("坐席记的"),
    AskOrigin.OUTCOME: N_("打开了没解决"),
    AskOrigin.PROPOSAL: N_("从搜索记录里来"),
}

CONTENT_MISSING = frozenset({Reason.OTHER_QUESTION, Reason.INCOMPLETE})
"""Reasons of "not solved" that say that the answer is not there; what is wrong or unclear is corrected instead."""


@dataclass(frozen=True, slots=True)
class Met:
    """That one agent met a gap: how often, and when last."""

    times: int
    last_at: datetime


def tier_weight(position: int | None, tiers: int) -> float:
    """Return what a gap counts that the tier at *position* of *tiers* should answer, 0 being the first line.

    From ``FIRST_LINE_WEIGHT`` down to 1.0 in even steps. ``None``, not yet known, counts as the first line: that is
    where it was asked.
    """
    if position is None or tiers <= 1:
        return FIRST_LINE_WEIGHT
    return FIRST_LINE_WEIGHT - (FIRST_LINE_WEIGHT - 1.0) * min(max(position, 0), tiers - 1) / (tiers - 1)


def standing(met: Sequence[Met], weight: float) -> float:
    """Return how urgent a gap is, as a figure that never has to be brought up to date: greater is more urgent.

    Urgency at a moment is *weight* × Σ over agents of (1 + log₁₀ times) · ½^(age / ``HALF_LIFE``): every further agent
    counts in full, ten times as often as much as one agent more. All ages grow alike, so urgency only shrinks by a
    common factor and the order of two gaps never changes by time alone. This is the logarithm (base 2) of urgency as
    it would be read at a fixed moment: it can be stored and sorted by (``urgency`` reads it).

    Args:
        met: one for each agent.
        weight: ``tier_weight``.

    Returns:
        minus infinity where nobody met it.
    """
    if not met:
        return -math.inf
    at = [(item.last_at - _EPOCH) / HALF_LIFE for item in met]
    newest = max(at)  # taken out of the sum: a power of two of years in half-lives would not do as a float
    total = sum((1 + math.log10(item.times)) * 2 ** (moment - newest) for item, moment in zip(met, at, strict=True))
    return newest + math.log2(weight * total)


def urgency(standing_: float, now: datetime) -> float:
    """Return the urgency at the moment *now* of a gap with this ``standing``: about the agents who met it of late."""
    return float(2.0 ** (standing_ - (now - _EPOCH) / HALF_LIFE))


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether words of a gap find its entry, as one region sees it.

    Attributes:
        agents: different people who asked it there.
        place: the entry's place among the results, from 1; ``None`` where it is not among the first ``TOP``.
    """

    phrasing_id: int
    text: str
    region_key: str | None
    agents: int
    place: int | None

    @property
    def found(self) -> bool:
        """Whether the entry is near enough to the top."""
        return self.place is not None and self.place <= TOP


def share_found(findings: Sequence[Finding]) -> float:
    """Return the share of agents whose words find the entry, 0..1; an ask without a known agent counts as one's."""
    total = sum(max(item.agents, 1) for item in findings)
    return sum(max(item.agents, 1) for item in findings if item.found) / total if total else 0.0


def closes(findings: Sequence[Finding]) -> bool:
    """Return whether *findings* let a gap be closed: enough of those who failed would find the answer now."""
    return share_found(findings) >= SHARE_TO_CLOSE


class ProposalKind(StrEnum):
    """Why a search is proposed as a gap though it had results."""

    UNUSED = "unused"
    REFORMULATED = "reformulated"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return PROPOSAL_LABELS[self]


PROPOSAL_LABELS: Mapping[ProposalKind, str] = {
    ProposalKind.UNUSED: N_("有结果，没人用"),
    ProposalKind.REFORMULATED: N_("总要换个说法再搜"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the search log and the outcomes say about some words.

    Attributes:
        searches, agents: how often, by how many different people.
        followed: searches that other words of the same person followed within ``REFORMULATED_WITHIN``.
        solved: outcomes that say that an entry solved it.
        opened: how many results were opened; ``None`` where nobody keeps that.
    """

    searches: int
    agents: int
    followed: int
    solved: int
    opened: int | None = None


def proposed_as(evidence: Evidence) -> ProposalKind | None:
    """Return why words that do find something should be looked at as a gap, ``None`` if they should not.

    Never what fewer than ``MIN_AGENTS`` searched, nor what has solved a call. Words that agents nearly always put
    otherwise at once do not lead where they should. Words whose results nobody opens do not look like an answer; where
    opening is not kept, nothing but the silence of ``BLIND_AGENTS`` agents speaks for that.
    """
    if evidence.agents < MIN_AGENTS or evidence.solved:
        return None
    if evidence.followed >= REFORMULATED_SHARE * evidence.searches:
        return ProposalKind.REFORMULATED
    unused = evidence.opened == 0 if evidence.opened is not None else evidence.agents >= BLIND_AGENTS
    return ProposalKind.UNUSED if unused else None
