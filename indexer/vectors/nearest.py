"""The nearest vectors of a store: exactly while that is cheap, by a graph (HNSW) beyond.

Source of the graph: Malkov and Yashunin 2018, "Efficient and robust approximate nearest neighbor search using
Hierarchical Navigable Small World graphs"; usearch is the library.
"""

import secrets
from threading import Lock

import numpy as np
import usearch.compiled
from numpy.typing import NDArray
from usearch.index import Index
from usearch.index import search as exact_search

from indexer.vectors.store import MISSING, Contents, Manifest, Rows, VectorStore, quantise

EXACT = 50_000
"""Vectors up to which all are compared: a few milliseconds."""
TAIL = 0.1
"""Share of vectors that may stand outside the graph before it is extended."""

Cosines = NDArray[np.float32]

_COSINE = usearch.compiled.MetricKind.Cos


class Nearest:
    """Finds the nearest vectors in *store*. Safe to share between threads."""

    def __init__(self, store: VectorStore) -> None:
        self._store = store
        self._lock = Lock()
        self._graph: tuple[str, Index] | None = None

    def search(self, vector: NDArray[np.float32], count: int, *, within: Rows | None = None) -> tuple[Rows, Cosines]:
        """Return the rows nearest to *vector* (d,), about *count* of them, with their cosines, best first.

        Args:
            within: only these rows, compared one by one.
        """
        contents = self._store.contents()
        if within is not None:
            values = cosines(contents, vector, within)
            best = np.argsort(-values, kind="stable")[:count]
            return within[best], values[best]
        whole = quantise(vector[None])[0]
        graphed = contents.manifest.graphed if contents.manifest.graph is not None else 0
        rows: list[Rows] = []
        if graphed:
            rows.append(np.asarray(self._index(contents.manifest).search(whole, count).keys, np.int64))
        rest = contents.vectors[graphed:]
        if len(rest):
            matches = exact_search(rest, whole, min(count, len(rest)), _COSINE, exact=True, threads=1)
            rows.append(np.asarray(matches.keys, np.int64) + graphed)
        found = np.concatenate(rows) if rows else np.empty(0, np.int64)
        values = cosines(contents, vector, found)
        best = np.argsort(-values, kind="stable")[:count]
        return found[best], values[best]

    def extend(self) -> bool:
        """Take the vectors outside the graph into it, if there are enough to need one; return whether there were.

        For the store's one writer. The graph is saved whole under a new name before the manifest names it.
        """
        manifest = self._store.manifest()
        outside = manifest.count - manifest.graphed
        if manifest.count <= EXACT or outside <= max(TAIL * manifest.count, EXACT / 5):
            return False
        contents = self._store.contents()
        index = _new(self._store.dimensions)
        if manifest.graph is not None:
            index.load(str(self._store.folder / manifest.graph))
        rows = np.arange(manifest.graphed, manifest.count)
        index.add(rows.astype(np.uint64), np.array(contents.vectors[manifest.graphed : manifest.count]), threads=0)
        name = f"graph-{secrets.token_hex(4)}.usearch"
        index.save(str(self._store.folder / name))
        # Vectors may have been added meanwhile.
        self._store.write_manifest(Manifest(self._store.manifest().count, name, manifest.count))
        if manifest.graph is not None:
            (self._store.folder / manifest.graph).unlink(missing_ok=True)
        return True

    def _index(self, manifest: Manifest) -> Index:
        with self._lock:
            if self._graph is None or self._graph[0] != manifest.graph:
                index = _new(self._store.dimensions)
                index.view(str(self._store.folder / str(manifest.graph)))
                self._graph = (str(manifest.graph), index)
            return self._graph[1]


def cosines(contents: Contents, vector: NDArray[np.float32], rows: Rows) -> Cosines:
    """Return the cosines of *vector* (d,), of unit length, with those at *rows*; NaN where a row is ``MISSING``."""
    found = np.full(len(rows), np.nan, np.float32)
    # A row looked up a moment later than *contents* were read may lie beyond them.
    there = (rows != MISSING) & (rows < len(contents.vectors))
    own = contents.vectors[rows[there]].astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", own, own))
    found[there] = (own @ vector) / np.where(lengths > 0, lengths, 1)
    return found


def _new(dimensions: int) -> Index:
    return Index(
        ndim=dimensions,
        metric="cos",
        dtype="i8",
        connectivity=16,
        expansion_add=64,
        expansion_search=192,
    )
