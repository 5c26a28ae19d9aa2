"""Item analysis (试题分析): how hard a question was, whether it tells strong from weak, and whether it looks broken.

Classical test theory, as pure functions:

- *difficulty* p: the mean share of a point (Crocker and Algina, 1986, ch. 14).
- *discrimination* r: the correlation of a question's points with the points of all the other questions of the same
  attempt (corrected item-total correlation; Henrysson, 1963), so that a question does not correlate with itself.
- *upper minus lower* D: the mean among the best 27 % minus that among the weakest 27 % (Kelley, 1939).
- *reliability* alpha of a form whose questions everybody had (Cronbach, 1951). Attempts with questions of their own
  have none that this formula could tell.
- a *standard error* of p, so that a figure from five attempts looks like what it is.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from kb.i18n import N_

MIN_ATTEMPTS = 10
"""Nothing is said to be broken on fewer: the figures swing too much."""
TAIL = 0.27
TOO_HARD = 0.2
TOO_EASY = 0.95
WEAK = 0.1
"""A discrimination below this tells hardly anybody apart (Ebel and Frisbie, 1991, take 0.2 on D)."""


class Flaw(StrEnum):
    """Why a question should be looked at."""

    INVERTED = "inverted"
    WRONG_KEY = "wrong_key"
    TOO_HARD = "too_hard"
    TOO_EASY = "too_easy"
    WEAK = "weak"
    IDLE_OPTION = "idle_option"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return FLAW_LABELS[self]

    @property
    def is_broken(self) -> bool:
        """Whether the question misleads whoever knows best: it should not be asked until somebody has looked."""
        return self in (Flaw.INVERTED, Flaw.WRONG_KEY)


FLAW_LABELS: Mapping[Flaw, str] = {
    Flaw.INVERTED: N_("会的反而错得多"),
    Flaw.WRONG_KEY: N_("高分的人多半选了同一个错项，答案可能标错"),
    Flaw.TOO_HARD: N_("几乎没人答对"),
    Flaw.TOO_EASY: N_("几乎人人答对"),
    Flaw.WEAK: N_("分不出会与不会"),
    Flaw.IDLE_OPTION: N_("有的选项没人选"),
}


@dataclass(frozen=True, slots=True)
class Response:
    """One attempt's answer to one question.

    Attributes:
        question: its id.
        share: 0..1 of the point.
        chosen: the single option chosen; ``None`` where several or none can be.
    """

    question: int
    share: float
    chosen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What answers say of a question.

    Attributes:
        n: attempts.
        difficulty: p; the higher, the easier.
        error: standard error of p.
        discrimination: r; ``None`` where everybody did alike.
        upper_lower: D; ``None`` with fewer than four attempts.
        chosen: how often each single option was chosen, by its place.
    """

    n: int
    difficulty: float
    error: float
    discrimination: float | None
    upper_lower: float | None
    chosen: Mapping[int, int]
    flaws: tuple[Flaw, ...]


def analyse(
    attempts: Sequence[Sequence[Response]], *, options: Mapping[int, int], right: Mapping[int, int]
) -> Mapping[int, Figures]:
    """Return the figures of every question that was asked in *attempts*.

    Args:
        attempts: the answers of each attempt that has ended; they need not have had the same questions.
        options: how many options a single-choice question has, by id; others may be missing.
        right: the right option of a single-choice question, by id.
    """
    asked: dict[int, list[tuple[Response, float]]] = {}
    for responses in attempts:
        total = sum(response.share for response in responses)
        others = len(responses) - 1
        for response in responses:
            rest = (total - response.share) / others if others else 0.0
            asked.setdefault(response.question, []).append((response, rest))
    return {id_: _figures(rows, options.get(id_), right.get(id_)) for id_, rows in asked.items()}


def _figures(rows: Sequence[tuple[Response, float]], options: int | None, right: int | None) -> Figures:
    shares, rests = [response.share for response, _ in rows], [rest for _, rest in rows]
    n = len(rows)
    p = sum(shares) / n
    variance = sum((share - p) ** 2 for share in shares) / n
    chosen = Counter(response.chosen for response, _ in rows if response.chosen is not None)
    r = correlation(shares, rests)
    return Figures(
        n=n,
        difficulty=p,
        error=sqrt(variance / n),
        discrimination=r,
        upper_lower=_upper_lower(rows),
        chosen=dict(sorted(chosen.items())),
        flaws=_flaws(rows, p, r, chosen, options, right) if n >= MIN_ATTEMPTS else (),
    )


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return Pearson's correlation of two equally long series; ``None`` where one of them does not vary."""
    n = len(one)
    if n < 2:
        return None
    mean_one, mean_other = sum(one) / n, sum(other) / n
    over = sum((a - mean_one) * (b - mean_other) for a, b in zip(one, other, strict=True))
    spread = sqrt(sum((a - mean_one) ** 2 for a in one) * sum((b - mean_other) ** 2 for b in other))
    return over / spread if spread > 1e-12 else None


def alpha(rows: Sequence[Sequence[float]]) -> float | None:
    """Return Cronbach's alpha of attempts that all had the same questions in the same columns.

    ``None`` for fewer than two attempts or questions, or where all did alike.
    """
    if len(rows) < 2 or len(rows[0]) < 2:
        return None
    k = len(rows[0])
    whole = _variance([sum(row) for row in rows])
    if whole <= 1e-12:
        return None
    return k / (k - 1) * (1 - sum(_variance([row[place] for row in rows]) for place in range(k)) / whole)


def _variance(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _tails(rows: Sequence[tuple[Response, float]]) -> tuple[list[Response], list[Response]] | None:
    """Return the answers of the weakest and of the best, by the rest of their attempts."""
    size = round(TAIL * len(rows))
    if size < 1 or len(rows) < 4:
        return None
    ordered = [response for response, _ in sorted(rows, key=lambda row: row[1])]
    return ordered[:size], ordered[-size:]


def _upper_lower(rows: Sequence[tuple[Response, float]]) -> float | None:
    tails = _tails(rows)
    if tails is None:
        return None
    low, high = (sum(response.share for response in tail) / len(tail) for tail in tails)
    return high - low


def _flaws(
    rows: Sequence[tuple[Response, float]],
    p: float,
    r: float | None,
    chosen: Counter[int],
    options: int | None,
    right: int | None,
) -> tuple[Flaw, ...]:
    found: list[Flaw] = []
    if r is not None and r < 0:
        found.append(Flaw.INVERTED)
    tails = _tails(rows)
    if right is not None and tails is not None:
        best = Counter(response.chosen for response in tails[1] if response.chosen is not None)
        wrong = max((count for option, count in best.items() if option != right), default=0)
        if wrong > best[right]:
            found.append(Flaw.WRONG_KEY)
    if p < TOO_HARD:
        found.append(Flaw.TOO_HARD)
    elif p > TOO_EASY:
        found.append(Flaw.TOO_EASY)
    if r is not None and 0 <= r < WEAK:
        found.append(Flaw.WEAK)
    if options is not None and len(rows) >= 3 * options and len(chosen) < options and p <= TOO_EASY:
        found.append(Flaw.IDLE_OPTION)
    return tuple(found)
