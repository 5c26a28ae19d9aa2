"""Postings of one kind of term over one kind of unit, as arrays: who has a term, and what BM25 adds for it.

A *unit* is what is scored for itself: a phrasing (title or customer's wording) or a passage. What depends on the whole
corpus is left out of an impact, except the mean length of a unit, the *pivot*, which a segment is written with and
which is chosen anew when segments are merged; so a new document changes no impact but its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.embedded.columns.container import Array
from indexer.embedded.columns.hashing import Flat, Hashes, Numbers
from indexer.embedded.columns.layout import Field

STEPS = 65_535
"""An impact is stored as a share of the most it can be, k1 + 1, in so many steps: 2·10⁻⁵ of it."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings of one field of one segment.

    Attributes:
        terms: the numbers of the terms that occur, ascending, (T,).
        starts: where each term's postings begin, and the end of the last, (T + 1,).
        units: which units have the term, ascending within a term, (P,).
        counts: how often, at most 255, (P,).
        impacts: tf·(k1 + 1) / (tf + k1·(1 - b + b·length/pivot)), in ``STEPS`` of k1 + 1, (P,).
        lengths: how many terms each unit has, (U,).
    """

    terms: Hashes
    starts: NDArray[np.int64]
    units: Numbers
    counts: NDArray[np.uint8]
    impacts: NDArray[np.uint16]
    lengths: Numbers

    def find(self, term: int) -> slice | None:
        """Return where the postings of *term* are, ``None`` if nothing has it."""
        place = int(np.searchsorted(self.terms, np.uint64(term)))
        if place == len(self.terms) or int(self.terms[place]) != term:
            return None
        return slice(int(self.starts[place]), int(self.starts[place + 1]))

    def arrays(self, prefix: str) -> dict[str, Array]:
        """Return the arrays by name, to be written."""
        return {f"{prefix}.{name}": getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, arrays: Mapping[str, Array], prefix: str) -> "Postings":
        """Return what was written as *prefix*."""
        return cls(*(arrays[f"{prefix}.{name}"] for name in cls.__slots__))


def build(flat: Flat, units: int, field: Field, pivot: float | None) -> Postings:
    """Return the postings of *flat*, whose texts are the *units*.

    Args:
        pivot: the mean length to measure by; the units' own when ``None``.
    """
    order = np.argsort(flat.terms, kind="stable")
    terms, texts = flat.terms[order], flat.texts[order]
    first = np.ones(len(terms), bool)
    first[1:] = (terms[1:] != terms[:-1]) | (texts[1:] != texts[:-1])
    places = np.flatnonzero(first)
    counts = np.diff(np.append(places, len(terms)))
    lengths = np.bincount(flat.texts, minlength=units).astype(np.uint32)
    return _assemble(terms[places], texts[places], np.minimum(counts, 255).astype(np.uint8), lengths, field, pivot)


def merge(
    parts: Sequence[tuple[Postings, NDArray[np.int64]]], units: int, field: Field, pivot: float | None
) -> Postings:
    """Return the postings of several segments as one.

    Args:
        parts: each segment's postings, and the new number of each of its units, -1 for those that are gone; numbers
            rise within a segment and from one to the next.
        units: how many units there are in the end.
        pivot: as for ``build``.
    """
    lengths = np.zeros(units, np.uint32)
    for part, renumber in parts:
        alive = renumber >= 0
        lengths[renumber[alive]] = part.lengths[alive]
    bounds = _bounds([part for part, _ in parts])
    slices = [
        _merge_between([_cut(part, low, high, renumber) for part, renumber in parts]) for low, high in pairwise(bounds)
    ]
    terms, numbers, counts = (np.concatenate(column) for column in zip(*slices, strict=True))
    return _assemble(terms, numbers, counts, lengths, field, pivot)


_AT_ONCE = 10_000_000
"""Postings merged at a time, so that a merge of any size needs little memory besides its result."""

_Rows = tuple[Hashes, Numbers, NDArray[np.uint8]]


def _bounds(parts: Sequence[Postings]) -> list[int | None]:
    """Return terms that part the work into slices of about ``_AT_ONCE`` postings; ``None`` is either end."""
    total = sum(len(part.units) for part in parts)
    largest = max(parts, key=lambda part: len(part.units), default=None)
    if largest is None or total <= _AT_ONCE:
        return [None, None]
    share = len(largest.units) / total * _AT_ONCE
    places = np.searchsorted(largest.starts[:-1], np.arange(share, len(largest.units), share))
    places = places[places < len(largest.terms)]
    return [None, *(int(term) for term in np.unique(largest.terms[places])), None]


def _cut(part: Postings, low: int | None, high: int | None, renumber: NDArray[np.int64]) -> _Rows:
    """Return a row for each posting of *part* that is still there, of terms from *low* on and below *high*."""
    first = 0 if low is None else int(np.searchsorted(part.terms, np.uint64(low)))
    last = len(part.terms) if high is None else int(np.searchsorted(part.terms, np.uint64(high)))
    rows = slice(int(part.starts[first]), int(part.starts[last]))
    moved = renumber[part.units[rows]]
    kept = moved >= 0
    terms = np.repeat(part.terms[first:last], np.diff(part.starts[first : last + 1]))
    return terms[kept], moved[kept].astype(np.uint32), part.counts[rows][kept]


def _merge_between(rows: Sequence[_Rows]) -> _Rows:
    terms, numbers, counts = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.argsort(terms, kind="stable")  # units stay ascending within a term
    return terms[order], numbers[order], counts[order]


def mean_length(lengths: Numbers) -> float:
    """Return the mean length of all units, empty ones too, as Whoosh does; 1.0 where there is nothing to measure."""
    return float(lengths.mean()) if lengths.any() else 1.0


def _assemble(
    terms: Hashes,
    units: Numbers,
    counts: NDArray[np.uint8],
    lengths: Numbers,
    field: Field,
    pivot: float | None,
) -> Postings:
    """Return postings from one row a posting, sorted by term and unit."""
    new = np.ones(len(terms), bool)
    new[1:] = terms[1:] != terms[:-1]
    starts = np.flatnonzero(new)
    measured = mean_length(lengths) if pivot is None else pivot
    norm = (field.k1 * (1 - field.b + field.b * lengths / measured)).astype(np.float32)
    impacts = counts / (counts + norm[units])  # of k1 + 1
    return Postings(
        terms=terms[starts],
        starts=np.append(starts, len(terms)).astype(np.int64),
        units=units,
        counts=counts,
        impacts=np.round(impacts * STEPS).astype(np.uint16),
        lengths=lengths,
    )
