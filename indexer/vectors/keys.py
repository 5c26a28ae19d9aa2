"""Keys of texts, and the row a key's vector stands in. The vectors themselves are not here."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from indexer.normalise import normalise

Keys = NDArray[np.uint64]
Rows = NDArray[np.int64]

MISSING = -1
"""The row of a text that has no vector yet."""


def text_key(text: str) -> int:
    """Return the key of *text*: texts in the same spelling share it."""
    return normalised_key(normalise(text))


def normalised_key(text: str) -> int:
    """Return the content key of a *text* that is normalised already: 64 bits of its BLAKE2b.

    Two of a million different texts share a key with a chance of one in 37 million.
    """
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


@dataclass(frozen=True)
class _Run:
    """Keys in order, and the row of each."""

    keys: Keys
    rows: NDArray[np.int32]

    @classmethod
    def of(cls, keys: Keys, rows: NDArray[np.int32]) -> "_Run":
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], rows[order])


@dataclass(frozen=True)
class KeyTable:
    """Finds rows by key. A few sorted runs, each at least twice as long as the next, so that growing stays cheap."""

    runs: tuple[_Run, ...] = ()

    def __len__(self) -> int:
        return sum(len(run.keys) for run in self.runs)

    def extended(self, keys: Keys) -> "KeyTable":
        """Return a table that has *keys* too, in the rows after those it has."""
        if not len(keys):
            return self
        runs = list(self.runs)
        start = len(self)
        run = _Run.of(np.array(keys, np.uint64), np.arange(start, start + len(keys), dtype=np.int32))
        while runs and len(runs[-1].keys) < 2 * len(run.keys):
            before = runs.pop()
            run = _Run.of(np.concatenate([before.keys, run.keys]), np.concatenate([before.rows, run.rows]))
        return KeyTable((*runs, run))

    def rows(self, keys: Keys) -> Rows:
        """Return the row of each of *keys*, ``MISSING`` where there is none: (keys,)."""
        rows = np.full(len(keys), MISSING, np.int64)
        for run in self.runs:
            places = np.minimum(np.searchsorted(run.keys, keys), len(run.keys) - 1)
            found = run.keys[places] == keys
            rows[found] = run.rows[places[found]]
        return rows
