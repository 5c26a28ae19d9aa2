"""The stream of server-sent events that tells an open desk to look at its bulletins, or its notices, again.

It says nothing but that something changed: what that is, and whether it concerns this person, the desk asks for at
``/bulletins/now``. So there is one place that decides who sees what.
"""

from collections.abc import Callable, Iterator

from web.hub import Seat

BEAT_SECONDS = 5.0
"""A line at least this often: a desk that went away is noticed by writing to it."""
LIFE_SECONDS = 300.0
"""After this the desk is asked to come again: its session may have ended, and others get their turn."""
LOOK_SECONDS = 1.0
"""How often it is asked whether the desk is still there, where the server can tell."""
RETRY_MS = 1000
"""How soon a desk comes again."""


class Stream(Iterator[bytes]):
    """What is sent on one stream; gives its seat back when the server closes it.

    A class and no generator: a generator that was never started runs no ``finally``.

    Args:
        seen: number of the last change the desk knows.
        gone: says whether the desk has hung up. Every page that is left leaves a stream behind; without this its place
            is taken until the next beat.
    """

    def __init__(
        self,
        seat: Seat,
        seen: int,
        *,
        gone: Callable[[], bool] | None = None,
        beat: float = BEAT_SECONDS,
        life: float = LIFE_SECONDS,
    ) -> None:
        self._seat = seat
        self._seen = seen
        self._gone = gone
        self._beat = beat
        self._beats_left = int(life / beat)
        self._begun = False
        self._told = seat.told()

    def __next__(self) -> bytes:
        """Return the next event, or a comment after a while without one."""
        if not self._begun:
            self._begun = True
            return b"retry: %d\n: hello\n\n" % RETRY_MS
        seq = self._wait()
        if seq is None or self._beats_left <= 0:
            raise StopIteration
        told, self._told = self._told, self._seat.told()
        news = b"event: notices\ndata: %d\n\n" % self._told if self._told > told else b""
        if seq != self._seen:
            self._seen = seq
            news += b"id: %d\nevent: bulletins\ndata: %d\n\n" % (seq, seq)
        if news:
            return news
        self._beats_left -= 1
        return b": beat\n\n"

    def _wait(self) -> int | None:
        """Return what the seat says after a beat at the latest, ``None`` when there is nobody to tell."""
        if self._gone is None:
            return self._seat.wait(self._seen, self._beat, self._told)
        left = self._beat
        while left > 0:
            seq = self._seat.wait(self._seen, min(left, LOOK_SECONDS), self._told)
            if seq != self._seen or self._seat.told() > self._told:
                return seq
            if self._gone():
                return None
            left -= LOOK_SECONDS
        return self._seen

    def close(self) -> None:
        """Give the seat back; WSGI servers call it however the response ends."""
        self._seat.close()
