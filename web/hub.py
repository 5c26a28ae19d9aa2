"""Wakes open desks when bulletins change or their person gets a notice, in whichever process that happened.

The processes share nothing but the database. Each looks at the number of the last event about bulletins and at the new
notices once a second, in one thread however many desks are open, and only while one is.
"""

import logging
import threading
from types import TracebackType
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from kb.bulletins import queries
from kb.db import Sessions
from kb.notices import queries as notices

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
        self._newest_notice: int | None = None
        self._told: dict[int, int] = {}
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def open(self) -> int:
        """How many desks are waiting."""
        return self._open

    def join(self, person: int | None = None) -> "Seat | None":
        """Return a seat to wait on, to be closed by whoever took it; ``None`` where there is no room.

        Args:
            person: whose notices wake it too.
        """
        with self._changed:
            if self._closed or self._open >= self._room:
                return None
            self._open += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bulletins", daemon=True)
                self._thread.start()
        return Seat(self, person)

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

    def wait(self, seen: int, seconds: float, person: int | None = None, told: int = 0) -> int | None:
        """Return the number of the last change as soon as it is above *seen*, *seen* after *seconds* without one.

        ``None`` when the process is ending. Returns earlier when *person*'s newest notice has a number above *told*.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._seq > seen or self.told(person) > told, timeout=seconds
            )
            return None if self._closed else max(self._seq, seen)

    def told(self, person: int | None) -> int:
        """Return the number of *person*'s newest notice since this process looks, 0 when there is none."""
        return self._told.get(person, 0) if person is not None else 0

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
                newest = self._newest_notice if self._newest_notice is not None else notices.newest(session)
                told = notices.told_since(session, newest)
        except SQLAlchemyError:
            log.exception("could not look for bulletins and notices; looking again in %s s", self._look_seconds)
            return
        with self._changed:
            self._told.update(told)
            self._newest_notice = max(newest, *told.values(), 0)
            if seq > self._seq or told:
                self._seq = max(seq, self._seq)
                self._changed.notify_all()


class Seat:
    """A desk's place in the hub. Closing it twice gives it back once."""

    def __init__(self, hub: Hub, person: int | None = None) -> None:
        self._hub = hub
        self._person = person
        self._held = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def wait(self, seen: int, seconds: float, told: int | None = None) -> int | None:
        """See ``Hub.wait``. Without *told*, notices wake nobody."""
        return self._hub.wait(seen, seconds, None if told is None else self._person, told or 0)

    def told(self) -> int:
        """See ``Hub.told``."""
        return self._hub.told(self._person)

    def close(self) -> None:
        """Give the place back."""
        if self._held:
            self._held = False
            self._hub.leave()
