"""BM25 over the columns: what each unit of each document gets for a query, and what of the query it accounts for.

The formula is Whoosh's BM25F for a single field, which tests compare with: idf = ln(N / (df + 1)) + 1, N and df counted
in living units over all segments, times the impact that stands in the postings. A document gets what its phrasings
vote (``votes``) and its best passage.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.embedded.columns.hashing import term_hash
from indexer.embedded.columns.layout import FIELDS, SCORED, Field, Unit
from indexer.embedded.columns.postings import STEPS
from indexer.embedded.columns.reading import Living, View
from indexer.embedded.columns.segment import Mask
from indexer.query import Query, QueryTerm
from indexer.text import TermKind

Scores = NDArray[np.float32]

VOTES = 30
VOTE_WEIGHT = 0.15
"""An entry's wordings vote: the best counts in full, and 0.15·Σ s⁴ over the best 30 (design, "Searching")."""

RARE_ONE_IN = 200
"""A word that so few documents have (at least one) tells which of them is meant."""

MAX_PLACES = 64
"""Places of a question that are told apart when coverage is counted: bits of a number."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The terms of a query that one field may have.

    Attributes:
        terms: their numbers, (n,).
        weights: what BM25's score of each is multiplied by: the term's own weight and the field's, (n,).
        queried: the terms themselves.
    """

    field: Field
    terms: NDArray[np.uint64]
    weights: NDArray[np.float64]
    queried: Sequence[QueryTerm]


@dataclass(frozen=True, slots=True)
class UnitScores:
    """The units of one kind that got a score, over all segments, and only of documents that may be shown.

    Attributes:
        owners: the number of each one's document in the view, ascending, (n,).
        units: its number in its own segment, (n,).
        scores: its BM25, above 0, (n,).
    """

    owners: NDArray[np.int64]
    units: NDArray[np.int64]
    scores: Scores


@dataclass(frozen=True, slots=True)
class Matches:
    """What words found.

    Attributes:
        units: scores by kind of unit.
        bounds: by kind of unit, what a unit that says just what was asked would get: scores over it are comparable
            between questions.
        sums: for each segment, what every unit of it got, by kind of unit, (U,).
        covered: for each document of the view, which places of the question it accounts for, as bits, (D,).
    """

    units: dict[Unit, UnitScores]
    bounds: dict[Unit, float]
    sums: Sequence[dict[Unit, Scores]]
    covered: NDArray[np.uint64]


def wanted(query: Query, fields: Iterable[Field] = FIELDS) -> list[Wanted]:
    """Return what *query* looks for, field by field. Filler makes phrasings alike, and nothing of a long text."""
    numbers = {term: term_hash(term.text) for term in query.terms}
    found = []
    for field in fields:
        own = [term for term in query.terms if term.kind is field.kind and (term.covers or field.unit is Unit.PHRASING)]
        if own:
            terms = np.array([numbers[term] for term in own], np.uint64)
            found.append(Wanted(field, terms, np.array([term.weight * field.weight for term in own]), own))
    return found


def score(view: View, query: Query, allowed: Sequence[Mask], looking: Sequence[Wanted] | None = None) -> Matches:
    """Return what *query*'s terms find in *view* among the *allowed* documents (a mask for each segment, (D,))."""
    looking = wanted(query) if looking is None else looking
    found = [slices_of(view, item) for item in looking]
    rare = _rare(view, looking, found)
    parts: dict[Unit, list[UnitScores]] = {unit: [] for unit in SCORED}
    covered = []
    all_sums = []
    places = _bits(query)
    for index, part in enumerate(view.parts):
        sums = {unit: np.zeros(len(part.segment.owners(unit)), np.float32) for unit in SCORED}
        bits = np.zeros(part.segment.documents, np.uint64)
        for item, slices in zip(looking, found, strict=True):
            postings = part.segment.postings(item.field)
            owners = part.segment.owners(item.field.unit)
            for term, place in slices.places[index]:
                units = postings.units[place]
                factor = slices.factor(item, term)
                sums[item.field.unit][units] += postings.impacts[place] * factor
                queried = item.queried[term]
                proof = places(query.accounts_for(queried, rare=queried in rare))
                if proof:
                    bits[owners[units]] |= np.uint64(proof)
        all_sums.append(sums)
        for unit in SCORED:
            parts[unit].append(_allowed_units(part, unit, sums[unit], allowed[index]))
        bits[~allowed[index]] = 0
        covered.append(bits)
    return Matches(
        units={unit: _joined(own) for unit, own in parts.items()},
        bounds=_bounds(view, looking, found),
        sums=all_sums,
        covered=np.concatenate(covered) if covered else np.empty(0, np.uint64),
    )


def votes(scored: UnitScores) -> tuple[NDArray[np.int64], Scores, NDArray[np.int64]]:
    """Return what units come to for their documents: documents, scores, and each one's best unit.

    The best unit counts in full, and 0.15·Σ s⁴ over the best 30, where s is a share of the best of all.
    """
    documents, starts, best, leading = best_units(scored)
    top = best.max(initial=0.0)
    if not top:
        return documents, best, leading
    shares = np.minimum(scored.scores / top, 1) ** 4
    sums = np.add.reduceat(shares, starts)
    sizes = np.diff(np.append(starts, len(shares)))
    for crowded in np.flatnonzero(sizes > VOTES):
        own = shares[starts[crowded] : starts[crowded] + sizes[crowded]]
        sums[crowded] = np.partition(own, -VOTES)[-VOTES:].sum()
    return documents, best + np.float32(VOTE_WEIGHT) * top * sums, leading


def best_units(scored: UnitScores) -> tuple[NDArray[np.int64], NDArray[np.int64], Scores, NDArray[np.int64]]:
    """Return documents, where each one's units begin in *scored*, its best unit's score, and that unit."""
    if not len(scored.owners):
        none = np.empty(0, np.int64)
        return none, none, np.empty(0, np.float32), none
    starts = np.flatnonzero(np.append(True, scored.owners[1:] != scored.owners[:-1]))
    best = np.maximum.reduceat(scored.scores, starts)
    sizes = np.diff(np.append(starts, len(scored.scores)))
    at_best = np.flatnonzero(scored.scores == np.repeat(best, sizes))
    first = at_best[np.searchsorted(at_best, starts)]
    return scored.owners[starts], starts, best, scored.units[first]


@dataclass(frozen=True, slots=True)
class Slices:
    """Where a field's terms are.

    Attributes:
        places: by segment, (place in ``Wanted``, slice of the postings).
        frequency: how many living units have each term, (n,).
        idf: what follows from that, (n,).
    """

    places: list[list[tuple[int, slice]]]
    frequency: NDArray[np.int64]
    idf: NDArray[np.float64]

    def factor(self, item: Wanted, term: int) -> np.float32:
        """Return what the impacts of *term*, a place in *item*, are multiplied by."""
        return np.float32(self.idf[term] * item.weights[term] * (item.field.k1 + 1) / STEPS)


def slices_of(view: View, item: Wanted) -> Slices:
    """Return where *item*'s terms are in *view*."""
    places: list[list[tuple[int, slice]]] = []
    frequency = np.zeros(len(item.terms), np.int64)
    for part in view.parts:
        postings = part.segment.postings(item.field)
        at = np.searchsorted(postings.terms, item.terms)
        own = []
        for index, place in enumerate(at.tolist()):
            if place < len(postings.terms) and postings.terms[place] == item.terms[index]:
                rows = slice(int(postings.starts[place]), int(postings.starts[place + 1]))
                own.append((index, rows))
                frequency[index] += part.count(item.field.unit, postings.units[rows])
        places.append(own)
    total = max(view.unit_totals[item.field.unit], 1)
    return Slices(places, frequency, np.log(total / (frequency + 1)) + 1)


def _bounds(view: View, looking: Sequence[Wanted], found: Sequence[Slices]) -> dict[Unit, float]:
    bounds = dict.fromkeys(SCORED, 0.0)
    for item, slices in zip(looking, found, strict=True):
        field, length = item.field, len(item.terms)
        pivot = view.parts[0].segment.pivots[field.name] if view.parts else 1.0
        most = (field.k1 + 1) / (1 + field.k1 * (1 - field.b + field.b * length / pivot))
        bounds[field.unit] += float((slices.idf * item.weights).sum()) * most
    return bounds


def _rare(view: View, looking: Sequence[Wanted], found: Sequence[Slices]) -> set[QueryTerm]:
    """Return the words that at most one document in ``RARE_ONE_IN`` has."""
    most = max(1, view.documents // RARE_ONE_IN)
    words: dict[QueryTerm, int] = {}
    common: set[QueryTerm] = set()
    for item, slices in zip(looking, found, strict=True):
        if item.field.kind is not TermKind.WORD:
            continue
        for index, part in enumerate(view.parts):
            owners = part.segment.owners(item.field.unit)
            units = part.segment.postings(item.field).units
            for term, place in slices.places[index]:
                queried = item.queried[term]
                if queried in common:
                    continue
                size = place.stop - place.start
                having = size if size > 40 * most else len(np.unique(owners[units[place]]))
                words[queried] = words.get(queried, 0) + having
                if words[queried] > 2 * most:
                    common.add(queried)
    return {term for term, count in words.items() if count <= most}


def _bits(query: Query) -> Callable[[frozenset[int]], int]:
    """Return a function from places of the question to bits; places beyond the last bit share it."""
    order = {place: min(number, MAX_PLACES - 1) for number, place in enumerate(sorted(query.content))}

    def bits(places: frozenset[int]) -> int:
        found = 0
        for place in places:
            found |= 1 << order[place]
        return found

    return bits


def _allowed_units(part: Living, unit: Unit, sums: Scores, allowed: Mask) -> UnitScores:
    units = np.flatnonzero(sums)
    owners = part.segment.owners(unit)[units]
    kept = allowed[owners]
    units = units[kept]
    return UnitScores(owners[kept].astype(np.int64) + part.base, units, sums[units])


def _joined(parts: Sequence[UnitScores]) -> UnitScores:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        none = np.empty(0, np.int64)
        return UnitScores(none, none, np.empty(0, np.float32))
    return UnitScores(
        np.concatenate([part.owners for part in parts]),
        np.concatenate([part.units for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )
