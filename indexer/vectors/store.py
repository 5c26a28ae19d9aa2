"""Vectors kept by content: the same text is embedded once, whatever entry, generation or rebuild it comes in.

Files that processes map and share; one writer at a time. They only grow, so that what a vector's number (its row) means
stays as it is, until ``compact`` writes an *edition* without what nobody needs any more. A small manifest names the
edition and how much of its files counts: it is replaced after they are on disk, so a kill leaves what was there before,
or all of it.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.locks import exclusive
from indexer.vectors.keys import Keys, KeyTable, Rows
from indexer.vectors.quantising import BLOCK, Eights, Floats, Sketches, middle, quantise, sides, words

SKETCH_FROM = 20_000
"""Rows from which sketches are kept. Below, comparing with all takes two milliseconds."""

_MANIFEST = "manifest.json"
_SUFFIX = ".bin"
_AT_ONCE = 16_384
"""Rows read and written together."""
_SAMPLE = 20_000
"""Rows that the centre of the sketches is the mean of."""

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What counts of a store: how many vectors of which edition, and how many of them have a sketch (all or none)."""

    count: int = 0
    edition: int = 0
    blocked: int = 0


@dataclass(frozen=True)
class Contents:
    """A store as of one manifest. Rows mean the same in all contents of one edition.

    Attributes:
        vectors: whole numbers from -127 to 127 in proportion to the vector, by row, (n, d).
        sketches: on which side of the ``centre`` each dimension of each row lies, in blocks, of which the last is
            filled up; ``None`` in a small store.
    """

    manifest: Manifest
    vectors: Eights
    table: KeyTable = field(default_factory=KeyTable)
    sketches: Sketches | None = None
    centre: Floats | None = None

    def rows(self, keys: Keys) -> Rows:
        """Return the row of each of *keys*, ``MISSING`` where there is none."""
        return self.table.rows(keys)


class VectorStore:
    """The store in *folder*; made when missing. Threads may share it.

    Args:
        folder: its name should hold the embedder's.
        dimensions: of a vector.
        sketch_from: rows from which sketches are kept.
    """

    def __init__(self, folder: Path, dimensions: int, *, sketch_from: int = SKETCH_FROM) -> None:
        self.folder = folder
        self.dimensions = dimensions
        self._sketch_from = sketch_from
        self._lock = Lock()
        self._contents: Contents | None = None
        self._stamp: tuple[int, int] | None = None

    def contents(self) -> Contents:
        """Return what is in the store now; cheap when nothing is new."""
        stamp = self._now()
        known = self._contents
        if known is not None and stamp == self._stamp:
            return known
        with self._lock:
            while self._contents is None or stamp != self._stamp:
                try:
                    self._contents = self._open(self._contents)
                    self._stamp = stamp
                except FileNotFoundError:
                    if stamp == self._now():
                        raise
                    stamp = self._now()  # another edition took its place while it was opened
            return self._contents

    def add(self, keys: Sequence[int], vectors: Floats) -> None:
        """Add the *vectors* of new *keys*, durably."""
        with self._writing() as before:
            edition, count = before.manifest.edition, before.manifest.count
            self._write(edition, "keys", count, np.array(keys, np.uint64))
            self._write(edition, "vectors", count, quantise(vectors))
            self._publish(edition, count + len(keys), before)

    def compact(self, keep: Keys) -> int:
        """Drop every vector whose key is not among *keep*; return how many went. Rows are numbered anew."""
        with self._writing() as before:
            rows = np.unique(before.rows(keep))
            rows = rows[rows >= 0]
            dropped = before.manifest.count - len(rows)
            if not dropped:
                return 0
            edition = before.manifest.edition + 1
            keys = self._map(before.manifest.edition, "keys", np.uint64, before.manifest.count)
            self._write(edition, "keys", 0, keys[rows])
            self._write(edition, "vectors", 0, np.empty((0, self.dimensions), np.int8))
            for start in range(0, len(rows), _AT_ONCE):
                self._write(edition, "vectors", start, before.vectors[rows[start : start + _AT_ONCE]])
            self._publish(edition, len(rows), None)
            return dropped

    def manifest(self) -> Manifest:
        """Return the manifest as it is on disk."""
        try:
            read = json.loads((self.folder / _MANIFEST).read_bytes())
        except FileNotFoundError:
            return Manifest()
        return Manifest(read["count"], read.get("edition", 0), read.get("blocked", 0))

    def _now(self) -> tuple[int, int]:
        """Return which manifest there is: it is a new file each time."""
        try:
            status = (self.folder / _MANIFEST).stat()
        except FileNotFoundError:
            return (0, 0)
        return (status.st_ino, status.st_mtime_ns)

    def _open(self, before: Contents | None) -> Contents:
        manifest = self.manifest()
        edition, count = manifest.edition, manifest.count
        if not count:
            return Contents(manifest, np.empty((0, self.dimensions), np.int8))
        same = before is not None and before.manifest.edition == edition and before.manifest.count <= count
        table = before.table if before is not None and same else KeyTable()
        keys = self._map(edition, "keys", np.uint64, count)
        sketched = manifest.blocked == count
        return Contents(
            manifest,
            self._map(edition, "vectors", np.int8, count, self.dimensions),
            table.extended(keys[len(table) :]),
            self._map(edition, "sketches", np.uint64, *self._blocks(count)) if sketched else None,
            np.array(self._map(edition, "centre", np.float32, self.dimensions)) if sketched else None,
        )

    def _map(self, edition: int, part: str, kind: type[Kind], *shape: int) -> NDArray[Kind]:
        if 0 in shape:  # nothing cannot be mapped
            return np.empty(shape, kind)
        return np.asarray(np.memmap(self._path(edition, part), kind, "r", shape=shape))

    @contextmanager
    def _writing(self) -> Iterator[Contents]:
        with exclusive(self.folder / "writer.lock", wait=True):
            yield self.contents()

    def _publish(self, edition: int, count: int, before: Contents | None) -> None:
        """Make the first *count* rows of *edition* what counts, once all of them are on disk, sketches included."""
        sketched = count if count >= self._sketch_from else 0
        if sketched:
            self._sketch(edition, count, before)
        written = self.folder / f"{_MANIFEST}.new"
        with written.open("wb") as file:
            file.write(json.dumps(asdict(Manifest(count, edition, sketched))).encode())
            file.flush()
            os.fsync(file.fileno())
        written.replace(self.folder / _MANIFEST)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._remove_others(edition)

    def _sketch(self, edition: int, count: int, before: Contents | None) -> None:
        """Bring the sketches up to *count* rows. Their centre is that of the rows there are when they begin."""
        vectors = self._map(edition, "vectors", np.int8, count, self.dimensions)
        if before is not None and before.sketches is not None and before.centre is not None:
            done, centre = before.manifest.count, before.centre
        else:
            done, centre = 0, middle(vectors[:: max(1, count // _SAMPLE)])
            self._write(edition, "centre", 0, centre)
        # The last block was not full: what it has is written again as it is.
        for start in range(done - done % BLOCK, count, BLOCK):
            own = sides(vectors[start : start + BLOCK], centre)
            block = np.zeros((1, own.shape[1], BLOCK), np.uint64)
            block[0, :, : len(own)] = own.T
            self._write(edition, "sketches", start // BLOCK, block)

    def _blocks(self, count: int) -> tuple[int, int, int]:
        """Return the shape of the sketches of so many rows."""
        return -(-count // BLOCK), words(self.dimensions), BLOCK

    def _write(self, edition: int, part: str, row: int, values: NDArray[np.generic]) -> None:
        """Write *values* from *row* on, over whatever an unfinished batch left there, and force them to disk."""
        path = self._path(edition, part)
        with path.open("r+b" if path.exists() else "w+b") as file:
            file.seek(row * values.dtype.itemsize * int(np.prod(values.shape[1:])))
            file.write(np.ascontiguousarray(values).tobytes())
            file.truncate()
            file.flush()
            os.fsync(file.fileno())

    def _path(self, edition: int, part: str) -> Path:
        return self.folder / f"{part}{f'-{edition}' if edition else ''}{_SUFFIX}"

    def _remove_others(self, edition: int) -> None:
        """Remove the files of other editions; who has them mapped keeps them until it lets go."""
        kept = {self._path(edition, part) for part in ("keys", "vectors", "sketches", "centre")}
        for path in self.folder.glob(f"*{_SUFFIX}"):
            if path not in kept:
                path.unlink(missing_ok=True)
