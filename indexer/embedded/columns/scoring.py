"""BM25 over the columns: what each unit of each document gets for a query, and what of the query it accounts for.

The formula is Whoosh's BM25F for a single field, which tests compare with: idf = ln(N / (df + 1)) + 1, N and df counted
in living units over all segments, times the impact that stands in the postings. What that makes of a document is
``voting``'s.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.embedded.columns.hashing import term_hash
from indexer.embedded.columns.layout import FIELDS, SCORED, Field, Unit
from indexer.embedded.columns.postings import STEPS
from indexer.embedded.columns.reading import View
from indexer.embedded.columns.segment import Mask
from indexer.embedded.columns.voting import Scores
from indexer.query import Query, QueryTerm
from indexer.text import TermKind

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
class Matches:
    """What words found.

    Attributes:
        sums: for each segment, what every unit of it got, by kind of unit, (U,).
        bounds: by kind of unit, what a unit that says just what was asked would get: scores over it are comparable
            between questions.
        covered: for each document of the view, which places of the question it accounts for, as bits; 0 for one that
            may not be shown, (D,).
    """

    sums: Sequence[dict[Unit, Scores]]
    bounds: dict[Unit, float]
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
    proofs = _proofs(query, looking, _rare(view, looking, found))
    covered = []
    all_sums = []
    for index, part in enumerate(view.parts):
        sums = {unit: np.zeros(len(part.segment.owners(unit)), np.float32) for unit in SCORED}
        bits = np.zeros(part.segment.documents, np.uint64)
        for item, slices, proof in zip(looking, found, proofs, strict=True):
            postings = part.segment.postings(item.field)
            owners = part.segment.owners(item.field.unit)
            own = sums[item.field.unit]
            for term, place in slices.places[index]:
                units = postings.units[place].astype(np.intp)  # what numpy adds to at once, without a copy of the sums
                np.add.at(own, units, postings.impacts[place] * slices.factor(item, term))
                if proof[term]:
                    bits[owners[units]] |= proof[term]
        all_sums.append(sums)
        bits[~allowed[index]] = 0
        covered.append(bits)
    return Matches(
        sums=all_sums,
        bounds=_bounds(view, looking, found),
        covered=np.concatenate(covered) if covered else np.empty(0, np.uint64),
    )


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
                count = place.stop - place.start
                if count <= 40 * most:  # units of one document lie together
                    having = owners[units[place]]
                    count = int(np.count_nonzero(having[1:] != having[:-1])) + 1
                words[queried] = words.get(queried, 0) + count
                if words[queried] > 2 * most:
                    common.add(queried)
    return {term for term, count in words.items() if count <= most}


def _proofs(query: Query, looking: Sequence[Wanted], rare: Collection[QueryTerm]) -> list[list[np.uint64]]:
    """Return the places of the question that each term of each item accounts for, as bits.

    Places beyond the last bit share it.
    """
    order = {place: min(number, MAX_PLACES - 1) for number, place in enumerate(sorted(query.content))}

    def bits(term: QueryTerm) -> np.uint64:
        found = 0
        for place in query.accounts_for(term, rare=term in rare):
            found |= 1 << order[place]
        return np.uint64(found)

    return [[bits(term) for term in item.queried] for item in looking]
