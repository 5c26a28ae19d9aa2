"""Vectors kept by content: the same text is embedded once, whatever entry, generation or rebuild it comes in.

Append-only files that processes map and share; one writer. What a vector's number (its row) means never changes, so
readers keep what they looked up. A small manifest names how much of the files counts: it is replaced after they are on
disk, so a kill leaves what was there before, or all of it.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.normalise import normalise
from indexer.vectors.embedder import Vectors

Keys = NDArray[np.uint64]
Rows = NDArray[np.int64]

MISSING = -1
"""The row of a text that has no vector yet."""

_MANIFEST, _KEYS, _VECTORS = "manifest.json", "keys.bin", "vectors.bin"


def text_key(text: str) -> int:
    """Return the key of *text*: texts in the same spelling share it."""
    return normalised_key(normalise(text))


def normalised_key(text: str) -> int:
    """Return the content key of a *text* that is normalised already."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What counts of a store: how many vectors, and which graph of nearest neighbours over the first so many."""

    count: int = 0
    graph: str | None = None
    graphed: int = 0


@dataclass(frozen=True)
class Contents:
    """A store as of one manifest.

    Attributes:
        keys: of all vectors, by row, (n,).
        vectors: whole numbers from -127 to 127 in proportion to the vector, by row, (n, d).
    """

    manifest: Manifest
    keys: Keys
    vectors: NDArray[np.int8]
    _order: Rows
    _sorted: Keys

    def rows(self, keys: Keys) -> Rows:
        """Return the row of each of *keys*, ``MISSING`` where there is none."""
        if not len(self._sorted):
            return np.full(len(keys), MISSING, np.int64)
        places = np.minimum(np.searchsorted(self._sorted, keys), len(self._sorted) - 1)
        return np.where(self._sorted[places] == keys, self._order[places], MISSING)


class VectorStore:
    """The store in *folder*; made when missing."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self.folder = folder
        self.dimensions = dimensions
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
            if self._contents is None or stamp != self._stamp:
                self._contents = self._open()
                self._stamp = stamp
            return self._contents

    def add(self, keys: Sequence[int], vectors: Vectors) -> None:
        """Add the *vectors* of new *keys*, durably. For one writer at a time."""
        manifest = self.manifest()
        self.folder.mkdir(parents=True, exist_ok=True)
        _append(self.folder / _KEYS, manifest.count * 8, np.array(keys, np.uint64).tobytes())
        _append(self.folder / _VECTORS, manifest.count * self.dimensions, quantise(vectors).tobytes())
        self.write_manifest(Manifest(manifest.count + len(keys), manifest.graph, manifest.graphed))

    def manifest(self) -> Manifest:
        """Return the manifest as it is on disk."""
        try:
            return Manifest(**json.loads((self.folder / _MANIFEST).read_bytes()))
        except FileNotFoundError:
            return Manifest()

    def write_manifest(self, manifest: Manifest) -> None:
        """Make *manifest* what counts, atomically and durably."""
        self.folder.mkdir(parents=True, exist_ok=True)
        written = self.folder / f"{_MANIFEST}.new"
        with written.open("wb") as file:
            file.write(json.dumps(asdict(manifest)).encode())
            file.flush()
            os.fsync(file.fileno())
        written.replace(self.folder / _MANIFEST)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _now(self) -> tuple[int, int]:
        """Return which manifest there is: it is a new file each time."""
        try:
            status = (self.folder / _MANIFEST).stat()
        except FileNotFoundError:
            return (0, 0)
        return (status.st_ino, status.st_mtime_ns)

    def _open(self) -> Contents:
        manifest = self.manifest()
        if not manifest.count:
            none = np.empty(0, np.uint64)
            return Contents(manifest, none, np.empty((0, self.dimensions), np.int8), np.empty(0, np.int64), none)
        shape = (manifest.count, self.dimensions)
        vectors = np.memmap(self.folder / _VECTORS, np.int8, "r", shape=shape)
        keys = np.array(np.memmap(self.folder / _KEYS, np.uint64, "r", shape=(manifest.count,)))
        order = np.argsort(keys, kind="stable")
        return Contents(manifest, keys, vectors, order, keys[order])


def quantise(vectors: Vectors) -> NDArray[np.int8]:
    """Return *vectors* (n, d) as whole numbers from -127 to 127, each in proportion to its greatest part.

    Directions are kept to about 0.3 degrees, an eighth of a float's bytes.
    """
    greatest = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    return np.round(vectors / np.where(greatest > 0, greatest, 1) * 127).astype(np.int8)


def _append(path: Path, offset: int, data: bytes) -> None:
    """Write *data* at *offset*, over whatever an unfinished batch left there, and force it to disk."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.seek(offset)
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
