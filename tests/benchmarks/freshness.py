"""From a committed edit until it is found, with the machine idle and with three people searching all the time."""

import random
import shutil
import tempfile
import threading
import time
from pathlib import Path

from indexer.engine import Filters
from indexer.maintenance import rebuild
from kb.db import make_engine, unit_of_work
from kb.demo import add_people, fill
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.permissions import SYSTEM, Role
from kb.settings import PROJECT
from tests.benchmarks.figures import row
from tests.support import factories
from tests.support.installation import Installation, initialise, load_analysis, settings_for

EDITS, EDITS_WHILE_BUSY = 40, 8
POLL_SECONDS = 0.2
"""The follower's default."""


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    settings = settings_for(folder)
    initialise(settings)
    installation = Installation(settings, make_engine(settings.url), load_analysis(folder / "cache"))
    with unit_of_work(installation.sessions) as session:
        add_people(
            session, PROJECT / "content/demo/people.yaml", password="long enough for a test", clock=installation.clock
        )
    fill(installation.sessions, PROJECT / "content", timezone="Asia/Shanghai", clock=installation.clock)
    key = factories.publish(installation, "edited", answer="答", script="", steps="")
    installation.reindex()
    stop = installation.follower.start(poll_seconds=POLL_SECONDS)
    print(row("edit until searchable, idle", measure(installation, key, "甲", EDITS)))
    busy = threading.Event()
    searchers = [threading.Thread(target=keep_searching, args=(installation, busy)) for _ in range(3)]
    for searcher in searchers:
        searcher.start()
    print(row("edit until searchable, 3 searchers", measure(installation, key, "乙", EDITS_WHILE_BUSY)))
    searching = measure_searches(installation)
    quiet = threading.Event()
    rebuilding = threading.Thread(target=keep_rebuilding, args=(installation, quiet))
    rebuilding.start()
    during = measure_searches(installation)
    for event in (quiet, busy, stop):
        event.set()
    rebuilding.join()
    print(row("search, 3 searchers", searching))
    print(row("search, 3 searchers, index being rebuilt", during))
    shutil.rmtree(folder, ignore_errors=True)


def measure(installation: Installation, key: str, series: str, edits: int) -> list[float]:
    found = []
    chance = random.Random(1)
    for number in range(edits):
        word = f"zq{series}{number}qz"
        prepare(installation, key, f"第 {word} 版")
        time.sleep(chance.uniform(1, 2) * POLL_SECONDS)  # until the follower is idle, and not in step with it
        with unit_of_work(installation.sessions) as session:
            entry = entry_queries.by_key(session, key)
            entries.publish(session, installation.actors[Role.REVIEWER], entry, now=installation.clock())
        start = time.perf_counter()
        while not search(installation, f"“{word}”"):  # as it stands: the one before is alike
            time.sleep(0.005)
        found.append(time.perf_counter() - start)
    return found


def prepare(installation: Installation, key: str, title: str) -> None:
    """Take a new revision as far as the step that puts it on the desk."""
    actors, now = installation.actors, installation.clock()
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        changed = factories.content(title=title, answer="答", script="", steps="")
        entries.save(session, actors[Role.EDITOR], entry, changed, now=now)
        entries.submit(session, actors[Role.EDITOR], entry, now=now)
        entries.approve(session, actors[Role.REVIEWER], entry, now=now)


def measure_searches(installation: Installation) -> list[float]:
    found = []
    for _ in range(60):
        start = time.perf_counter()
        search(installation, "盒子亮红灯上不了网")
        found.append(time.perf_counter() - start)
    return found


def search(installation: Installation, text: str) -> int:
    with installation.sessions() as session:
        return installation.search.run(session, SYSTEM, text, Filters(), now=installation.clock()).total


def keep_searching(installation: Installation, stop: threading.Event) -> None:
    while not stop.is_set():
        search(installation, "电视没信号")


def keep_rebuilding(installation: Installation, stop: threading.Event) -> None:
    while not stop.is_set():
        rebuild(installation.sessions, installation.search.engine, installation.settings.home / "locks")


if __name__ == "__main__":
    main()
