"""The files of attachments, by what they hold: equal files are one, and none is ever half there."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_UNFINISHED = ".part"


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of files: ``ab/abcd…`` for the SHA-256 ``abcd…`` of what is in it."""

    folder: Path

    def path(self, digest: str) -> Path:
        """Return where the file of *digest* (hex) is, or would be."""
        return self.folder / digest[:2] / digest

    def put(self, data: bytes) -> str:
        """Keep *data* and return its digest. When this returns it is on the disk, whatever happens next.

        It is written beside and renamed, so nobody ever reads half of it. A file that is there already is only
        touched: it is in use again, and a sweep that is under way leaves it alone.
        """
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            if path.exists():
                os.utime(path)
                return digest
        handle, unfinished = tempfile.mkstemp(suffix=_UNFINISHED, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        _sync(path.parent)
        return digest

    def sweep(self, known: Collection[str], *, before: datetime) -> int:
        """Remove the files, finished or not, that are not among *known* and were put before *before*; return how many.

        Args:
            known: digests of what is in use.
        """
        swept = 0
        for path in sorted(self.folder.glob("??/*")):
            if path.name in known:
                continue
            with self._locked():  # or one that is put again between the look and the removal would be lost
                if path.exists() and path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    swept += 1
        return swept

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / ".lock", "w", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # ends when the file is closed, whatever happens to the process
            yield


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
