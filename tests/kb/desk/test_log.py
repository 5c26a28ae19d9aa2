import logging
from threading import Event as Flag

import pytest
from sqlalchemy import func, select

from kb.db import Sessions, unit_of_work
from kb.desk.log import SearchLog
from kb.desk.models import SearchRecord
from tests.support import factories
from tests.support.statements import counted


@pytest.fixture
def log(any_installation):
    return SearchLog(any_installation.sessions, timezone="Asia/Shanghai", capacity=5, batch=2)


def stored(installation) -> int:
    with installation.sessions() as session:
        return session.scalar(select(func.count()).select_from(SearchRecord))


def test_what_was_noted_is_stored_in_batches_when_it_is_flushed(any_installation, log):
    searches = [factories.searched(any_installation, f"红灯 {number}") for number in range(5)]
    with counted(any_installation.engine) as statements:
        for searched in searches:
            log.note(searched)
        assert statements == []
    assert log.flush() == 5
    assert log.flush() == 0
    assert stored(any_installation) == 5
    assert log.dropped == 0


def test_what_there_is_no_room_for_is_dropped_and_counted(any_installation, log):
    for number in range(8):
        log.note(factories.searched(any_installation, f"红灯 {number}"))
    assert log.dropped == 3
    assert log.flush() == 5
    log.note(factories.searched(any_installation, "还有"))
    assert log.flush() == 1


def test_closing_stores_what_is_left(any_installation, log):
    log.start(pause_seconds=600)
    log.note(factories.searched(any_installation, "红灯"))
    log.close()
    assert stored(any_installation) == 1


def test_a_full_batch_is_stored_without_waiting(any_installation):
    done = Flag()

    class Told(SearchLog):
        def flush(self) -> int:
            count = super().flush()
            if count:
                done.set()
            return count

    log = Told(any_installation.sessions, timezone="Asia/Shanghai", batch=2)
    log.start(pause_seconds=600)
    for number in range(2):
        log.note(factories.searched(any_installation, f"红灯 {number}"))
    assert done.wait(60)
    log.close()
    assert stored(any_installation) == 2


def test_overflow_is_said_once(installation, caplog):
    log = SearchLog(installation.sessions, timezone="Asia/Shanghai", capacity=1, batch=1)
    for number in range(4):
        log.note(factories.searched(installation, f"红灯 {number}"))
    with caplog.at_level(logging.WARNING):
        log.start(pause_seconds=0.01)
        log.close()
    assert [record.getMessage() for record in caplog.records] == ["the search log was full: 3 searches are not in it"]


def test_what_the_database_cannot_take_now_waits_for_the_next_time(installation, caplog):
    log = SearchLog(installation.sessions, timezone="Asia/Shanghai")
    log.note(factories.searched(installation, "红灯"))
    with installation.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE search_records RENAME TO away")
        connection.commit()
        assert log.flush() == 0
        connection.exec_driver_sql("ALTER TABLE away RENAME TO search_records")
        connection.commit()
    assert "trying again later" in caplog.text
    assert log.flush() == 1
    assert log.dropped == 0


def test_what_the_database_will_never_take_is_given_up(installation, caplog):
    log = SearchLog(installation.sessions, timezone="Asia/Shanghai")
    log.note(factories.searched(installation, "红灯", user_id=12345, answered=False, is_gap=True))  # nobody's id
    assert log.flush() == 0
    assert "giving them up" in caplog.text
    assert log.dropped == 1
    log.note(factories.searched(installation, "红灯"))
    assert log.flush() == 1


def test_a_search_is_noted_while_a_batch_is_being_stored(any_installation, log):
    """The log never holds its lock while it waits for the database."""
    log.note(factories.searched(any_installation, "红灯"))
    sessions = any_installation.sessions

    class Meanwhile(Sessions):
        def __call__(self, **options):
            log.note(factories.searched(any_installation, "又一个"))
            log._sessions = sessions
            return sessions(**options)

    log._sessions = Meanwhile(any_installation.engine)
    assert log.flush() == 2


def test_nothing_is_asked_of_the_database_when_there_is_nothing_to_store(installation):
    log = SearchLog(installation.sessions, timezone="Asia/Shanghai")
    with counted(installation.engine) as statements:
        log.close()
    assert statements == []


def test_a_unit_of_work_of_searches_numbers_no_events(installation):
    log = SearchLog(installation.sessions, timezone="Asia/Shanghai")
    log.note(factories.searched(installation, "红灯"))
    with counted(installation.engine) as statements:
        log.flush()
    assert len([sql for sql in statements if "events" in sql]) == 0
    with unit_of_work(installation.sessions) as session:
        assert session.scalar(select(SearchRecord.text)) == "红灯"
