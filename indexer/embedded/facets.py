"""Exact counts of results by facet, over all of them."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from indexer.embedded.columns.reading import Living, View

CODED = ("module", "kind", "tier")


def count(view: View, documents: NDArray[np.int64]) -> dict[str, dict[str, int]]:
    """Return facet → key → how many of *documents* (numbers in *view*) have it; keys nobody has are left out.

    A document scoped to two regions counts in both; ``*`` in ``region`` is the whole province.
    """
    counts: dict[str, dict[str, int]] = {name: {} for name in (*CODED, "level", "region")}
    for part in view.parts:
        inside = documents[(documents >= part.base) & (documents < part.base + part.segment.documents)] - part.base
        if not len(inside):
            continue
        for name in CODED:
            numbers = np.bincount(part.segment.arrays[name][inside])
            names = part.segment.vocabulary[name]
            _add(counts[name], ((names[code], int(number)) for code, number in enumerate(numbers)))
        levels = np.bincount(part.segment.arrays["level"][inside])
        _add(counts["level"], ((str(level), int(number)) for level, number in enumerate(levels)))
        _add(counts["region"], _regions(part, inside))
    return counts


def _regions(part: Living, inside: NDArray[np.int64]) -> Iterator[tuple[str, int]]:
    mask = np.zeros(part.segment.documents, bool)
    mask[inside] = True
    for region in part.segment.vocabulary["regions"]:
        yield region, int(np.count_nonzero(mask[part.segment.having("regions", region)]))


def _add(counts: dict[str, int], found: Iterable[tuple[str, int]]) -> None:
    for key, number in found:
        if number:
            counts[key] = counts.get(key, 0) + number
