"""Frequent questions, ready to be found while somebody types."""

from collections.abc import Mapping, Sequence

import numpy as np

from indexer.engine import FrequentQuery
from indexer.suggest import columns
from indexer.suggest.columns import SuggestColumns
from indexer.suggest.typed import Tier

MOST_MATCHING = 32
"""Questions that are handed on: some of them lead where this person may not look."""


class FrequentQueries:
    """Some thousand questions, in columns like those of the index. Never changes; safe to share between threads."""

    def __init__(self, queries: Sequence[FrequentQuery]) -> None:
        self._queries = tuple(sorted(queries, key=lambda query: (-query.count, query.text)))
        self._columns: SuggestColumns | None = None
        if self._queries:
            self._columns = SuggestColumns(columns.arrays([query.text for query in self._queries]))

    def matching(self, text: str) -> Mapping[FrequentQuery, Tier]:
        """Return the most frequent questions that begin with *text*, as typed or spelled, and how they do."""
        found: dict[FrequentQuery, Tier] = {}
        if self._columns is None:
            return found
        for tier in (Tier.LITERAL, Tier.SPELLED):
            units = self._columns.match(text, tier)  # ascending: the most frequent first
            for unit in np.asarray(units[:MOST_MATCHING]).tolist():
                found.setdefault(self._queries[unit], tier)
        return found
