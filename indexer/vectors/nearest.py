"""The nearest vectors of a store: compared one by one while they are few, by their sketches first beyond.

A sketch is an eighth of a vector's bytes. There is no graph to build or to keep in step, and asking for the nearest of
some rows is as cheap as for those of all: docs/decisions/0022-nearest-sentences.md.
"""

import numpy as np
from numpy.typing import NDArray

from indexer.vectors.keys import MISSING, Rows
from indexer.vectors.quantising import Floats, differences, differences_at, quantise, sides, similarities
from indexer.vectors.store import Contents

CANDIDATES = 1000
"""Rows compared by their vectors after the sketches, at least."""
FIRST_WORDS = 3
"""Words of a sketch that are compared with all rows."""
KEPT = 10
"""How many times more rows than that are compared by their whole sketches."""
FEW = 5000
"""So many rows are compared by their vectors at once; they need not lie together."""

_PART = 8


def nearest(contents: Contents, vector: Floats, count: int, *, within: Rows | None = None) -> tuple[Rows, Floats]:
    """Return the rows nearest to *vector* (d,), at most *count* of them, with their cosines, best first.

    Args:
        within: only these rows, of *contents*.
    """
    whole = quantise(vector[None])[0]
    if within is not None and len(within) <= max(FEW, count):
        candidates = within
    elif contents.sketches is None or contents.centre is None:
        candidates = np.arange(len(contents.vectors)) if within is None else within
    else:
        sketch, wanted = sides(whole[None], contents.centre)[0], max(CANDIDATES, 4 * count)
        counted = differences(sketch[:FIRST_WORDS], contents.sketches)[: len(contents.vectors)]
        kept = _closest(counted if within is None else counted[within], KEPT * wanted)
        kept = kept if within is None else within[kept]
        counted = counted[kept] + differences_at(kept, sketch, contents.sketches, start=FIRST_WORDS)
        candidates = kept[_closest(counted, wanted)]
    everything = len(candidates) == len(contents.vectors)
    values = similarities(whole, contents.vectors if everything else contents.vectors[candidates])
    if everything and within is not None:
        values = values[candidates]
    best = _best(values, count)
    return candidates[best], values[best]


def cosines(contents: Contents, vector: Floats, rows: Rows) -> Floats:
    """Return the cosines of *vector* (d,), of unit length, with those at *rows*; NaN where a row is ``MISSING``."""
    found = np.full(len(rows), np.nan, np.float32)
    # A row looked up a moment later than *contents* were read may lie beyond them.
    there = (rows != MISSING) & (rows < len(contents.vectors))
    found[there] = similarities(quantise(vector[None])[0], contents.vectors[rows[there]])
    return found


def _best(values: Floats, count: int) -> NDArray[np.int64]:
    """Return the places of the *count* greatest of *values*, greatest first; of equals the first."""
    kept = np.arange(len(values))
    if count < len(values):
        bound = np.partition(values, len(values) - count)[len(values) - count]
        kept = np.flatnonzero(values >= bound)
    best: NDArray[np.int64] = kept[np.argsort(-values[kept], kind="stable")[:count]]
    return best


def _closest(counted: NDArray[np.uint16], count: int) -> Rows:
    """Return the places of the *count* smallest of *counted*, and of those that tie with the last of them.

    Of very many, a part tells how small the last one is; then it may be a few more or less.
    """
    part = counted[::_PART] if len(counted) > _PART * count else counted
    reached = np.cumsum(np.bincount(part))
    wanted = min(count, len(counted)) * len(part) / len(counted)
    return np.flatnonzero(counted <= int(np.searchsorted(reached, wanted)))
