"""Generations on disk: where they are, which one is live, and that what was committed is really there."""

import contextlib
import os
import re
import secrets
import shutil
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage

from indexer.locks import exclusive

POINTER = "CURRENT"
_HELD = "live.lock"
"""Whoever changes the live generation, or makes another one live, holds this file."""

_GENERATION = re.compile(r"v\d+-")
"""How a generation's name begins; other folders beside them (vectors) belong to no generation."""


class DurableStorage(FileStorage):  # type: ignore[misc]  # Whoosh is not typed
    """Whoosh's file storage, with what it leaves out: files are on disk before the commit that names them.

    Whoosh commits by renaming a new table of contents into place, and never calls fsync. After a power cut the table
    could be there and its segments empty.
    """

    def __init__(self, path: str, **kwargs: Any) -> None:
        super().__init__(path, **kwargs)
        self._unsynced: set[str] = set()

    def create_file(self, name: str, **kwargs: Any) -> Any:
        """Create a file, and remember that it is not on disk yet."""
        self._unsynced.add(name)
        return super().create_file(name, **kwargs)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename, after everything written so far is on disk: the rename is Whoosh's commit."""
        for name in sorted(self._unsynced):
            with contextlib.suppress(FileNotFoundError):  # temporary files are gone by now
                sync(Path(self.folder) / name)
        self._unsynced.clear()
        super().rename_file(oldname, newname, safe=safe)
        sync(Path(self.folder))


def sync(path: Path) -> None:
    """Force the file or folder at *path* to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Generations:
    """The generations of one index below *root*. A generation's name starts with the version it was built for."""

    def __init__(self, root: Path, version: str) -> None:
        self.root = root
        self.version = version

    def live(self) -> str | None:
        """Return the name of the live generation, ``None`` if there is none."""
        try:
            return (self.root / POINTER).read_text(encoding="ascii").strip() or None
        except FileNotFoundError:
            return None

    def published(self) -> datetime | None:
        """Return when the live generation was published, ``None`` if there is none."""
        try:
            return datetime.fromtimestamp((self.root / POINTER).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def is_current(self, name: str | None) -> bool:
        """Return whether *name* was built for this version."""
        return name is not None and name.rpartition("-")[0] == self.version

    def is_readable(self, name: str) -> bool:
        """Return whether *name* has this version's schema, whatever its dictionary."""
        return name.partition("-")[0] == self.version.partition("-")[0]

    def path(self, name: str) -> Path:
        """Return the folder of a generation."""
        return self.root / name

    def create(self) -> str:
        """Make the folder of a new generation and return its name."""
        name = f"{self.version}-{secrets.token_hex(4)}"
        self.path(name).mkdir(parents=True)
        return name

    def publish(self, name: str) -> None:
        """Make *name* the live generation, atomically and durably, and remove those that nobody can be reading."""
        previous = self.live()
        pointer = self.root / f"{POINTER}.{name}"
        pointer.write_text(name, encoding="ascii")
        sync(pointer)
        pointer.replace(self.root / POINTER)
        sync(self.root)
        self._remove_all_but({name, previous})

    def holding_still(self) -> AbstractContextManager[None]:
        """Let nobody else change what is live in the block: neither the pointer, nor the generation it names."""
        return exclusive(self.root / _HELD, wait=True)

    def discard(self, name: str) -> None:
        """Remove a generation that was never published."""
        shutil.rmtree(self.path(name), ignore_errors=True)

    def _remove_all_but(self, kept: set[str | None]) -> None:
        for path in self.root.iterdir():
            if path.is_dir() and path.name not in kept and _GENERATION.match(path.name):
                shutil.rmtree(path, ignore_errors=True)
