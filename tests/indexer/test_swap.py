"""At the swap to another generation: nothing goes back behind an edit that could be found."""

import threading

import pytest

from indexer import gathering, maintenance
from indexer.embedded.build import GenerationBuild
from indexer.engine import Filters
from kb.permissions import SYSTEM
from tests.support import factories
from tests.support.threads import DEADLINE

REBUILDS = 6


@pytest.fixture
def filled(any_installation):
    factories.publish(any_installation, "edited", title="第 0 版 红灯")
    any_installation.reindex()
    return any_installation


@pytest.fixture
def another(filled, analysis):
    """Another process on the same folder and database, as far as one process can be."""
    other = type(filled)(filled.settings, filled.engine, analysis, filled.clock)
    yield other
    other.search.engine.close()


def rebuild(installation):
    maintenance.rebuild(installation.sessions, installation.search.engine, installation.settings.home / "locks")


def shown(installation):
    """Which revision a search finds."""
    with installation.sessions() as session:
        results = installation.search.run(session, SYSTEM, "红灯", Filters(), now=installation.clock())
    return int(results.hits[0].plain_title.split()[1])


def test_an_edit_at_the_moment_of_the_swap_is_not_lost_with_the_old_generation(filled, another, monkeypatch):
    """Another process has it ready for the old generation, just when that is about to be replaced."""
    publish, applied = GenerationBuild.publish, threading.Event()
    seen = []

    def follow():
        filled.follower.catch_up()
        seen.append(filled.search.engine.watermark())
        applied.set()

    following = threading.Thread(target=follow)

    def swap(build):
        factories.revise(filled, "edited", title="第 1 版 红灯")
        following.start()
        applied.wait(0.5)  # every chance to get it into the old generation; it must not take it
        publish(build)
        seen.append(another.search.engine.watermark())

    monkeypatch.setattr(GenerationBuild, "publish", swap)
    rebuild(another)
    following.join(DEADLINE)
    assert len(seen) == 2
    assert seen == sorted(seen)
    assert shown(filled) == shown(another) == 1


def test_what_the_live_generation_read_after_its_events_is_not_taken_back(filled, another, monkeypatch):
    """PostgreSQL shows a reader of documents what was saved after it had read their events."""
    commit, apply, build = GenerationBuild.commit, GenerationBuild.apply, gathering.build
    seen = []

    def read_later(session, wanted):
        factories.revise(filled, "edited", title="第 2 版 红灯")
        return build(session, wanted)

    def commit_then_edit(generation, watermark):
        commit(generation, watermark)
        factories.revise(filled, "edited", title="第 1 版 红灯")

    def apply_then_follow(generation, changes):
        apply(generation, changes)
        if not seen:
            with monkeypatch.context() as patch:
                patch.setattr(gathering, "build", read_later)
                filled.follower._step()
            seen.append(shown(filled))

    monkeypatch.setattr(GenerationBuild, "commit", commit_then_edit)
    monkeypatch.setattr(GenerationBuild, "apply", apply_then_follow)
    rebuild(another)
    seen.append(shown(another))
    assert seen[0] in {1, 2}
    assert seen == sorted(seen)


def test_a_swap_under_edits_takes_nothing_back(filled, another):
    """A follower, an editor and somebody who searches, while a command rebuilds again and again."""
    stop = threading.Event()
    marks, revisions, errors = [], [], []

    def edit():
        number = 0
        while not stop.is_set():
            number += 1
            factories.revise(filled, "edited", title=f"第 {number} 版 红灯")

    def follow():
        while not stop.is_set():
            filled.follower.catch_up()

    def look():
        while not stop.is_set():
            marks.append(another.search.engine.watermark())
            revisions.append(shown(another))

    def watched(work):
        def run():
            try:
                work()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what this test is about
                errors.append(error)
                stop.set()

        return threading.Thread(target=run)

    threads = [watched(work) for work in (edit, follow, look)]
    for thread in threads:
        thread.start()
    for _ in range(REBUILDS):
        rebuild(another)
    stop.set()
    for thread in threads:
        thread.join(DEADLINE)
    assert errors == []
    assert len(set(revisions)) > 1
    assert marks == sorted(marks)
    assert revisions == sorted(revisions)
    filled.reindex()
    report = maintenance.check(filled.sessions, filled.search.engine)
    assert (report.pending, report.differences) == (0, ())
