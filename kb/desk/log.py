"""The search log: takes searches in memory and stores them in batches, so that no search waits for the database.

Losing a few rows when a process is killed is the price, and the right one: they are for figures and for learning what
is asked, and nobody is told that they are kept.
"""

import logging
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from kb.db import Sessions, unit_of_work
from kb.desk.searches import Searched, store_searches

log = logging.getLogger(__name__)

CAPACITY = 10_000
"""Searches held in memory at most: a minute of the busiest centre with its database away."""
BATCH = 200
"""Searches stored in one unit of work."""
PAUSE_SECONDS = 2.0
"""How long a search waits at most to be stored, while the database keeps up."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Searches that are not stored yet.

    Attributes:
        since: when the oldest of them was made; ``None`` when none waits.
    """

    count: int
    since: datetime | None


class SearchLog:
    """Takes searches from any thread and stores them from one of its own.

    Attributes:
        dropped: how many were given up since the process began, because there was no room or no way to store them.
    """

    def __init__(self, sessions: Sessions, *, timezone: str, capacity: int = CAPACITY, batch: int = BATCH) -> None:
        self._sessions = sessions
        self._timezone = timezone
        self._capacity = capacity
        self._batch = batch
        self._waiting: deque[Searched] = deque()
        self._changed = threading.Condition()
        self._storing = threading.Lock()
        self._closing = False
        self._thread: threading.Thread | None = None
        self._unsaid = 0
        self.dropped = 0

    def note(self, searched: Searched) -> None:
        """Take *searched*; when there is no room it is dropped and counted. Never waits for the database."""
        with self._changed:
            if len(self._waiting) >= self._capacity:
                self._drop(1)
                return
            self._waiting.append(searched)
            if len(self._waiting) >= self._batch:
                self._changed.notify()

    def start(self, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        """Store what is noted in a background thread, every *pause_seconds* or once there is a batch."""
        self._thread = threading.Thread(target=self._run, args=(pause_seconds,), name="search-log", daemon=True)
        self._thread.start()

    def waiting(self) -> Waiting:
        """Return how many searches wait to be stored, and since when."""
        with self._changed:
            return Waiting(len(self._waiting), self._waiting[0].at if self._waiting else None)

    def flush(self) -> int:
        """Store everything noted so far, and return how many that was.

        What the database can't take now stays for the next time; what it will never take is dropped and counted.
        """
        stored = 0
        with self._storing:
            while batch := self._next():
                try:
                    with unit_of_work(self._sessions) as session:
                        store_searches(session, batch, timezone=self._timezone)
                except OperationalError:
                    log.exception("could not store %d searches; trying again later", len(batch))
                    break
                except SQLAlchemyError:
                    log.exception("could not store %d searches; giving them up", len(batch))
                    with self._changed:
                        self._drop(len(batch))
                else:
                    stored += len(batch)
                with self._changed:
                    for _ in batch:
                        self._waiting.popleft()
        return stored

    def close(self) -> None:
        """Stop the thread, if there is one, and store what is left."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def _run(self, pause_seconds: float) -> None:
        while not self._closing:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or len(self._waiting) >= self._batch, pause_seconds)
                unsaid, self._unsaid = self._unsaid, 0
            if unsaid:
                log.warning("the search log was full: %d searches are not in it", unsaid)
            self.flush()

    def _next(self) -> list[Searched]:
        with self._changed:
            return list(islice(self._waiting, self._batch))

    def _drop(self, count: int) -> None:
        """Count searches that are given up; the caller holds the lock."""
        self.dropped += count
        self._unsaid += count
