"""Searches while segments are merged beside them, and without, taking turns: ``python -m tests.benchmarks.merging``.

The merge runs in a thread of the process that answers, as it does in ``kb serve``.
"""

import argparse
import tempfile
import threading
import time
from pathlib import Path

from indexer.bench import product
from indexer.bench.generate import NOW, Generator
from indexer.bench.questions import queries
from indexer.engine import Changes, Filters
from indexer.query import Query, understand
from kb.permissions import SYSTEM
from kb.settings import PROJECT
from tests.benchmarks.figures import row

QUESTIONS, ROUNDS, EDITS = 150, 5, 12
"""In each round so many questions, and so many edits, each of which leaves a small segment to merge."""


def main() -> None:
    """Build, then take turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    count = parser.parse_args().documents
    with tempfile.TemporaryDirectory(prefix="kb-merging-") as name:
        folder = Path(name)
        place = product.Place(folder / "index", PROJECT / "content" / "dictionary", folder / "cache", "none")
        analysis = place.analysis()
        generator = Generator(PROJECT / "content", analysis, seed=1)
        engine = product.open_engine(place, analysis)
        build = engine.build()
        build.add(generator.documents(1, count + 1))
        build.commit(1)
        build.publish()
        asked = [
            understand(question.text, analysis)
            for question in queries(generator, analysis, QUESTIONS, of=count, seed=1)
        ]
        edits = iter(range(1, 1 + ROUNDS * EDITS))
        quiet: list[float] = []
        merging: list[float] = []
        merges: list[float] = []
        for _ in range(ROUNDS):
            for number in (next(edits) for _ in range(EDITS)):
                (document,) = generator.documents(number, number + 1)
                mark = engine.watermark()
                engine.apply(Changes(put=(document,), delete=(), base=mark, watermark=mark + 1))
            quiet += _ask(engine, asked, None)
            merge = threading.Thread(target=_merge, args=(engine, merges))
            merge.start()
            merging += _ask(engine, asked, merge)
            merge.join()
        print(row("search, nothing else going on", quiet))
        print(row("search while segments are merged", merging))
        print(row("merging everything into one segment", merges))
        engine.close()


def _ask(engine: product.ProductEngine, asked: list[Query], meanwhile: threading.Thread | None) -> list[float]:
    """Return how long each question took; with a thread, only of those asked while it runs."""
    taken = []
    for query in asked:
        if meanwhile is not None and not meanwhile.is_alive():
            break
        start = time.perf_counter()
        engine.search(query, Filters(), SYSTEM, now=NOW, limit=10)
        taken.append(time.perf_counter() - start)
    return taken


def _merge(engine: product.ProductEngine, taken: list[float]) -> None:
    start = time.perf_counter()
    engine.optimise()
    taken.append(time.perf_counter() - start)


if __name__ == "__main__":
    main()
