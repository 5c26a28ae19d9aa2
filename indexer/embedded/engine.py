"""The embedded engine: Whoosh's ledger, columns and vectors on disk, in versioned generations. No service to start."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.documents import Document, Source
from indexer.embedded import facets, visibility
from indexer.embedded.asking import Asked, Asker, Person
from indexer.embedded.columns import building
from indexer.embedded.columns.reading import View
from indexer.embedded.columns.segment import Mask, document_id, row_number
from indexer.embedded.committing import Committer
from indexer.embedded.correcting import correct, put_right
from indexer.embedded.explaining import explain
from indexer.embedded.ledger import SCHEMA_VERSION, Commit, Ledger, SegmentEntry
from indexer.embedded.ranking import Ranked, Tuning
from indexer.embedded.reading import Reader, State
from indexer.embedded.sensing import Progress, Sensing
from indexer.embedded.shown import hit
from indexer.embedded.storage import Generations
from indexer.embedded.suggesting import Suggesting
from indexer.engine import (
    Build,
    Changes,
    Correction,
    Filters,
    Found,
    FrequentQuery,
    Hit,
    IndexMovedError,
    IndexNotReadyError,
    Snapshot,
    Status,
    Suggestion,
)
from indexer.explanation import Explanation
from indexer.highlight import Marker
from indexer.query import Query
from indexer.suggest.typed import Tier
from indexer.text import Analysis
from indexer.vectors.embedder import Embedder, Vectors
from kb.i18n import N_
from kb.permissions import Actor

NEAREST = 5
"""Results offered where nothing is an answer: the nearest there is."""


@dataclass(frozen=True, slots=True)
class _Cutting:
    """An analysis and the generations of the version that it makes: they change together."""

    analysis: Analysis
    generations: Generations


def _cutting(root: Path, analysis: Analysis) -> _Cutting:
    return _Cutting(analysis, Generations(root, f"v{SCHEMA_VERSION}-{analysis.dictionary.digest}"))


class EmbeddedEngine:
    """An ``Engine`` on a folder of generations. Safe to share between threads; processes share only the folder.

    Args:
        root: folder of the generations.
        analysis: how text is cut; its dictionary is part of a generation's version.
        embedder: makes sentence vectors; ``None`` leaves finding to words.
        tuning: how results are ordered.
    """

    def __init__(
        self, root: Path, analysis: Analysis, embedder: Embedder | None = None, *, tuning: Tuning | None = None
    ) -> None:
        self._root = root
        self._cutting = _cutting(root, analysis)
        self.tuning = tuning or Tuning()
        self._sensing = None if embedder is None else Sensing(root, embedder)
        self._suggesting = Suggesting()
        self._reader = Reader(self.generations)
        self._committer: Committer | None = None
        self._lock = Lock()

    @property
    def analysis(self) -> Analysis:
        """See ``Engine.analysis``."""
        return self._cutting.analysis

    @property
    def generations(self) -> Generations:
        """The generations on disk, with the version that goes with the analysis."""
        return self._cutting.generations

    def use(self, analysis: Analysis) -> None:
        """See ``Engine.use``. One assignment, so that no thread sees an analysis with another one's version."""
        self._cutting = _cutting(self._root, analysis)

    def search(
        self,
        query: Query,
        filters: Filters,
        actor: Actor,
        *,
        now: datetime,
        limit: int,
        offset: int = 0,
        watch: Collection[int] = (),
    ) -> Found:
        """See ``Engine.search``."""
        state, asker, person = self._reader.state(), self._asker(), Person(actor, filters, now)
        asked, right = _ask(asker, state, query, person)
        ranked, marker = asked.ranked, Marker(asked.query, self.analysis)
        answers = ranked.documents if ranked.answered else np.empty(0, np.int64)
        wanted = slice(offset, offset + limit) if ranked.answered else slice(0, 0 if offset else NEAREST)
        hits = self._hits(state, ranked, marker, wanted)
        return Found(
            total=len(answers),
            hits=hits if ranked.answered else (),
            nearest=() if ranked.answered else hits,
            watermark=state.watermark,
            confidence=ranked.confidence,
            put_right=right,
            correction=None if right or offset else correct(asked, asker, person),
            watched=_among(state.view, answers, filters.source, watch),
            facets=facets.count(state.view, answers),
        )

    def examine(self, query: Query, filters: Filters, actor: Actor, *, now: datetime) -> Ranked:
        """Return what *query* comes to, with what its verdict was weighed from: for measuring, not for showing."""
        return self._asker().ask(self._reader.state().view, query, Person(actor, filters, now)).ranked

    def explain(
        self, query: Query, filters: Filters, actor: Actor, *, now: datetime, limit: int, compare: str | None = None
    ) -> Explanation:
        """See ``Engine.explain``."""
        asker, person = self._asker(), Person(actor, filters, now)
        asked, _ = _ask(asker, self._reader.state(), query, person)
        return explain(asked, asker, person, limit=limit, compare=compare)

    def suggest(
        self,
        text: str,
        filters: Filters,
        actor: Actor,
        *,
        now: datetime,
        limit: int,
        frequent: Mapping[FrequentQuery, Tier] | None = None,
    ) -> tuple[Suggestion, ...]:
        """See ``Engine.suggest``."""
        state = self._reader.state()
        allowed = [visibility.documents(part, filters, actor, now) for part in state.view.parts]
        return self._suggesting.suggest(state.folder, state.view, text, allowed, limit=limit, frequent=frequent or {})

    def apply(self, changes: Changes) -> None:
        """See ``Engine.apply``."""
        self._committing().apply(changes)

    def tend(self) -> bool:
        """See ``Engine.tend``."""
        committer = self._committing()
        due = committer.due()
        if due:
            committer.merge(due)
            committer.sweep()
        state = self._reader.state()
        return self._suggesting.make(state.folder, state.view) or bool(due)

    def embed_pending(self, *, seconds: float = 1.0) -> bool:
        """See ``Engine.embed_pending``."""
        if self._sensing is None:
            return False
        try:
            view = self._reader.state().view
        except IndexNotReadyError:
            return False
        return self._sensing.fill(view, seconds=seconds)

    def optimise(self) -> None:
        """Merge everything into one segment and measure lengths anew, as a build at once would have."""
        committer = self._committing()
        entries = Ledger(str(committer.folder)).commit().segments
        if entries:
            committer.merge(entries, anew=True)
            committer.sweep()

    def status(self) -> Status:
        """See ``Engine.status``."""
        try:
            state = self._reader.state()
        except IndexNotReadyError:
            return Status(generation=self.generations.live(), current=False, watermark=0, documents=0)
        progress = Progress(0, 0) if self._sensing is None else self._sensing.progress(state.view)
        return Status(
            generation=state.generation,
            current=self.generations.is_current(state.generation),
            watermark=state.watermark,
            documents=state.view.documents,
            segments=len(state.view.parts),
            embedded=progress.done,
            embeddable=progress.total,
        )

    def sense(self, texts: Sequence[str]) -> Vectors | None:
        """See ``Engine.sense``."""
        return None if self._sensing is None else self._sensing.embedder.embed_texts(texts)

    def watermark(self) -> int:
        """See ``Engine.watermark``."""
        try:
            return self._reader.state().watermark
        except IndexNotReadyError:
            return 0

    def is_current(self) -> bool:
        """See ``Engine.is_current``."""
        try:
            return self.generations.is_current(self._reader.state().generation)
        except IndexNotReadyError:
            return False

    def snapshot(self) -> Snapshot:
        """See ``Engine.snapshot``."""
        state = self._reader.state()
        digests: dict[str, str] = {}
        for part in state.view.parts:
            rows, values = part.segment.arrays["rows"], part.segment.arrays["digests"]
            for number in np.flatnonzero(part.alive).tolist():
                digests[document_id(int(rows[number]))] = f"{int(values[number]):016x}"
        ledger = Ledger(str(state.folder)).digests()
        if len(digests) != state.view.documents:
            raise AssertionError("a document is in the columns twice")
        # What the two stores disagree about is neither's: it will differ from the database.
        for id_ in digests.keys() ^ ledger.keys() | {key for key in digests if ledger.get(key) != digests[key]}:
            digests[id_] = "columns and ledger differ"
        return Snapshot(state.watermark, digests)

    def build(self) -> Build:
        """See ``Engine.build``."""
        return _Build(self)

    def close(self) -> None:
        """Let go of what is open; a search opens it again."""
        self._reader = Reader(self.generations)

    def _asker(self) -> Asker:
        return Asker(self.analysis, self._sensing, self.tuning)

    def _hits(self, state: State, ranked: Ranked, marker: Marker, wanted: slice) -> tuple[Hit, ...]:
        passages = dict(zip(ranked.judged.documents.tolist(), ranked.judged.passages.tolist(), strict=True))
        found = []
        for number, value in zip(ranked.documents[wanted].tolist(), ranked.scores[wanted].tolist(), strict=True):
            part, own = state.view.locate(number)
            found.append(hit(part, own, value, marker, passage=passages.get(number, -1)))
        return tuple(found)

    def _committing(self) -> Committer:
        """Return the committer of the live generation; never one that would cut two ways in one generation."""
        cutting = self._cutting
        with self._lock:
            live = cutting.generations.live()
            if live is None or not cutting.generations.path(live).is_dir():
                raise IndexNotReadyError(N_("还没有索引"))
            if not cutting.generations.is_current(live):
                raise IndexMovedError(N_("索引已经变了，请重试"))
            folder = cutting.generations.path(live)
            if self._committer is None or self._committer.folder != folder:
                self._committer = Committer(folder, cutting.analysis, partial(self._reader.segment, folder))
            return self._committer


def _among(view: View, documents: NDArray[np.int64], source: Source, rows: Collection[int]) -> frozenset[int]:
    """Return which of *rows* are among *documents*."""
    found: set[int] = set()
    for row in rows:
        for part in view.parts:
            own = np.flatnonzero(part.segment.arrays["rows"] == row_number(source, row)) + part.base
            if np.isin(own, documents).any():
                found.add(row)
    return frozenset(found)


def _ask(asker: Asker, state: State, query: Query, person: Person) -> tuple[Asked, Correction | None]:
    """Return what came of *query*, and what it was put right to, if it can only be a slip."""
    asked = asker.ask(state.view, query, person)
    right = None if person.filters.as_typed else put_right(asked, asker, person)
    return (asked, None) if right is None else right


class _Build:
    """See ``indexer.engine.Build``."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._reader = engine._reader
        self._cutting = engine._cutting
        self._name = self._cutting.generations.create()
        self._folder = self._cutting.generations.path(self._name)
        self._ledger = Ledger(str(self._folder), create=True)
        self._writing = self._ledger.writing()
        self._writer = self._writing.__enter__()
        self._names: list[str] = []

    def add(self, documents: Iterable[Document]) -> None:
        self._names += building.write_all(self._folder, documents, self._cutting.analysis, self._writer.add)

    def commit(self, watermark: int) -> None:
        names, pivots = building.merge_all(self._folder, self._names, self._cutting.analysis)
        entries = tuple(SegmentEntry(name) for name in names)
        self._writer.commit(Commit(watermark, entries, dict(pivots) if names else {}), optimise=True)
        self._writing.__exit__(None, None, None)

    def apply(self, changes: Changes) -> None:
        opener = partial(self._reader.segment, self._folder)
        Committer(self._folder, self._cutting.analysis, opener).apply(changes)

    def publish(self) -> None:
        self._cutting.generations.publish(self._name)

    def discard(self) -> None:
        self._writing.__exit__(None, None, None)
        self._cutting.generations.discard(self._name)


__all__ = ["EmbeddedEngine", "Mask"]
