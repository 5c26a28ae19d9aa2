"""The embedded engine: Whoosh's ledger, columns and vectors on disk, in versioned generations. No service to start."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.documents import Document, Source
from indexer.embedded import facets, rehearsing, visibility
from indexer.embedded.asking import Asker, Person
from indexer.embedded.build import GenerationBuild
from indexer.embedded.columns.reading import View
from indexer.embedded.columns.segment import Mask, row_number
from indexer.embedded.committing import Committer
from indexer.embedded.correcting import ask_and_put_right, correct
from indexer.embedded.cutting import Cutting
from indexer.embedded.explaining import explain
from indexer.embedded.ledger import Ledger
from indexer.embedded.ranking import Ranked, Tuning
from indexer.embedded.reading import Reader, State, digests, maturities
from indexer.embedded.sensing import Progress, Sensing
from indexer.embedded.shown import hits_of
from indexer.embedded.storage import Generations
from indexer.embedded.suggesting import Suggesting
from indexer.engine import (
    Build,
    Changes,
    Filters,
    Found,
    FrequentQuery,
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
        self._cutting = Cutting.under(root, analysis)
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
    def answering(self) -> Analysis:
        """See ``Engine.answering``."""
        try:
            return self._answering(self._reader.state())
        except IndexNotReadyError:
            return self.analysis

    @property
    def generations(self) -> Generations:
        """The generations on disk, with the version that goes with the analysis."""
        return self._cutting.generations

    def use(self, analysis: Analysis) -> None:
        """See ``Engine.use``. One assignment, so that no thread sees an analysis with another one's version."""
        self._cutting = self._cutting.followed_by(analysis)

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
        state, person = self._reader.state(), Person(actor, filters, now)
        asker = self._asker(state)
        asked, right = ask_and_put_right(asker, state.view, query, person, depth=offset + limit)
        ranked, marker = asked.ranked, Marker(asked.query, asker.analysis)
        answers = ranked.documents if ranked.answered else np.empty(0, np.int64)
        wanted = slice(offset, offset + limit) if ranked.answered else slice(0, 0 if offset else NEAREST)
        hits = hits_of(state.view, ranked, marker, wanted)
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

    def rehearse(
        self,
        document: Document,
        queries: Sequence[Query],
        filters: Filters,
        actor: Actor,
        *,
        now: datetime,
        limit: int,
    ) -> Sequence[Found]:
        """See ``Engine.rehearse``."""
        state, person = self._reader.state(), Person(actor, filters, now)
        return rehearsing.rehearse(state, document, queries, self._asker(state), person, limit=limit)

    def examine(
        self, query: Query, filters: Filters, actor: Actor, *, now: datetime, depth: int | None = None
    ) -> Ranked:
        """Return what *query* comes to, with what its verdict was weighed from: for measuring, not for showing."""
        state = self._reader.state()
        return self._asker(state).ask(state.view, query, Person(actor, filters, now), depth=depth).ranked

    def explain(
        self, query: Query, filters: Filters, actor: Actor, *, now: datetime, limit: int, compare: str | None = None
    ) -> Explanation:
        """See ``Engine.explain``."""
        state, person = self._reader.state(), Person(actor, filters, now)
        asker = self._asker(state)
        asked, _ = ask_and_put_right(asker, state.view, query, person)
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
        with self.holding_still():
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
            documents=state.view.items,
            segments=len(state.view.parts),
            embedded=progress.done,
            embeddable=progress.total,
            since=self.generations.published(),
        )

    def takes_changes(self) -> bool:
        """See ``Engine.takes_changes``."""
        try:
            return self._cutting.of(self._reader.state().generation) is not None
        except IndexNotReadyError:
            return False

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
        return Snapshot(state.watermark, digests(state), maturities(state))

    def holding_still(self) -> AbstractContextManager[None]:
        """See ``Engine.holding_still``."""
        return self.generations.holding_still()

    def build(self) -> Build:
        """See ``Engine.build``."""
        return GenerationBuild(self._cutting, self._reader)

    def close(self) -> None:
        """Let go of what is open; a search opens it again."""
        self._reader = Reader(self.generations)

    def _asker(self, state: State) -> Asker:
        return Asker(self._answering(state), self._sensing, self.tuning)

    def _answering(self, state: State) -> Analysis:
        cutting = self._cutting
        return cutting.of(state.generation) or cutting.analysis

    def _committing(self) -> Committer:
        """Return the committer of the live generation; never one that would cut two ways in one generation."""
        cutting = self._cutting
        with self._lock:
            live = cutting.generations.live()
            if live is None or not cutting.generations.path(live).is_dir():
                raise IndexNotReadyError(N_("还没有索引"))
            analysis = cutting.of(live)
            if analysis is None:
                raise IndexMovedError(N_("索引已经变了，请重试"))
            folder = cutting.generations.path(live)
            if self._committer is None or self._committer.folder != folder:
                self._committer = Committer(folder, analysis, partial(self._reader.segment, folder))
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


__all__ = ["EmbeddedEngine", "Mask"]
