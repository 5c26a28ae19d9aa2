"""From the scores of units to those of their documents: the best unit counts, and phrasings vote.

A document gets its best phrasing in full and 0.15·Σ s⁴ over the best 30, where s is a phrasing's share of the best of
all (design, "Searching"); of its texts, the best.
"""

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

    def best(self, scores: Scores) -> Scores:
        """Return each document's best of *scores* of units, (n,)."""
        if len(self.starts) == len(scores):
            return scores
        return np.maximum.reduceat(scores, self.starts)

    def leading(self, scores: Scores, best: Scores) -> Places:
        """Return the place of the first unit of each document that has its *best* score, (n,)."""
        at_best = np.flatnonzero(scores == np.repeat(best, self.sizes))
        return np.asarray(at_best[np.searchsorted(at_best, self.starts)], np.int64)

    def votes(self, scores: Scores, top: float) -> Scores:
        """Return what each document's phrasings add to its best one, (n,).

        Args:
            scores: of the units, from 0 to *top*.
            top: the best score that any document has.
        """
        if not top or not len(self.starts):
            return np.zeros(len(self.starts), np.float32)
        shares = _power(scores / np.float32(top))
        sums = np.add.reduceat(shares, self.starts)
        for crowded in np.flatnonzero(self.sizes > VOTES).tolist():
            own = shares[self.starts[crowded] : self.starts[crowded] + self.sizes[crowded]]
            sums[crowded] = np.partition(own, -VOTES)[-VOTES:].sum()
        return sums * np.float32(VOTE_WEIGHT * top)

    def most_votes(self, best: Scores, top: float) -> Scores:
        """Return what *votes* can come to at most for documents with these *best* scores, (n,)."""
        if not top:
            return np.zeros(len(best), np.float32)
        return (
            np.minimum(self.sizes, VOTES).astype(np.float32)
            * _power(best / np.float32(top))
            * np.float32(VOTE_WEIGHT * top)
        )


def _power(shares: Scores) -> Scores:
    squares = shares * shares
    return squares * squares
