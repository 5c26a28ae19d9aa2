from datetime import UTC, datetime
from threading import Barrier, Thread

from kb.db import unit_of_work
from kb.events import queries
from kb.events.models import Subject, Verb
from kb.events.operations import append
from tests.support.installation import Installation

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def record(session, subject_id):
    return append(session, at=NOW, actor_id=None, verb=Verb.CREATED, subject_kind=Subject.ENTRY, subject_id=subject_id)


def log(installation: Installation):
    with installation.sessions() as session:
        return [(event.seq, event.subject_id) for event in queries.after(session, 0, limit=10_000)]


def test_events_get_gapless_numbers_in_their_order(any_installation):
    with any_installation.sessions() as session:
        start = queries.last_seq(session)
    with unit_of_work(any_installation.sessions) as session:
        record(session, "a")
        record(session, "b")
    with unit_of_work(any_installation.sessions) as session:
        record(session, "c")
    assert log(any_installation)[-3:] == [(start + 1, "a"), (start + 2, "b"), (start + 3, "c")]


def test_a_rolled_back_event_leaves_no_gap(any_installation):
    before = len(log(any_installation))
    with any_installation.sessions() as session:
        record(session, "ghost")
        session.flush()
        session.rollback()
    with unit_of_work(any_installation.sessions) as session, session.begin_nested() as savepoint:
        record(session, "ghost in a savepoint")
        session.flush()
        savepoint.rollback()
    with unit_of_work(any_installation.sessions) as session:
        record(session, "real")
    numbers = log(any_installation)
    assert numbers[-1][1] == "real"
    assert [seq for seq, _ in numbers] == list(range(1, before + 2))


def test_an_event_kept_by_a_savepoint_is_numbered_once_at_commit(any_installation):
    with unit_of_work(any_installation.sessions) as session:
        with session.begin_nested():
            record(session, "inner")
        record(session, "outer")
    numbers = log(any_installation)
    assert [subject for _, subject in numbers[-2:]] == ["inner", "outer"]
    assert [seq for seq, _ in numbers] == list(range(1, len(numbers) + 1))


def test_a_savepoint_that_is_rolled_back_takes_only_its_own_events(any_installation):
    with unit_of_work(any_installation.sessions) as session:
        record(session, "before")
        with session.begin_nested() as savepoint:
            record(session, "ghost")
            session.flush()
            savepoint.rollback()
    numbers = log(any_installation)
    assert numbers[-1][1] == "before"
    assert [seq for seq, _ in numbers] == list(range(1, len(numbers) + 1))


def test_numbers_follow_commits_not_inserts(postgres_url, tmp_path, analysis):
    """The transaction that inserts first and commits last gets the later number: a reader can't step over it."""
    from kb.db import make_engine, make_sessions

    engine = make_engine(postgres_url)
    sessions = make_sessions(engine)
    with sessions() as slow, sessions() as quick:
        record(slow, "inserted first")
        slow.flush()
        record(quick, "committed first")
        quick.commit()
        with sessions() as reader:
            seen = queries.last_seq(reader)
        slow.commit()
        with sessions() as reader:
            assert [event.subject_id for event in queries.after(reader, seen, limit=10)] == ["inserted first"]
    engine.dispose()


def test_concurrent_writers_never_share_or_skip_a_number(any_installation):
    writers, each = 8, 10
    barrier = Barrier(writers)

    def write(number):
        barrier.wait()
        for index in range(each):
            with unit_of_work(any_installation.sessions) as session:
                record(session, f"{number}-{index}")

    before = len(log(any_installation))
    threads = [Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [seq for seq, _ in log(any_installation)]
    assert numbers == list(range(1, before + writers * each + 1))
