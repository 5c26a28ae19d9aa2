"""Several segments become one, without what was deleted, and without looking at any text again."""

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.embedded.columns import postings
from indexer.embedded.columns.container import Array
from indexer.embedded.columns.layout import FIELDS, SENSED, Unit
from indexer.embedded.columns.segment import SINGLE, Mask, Segment
from indexer.embedded.columns.writing import Pivots

_COLUMNS = ("rows", "digests", "level", "maturity", "valid_from", "valid_until")
_GONE = -1


def merge(parts: Sequence[tuple[Segment, Mask]], pivots: Pivots | None = None) -> dict[str, Array]:
    """Return the arrays of one segment with the living documents of *parts*, in their order.

    Args:
        parts: at least one segment, each with which of its documents live, (D,).
        pivots: as for ``writing.arrays``; ``None`` measures anew, as a segment built at once would.
    """
    documents = _renumber([alive for _, alive in parts])
    total = sum(int(alive.sum()) for _, alive in parts)
    found: dict[str, Array] = {
        name: np.concatenate([segment.arrays[name][alive] for segment, alive in parts]) for name in _COLUMNS
    }
    found |= _codes(parts)
    found |= _filters(parts, documents)
    found |= _texts(parts)
    measured = []
    for unit in Unit:
        owners = [segment.owners(unit) for segment, _ in parts]
        alive = [living[own] for own, (_, living) in zip(owners, parts, strict=True)]
        moved = [moves[own][kept] for moves, own, kept in zip(documents, owners, alive, strict=True)]
        found[f"{unit.value}.owner"] = np.concatenate(moved).astype(np.uint32)
        if unit in SENSED:
            keys = [segment.keys(unit)[kept] for (segment, _), kept in zip(parts, alive, strict=True)]
            found[f"{unit.value}.key"] = np.concatenate(keys)
        units = _renumber(alive)
        for field in FIELDS:
            if field.unit is unit:
                own_parts = [(segment.postings(field), moves) for (segment, _), moves in zip(parts, units, strict=True)]
                pivot = None if pivots is None else pivots[field.name]
                merged = postings.merge(own_parts, len(found[f"{unit.value}.owner"]), field, pivot)
                found |= merged.arrays(field.name)
                measured.append(postings.mean_length(merged.lengths) if pivot is None else pivot)
    found["pivots"] = np.array(measured, np.float64)
    if len(found["rows"]) != total:
        raise AssertionError("a merge lost documents")
    return found


def _renumber(alive: Sequence[Mask]) -> list[NDArray[np.int64]]:
    """Return the new number of each item of each part, ``_GONE`` for those that do not live."""
    found = []
    base = 0
    for kept in alive:
        numbers = np.cumsum(kept) - 1 + base
        found.append(np.where(kept, numbers, _GONE))
        base += int(kept.sum())
    return found


def _codes(parts: Sequence[tuple[Segment, Mask]]) -> dict[str, Array]:
    found: dict[str, Array] = {}
    vocabulary = {
        name: sorted({text for segment, _ in parts for text in segment.vocabulary[name]})
        for name in (*SINGLE, "regions")
    }
    for name in SINGLE:
        numbers = {text: number for number, text in enumerate(vocabulary[name])}
        found[name] = np.concatenate(
            [
                np.array([numbers[text] for text in segment.vocabulary[name]], np.uint16)[segment.arrays[name][alive]]
                for segment, alive in parts
            ]
        )
    found["vocabulary"] = np.frombuffer(json.dumps(vocabulary, ensure_ascii=False).encode(), np.uint8)
    return found


def _filters(parts: Sequence[tuple[Segment, Mask]], documents: Sequence[NDArray[np.int64]]) -> dict[str, Array]:
    terms, numbers = [], []
    for (segment, _), moves in zip(parts, documents, strict=True):
        moved = moves[segment.arrays["filter.documents"]]
        own = np.repeat(segment.arrays["filter.terms"], np.diff(segment.arrays["filter.starts"]))
        terms.append(own[moved != _GONE])
        numbers.append(moved[moved != _GONE])
    all_terms = np.concatenate(terms)
    order = np.argsort(all_terms, kind="stable")
    values, starts = np.unique(all_terms[order], return_index=True)
    return {
        "filter.terms": values,
        "filter.starts": np.append(starts, len(all_terms)).astype(np.int64),
        "filter.documents": np.concatenate(numbers)[order].astype(np.uint32),
    }


def _texts(parts: Sequence[tuple[Segment, Mask]]) -> dict[str, Array]:
    texts, lengths = [], []
    for segment, alive in parts:
        own = np.diff(segment.arrays["shown.starts"])
        texts.append(segment.arrays["shown.bytes"][np.repeat(alive, own)])
        lengths.append(own[alive])
    return {
        "shown.bytes": np.concatenate(texts),
        "shown.starts": np.append(0, np.cumsum(np.concatenate(lengths))).astype(np.int64),
    }
