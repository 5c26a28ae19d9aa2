"""The stream of server-sent events that tells an open desk to look at its bulletins again.

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

    def __next__(self) -> bytes:
        """Return the next event, or a comment after a while without one."""
        if not self._begun:
            self._begun = True
            return b"retry: %d\n: hello\n\n" % RETRY_MS
        seq = self._wait()
        if seq is None or self._beats_left <= 0:
            raise StopIteration
        if seq == self._seen:
            self._beats_left -= 1
            return b": beat\n\n"
        self._seen = seq
        return b"id: %d\nevent: bulletins\ndata: %d\n\n" % (seq, seq)

    def _wait(self) -> int | None:
        """Return what the seat says after a beat at the latest, ``None`` when there is nobody to tell."""
        if self._gone is None:
            return self._seat.wait(self._seen, self._beat)
        left = self._beat
        while left > 0:
            seq = self._seat.wait(self._seen, min(left, LOOK_SECONDS))
            if seq != self._seen:
                return seq
            if self._gone():
                return None
            left -= LOOK_SECONDS
        return self._seen

    def close(self) -> None:
        """Give the seat back; WSGI servers call it however the response ends."""
        self._seat.close()
