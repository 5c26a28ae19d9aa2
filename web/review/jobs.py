"""What becomes due without anybody waiting for it: going live at a set time, reminders, marks for review.

A thread looks every few seconds, in one process at a time; each step is a unit of work that a kill undoes or leaves
done, and what is done once has a row or a state that says so.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from indexer.engine import IndexBusyError
from indexer.locks import exclusive
from kb.clock import Clock
from kb.db import Sessions, unit_of_work
from kb.review import operations as review
from kb.validity import operations as validity
from kb.validity import queries as validity_queries
from kb.verification import operations as verification
from kb.workdays import queries as workdays

log = logging.getLogger(__name__)

LOOK_SECONDS = 20.0
"""How often is looked: what is set for nine o'clock is live at most that much later."""


def look(sessions: Sessions, clock: Clock, timezone: str) -> int:
    """Do everything that is due at this moment; return how many things that were.

    Args:
        timezone: IANA name, for days and the calendar of working days.
    """

    def nudge(session: Session) -> int:
        return verification.nudge(session, workdays.load(session, timezone), now=clock())

    steps: tuple[Callable[[Session], int], ...] = (
        lambda session: review.publish_due(session, now=clock()),
        nudge,
        lambda session: validity.flag_due(session, timezone=timezone, now=clock()),
    )
    return sum(_until_done(sessions, step) for step in steps) + _remind(sessions, clock, timezone)


def run(stop: threading.Event, sessions: Sessions, clock: Clock, timezone: str, locks: Path) -> None:
    """Look now and every few seconds until *stop* is set, in one process at a time; stand by where another does.

    Args:
        locks: folder of the lock files.
    """
    while not stop.is_set():
        try:
            with exclusive(locks / "due.lock"):
                _run_alone(stop, sessions, clock, timezone)
        except IndexBusyError:
            stop.wait(LOOK_SECONDS)


def start(sessions: Sessions, clock: Clock, timezone: str, locks: Path) -> threading.Event:
    """Run in a background thread; set the event that is returned to end it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(stop, sessions, clock, timezone, locks), name="due", daemon=True).start()
    return stop


def _run_alone(stop: threading.Event, sessions: Sessions, clock: Clock, timezone: str) -> None:
    while not stop.is_set():
        try:
            count = look(sessions, clock, timezone)
            if count:
                log.info("did %d things that were due", count)
        except SQLAlchemyError:
            log.exception("could not do what is due; trying again in %s s", LOOK_SECONDS)
        stop.wait(LOOK_SECONDS)


def _until_done(sessions: Sessions, step: Callable[[Session], int]) -> int:
    done = 0
    while True:
        with unit_of_work(sessions) as session:
            count = step(session)
        if not count:
            return done
        done += count


def _remind(sessions: Sessions, clock: Clock, timezone: str) -> int:
    """Remind of dates. What is due is read once: thousands that were imported together have the same date."""
    with sessions() as session:
        due = validity_queries.due(session, timezone=timezone, now=clock())
    done = 0
    for first in range(0, len(due), validity.LIMIT):
        with unit_of_work(sessions) as session:
            done += validity.remind(session, due[first : first + validity.LIMIT], timezone=timezone, now=clock())
    return done
