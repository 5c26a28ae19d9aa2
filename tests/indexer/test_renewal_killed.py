"""A process that is killed while it builds the index anew for a changed word."""

import json
import subprocess
import sys

import pytest

from indexer import maintenance
from indexer.embedded.build import GenerationBuild
from indexer.engine import Filters
from kb.permissions import SYSTEM
from tests.support import factories, lexicon
from tests.support.threads import Gate, wait_until

ENGINE = "indexer.embedded"
BEFORE_THE_SWAP = {
    "nothing of it is there": (f"{ENGINE}.cutting", "Cutting", "keep_words"),
    "no document is in it": (f"{ENGINE}.build", "GenerationBuild", "add"),
    "its documents are written": (f"{ENGINE}.build", "GenerationBuild", "commit"),
}
DURING_THE_SWAP = {
    "it is complete": (f"{ENGINE}.build", "GenerationBuild", "publish"),
    "it is live": (f"{ENGINE}.storage", "Generations", "_remove_all_but"),
}


class Doomed:
    """A process that follows, until it has come to a place."""

    def __init__(self, installation, place):
        order = {
            "home": str(installation.settings.home),
            "database_url": installation.settings.url,
            **dict(zip(("module", "owner", "function"), place, strict=True)),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.doomed_follower"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.process.stdin.write(json.dumps(order))
        self.process.stdin.close()

    def await_place(self):
        assert self.process.stdout.readline() == "here\n", self.process.stderr.read()

    def kill(self):
        """Kill it with SIGKILL, and return what it complained about."""
        self.process.kill()
        complaints = self.process.stderr.read()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        return complaints


@pytest.fixture
def indexed(installation):
    """An index with other words than the files', and a word more since then."""
    lexicon.word(installation, "云电视")
    factories.publish(installation, "cloud", title="云宽带 红灯")
    installation.reindex()
    installation.search.engine.close()
    lexicon.word(installation, "云宽带")
    return installation


@pytest.fixture
def next_start(indexed, analysis):
    """The process that is started after the killed one."""
    started = type(indexed)(indexed.settings, indexed.engine, analysis, indexed.clock)
    yield started
    started.search.engine.close()


def titles(installation):
    with installation.sessions() as session:
        results = installation.search.run(session, SYSTEM, "红灯", Filters(), now=installation.clock(), limit=50)
    return {hit.plain_title for hit in results.hits}


def agrees(installation):
    report = maintenance.check(installation.sessions, installation.search.engine)
    return (report.pending, report.differences) == (0, ())


def folders(installation):
    return {path.name for path in installation.settings.index_path.glob("v[0-9]*-*")}


@pytest.mark.slow
@pytest.mark.parametrize("place", BEFORE_THE_SWAP.values(), ids=BEFORE_THE_SWAP.keys())
def test_killed_before_the_swap(indexed, next_start, place, monkeypatch):
    """The old generation took edits before, and it takes more after the next start, until the new one is there."""
    before = indexed.search.engine.status().generation
    doomed = Doomed(indexed, place)
    doomed.await_place()
    factories.publish(indexed, "meanwhile", title="重建时写的 红灯")
    wait_until(lambda: "重建时写的 红灯" in titles(indexed))
    assert doomed.kill() == ""
    assert titles(next_start) == {"云宽带 红灯", "重建时写的 红灯"}
    assert next_start.search.engine.takes_changes()

    gate, commit = Gate(), GenerationBuild.commit

    def held(build, watermark):
        gate.come()
        commit(build, watermark)

    monkeypatch.setattr(GenerationBuild, "commit", held)
    gate.shut()
    stop = next_start.follower.start(poll_seconds=0.01)
    gate.await_somebody()
    factories.publish(indexed, "after", title="重启后写的 红灯")
    wait_until(lambda: "重启后写的 红灯" in titles(next_start))
    assert next_start.search.engine.status().generation == before
    gate.open()
    wait_until(lambda: next_start.search.engine.status().current and agrees(next_start))
    stop.set()
    assert titles(next_start) == {"云宽带 红灯", "重建时写的 红灯", "重启后写的 红灯"}
    assert folders(next_start) == {before, next_start.search.engine.status().generation}


@pytest.mark.slow
@pytest.mark.parametrize("place", DURING_THE_SWAP.values(), ids=DURING_THE_SWAP.keys())
def test_killed_during_the_swap(indexed, next_start, place):
    """What was written just then is in the database, and the next start takes it into whatever generation is live."""
    doomed = Doomed(indexed, place)
    doomed.await_place()
    factories.publish(indexed, "meanwhile", title="切换时写的 红灯")
    assert "云宽带 红灯" in titles(indexed)
    assert doomed.kill() == ""
    assert "云宽带 红灯" in titles(next_start)
    next_start.reindex()
    assert next_start.search.engine.status().current
    assert titles(next_start) == {"云宽带 红灯", "切换时写的 红灯"}
    assert agrees(next_start)
    assert len(folders(next_start)) == 2
