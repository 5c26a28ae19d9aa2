"""Suggestions from a Whoosh index: columns of what one commit stores, made when somebody first types."""

import tempfile
import threading
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from whoosh.query import Or, Term
from whoosh.searching import Searcher

from indexer.documents import Source
from indexer.engine import FrequentQuery, Suggestion, SuggestionKind
from indexer.suggest import columns, ranking
from indexer.suggest.alphabet import squeeze
from indexer.suggest.columns import SuggestColumns
from indexer.suggest.typed import LONGEST_TYPED, Tier
from kb.entries.rules import Level

Commit = tuple[str, int]
"""A generation's name and the number of a commit in it."""


class Suggesting:
    """Keeps the columns of the newest commit anybody typed on. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._commit: Commit | None = None
        self._columns: CommitColumns | None = None

    def of(self, searcher: Searcher, commit: Commit) -> "CommitColumns":
        """Return the columns of *commit*, which *searcher* reads."""
        with self._lock:
            if self._columns is None or self._commit != commit:
                self._columns, self._commit = _read(searcher), commit
            return self._columns


@dataclass(frozen=True, slots=True)
class _Document:
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class CommitColumns:
    """What is suggested from one commit.

    Attributes:
        documents: by the searcher's number of each document with texts.
        texts: of all units.
    """

    columns: SuggestColumns
    units: ranking.SegmentUnits
    documents: Mapping[int, _Document]
    texts: tuple[str, ...]

    def suggest(
        self, text: str, allowed: Set[int], *, limit: int, frequent: Mapping[FrequentQuery, Tier]
    ) -> tuple[Suggestion, ...]:
        """Return the best suggestions for *text* of the documents numbered *allowed*."""
        shown: NDArray[np.bool_] = np.zeros(len(self.units.maturity), dtype=bool)
        shown[[number for number in allowed if number in self.documents]] = True
        typed = len(squeeze(text)[:LONGEST_TYPED])
        found = ranking.rank(
            lambda tier: self.columns.match(text, tier),
            self.units,
            shown,
            self.columns.fingerprint,
            typed=typed,
            limit=limit,
        )
        visible = {
            self.documents[number].key: self.documents[number].title for number in np.flatnonzero(shown).tolist()
        }
        candidates = (ranking.Candidate(self._suggestion(ranked.unit), ranked.score) for ranked in found)
        return ranking.choose((*candidates, *ranking.query_candidates(frequent, typed, visible)), limit=limit)

    def _suggestion(self, unit: int) -> Suggestion:
        document = self.documents[int(self.units.documents[unit])]
        kind = SuggestionKind.TITLE if self.units.titles[unit] else SuggestionKind.WORDING
        return Suggestion(text=self.texts[unit], kind=kind, entry=document.key, title=document.title)


def _read(searcher: Searcher) -> CommitColumns:
    documents: dict[int, _Document] = {}
    owners: list[int] = []
    titles: list[bool] = []
    texts: list[str] = []
    highest = searcher.reader().doc_count_all()
    maturity = np.zeros(highest, dtype=np.float32)
    for number in Or([Term("source", source.value) for source in Source]).docs(searcher):
        data = searcher.stored_fields(number)["data"]
        documents[number] = _Document(data["key"], data["title"])
        maturity[number] = data["level"] / max(Level)
        own = (data["title"], *data["wordings"])
        owners += [number] * len(own)
        titles += [True] + [False] * (len(own) - 1)
        texts += own
    # The files are only needed until they are mapped: the maps keep what they hold.
    with tempfile.TemporaryDirectory(prefix="zhihui-suggest-") as folder:
        columns.write(Path(folder), texts)
        opened = SuggestColumns(Path(folder))
    return CommitColumns(
        columns=opened,
        units=ranking.SegmentUnits(
            documents=np.array(owners, dtype=np.uint32),
            titles=np.array(titles, dtype=bool),
            lengths=opened.lengths(np.arange(len(texts), dtype=np.uint32)),
            maturity=maturity,
            uses=np.zeros(highest, dtype=np.uint32),
        ),
        documents=documents,
        texts=tuple(texts),
    )
