"""What has to be done from time to time: tidying searches, calls and uploads, and calling experts to open questions."""

import logging
import threading
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from kb.attachments import operations as attachments
from kb.attachments.store import Store
from kb.calls import keeping
from kb.clock import Clock
from kb.db import Sessions, unit_of_work
from kb.desk.searches import summarise
from kb.exams import operations as exams
from kb.forum import drawing_in
from kb.settings import Settings

log = logging.getLogger(__name__)

PAUSE_SECONDS = 3600.0
"""How often a serving process looks whether there is anything to tidy."""


def tidy(sessions: Sessions, settings: Settings, clock: Clock) -> int:
    """Sum up every day of searches that is old enough, a unit of work each; return how many records went."""
    done = 0
    while True:
        with unit_of_work(sessions) as session:
            count = summarise(session, keep_days=settings.search_log_days, timezone=settings.timezone, now=clock())
        if not count:
            return done
        done += count


def tidy_calls(sessions: Sessions, settings: Settings, clock: Clock) -> int:
    """End idle calls, sum up weeks that are over, forget old calls, a unit of work each; return how many went."""
    with unit_of_work(sessions) as session:
        keeping.end_idle(session, now=clock())
    while True:
        with unit_of_work(sessions) as session:
            if keeping.sum_up_week(session, timezone=settings.timezone, now=clock()) is None:
                break
    done = 0
    while True:
        with unit_of_work(sessions) as session:
            count = keeping.forget(session, call_days=settings.call_days, record_days=settings.record_days, now=clock())
        if not count:
            return done
        done += count


def tidy_files(sessions: Sessions, settings: Settings, clock: Clock) -> int:
    """Forget uploads that hang on nothing, then remove the files that none names; return how many files went."""
    with unit_of_work(sessions) as session:
        attachments.forget_loose(session, now=clock())
    with sessions() as session:
        return attachments.sweep(session, Store(settings.files_path), now=clock())


def draw_in(sessions: Sessions, settings: Settings, clock: Clock) -> int:
    """Draw experts in on questions without an answer, a unit of work for some at a time; return how many questions."""
    done = 0
    while True:
        with unit_of_work(sessions) as session:
            count = drawing_in.draw_in(session, patience=timedelta(hours=settings.expert_hours), now=clock())
        if not count:
            return done
        done += count


def end_attempts(sessions: Sessions, clock: Clock) -> int:
    """End the exam attempts whose time is over and that nobody came back to; return how many there were."""
    with unit_of_work(sessions) as session:
        return exams.end_overdue(session, now=clock())


def run(stop: threading.Event, sessions: Sessions, settings: Settings, clock: Clock) -> None:
    """Tidy now and every hour until *stop* is set."""
    while not stop.is_set():
        try:
            count = tidy(sessions, settings, clock)
            if count:
                log.info("summed up %d old searches", count)
            count = tidy_calls(sessions, settings, clock)
            if count:
                log.info("forgot %d old calls", count)
            count = draw_in(sessions, settings, clock)
            if count:
                log.info("drew experts in on %d questions", count)
            count = tidy_files(sessions, settings, clock)
            if count:
                log.info("removed %d files", count)
            count = end_attempts(sessions, clock)
            if count:
                log.info("ended %d exam attempts whose time was over", count)
        except (SQLAlchemyError, OSError):
            log.exception("could not tidy up; trying again in an hour")
        stop.wait(PAUSE_SECONDS)


def start(sessions: Sessions, settings: Settings, clock: Clock) -> threading.Event:
    """Run in a background thread; set the event that is returned to end it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(stop, sessions, settings, clock), name="housekeeping", daemon=True).start()
    return stop
