from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

from kb.db import unit_of_work
from kb.events import cursors
from kb.events.models import Subject, Verb
from kb.events.operations import append

NOW = datetime(2026, 11, 2, tzinfo=UTC)
KINDS = frozenset({Subject.GAP})


def record(installation, *subjects, kind=Subject.GAP):
    with unit_of_work(installation.sessions) as session:
        for subject_id in subjects:
            append(session, at=NOW, actor_id=None, verb=Verb.CREATED, subject_kind=kind, subject_id=subject_id)


def take(installation, **options):
    with unit_of_work(installation.sessions) as session:
        return [event.subject_id for event in cursors.take(session, "test", KINDS, **{"limit": 9, **options})]


def behind(installation, **options):
    with installation.sessions() as session:
        return cursors.is_behind(session, "test", KINDS, **options)


def test_every_event_is_handed_out_once_in_order(any_installation):
    assert not behind(any_installation)
    record(any_installation, "1", "2", "3")
    record(any_installation, "x", kind=Subject.WORDING)
    assert behind(any_installation)
    assert take(any_installation, limit=2) == ["1", "2"]
    assert take(any_installation) == ["3"]
    assert take(any_installation) == []
    assert not behind(any_installation)


def test_what_was_rolled_back_is_handed_out_again(any_installation):
    record(any_installation, "1")
    with any_installation.sessions() as session:
        assert len(cursors.take(session, "test", KINDS, limit=9)) == 1
        session.rollback()
    assert take(any_installation) == ["1"]


def test_nothing_beyond_a_number_is_handed_out(installation):
    record(installation, "1", "2")
    with installation.sessions() as session:
        first, second = (event.seq for event in cursors.queries.after(session, 0, limit=9, kinds=KINDS))
    assert not behind(installation, up_to=first - 1)
    assert take(installation, up_to=first - 1) == []
    assert take(installation, up_to=first) == ["1"]
    assert not behind(installation, up_to=first)
    assert take(installation, up_to=second) == ["2"]


def test_readers_at_once_share_the_events(any_installation):
    record(any_installation, *map(str, range(6)))
    barrier = Barrier(3)

    def run(_):
        barrier.wait()
        return take(any_installation, limit=2)

    with ThreadPoolExecutor(3) as pool:
        taken = list(pool.map(run, range(3)))
    assert sorted(subject for some in taken for subject in some) == list(map(str, range(6)))
