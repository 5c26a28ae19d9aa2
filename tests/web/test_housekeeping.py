from threading import Event

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from kb.db import unit_of_work
from kb.desk.models import SearchRecord, SearchSummary
from kb.desk.searches import store_searches
from tests.support import factories
from web import housekeeping


def store(installation):
    with unit_of_work(installation.sessions) as session:
        store_searches(session, [factories.searched(installation, "红灯")], timezone="Asia/Shanghai")


def count(installation, model) -> int:
    with installation.sessions() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_every_day_that_is_old_enough_is_summed_up(installation):
    for _ in range(4):
        store(installation)
        installation.clock.advance(days=1)
    installation.clock.advance(days=88)
    assert housekeeping.tidy(installation.sessions, installation.settings, installation.clock) == 2
    assert (count(installation, SearchRecord), count(installation, SearchSummary)) == (2, 2)
    assert housekeeping.tidy(installation.sessions, installation.settings, installation.clock) == 0


def test_it_tidies_when_a_process_starts_and_ends_when_told(installation):
    store(installation)
    installation.clock.advance(days=91)
    stop, looks = Event(), []

    def clock():
        looks.append(installation.clock())
        if len(looks) == 2:  # the first summed a day up, the second finds nothing more
            stop.set()
        return installation.clock()

    housekeeping.run(stop, installation.sessions, installation.settings, clock)
    assert count(installation, SearchSummary) == 1


def test_it_goes_on_after_a_database_that_was_away(installation, caplog):
    stop = Event()

    def clock():
        stop.set()
        raise OperationalError("SELECT", {}, Exception("away"))

    housekeeping.run(stop, installation.sessions, installation.settings, clock)
    assert "could not tidy up" in caplog.text
