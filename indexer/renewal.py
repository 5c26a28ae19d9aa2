"""Building the index anew beside the live generation, which takes edits and answers questions meanwhile."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from indexer import maintenance
from indexer.engine import Engine, IndexBusyError
from kb.db import Sessions

log = logging.getLogger(__name__)

LONGEST_PAUSE = 10.0
"""Seconds between tries when something keeps failing."""
BUSY_PAUSE = 1.0
"""Seconds after which to look again whether somebody else is still building."""


class Renewal:
    """Makes *engine*'s live generation one of this version and of the words in force, in a thread of its own.

    Args:
        locks: folder of the lock files: one rebuild at a time.
    """

    def __init__(self, sessions: Sessions, engine: Engine, locks: Path) -> None:
        self._sessions = sessions
        self._engine = engine
        self._locks = locks
        self._thread: threading.Thread | None = None

    def start(self, stop: threading.Event, *, pause: float) -> None:
        """Begin, unless it is under way. It ends when the live generation is current, or soon after *stop* is set.

        Args:
            pause: seconds before another try when something fails; doubled each time, up to ``LONGEST_PAUSE``.
        """
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, args=(stop, pause), name="renewing", daemon=True)
            self._thread.start()

    def join(self) -> None:
        """Wait until it has ended, if it is under way."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, stop: threading.Event, pause: float) -> None:
        # Words that change meanwhile make what was built not current either: then once more.
        while not (stop.is_set() or self._engine.is_current()):
            log.info("building the index anew")
            try:
                maintenance.rebuild(self._sessions, self._engine, self._locks, progress=self._unless(stop))
            except _NotWantedError:
                log.info("no other index is wanted any more")
            except IndexBusyError:
                stop.wait(BUSY_PAUSE)  # a command is building one
            except Exception:
                # As for the follower: whatever it is, it must not end unseen.
                log.exception("could not build the index anew; trying again in %.1f s", pause)
                stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _unless(self, stop: threading.Event) -> Callable[[int, int], None]:
        """Return a progress that ends a rebuild which nobody waits for any more."""

        def look(done: int, total: int) -> None:
            if stop.is_set() or self._engine.is_current():
                raise _NotWantedError

        return look


class _NotWantedError(Exception):
    """The process is leaving, and the next start begins again; or the words are again those of the live generation."""
