"""Suspends entries whose duty did not answer in time: looks a few times a minute, in one thread of each process."""

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from kb.clock import Clock
from kb.corrections import operations, queries
from kb.db import Sessions, unit_of_work

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""How often is looked: the entry is suspended at most that much later than the settings say."""


def look(sessions: Sessions, clock: Clock) -> int:
    """Suspend what the duty has not answered in time, a unit of work each; return how many entries were.

    Several processes may look at once: whoever comes second finds it done.
    """
    with sessions() as session:
        numbers = queries.unanswered(session, now=clock())
    done = 0
    for number in numbers:
        with unit_of_work(sessions) as session:
            if operations.suspend_unanswered(session, number, now=clock()):
                log.warning("correction %d: nobody on duty answered, the entry is suspended", number)
                done += 1
    return done


def run(stop: threading.Event, sessions: Sessions, clock: Clock) -> None:
    """Look now and every few seconds until *stop* is set."""
    while not stop.is_set():
        try:
            look(sessions, clock)
        except SQLAlchemyError:
            log.exception("could not look for unanswered corrections; looking again in %s s", LOOK_SECONDS)
        stop.wait(LOOK_SECONDS)


def start(sessions: Sessions, clock: Clock) -> threading.Event:
    """Run in a background thread; set the event that is returned to end it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(stop, sessions, clock), name="duty", daemon=True).start()
    return stop
