"""From what words and sense found to one order: fusion, votes, maturity, and whether there is an answer at all.

A unit's score in words is its BM25 over the bound of the question, so it is comparable between questions; its score in
sense is the cosine of its vector with the question's. An entry gets what its phrasings vote and a share of its text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.embedded.columns.arrays import best_first, best_places
from indexer.embedded.columns.layout import Unit
from indexer.embedded.columns.reading import Living, View
from indexer.embedded.columns.scoring import Matches
from indexer.embedded.columns.segment import Mask
from indexer.embedded.columns.voting import Grouped, Scores
from indexer.embedded.confidence import WITH_SENSE, WORDS_ALONE, Demand, Evidence, weigh

Documents = NDArray[np.int64]

NEAR = 0.4
"""The least cosine that makes a document worth offering where nothing is an answer: below it sense is noise."""

FEW_VOTE = 0.05
"""Share of a segment's documents up to which only theirs, and not all phrasings, are gone through for votes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What can be set about the order of results; the defaults are measured (docs/search.md).

    Attributes:
        sense: whether sentence vectors take part.
        phrasing_sense: the share of sense in the score of a phrasing, 0..1.
        passage_sense: the share of sense in the score of a text, 0..1.
        text: what a document's text counts beside its phrasings.
        maturity: relevance is multiplied by 1 + maturity·(M - 0.5), M in 0..1: it re-orders what is nearly as relevant.
        candidates: documents that words, and that sense, put up for the exact score.
        proof: the least cosine that makes a document an answer without a word in common.
    """

    sense: bool = True
    phrasing_sense: float = 0.625
    passage_sense: float = 0.3
    text: float = 0.5
    maturity: float = 0.3
    candidates: int = 120
    proof: float = 0.62


class SenseQuery(Protocol):
    """A question's vector, and what it can be compared with."""

    def nearest(self, view: View, allowed: Sequence[Mask], count: int) -> Documents:
        """Return the *allowed* documents, at most *count*, whose units are nearest in sense, the nearest first."""

    def cosines(self, part: Living, unit: Unit, units: NDArray[np.int64]) -> Scores:
        """Return the cosines of *units* of a segment, NaN for those that have no vector yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The documents that were scored exactly, in no order. All arrays are (n,).

    Attributes:
        documents: their numbers in the view.
        scores: what they are ordered by.
        phrasings, passages: the best unit of each, its number in its segment; -1 where there is none.
        phrasing, text: what the best phrasing and the text came to, each 0..1.
        vote: what all phrasings came to together: the best, and what the others added.
        worded, alike: what words, and what the sense of the best passage, found in the text; 0 where nothing.
        sense: the best cosine; NaN where nothing has a vector.
        maturity: what the score was multiplied by.
    """

    documents: Documents
    scores: Scores
    phrasings: NDArray[np.int64]
    passages: NDArray[np.int64]
    phrasing: Scores
    text: Scores
    vote: Scores
    worded: Scores
    alike: Scores
    sense: Scores
    maturity: Scores


@dataclass(frozen=True, slots=True)
class Ranked:
    """An order of results.

    Attributes:
        documents: best first as far as somebody will look; only answers, or, where nothing is an answer, the nearest
            there is.
        scores: falling, but for documents beyond the candidates, whose scores are of words alone.
        answered: whether they are answers.
        confidence: 0..1, how well the best of them fits the question; what ``answered`` is decided by, measured.
        evidence: what ``confidence`` was weighed from.
        gate: whether any of them accounts for enough of the question, or is near enough in sense, to be an answer.
        judged: the candidates.
    """

    documents: Documents
    scores: Scores
    answered: bool
    confidence: float
    evidence: Evidence
    gate: bool
    judged: Judged


def rank(
    view: View,
    matches: Matches,
    allowed: Sequence[Mask],
    demand: Demand,
    sense: SenseQuery | None,
    tuning: Tuning,
    *,
    depth: int | None = None,
) -> Ranked:
    """Return the order of what was found.

    Args:
        demand: what the best document must come up to, to be shown as an answer.
        depth: how many results somebody will look at; those beyond may come in any order. All by default.
        sense: the question's vector; ``None`` leaves the order to words.
    """
    worded = by_words(view, matches, allowed, tuning)
    chosen = best_places(worded, tuning.candidates)
    if sense is not None:
        chosen = np.flatnonzero(_marked(view, chosen, sense.nearest(view, allowed, tuning.candidates)))
    judged = judge(view, matches, np.sort(chosen), sense, tuning)
    accounted = np.bitwise_count(matches.covered)
    proven = accounted[judged.documents] > 0
    alike = np.nan_to_num(judged.sense, nan=0.0) >= tuning.proof
    proving = int(accounted.max(initial=0)) >= demand.needed
    answers = (proven if proving else np.zeros(len(proven), bool)) | alike
    evidence, gate = _evidence(judged, accounted, demand), bool(answers.any())
    verdict = weigh(evidence, demand, WITH_SENSE if _sensed(judged) else WORDS_ALONE)
    answered = verdict.answered and gate
    kept = answers if answered else proven | (np.nan_to_num(judged.sense, nan=0.0) >= NEAR)
    documents, scores = judged.documents[kept], judged.scores[kept]
    best = np.lexsort((documents, -scores))
    rest = np.empty(0, np.int64)
    if answered and proving:
        # Beyond the candidates nobody looks but a counter and a patient reader: words order them, if one gets there.
        others = accounted > 0
        others[judged.documents] = False
        rest = np.flatnonzero(others)
        if depth is None or depth > len(documents):
            rest = rest[best_first(worded[rest])]
    return Ranked(
        documents=np.concatenate([documents[best], rest]),
        scores=np.concatenate([scores[best], worded[rest]]),
        answered=answered,
        confidence=verdict.confidence,
        evidence=evidence,
        gate=gate,
        judged=judged,
    )


def _evidence(judged: Judged, accounted: NDArray[np.uint8], demand: Demand) -> Evidence:
    return Evidence(
        phrasing=float(judged.phrasing.max(initial=0.0)),
        text=float(judged.text.max(initial=0.0)),
        covered=float(accounted.max(initial=0)) / max(demand.places, 1),
    )


def _sensed(judged: Judged) -> bool:
    """Return whether sense had a say about the best document: not without an embedder, nor before it has a vector."""
    return bool(len(judged.scores)) and not np.isnan(judged.sense[np.argmax(judged.scores)])


def judge(view: View, matches: Matches, documents: Documents, sense: SenseQuery | None, tuning: Tuning) -> Judged:
    """Return the exact scores of *documents* (ascending)."""
    phrasings = _units(view, matches, documents, Unit.PHRASING, sense, tuning.phrasing_sense)
    passages = _units(view, matches, documents, Unit.PASSAGE, sense, 1.0)
    texts = _units(view, matches, documents, Unit.TEXT, None, 0.0)
    voters, owners, written = phrasings.grouped.documents, passages.grouped.documents, texts.grouped.documents
    best_phrasing = phrasings.best
    votes = phrasings.grouped.votes(phrasings.scores, float(best_phrasing.max(initial=0)))
    vote = _spread(documents, voters, best_phrasing + votes)
    phrasing = _spread(documents, voters, best_phrasing)
    text = worded = _spread(documents, written, texts.best)
    alike = _spread(documents, owners, passages.best) if sense is not None else np.zeros(len(documents), np.float32)
    if sense is not None:
        text = np.where(alike > 0, (1 - tuning.passage_sense) * text + tuning.passage_sense * alike, text)
    maturity = 1 + np.float32(tuning.maturity) * (_maturity(view, documents) - np.float32(0.5))
    return Judged(
        documents=documents,
        scores=((vote + tuning.text * text) * maturity).astype(np.float32),
        phrasings=_placed(documents, voters, phrasings.leading),
        passages=_placed(documents, owners, passages.leading),
        phrasing=phrasing,
        text=text.astype(np.float32),
        vote=vote,
        worded=worded,
        alike=alike,
        sense=np.fmax(
            _spread(documents, voters, phrasings.cosines, missing=np.nan),
            _spread(documents, owners, passages.cosines, missing=np.nan),
        ).astype(np.float32),
        maturity=maturity,
    )


@dataclass(frozen=True)
class _Units:
    """The units of one kind of some documents.

    Attributes:
        grouped: whose they are.
        numbers: their numbers, each in its own segment, (u,).
        scores: what words and sense came to, (u,).
        cosines: each document's best cosine, NaN where nothing has a vector, (n,).
    """

    grouped: Grouped
    numbers: NDArray[np.int64]
    scores: Scores
    cosines: Scores

    @cached_property
    def best(self) -> Scores:
        """Each document's best score, (n,)."""
        return self.grouped.best(self.scores)

    @property
    def leading(self) -> NDArray[np.int64]:
        """The number of the unit that has it, (n,)."""
        return self.numbers[self.grouped.leading(self.scores, self.best)]


def _units(
    view: View, matches: Matches, documents: Documents, unit: Unit, sense: SenseQuery | None, share: float
) -> _Units:
    owners, numbers, scores, cosines = [], [], [], []
    for index, part in enumerate(view.parts):
        inside = part.within(documents)
        own = part.segment.owners(unit)
        units = part.segment.units_of_all(unit, inside - part.base)
        if not len(units):
            continue
        bound = matches.bounds.get(unit, 0.0)
        sums = matches.sums[index].get(unit)
        words = np.zeros(len(units), np.float32) if sums is None or not bound else sums[units] / np.float32(bound)
        cosine = np.full(len(units), np.nan, np.float32) if sense is None else sense.cosines(part, unit, units)
        # Where there is no vector yet, its words stand for the sense of a text.
        alike = np.where(np.isnan(cosine), words, np.maximum(cosine, 0))
        owners.append(own[units].astype(np.int64) + part.base)
        numbers.append(units)
        scores.append(((1 - share) * words + share * alike if sense is not None else words).astype(np.float32))
        cosines.append(cosine)
    if not owners:
        none = np.empty(0, np.int64)
        nothing = np.empty(0, np.float32)
        return _Units(Grouped.by(none), none, nothing, nothing)
    grouped = Grouped.by(np.concatenate(owners))
    nearest = np.fmax.reduceat(np.concatenate(cosines), grouped.starts)
    return _Units(grouped, np.concatenate(numbers), np.concatenate(scores), nearest)


def by_words(view: View, matches: Matches, allowed: Sequence[Mask], tuning: Tuning) -> Scores:
    """Return what words alone make of each document of *view*, 0 for what may not be shown, (D,).

    Only those vote whose votes could bring them among the candidates; the others have their best phrasing and text.
    """
    found = np.zeros(view.size, np.float32)
    add = np.zeros(view.size, np.float32)  # at most, by votes
    phrasing, text = (_share_of(matches.bounds[unit]) for unit in (Unit.PHRASING, Unit.TEXT))
    bests = []
    for part, sums, mask in zip(view.parts, matches.sums, allowed, strict=True):
        grouped = part.segment.grouped(Unit.PHRASING)
        bests.append(np.where(mask[grouped.documents], grouped.best(sums[Unit.PHRASING]), np.float32(0)))
    top = max((float(best.max(initial=0)) for best in bests), default=0.0)
    for part, sums, mask, best in zip(view.parts, matches.sums, allowed, bests, strict=True):
        own, most = part.of(found), part.of(add)
        grouped = part.segment.grouped(Unit.TEXT)
        own[grouped.documents] = grouped.best(sums[Unit.TEXT]) * (text * np.float32(tuning.text))
        own *= mask
        grouped = part.segment.grouped(Unit.PHRASING)
        own[grouped.documents] += best * phrasing
        most[grouped.documents] = grouped.most_votes(best, top) * phrasing
    last = best_places(found, tuning.candidates)[-1:]
    voting = (found + add >= found[last].min(initial=np.inf)) & (add > 0)
    for part, sums in zip(view.parts, matches.sums, strict=True):
        inside = np.flatnonzero(part.of(voting))
        grouped, scores = part.segment.grouped(Unit.PHRASING), sums[Unit.PHRASING]
        if len(inside) < FEW_VOTE * part.segment.documents:
            units = part.segment.units_of_all(Unit.PHRASING, inside)
            grouped, scores = Grouped.by(part.segment.owners(Unit.PHRASING)[units]), scores[units]
        # What may not be shown has a score above the top or not, and no vote counts there.
        votes = grouped.votes(scores, top) * part.of(voting)[grouped.documents]
        part.of(found)[grouped.documents] += votes * phrasing
    return found


def _share_of(bound: float) -> np.float32:
    """Return what turns a score into a share of *bound*; nothing has a score where that is 0."""
    return np.float32(1 / bound if bound else 0)


def _maturity(view: View, documents: Documents) -> Scores:
    """Return how mature each of *documents* (ascending) is, 0..1."""
    found = [part.maturity[inside - part.base] for part in view.parts if len(inside := part.within(documents))]
    return np.concatenate(found) if found else np.empty(0, np.float32)


def _marked(view: View, *documents: Documents) -> NDArray[np.bool_]:
    """Return a mask over all documents of *view* with *documents* marked: much quicker than sorting them."""
    mask = np.zeros(view.size, bool)
    for own in documents:
        mask[own] = True
    return mask


def _spread(documents: Documents, owners: Documents, values: Scores, missing: float = 0) -> Scores:
    """Return *values* of *owners*, a subset of *documents*, in the order of *documents* (both ascending)."""
    found = np.full(len(documents), missing, np.float32)
    found[np.searchsorted(documents, owners)] = values
    return found


def _placed(documents: Documents, owners: Documents, units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return *units* of *owners* in the order of *documents*, -1 for those that have none."""
    found = np.full(len(documents), -1, np.int64)
    found[np.searchsorted(documents, owners)] = units
    return found
