"""Wakes open desks when bulletins change, in whichever process of the installation that happened.

The processes share nothing but the database. Each looks at the number of the last event about bulletins once a second,
in one thread however many desks are open, and only while one is.
"""

import logging
import threading
from types import TracebackType
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from kb.bulletins import queries
from kb.db import Sessions

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often the database is asked. With the way to the desk it keeps a push well within three seconds."""


class Hub:
    """Hands the number of the last change to the desks that wait for it. One per process; for many threads.

    Args:
        room: how many desks may wait at a time. Each takes a thread of the server.
    """

    def __init__(self, sessions: Sessions, *, room: int, look_seconds: float = LOOK_SECONDS) -> None:
        self._sessions = sessions
        self._room = room
        self._look_seconds = look_seconds
        self._changed = threading.Condition()
        self._look_now = threading.Event()
        self._open = 0
        self._seq = -1
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def open(self) -> int:
        """How many desks are waiting."""
        return self._open

    def join(self) -> "Seat | None":
        """Return a seat to wait on, to be closed by whoever took it; ``None`` where there is no room."""
        with self._changed:
            if self._closed or self._open >= self._room:
                return None
            self._open += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bulletins", daemon=True)
                self._thread.start()
        return Seat(self)

    def nudge(self) -> None:
        """Look at once: this process has just changed a bulletin."""
        self._look_now.set()

    def send_away(self) -> None:
        """End every stream, and let none begin. Takes no lock, so that a signal's handler may call it."""
        self._closed = True
        self._look_now.set()  # the thread tells those who wait

    def close(self) -> None:
        """End every stream and the thread; return when it has ended."""
        self.send_away()
        thread = self._thread
        if thread is not None:
            thread.join()

    def wait(self, seen: int, seconds: float) -> int | None:
        """Return the number of the last change as soon as it is above *seen*, *seen* after *seconds* without one.

        ``None`` when the process is ending.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._seq > seen, timeout=seconds)
            return None if self._closed else max(self._seq, seen)

    def leave(self) -> None:
        """Give a seat back."""
        with self._changed:
            self._open -= 1
        self._look_now.set()  # the thread ends when nobody waits

    def _run(self) -> None:
        while True:
            self._look()
            self._look_now.wait(self._look_seconds)
            self._look_now.clear()
            with self._changed:
                if self._closed or self._open == 0:
                    self._thread = None
                    self._changed.notify_all()
                    return

    def _look(self) -> None:
        try:
            with self._sessions() as session:
                seq = queries.last_change(session)
        except SQLAlchemyError:
            log.exception("could not look for bulletins; looking again in %s s", self._look_seconds)
            return
        with self._changed:
            if seq > self._seq:
                self._seq = seq
                self._changed.notify_all()


class Seat:
    """A desk's place in the hub. Closing it twice gives it back once."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._held = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def wait(self, seen: int, seconds: float) -> int | None:
        """See ``Hub.wait``."""
        return self._hub.wait(seen, seconds)

    def close(self) -> None:
        """Give the place back."""
        if self._held:
            self._held = False
            self._hub.leave()
