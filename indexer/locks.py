"""Locks between processes. The kernel drops them when their process ends, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.engine import IndexBusyError
from kb.i18n import N_


@contextmanager
def exclusive(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock file at *path* during the block.

    Args:
        path: the lock file; made when missing, never removed.
        wait: wait for whoever holds it.

    Raises:
        IndexBusyError: somebody else holds it, and *wait* is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise IndexBusyError(N_("另一个进程正在更新索引")) from error
        yield
