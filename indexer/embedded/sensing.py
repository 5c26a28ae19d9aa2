"""Sense over the columns: which vector each unit has, which documents are nearest, and filling in what is missing.

Vectors are found by the content of a unit, so they belong to no generation: a rebuild embeds nothing twice, and what
has no vector yet is found by its words meanwhile.
"""

import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.embedded.columns.arrays import between
from indexer.embedded.columns.layout import SENSED, Unit
from indexer.embedded.columns.reading import Living, View
from indexer.embedded.columns.segment import Mask, Segment
from indexer.embedded.columns.voting import Scores
from indexer.embedded.ranking import Documents
from indexer.embedded.shown import Shown
from indexer.vectors.embedder import EMBEDDERS, Embedder, Vectors
from indexer.vectors.keys import MISSING, Rows
from indexer.vectors.nearest import cosines, nearest
from indexer.vectors.store import Contents, Manifest, VectorStore

BATCH = 1024
"""Texts embedded and made durable at a time: what a kill may lose."""
MANY = 200
"""Texts without a vector from which on other processes help."""
WIDEN = 4
"""How many times more units than documents are asked for: an entry has several, and some may not be shown."""
UNUSED = 0.3
"""Share of vectors that no text has any more from which on they are dropped."""
FEW_UNUSED = 1000
"""So many of them are kept whatever their share: an edit that is taken back embeds nothing."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the texts that should have a vector have one."""

    done: int
    total: int


@dataclass(frozen=True)
class _Found:
    """The rows of a segment's units, as of a manifest of the store."""

    manifest: Manifest
    rows: dict[Unit, Rows]

    @cached_property
    def _sorted(self) -> dict[Unit, tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """The units in the order of their rows, and these: with them few rows are found without looking at all."""
        orders = {unit: np.argsort(rows).astype(np.int32) for unit, rows in self.rows.items()}
        return {unit: (order, self.rows[unit][order].astype(np.int32)) for unit, order in orders.items()}

    def units(self, unit: Unit, wanted: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the units that have one of the rows *wanted*, and the place in *wanted* of each one's row."""
        order, rows = self._sorted[unit]
        found = wanted.astype(np.int32)
        first, last = np.searchsorted(rows, found), np.searchsorted(rows, found, "right")
        return order[between(first, last)].astype(np.int64), np.repeat(np.arange(len(wanted)), last - first)

    def serves(self, manifest: Manifest) -> bool:
        """Return whether the rows are right, and all there are, for the contents of *manifest*."""
        return self.manifest.edition == manifest.edition and self.manifest.count >= manifest.count


class Sensing:
    """The vectors of one embedder beside the generations in *root*. Safe to share between threads.

    One thread of one process, the follower's, fills it.
    """

    def __init__(self, root: Path, embedder: Embedder) -> None:
        self.embedder = embedder
        self._store = VectorStore(root / f"vectors-{embedder.name}", embedder.dimensions)
        self._lock = Lock()
        self._rows: dict[str, _Found] = {}
        self._counted: tuple[View, Manifest, Progress] | None = None
        self._tidy: tuple[View, Manifest] | None = None

    def query(self, text: str) -> "Question | None":
        """Return *text* as something to compare with; ``None`` while nothing has a vector."""
        contents = self._store.contents()
        return Question(self, contents, self.embedder.embed_query(text)) if contents.manifest.count else None

    def rows(self, segment: Segment, contents: Contents) -> dict[Unit, Rows]:
        """Return the row of each unit of *segment*, ``MISSING`` for those without a vector."""
        return self._found(segment, contents).rows

    def _found(self, segment: Segment, contents: Contents) -> _Found:
        known = self._rows.get(segment.name)
        if known is not None and known.serves(contents.manifest):
            return known
        found = {}
        for unit in SENSED:
            keys = segment.keys(unit)
            if known is None or known.manifest.edition != contents.manifest.edition:
                found[unit] = contents.rows(keys)
            else:
                found[unit] = known.rows[unit].copy()
                missing = found[unit] == MISSING
                found[unit][missing] = contents.rows(keys[missing])
        # A question that began before the store was compacted goes on with the edition it has; the next ones don't.
        made = _Found(contents.manifest, found)
        if known is None or known.manifest.edition <= contents.manifest.edition:
            with self._lock:
                self._rows[segment.name] = made
        return made

    def forget(self, view: View) -> None:
        """Forget the rows of segments that are no longer read."""
        names = {part.segment.name for part in view.parts}
        with self._lock:
            self._rows = {name: rows for name, rows in self._rows.items() if name in names}

    def progress(self, view: View) -> Progress:
        """Return how far filling is. Counted once for a view and what the store holds: monitoring asks all the time."""
        contents = self._store.contents()
        known = self._counted
        if known is not None and known[0] is view and known[1] == contents.manifest:
            return known[2]
        rows = self._living(view, contents)
        found = Progress(sum(int(np.count_nonzero(own != MISSING)) for own in rows), sum(len(own) for own in rows))
        self._counted = (view, contents.manifest, found)
        return found

    def fill(self, view: View, *, seconds: float) -> bool:
        """Embed what has no vector yet for about so many seconds; return whether there was anything to do."""
        until = time.monotonic() + seconds
        missing = self._missing(view)
        first = dict(islice(missing, MANY))
        if not first:
            return self.drop_unused(view) > 0
        if len(first) < MANY:
            self._fill_here(first, until)
        else:
            self._fill_with_others(first, missing, until)
        self.forget(view)
        return True

    def drop_unused(self, view: View) -> int:
        """Drop the vectors that no living text of *view* has, if they are many; return how many went."""
        contents = self._store.contents()
        if self._tidy is not None and self._tidy[0] is view and self._tidy[1] == contents.manifest:
            return 0
        self._tidy = (view, contents.manifest)
        used = np.zeros(contents.manifest.count, bool)
        for own in self._living(view, contents):
            used[own[_there(own, contents)]] = True
        unused = len(used) - int(np.count_nonzero(used))
        if unused <= max(UNUSED * len(used), FEW_UNUSED):
            return 0
        keys = [part.segment.keys(unit) for part in view.parts for unit in SENSED]
        living = [part.alive[part.segment.owners(unit)] for part in view.parts for unit in SENSED]
        keep = [own[mask] for own, mask in zip(keys, living, strict=True)]
        return self._store.compact(np.concatenate(keep) if keep else np.empty(0, np.uint64))

    def nearest_documents(
        self, contents: Contents, vector: NDArray[np.float32], view: View, allowed: Sequence[Mask], count: int
    ) -> Documents:
        """See ``ranking.SenseQuery.nearest``."""
        rows, _ = nearest(contents, vector, count * WIDEN)
        documents = self._owners(contents, view, allowed, rows)
        permitted = sum(int(np.count_nonzero(mask)) for mask in allowed)
        if len(documents) < min(count // 2, permitted):
            # Much of what is near may not be shown: compare with what may.
            own = [
                self.rows(part.segment, contents)[unit][mask[part.segment.owners(unit)]]
                for part, mask in zip(view.parts, allowed, strict=True)
                for unit in SENSED
            ]
            within = np.unique(np.concatenate(own)) if own else np.empty(0, np.int64)
            rows, _ = nearest(contents, vector, count * WIDEN, within=within[_there(within, contents)])
            documents = self._owners(contents, view, allowed, rows)
        return documents[:count]

    def _owners(self, contents: Contents, view: View, allowed: Sequence[Mask], rows: Rows) -> Documents:
        """Return the allowed documents that have a unit with one of *rows*, in the order of these."""
        documents, places = [], []
        for part, mask in zip(view.parts, allowed, strict=True):
            known = self._found(part.segment, contents)
            for unit in SENSED:
                units, of = known.units(unit, rows)
                owners = part.segment.owners(unit)[units]
                shown = mask[owners]
                documents.append(owners[shown].astype(np.int64) + part.base)
                places.append(of[shown])
        if not documents:
            return np.empty(0, np.int64)
        found = np.concatenate(documents)[np.argsort(np.concatenate(places), kind="stable")]
        _, first = np.unique(found, return_index=True)
        return found[np.sort(first)]

    def _living(self, view: View, contents: Contents) -> list[Rows]:
        """Return the rows of the units that live, segment by segment and unit by unit."""
        return [
            own[part.alive[part.segment.owners(unit)]]
            for part in view.parts
            for unit, own in self.rows(part.segment, contents).items()
        ]

    def _missing(self, view: View) -> Iterator[tuple[int, str]]:
        """Yield content key and text of what has no vector, each once."""
        contents = self._store.contents()
        seen: set[int] = set()
        for part in view.parts:
            lacking: dict[int, list[tuple[Unit, int]]] = {}
            for unit, rows in self.rows(part.segment, contents).items():
                owners = part.segment.owners(unit)
                for number in np.flatnonzero(rows == MISSING).tolist():
                    lacking.setdefault(int(owners[number]), []).append((unit, number))
            for document in sorted(lacking):
                if not part.alive[document]:
                    continue
                shown = Shown.of(part, document)
                for unit, number in lacking[document]:
                    key = int(part.segment.keys(unit)[number])
                    if key not in seen:
                        seen.add(key)
                        yield key, shown.unit(unit, number - part.segment.units_of(unit, document).start)

    def _fill_here(self, texts: dict[int, str], until: float) -> None:
        items = iter(texts.items())
        while batch := dict(islice(items, BATCH)):
            self._store.add(list(batch), self.embedder.embed_texts(list(batch.values())))
            if time.monotonic() > until:
                return

    def _fill_with_others(self, first: dict[int, str], rest: Iterator[tuple[int, str]], until: float) -> None:
        """Embed in processes of their own, so that searches keep this one's interpreter."""

        def batches() -> Iterator[dict[int, str]]:
            items = iter(first.items())
            while batch := dict(islice(items, BATCH)):
                yield batch
            while batch := dict(islice(rest, BATCH)):
                yield batch

        workers = os.cpu_count() or 1
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, context, _start_worker, (self.embedder.name,)) as pool:
            source = batches()
            waiting = [
                (list(batch), pool.submit(_embed, list(batch.values()))) for batch in islice(source, 2 * workers)
            ]
            while waiting:
                keys, future = waiting.pop(0)
                self._store.add(keys, future.result())
                if time.monotonic() < until and (batch := next(source, None)):
                    waiting.append((list(batch), pool.submit(_embed, list(batch.values()))))


@dataclass(frozen=True)
class Question:
    """A question's vector, and what it is compared with; see ``ranking.SenseQuery``."""

    sensing: Sensing
    contents: Contents
    vector: NDArray[np.float32]

    def nearest(self, view: View, allowed: Sequence[Mask], count: int) -> Documents:
        """See ``ranking.SenseQuery.nearest``."""
        return self.sensing.nearest_documents(self.contents, self.vector, view, allowed, count)

    def cosines(self, part: Living, unit: Unit, units: NDArray[np.int64]) -> Scores:
        """See ``ranking.SenseQuery.cosines``."""
        if unit not in SENSED:
            return np.full(len(units), np.nan, np.float32)
        return cosines(self.contents, self.vector, self.sensing.rows(part.segment, self.contents)[unit][units])


def _there(rows: Rows, contents: Contents) -> Mask:
    """Return which of *rows* are in *contents*: a row looked up a moment later may lie beyond them."""
    there: Mask = (rows != MISSING) & (rows < contents.manifest.count)
    return there


_worker: Embedder | None = None


def _start_worker(name: str) -> None:
    global _worker  # noqa: PLW0603 - a worker process has one, made once
    os.nice(5)  # searches come first
    _worker = next(kind for kind in EMBEDDERS.values() if kind.name == name)()


def _embed(texts: list[str]) -> Vectors:
    if _worker is None:
        raise AssertionError("the worker was not started")
    return _worker.embed_texts(texts)
