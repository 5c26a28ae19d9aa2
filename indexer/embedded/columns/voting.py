"""From the scores of units to those of their documents: the best unit counts, and phrasings vote.

A document gets its best phrasing in full and 0.15·Σ s⁴ over the best 30, where s is a phrasing's share of the best of
all (design, "Searching"); of its texts, the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

VOTES = 30
VOTE_WEIGHT = 0.15

Places = NDArray[np.int64]
Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Grouped:
    """Units in the order of their documents.

    Attributes:
        documents: the documents that have any, ascending, (n,).
        starts: where the units of each begin, (n,).
        total: how many units there are.
    """

    documents: Places
    starts: Places
    total: int

    @classmethod
    def by(cls, owners: NDArray[np.integer]) -> "Grouped":
        """Return the units whose documents are *owners*, ascending."""
        starts = np.flatnonzero(np.append(True, owners[1:] != owners[:-1])) if len(owners) else np.empty(0, np.int64)
        return cls(owners[starts].astype(np.int64), starts, len(owners))

    @cached_property
    def sizes(self) -> Places:
        """How many units each document has, (n,)."""
        return np.diff(np.append(self.starts, self.total))

    @cached_property
    def _crowds(self) -> Sequence[tuple[Places, Places]]:
        """The documents with more units than vote, of about the same size together: their places, and their units.

        Rows of units that are too short are filled with the place behind the last unit.
        """
        crowded = np.flatnonzero(self.sizes > VOTES)
        classes = np.ceil(np.log2(self.sizes[crowded])).astype(int)
        found = []
        for number in np.unique(classes).tolist():
            own = crowded[classes == number]
            columns = np.arange(1 << number)
            units = np.where(columns < self.sizes[own][:, None], self.starts[own][:, None] + columns, self.total)
            found.append((own, units))
        return found

    def best(self, scores: Scores) -> Scores:
        """Return each document's best of *scores* of units, (n,)."""
        return np.maximum.reduceat(scores, self.starts) if len(self.starts) else np.empty(0, np.float32)

    def leading(self, scores: Scores, best: Scores) -> Places:
        """Return the place of the first unit of each document that has its *best* score, (n,)."""
        at_best = np.flatnonzero(scores == np.repeat(best, self.sizes))
        return np.asarray(at_best[np.searchsorted(at_best, self.starts)], np.int64)

    def votes(self, scores: Scores, best: Scores, top: float) -> Scores:
        """Return what each document's phrasings come to, (n,).

        Args:
            scores: of the units, not below 0.
            best: of the documents.
            top: the best score there is; what is above it (of documents that do not count) is taken for it.
        """
        if not top or not len(self.starts):
            return best
        shares = np.minimum(scores / np.float32(top), np.float32(1))
        shares *= shares
        shares *= shares
        sums = np.add.reduceat(shares, self.starts)
        if self._crowds:
            shares = np.append(shares, np.float32(0))
        for own, units in self._crowds:
            sums[own] = np.partition(shares[units], -VOTES, axis=1)[:, -VOTES:].sum(axis=1)
        return np.asarray(best + np.float32(VOTE_WEIGHT * top) * sums, np.float32)
