"""The follower: reads events after the index's watermark and brings the index up to date. One per installation.

It never trusts an event's payload: it looks at the database as it is now. It never trusts its own memory either: where
it stands is the watermark inside the index's last commit, so after a crash it goes on from what the index really holds.
Edits wait neither for merging, nor for sentence vectors, nor for another generation: threads beside do all that.
"""

import logging
import threading
from pathlib import Path

from indexer import maintenance
from indexer.engine import Engine, IndexBusyError, IndexMovedError, IndexNotReadyError
from indexer.lexicon import LiveLexicon
from indexer.locks import exclusive
from indexer.renewal import LONGEST_PAUSE, Renewal
from kb.db import Sessions

log = logging.getLogger(__name__)


class Follower:
    """Keeps *engine* up to date with the database behind *sessions*.

    Args:
        locks: folder of the lock files: whoever holds ``follower.lock`` is the one follower.
        lexicon: the words in force, looked at before the index is; without one the engine's own stay.
    """

    def __init__(self, sessions: Sessions, engine: Engine, locks: Path, lexicon: LiveLexicon | None = None) -> None:
        self._sessions = sessions
        self._engine = engine
        self._lock = locks / "follower.lock"
        self._locks = locks
        self._lexicon = lexicon
        self._renewal = Renewal(sessions, engine, locks)

    def catch_up(self) -> int:
        """Bring the index up to date once, building it if there is none of this version; return how many batches.

        Raises:
            IndexBusyError: another process is the follower.
        """
        with exclusive(self._lock):
            return self._catch_up()

    def run(self, stop: threading.Event, *, poll_seconds: float) -> None:
        """Follow until *stop* is set. Where another process is the follower, stand by to take over from it."""
        while not stop.is_set():
            try:
                with exclusive(self._lock):
                    log.info("following the event log")
                    tending = threading.Thread(
                        target=self._tend, args=(stop, poll_seconds), name="tending", daemon=True
                    )
                    tending.start()
                    self._follow(stop, poll_seconds)
                    tending.join()
                    self._renewal.join()
            except IndexBusyError:
                stop.wait(max(poll_seconds, 1.0))

    def settle(self) -> None:
        """Bring the index up to date and do all that could wait, sentence vectors included."""
        self.catch_up()
        while self._engine.tend() or self._engine.embed_pending():
            pass

    def start(self, *, poll_seconds: float) -> threading.Event:
        """Follow in a background thread; set the event that is returned to end it."""
        stop = threading.Event()
        thread = threading.Thread(
            target=self.run, args=(stop,), kwargs={"poll_seconds": poll_seconds}, name="follower", daemon=True
        )
        thread.start()
        return stop

    def _follow(self, stop: threading.Event, poll_seconds: float) -> None:
        pause = poll_seconds
        while not stop.is_set():
            try:
                self._keep_up(stop, poll_seconds)
                pause = poll_seconds
            except Exception:
                # The database away, the disk full, a fault of our own: the log keeps what is still to do, and a
                # follower that ended unseen would leave the index behind for good.
                log.exception("could not bring the index up to date; trying again in %.1f s", pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            stop.wait(pause)

    def _tend(self, stop: threading.Event, poll_seconds: float) -> None:
        """Merge and embed beside the edits, which must not wait for either."""
        pause = poll_seconds
        while not stop.is_set():
            try:
                busy = self._engine.tend()
                busy = self._engine.embed_pending() or busy
                pause = 0.0 if busy else poll_seconds
            except (IndexMovedError, IndexNotReadyError):
                pause = poll_seconds  # replaced meanwhile, or not there yet
            except Exception:
                log.exception("could not tend the index; trying again in %.1f s", pause)
                pause = min(max(pause, poll_seconds) * 2, LONGEST_PAUSE)
            stop.wait(pause)

    def _catch_up(self) -> int:
        self._take_words()
        if not self._engine.is_current():
            maintenance.rebuild(self._sessions, self._engine, self._locks)
        return self._follow_events()

    def _keep_up(self, stop: threading.Event, poll_seconds: float) -> None:
        """Take changed words and events over; what has to be built anew for it is built beside."""
        self._take_words()
        if not self._engine.is_current():
            self._renewal.start(stop, pause=poll_seconds)
        self._follow_events()

    def _take_words(self) -> None:
        if self._lexicon is not None:
            with self._sessions() as session:
                self._lexicon.refresh(session)

    def _follow_events(self) -> int:
        """Take all batches there are into the live generation, as long as it takes them; return how many."""
        batches = 0
        while self._engine.takes_changes() and self._step():
            batches += 1
        return batches

    def _step(self) -> bool:
        """Take one batch of events into the index; return whether there was one."""
        watermark = self._engine.watermark()
        with self._sessions() as session:
            changes = maintenance.changes_after(session, watermark)
        if changes is None:
            return False
        try:
            self._engine.apply(changes)
        except (IndexMovedError, IndexNotReadyError):
            log.info("the index was replaced meanwhile; looking again")
        return True
