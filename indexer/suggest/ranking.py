"""Which few of the texts that go with what was typed are shown, and in what order. Pure functions over arrays.

The tier decides first (``typed.Tier``): Chinese as typed, then pinyin, then inside of a text. Within a tier counts how
often the entry has helped, how mature it is, whether the text is a title, and how much of the text was typed already.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.engine import FrequentQuery, Suggestion, SuggestionKind
from indexer.suggest.alphabet import squeeze
from indexer.suggest.typed import Tier

PER_ENTRY = 1
"""Suggestions that lead to one entry: a second one takes the place of another answer."""

USES_HALF = 20
"""Uses that count half of what endless uses would."""

_USES, _MATURITY, _TITLE, _TYPED = 0.40, 0.25, 0.15, 0.20
_FIRST_LOOK = 256
"""Candidates that are looked at first; more if too many of them say the same."""
_NUMBER = re.compile(r"\d{6,}")
"""A run of digits as in the number of a telephone, a contract or a person: it says nothing to the next caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentUnits:
    """What is known of one segment's units and documents, as arrays.

    Attributes:
        documents: the number of the document each unit belongs to.
        titles: whether the unit is its document's title.
        lengths: how many characters the unit's text has.
        maturity: of each document, 0..1.
        uses: of each document: how often it was the answer.
    """

    documents: NDArray[np.uint32]
    titles: NDArray[np.bool_]
    lengths: NDArray[np.uint32]
    maturity: NDArray[np.floating]
    uses: NDArray[np.unsignedinteger]


@dataclass(frozen=True, slots=True)
class RankedUnit:
    """A unit that is worth showing; ``score`` compares over all segments."""

    unit: int
    score: float


def rank(
    matched: Callable[[Tier], NDArray[np.uint32]],
    units: SegmentUnits,
    allowed: NDArray[np.bool_],
    fingerprint: Callable[[int], bytes],
    *,
    typed: int,
    limit: int,
) -> list[RankedUnit]:
    """Return the best units of one segment, best first: no text twice, no document more than ``PER_ENTRY`` times.

    A worse tier is only asked for while better ones leave room.

    Args:
        matched: the units that go with what was typed in each tier, each once.
        allowed: for each document whether this person may see it now; units of others are as if they weren't there.
        fingerprint: tells texts apart.
        typed: characters typed.
    """
    found: list[RankedUnit] = []
    texts: set[bytes] = set()
    entries: dict[int, int] = {}
    for tier in Tier:
        candidates = matched(tier)
        candidates = candidates[allowed[units.documents[candidates]]]
        scores = _scores(units, candidates, typed)
        for place in _descending(scores):
            if len(found) == limit:
                return found
            unit = int(candidates[place])
            document, text = int(units.documents[unit]), fingerprint(unit)
            if text not in texts and entries.get(document, 0) < PER_ENTRY:
                texts.add(text)
                entries[document] = entries.get(document, 0) + 1
                found.append(RankedUnit(unit, float(scores[place]) - tier))
    return found


def _scores(units: SegmentUnits, candidates: NDArray[np.uint32], typed: int) -> NDArray[np.float64]:
    documents = units.documents[candidates]
    uses = units.uses[documents].astype(np.float64)
    share = np.minimum(typed / np.maximum(units.lengths[candidates], 1), 1.0)
    scores: NDArray[np.float64] = (
        _USES * uses / (uses + USES_HALF)
        + _MATURITY * units.maturity[documents]
        + _TITLE * units.titles[candidates]
        + _TYPED * share
    )
    return scores


def _descending(scores: NDArray[np.float64]) -> Iterable[int]:
    """Yield the places of *scores* from high to low, equals in their order, sorting no more than is asked for."""
    done, look = 0, _FIRST_LOOK
    while done < len(scores):
        if look >= len(scores):
            best = np.argsort(-scores, kind="stable")
        else:
            bar = -np.partition(-scores, look - 1)[look - 1]
            best = np.flatnonzero(scores >= bar)
            best = best[np.argsort(-scores[best], kind="stable")]
        yield from best[done:].tolist()
        done, look = len(best), look * 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A suggestion with its score, from one segment or from the frequent queries."""

    suggestion: Suggestion
    score: float


def query_candidates(
    matched: Mapping[FrequentQuery, Tier], typed: int, visible: Mapping[str, str]
) -> tuple[Candidate, ...]:
    """Return the frequent queries among *matched* that may be offered, scored like units.

    A query is somebody else's words. It is left out if what answers it isn't *visible*, or not known, and if it holds
    a long number.

    Args:
        visible: the keys of the queries' entries that this person may see now, with their titles.
    """
    return tuple(
        Candidate(
            Suggestion(
                text=query.text, kind=SuggestionKind.QUERY, entry=query.entry_key, title=visible[query.entry_key]
            ),
            _USES * query.count / (query.count + USES_HALF)
            + (_MATURITY + _TITLE) / 2
            + _TYPED * min(typed / max(len(squeeze(query.text)), 1), 1.0)
            - tier,
        )
        for query, tier in matched.items()
        if query.entry_key is not None and query.entry_key in visible and not _NUMBER.search(query.text)
    )


def choose(candidates: Iterable[Candidate], *, limit: int) -> tuple[Suggestion, ...]:
    """Return the best of all segments' and queries' *candidates*: no text twice, no entry more than ``PER_ENTRY``."""
    found: list[Suggestion] = []
    texts: set[str] = set()
    entries: dict[str, int] = {}
    for candidate in sorted(candidates, key=lambda item: -item.score):
        suggestion = candidate.suggestion
        text, entry = squeeze(suggestion.text), suggestion.entry
        if len(found) == limit:
            break
        if text in texts or (entry is not None and entries.get(entry, 0) >= PER_ENTRY):
            continue
        texts.add(text)
        if entry is not None:
            entries[entry] = entries.get(entry, 0) + 1
        found.append(suggestion)
    return tuple(found)
