"""Keeping levels up to date in a serving process: a thread that follows the event log and looks at all once a night."""

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from indexer.engine import IndexBusyError
from indexer.locks import exclusive
from kb.clock import Clock, local_day
from kb.db import Sessions, unit_of_work
from kb.maturity import evidence, flags, following
from kb.maturity.elsewhere import Elsewhere, wired
from kb.maturity.following import PassReport, Rest
from kb.maturity.models import Progress
from kb.settings import Settings

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""How often the thread looks for new events: a level change is in the index within a second."""
REST_SECONDS = 0.12
"""Between two units of work of a pass. SQLite's waiting writers look every tenth of a second whether they may."""


def nightly(sessions: Sessions, settings: Settings, clock: Clock, *, rest: Rest) -> PassReport | None:
    """Look at every entry and for what is odd, unless somebody did today; return what it came to.

    Where the writing standard has another version than what was measured, it is not waited for the night.
    """
    now, elsewhere = clock(), wired(settings.content)
    with sessions() as session:
        progress = session.get(Progress, 1)
        last = progress.passed_at if progress is not None else None
        outdated = evidence.is_outdated(session, standard=elsewhere.standard)
    if not outdated and last is not None and local_day(last, settings.timezone) >= local_day(now, settings.timezone):
        return None
    return look_at_all(sessions, clock, rest=rest, elsewhere=elsewhere)


def look_at_all(sessions: Sessions, clock: Clock, *, rest: Rest, elsewhere: Elsewhere) -> PassReport:
    """Look at every entry now, and for what is odd."""
    now = clock()
    report = following.look_at_all(sessions, now=now, rest=rest, elsewhere=elsewhere)
    with sessions() as session:
        found = flags.find(session, now=now)
    with unit_of_work(sessions) as session:
        flags.keep(session, found, now=now)
    return report


def run(stop: threading.Event, sessions: Sessions, settings: Settings, clock: Clock) -> None:
    """Follow the events every half second, and look at all once a day, until *stop* is set; one process at a time."""
    while not stop.is_set():
        try:
            with exclusive(settings.home / "locks" / "maturity.lock"):
                _keep(stop, sessions, settings, clock)
        except IndexBusyError:
            pass  # another process keeps them; this one stands by
        stop.wait(POLL_SECONDS)


def _keep(stop: threading.Event, sessions: Sessions, settings: Settings, clock: Clock) -> None:
    while not stop.is_set():
        try:
            following.catch_up(sessions, clock=clock, elsewhere=wired(settings.content))
            report = nightly(sessions, settings, clock, rest=lambda: _pause(stop))
            if report is not None:
                log.info("looked at the maturity of %d entries: %s", report.entries, report)
        except SQLAlchemyError:
            log.exception("could not follow maturity; trying again")
        stop.wait(POLL_SECONDS)


def start(sessions: Sessions, settings: Settings, clock: Clock) -> threading.Event:
    """Run in a background thread; set the event that is returned to end it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(stop, sessions, settings, clock), name="maturity", daemon=True).start()
    return stop


def _pause(stop: threading.Event) -> None:
    stop.wait(REST_SECONDS)
