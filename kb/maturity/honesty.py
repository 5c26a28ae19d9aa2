"""Honesty checks, as pure functions: each is named, looks at sums, and says what is odd. None punishes anybody.

A manager reads a finding with its facts and decides; gathering the sums is ``kb.maturity.flags``'.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kb.i18n import N_

RATINGS_EACH_WAY = 2
RATED_HIGH = 4.5
MARKS_EACH_WAY = 6
MARKED_SOLVED = 0.95
TEAM_MARKS = 10
TEAM_SHARE = 0.8
BURST_MARKS = 8
ALWAYS_RATINGS = 10
ALWAYS_SHARE = 0.9
AGAIN_MARKS = 10
AGAIN_SHARE = 0.3


class Check(StrEnum):
    """What is looked for."""

    RECIPROCAL_RATERS = "reciprocal_raters"
    RECIPROCAL_MARKS = "reciprocal_marks"
    ONE_TEAM_PRAISE = "one_team_praise"
    BURST = "burst"
    ALWAYS_FIVE = "always_five"
    CALLED_AGAIN = "called_again"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return CHECK_LABELS[self]

    @property
    def explanation(self) -> str:
        """In Chinese, what it found; ``%(name)s`` fields are the finding's facts."""
        return EXPLANATIONS[self]


CHECK_LABELS: Mapping[Check, str] = {
    Check.RECIPROCAL_RATERS: N_("互相打高分"),
    Check.RECIPROCAL_MARKS: N_("互相标解决"),
    Check.ONE_TEAM_PRAISE: N_("只有本班组说好"),
    Check.BURST: N_("短时间集中标记"),
    Check.ALWAYS_FIVE: N_("总是打 5 分"),
    Check.CALLED_AGAIN: N_("标了解决，客户又来电"),
}
EXPLANATIONS: Mapping[Check, str] = {
    Check.RECIPROCAL_RATERS: N_("两人互相评过对方的知识：%(there)s 次和 %(back)s 次，平均 %(mean)s 分"),
    Check.RECIPROCAL_MARKS: N_("两人互相标对方的知识：%(there)s 次和 %(back)s 次，解决率 %(share)s%%"),
    Check.ONE_TEAM_PRAISE: N_("%(marks)s 次“解决了”里有 %(own)s 次来自负责人自己的班组"),
    Check.BURST: N_("一小时内标了 %(marks)s 次“解决了”（%(agents)s 人）"),
    Check.ALWAYS_FIVE: N_("%(ratings)s 次评分里有 %(fives)s 次全是 5 分"),
    Check.CALLED_AGAIN: N_("%(marks)s 次“解决了”之后，有 %(again)s 次客户七天内又来电"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """One rating that counts: who rated whose entry, and how, 1..5."""

    rater: int
    entry: int
    owner: int | None
    overall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The outcomes of one person for one entry, summed up."""

    agent: int
    team: int | None
    entry: int
    owner: int | None
    owner_team: int | None
    solved: int
    unsolved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """The solved marks of one entry within one hour."""

    entry: int
    hour: str
    marks: int
    agents: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledAgain:
    """The solved marks of one person for one entry, and how many of those customers called again in seven days."""

    agent: int
    entry: int
    marks: int
    again: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What the checks look at."""

    ratings: Sequence[Rated] = ()
    marks: Sequence[Marked] = ()
    hours: Sequence[Hour] = ()
    calls: Sequence[CalledAgain] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found odd.

    Attributes:
        key: what it is about: the same again is the same finding.
        entries, users: what those people say of those entries would be set aside if a manager says so.
        facts: figures that fill in the check's explanation.
    """

    check: Check
    key: str
    entries: tuple[int, ...]
    users: tuple[int, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


def reciprocal_raters(sums: Sums) -> Iterator[Finding]:
    """Find pairs who each rated the other's entries twice or more, high on average in both directions."""
    given: dict[tuple[int, int], list[Rated]] = defaultdict(list)
    for rating in sums.ratings:
        if rating.owner is not None and rating.owner != rating.rater:
            given[rating.rater, rating.owner].append(rating)
    for (one, other), there in given.items():
        back = given.get((other, one), [])
        if one > other or min(len(there), len(back)) < RATINGS_EACH_WAY:
            continue
        means = [sum(rating.overall for rating in side) / len(side) for side in (there, back)]
        if min(means) >= RATED_HIGH:
            yield Finding(
                check=Check.RECIPROCAL_RATERS,
                key=f"{one}-{other}",
                entries=_entries(rating.entry for rating in (*there, *back)),
                users=(one, other),
                facts={"there": len(there), "back": len(back), "mean": f"{sum(means) / 2:.1f}"},
            )


def reciprocal_marks(sums: Sums) -> Iterator[Finding]:
    """Find pairs who marked each other's entries often and as solved nearly always."""
    given: dict[tuple[int, int], list[Marked]] = defaultdict(list)
    for mark in sums.marks:
        if mark.owner is not None and mark.owner != mark.agent:
            given[mark.agent, mark.owner].append(mark)
    for (one, other), there in given.items():
        back = given.get((other, one), [])
        if one > other or not back:
            continue
        counts = [sum(mark.solved + mark.unsolved for mark in side) for side in (there, back)]
        shares = [sum(mark.solved for mark in side) / n for side, n in zip((there, back), counts, strict=True)]
        if min(counts) >= MARKS_EACH_WAY and min(shares) >= MARKED_SOLVED:
            yield Finding(
                check=Check.RECIPROCAL_MARKS,
                key=f"{one}-{other}",
                entries=_entries(mark.entry for mark in (*there, *back)),
                users=(one, other),
                facts={"there": counts[0], "back": counts[1], "share": round(100 * min(shares))},
            )


def one_team_praise(sums: Sums) -> Iterator[Finding]:
    """Find entries that hardly anybody but the owner's own team says solved a call."""
    by_entry: dict[int, list[Marked]] = defaultdict(list)
    for mark in sums.marks:
        if mark.solved:
            by_entry[mark.entry].append(mark)
    for entry, marks in by_entry.items():
        total = sum(mark.solved for mark in marks)
        own = [mark for mark in marks if mark.owner_team is not None and mark.team == mark.owner_team]
        count = sum(mark.solved for mark in own)
        if total >= TEAM_MARKS and count / total >= TEAM_SHARE:
            yield Finding(
                check=Check.ONE_TEAM_PRAISE,
                key=str(entry),
                entries=(entry,),
                users=tuple(sorted({mark.agent for mark in own})),
                facts={"marks": total, "own": count},
            )


def burst(sums: Sums) -> Iterator[Finding]:
    """Find entries with many solved marks within one hour."""
    for hour in sums.hours:
        if hour.marks >= BURST_MARKS:
            yield Finding(
                check=Check.BURST,
                key=f"{hour.entry}@{hour.hour}",
                entries=(hour.entry,),
                users=tuple(sorted(set(hour.agents))),
                facts={"marks": hour.marks, "agents": len(set(hour.agents)), "hour": hour.hour},
            )


def always_five(sums: Sums) -> Iterator[Finding]:
    """Find raters who give all fives nearly always."""
    by_rater: dict[int, list[Rated]] = defaultdict(list)
    for rating in sums.ratings:
        by_rater[rating.rater].append(rating)
    for rater, ratings in by_rater.items():
        fives = [rating for rating in ratings if rating.overall == 5]
        if len(ratings) >= ALWAYS_RATINGS and len(fives) / len(ratings) >= ALWAYS_SHARE:
            yield Finding(
                check=Check.ALWAYS_FIVE,
                key=str(rater),
                entries=_entries(rating.entry for rating in fives),
                users=(rater,),
                facts={"ratings": len(ratings), "fives": len(fives)},
            )


def called_again(sums: Sums) -> Iterator[Finding]:
    """Find people whose solved marks for an entry are often followed by another call of the same customer."""
    for item in sums.calls:
        if item.marks >= AGAIN_MARKS and item.again / item.marks >= AGAIN_SHARE:
            yield Finding(
                check=Check.CALLED_AGAIN,
                key=f"{item.entry}-{item.agent}",
                entries=(item.entry,),
                users=(item.agent,),
                facts={"marks": item.marks, "again": item.again},
            )


CHECKS: Mapping[Check, Callable[[Sums], Iterator[Finding]]] = {
    Check.RECIPROCAL_RATERS: reciprocal_raters,
    Check.RECIPROCAL_MARKS: reciprocal_marks,
    Check.ONE_TEAM_PRAISE: one_team_praise,
    Check.BURST: burst,
    Check.ALWAYS_FIVE: always_five,
    Check.CALLED_AGAIN: called_again,
}


def findings(sums: Sums) -> list[Finding]:
    """Return what all checks find in *sums*."""
    return [finding for check in CHECKS.values() for finding in check(sums)]


def _entries(ids: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(ids)))
