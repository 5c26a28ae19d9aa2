import threading
from dataclasses import replace

import pytest

from indexer import gathering, maintenance
from indexer.documents import Reference, Source
from indexer.engine import Changes, Filters, IndexBusyError, IndexNotReadyError
from indexer.locks import exclusive
from indexer.maintenance import Difference, Fault
from kb.db import unit_of_work
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.maturity import following
from kb.maturity.models import Standing
from kb.permissions import SYSTEM
from tests.support import factories


@pytest.fixture
def filled(installation):
    for number in range(5):
        factories.publish(installation, f"entry-{number}")
    factories.thread(installation, "thread")
    installation.reindex()
    return installation


def check(installation):
    return maintenance.check(installation.sessions, installation.search.engine)


def rebuild(installation, **options):
    return maintenance.rebuild(
        installation.sessions, installation.search.engine, installation.settings.home / "locks", **options
    )


def test_an_index_that_agrees_has_no_differences(filled):
    report = check(filled)
    assert (report.documents, report.pending, report.differences) == (6, 0, ())


def test_an_entry_that_was_only_rated_anew_is_not_read(filled):
    following.catch_up(filled.sessions, clock=filled.clock)
    filled.reindex()
    seq = filled.search.engine.watermark()
    with unit_of_work(filled.sessions) as session:
        append(
            session,
            at=filled.clock(),
            actor_id=None,
            verb=Verb.RESCORED,
            subject_kind=Subject.MATURITY,
            subject_id=2,
            payload={"entry": 2},
        )
        session.get(Standing, 2).merit = 0.625
    with filled.sessions() as session:
        changes = maintenance.changes_after(session, seq)
    assert (changes.put, changes.delete, changes.rated) == ((), (), {"entry:2": 0.625})
    filled.reindex()
    assert filled.search.engine.snapshot().maturities["entry:2"] == 0.625
    assert check(filled).differences == ()


def test_another_m_is_a_difference(filled):
    engine = filled.search.engine
    watermark = engine.status().watermark
    engine.apply(Changes((), (), watermark, watermark, {"entry:2": 0.123}))
    assert check(filled).differences == (Difference("entry:2", Fault.STALE),)


def test_every_difference_is_named(filled):
    """An index that is damaged behind its own back: one document lost, one left over, one outdated."""
    engine = filled.search.engine
    with filled.sessions() as session:
        known = {document.id: document for document in gathering.everything(session)}
    outdated = replace(known["entry:2"], title="旧标题")
    left_over = replace(known["entry:3"], reference=Reference(Source.ENTRY, 77))
    watermark = engine.status().watermark
    engine.apply(Changes((outdated, left_over), ("entry:1",), watermark, watermark))
    assert check(filled).differences == (
        Difference("entry:1", Fault.MISSING),
        Difference("entry:2", Fault.STALE),
        Difference("entry:77", Fault.EXTRA),
    )
    rebuild(filled)
    assert check(filled).differences == ()


def test_what_is_still_to_come_is_pending_not_different(filled):
    factories.revise(filled, "entry-1", title="改过 红灯")
    factories.publish(filled, "new")
    report = check(filled)
    assert report.differences == ()
    assert report.pending > 0
    filled.reindex()
    assert check(filled).pending == 0


def test_no_index_to_check(installation):
    with pytest.raises(IndexNotReadyError):
        check(installation)


def test_a_rebuild_tells_how_far_it_is(filled):
    seen = []
    assert rebuild(filled, progress=lambda done, total: seen.append((done, total))) == 6
    assert seen[-1] == (6, 6)


def test_one_rebuild_at_a_time(filled):
    with exclusive(filled.settings.home / "locks" / "rebuild.lock"), pytest.raises(IndexBusyError):
        rebuild(filled)


def test_a_failed_rebuild_leaves_the_live_index_alone(filled, monkeypatch):
    engine = filled.search.engine
    before = engine.status()

    def refuse(*args):
        raise OSError("disk full")

    monkeypatch.setattr("indexer.embedded.build.GenerationBuild.commit", refuse)
    with pytest.raises(OSError, match="disk full"):
        rebuild(filled)
    assert engine.status() == before
    assert [path.name for path in filled.settings.index_path.iterdir() if path.is_dir()] == [before.generation]


def test_changes_during_a_rebuild_are_in_the_new_generation(filled):
    def edit(done, total):
        factories.publish(filled, f"meanwhile-{done}", title="重建时写的 红灯")

    rebuild(filled, progress=edit)
    filled.reindex()
    report = check(filled)
    assert (report.pending, report.differences) == (0, ())
    assert report.documents == 7


def test_a_follower_at_work_during_a_rebuild_skips_nothing(filled):
    """Whoever of the two publishes or applies first: the index names where it stands, so nothing is skipped."""
    stop = filled.follower.start(poll_seconds=0.01)
    for number in range(6):
        factories.publish(filled, f"busy-{number}")
        rebuild(filled)
        factories.revise(filled, f"busy-{number}", title=f"改第 {number} 次 红灯")
    stop.set()
    with exclusive(filled.settings.home / "locks" / "follower.lock", wait=True):
        pass
    filled.reindex()
    report = check(filled)
    assert (report.pending, report.differences) == (0, ())
    assert report.documents == 12


def test_rebuilding_under_a_stream_of_searches_fails_none_and_empties_none(filled):
    stop = threading.Event()
    counts, errors = [], []

    def ask():
        while not stop.is_set():
            try:
                with filled.sessions() as session:
                    results = filled.search.run(session, SYSTEM, "红灯", Filters(), now=filled.clock())
                counts.append(results.total)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what this test is about
                errors.append(error)
                return

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    generations = set()
    for _ in range(8):
        rebuild(filled)
        generations.add(filled.search.engine.status().generation)
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(generations) == 8
    assert len(counts) > 20
    assert set(counts) == {5}
