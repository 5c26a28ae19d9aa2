"""All segments of one commit together, with what is deleted in each: what a search reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.embedded.columns.layout import Unit
from indexer.embedded.columns.merits import Merits
from indexer.embedded.columns.segment import Mask, Segment

Kind = TypeVar("Kind", bound=np.generic)

_FEW = 8
"""A list that is so many times longer than what is deleted has that looked up in it; otherwise a mask counts."""


@dataclass(frozen=True)
class Living:
    """A segment as of one commit.

    Attributes:
        segment: its arrays.
        deleted: numbers of its documents that are gone, ascending.
        base: number of its first document among those of all segments.
        maturity: M of its documents, (D,) 0..1.
    """

    segment: Segment
    deleted: NDArray[np.int64]
    base: int
    maturity: Merits

    @cached_property
    def alive(self) -> Mask:
        """Which documents live, (D,)."""
        mask = np.ones(self.segment.documents, bool)
        mask[self.deleted] = False
        return mask

    @cached_property
    def _gone(self) -> Mapping[Unit, NDArray[np.int64]]:
        return {unit: self._gone_units(unit) for unit in Unit}

    def _gone_units(self, unit: Unit) -> NDArray[np.int64]:
        ranges = [self.segment.units_of(unit, int(document)) for document in self.deleted]
        return np.array([number for numbers in ranges for number in numbers], np.int64)

    @cached_property
    def _alive_units(self) -> Mapping[Unit, Mask]:
        return {unit: self.alive[self.segment.owners(unit)] for unit in Unit}

    def within(self, documents: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of the view's *documents* (ascending) that are in this segment."""
        low, high = np.searchsorted(documents, [self.base, self.base + self.segment.documents])
        return documents[low:high]

    def of(self, values: NDArray[Kind]) -> NDArray[Kind]:
        """Return this segment's part of *values*, one for each document of the view; a change of it changes them."""
        return values[self.base : self.base + self.segment.documents]

    def units(self, unit: Unit) -> int:
        """Return how many units live."""
        return len(self.segment.owners(unit)) - len(self._gone[unit])

    def count(self, unit: Unit, units: NDArray[np.uint32]) -> int:
        """Return how many of *units* (ascending) live."""
        gone = self._gone[unit]
        if not len(gone):
            return len(units)
        if len(gone) * _FEW > len(units):
            return int(np.count_nonzero(self._alive_units[unit][units]))
        places = np.searchsorted(units, gone.astype(units.dtype))
        inside = places < len(units)
        return len(units) - int(np.count_nonzero(units[places[inside]] == gone[inside]))


@dataclass(frozen=True)
class View:
    """Everything one commit of the columns holds.

    Attributes:
        parts: its segments, with what is deleted in each. A document's number in the view is its segment's ``base``
            plus its number there.
    """

    parts: Sequence[Living]
    _bases: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_bases", np.array([part.base for part in self.parts], np.int64))

    @classmethod
    def of(cls, segments: Sequence[tuple[Segment, Sequence[int], Merits]]) -> "View":
        """Return the view of *segments*, each with the numbers of its deleted documents, and M of all of them."""
        parts, base = [], 0
        for segment, deleted, maturity in segments:
            parts.append(Living(segment, np.array(sorted(deleted), np.int64), base, maturity))
            base += segment.documents
        return cls(tuple(parts))

    @cached_property
    def documents(self) -> int:
        """How many documents live, every version counted."""
        return sum(part.segment.documents - len(part.deleted) for part in self.parts)

    @cached_property
    def items(self) -> int:
        """How many entries and threads live, each counted once whatever versions it has."""
        return sum(int(np.count_nonzero(part.alive & part.segment.bases())) for part in self.parts)

    @cached_property
    def size(self) -> int:
        """One more than the greatest number a document can have."""
        return sum(part.segment.documents for part in self.parts)

    @cached_property
    def unit_totals(self) -> Mapping[Unit, int]:
        """How many units of each kind live."""
        return {unit: sum(part.units(unit) for part in self.parts) for unit in Unit}

    def locate(self, number: int) -> tuple[Living, int]:
        """Return the segment that document *number* of the view is in, and its number there."""
        part = self.parts[int(np.searchsorted(self._bases, number, side="right")) - 1]
        return part, number - part.base
