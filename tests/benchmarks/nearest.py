"""Sketches, a graph and plain comparing, in one run: ``python -m tests.benchmarks.nearest``.

Asked are embedded questions of the benchmark's generator; looked through are its texts, and beyond ``--texts`` of them
mixtures of two (a text and a smaller part of another), so that millions need not be embedded. What is right are the
best 50 by vectors of 32 bits. Memory is what a fresh process that opens the store and asks has for itself alone.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from usearch.index import Index

from indexer import dictionary
from indexer.bench.generate import Generator
from indexer.text import Analysis
from indexer.vectors.embedder import UniversalEmbedder, Vectors, unit_length
from indexer.vectors.keys import Rows
from indexer.vectors.nearest import nearest
from indexer.vectors.quantising import quantise
from indexer.vectors.store import VectorStore
from kb.settings import PROJECT, Settings
from tests.benchmarks.figures import row

SEED = 20261125
BEST = 50
QUESTIONS = 200
ADDED_AT_ONCE = 10_000
NEVER = 2**62

ASKING = """
import sys, numpy as np
from pathlib import Path
from indexer.vectors.nearest import nearest
from indexer.vectors.store import VectorStore

def own():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024

before = own()
contents = VectorStore(Path(sys.argv[1]), 512).contents()
for _ in range(3):
    nearest(contents, np.random.default_rng(1).standard_normal(512).astype(np.float32), 50)
print(own() - before)
"""


def texts(generator: Generator) -> Iterator[str]:
    for document in generator.documents(1, NEVER):
        yield document.title
        yield from document.wordings
        yield from document.passages


def mixtures(real: Vectors, count: int) -> Vectors:
    chance = np.random.default_rng(SEED)
    made = np.empty((count, real.shape[1]), np.float32)
    made[: len(real)] = real[:count]
    for start in range(len(real), count, ADDED_AT_ONCE):
        stop = min(start + ADDED_AT_ONCE, count)
        first, second = chance.integers(0, len(real), (2, stop - start))
        part = chance.uniform(0.2, 0.6, (stop - start, 1)).astype(np.float32)
        made[start:stop] = unit_length(real[first] + part * real[second])
    return made


def ask(name: str, questions: Vectors, right: list[set[int]], search: Callable[[Vectors], Rows]) -> None:
    seconds, shares = [], []
    for question, best in zip(questions, right, strict=True):
        began = time.perf_counter()
        found = search(question)
        seconds.append(time.perf_counter() - began)
        shares.append(len(best & set(found.tolist())) / BEST)
    print(row(name, seconds), f"  recall@{BEST} {np.mean(shares):.3f}", flush=True)


def measure(folder: Path, made: Vectors, questions: Vectors, *, graph: bool) -> None:
    count = len(made)
    print(f"-- {count:,} rows", flush=True)
    right = [set(np.argpartition(-(made @ question), BEST)[:BEST].tolist()) for question in questions]
    half = np.arange(0, count, 2)
    right_half = [set(half[np.argpartition(-(made[half] @ question), BEST)[:BEST]].tolist()) for question in questions]
    for name, sketch_from in (("all vectors", NEVER), ("sketches", 1)):
        store = VectorStore(folder / f"{name}-{count}", made.shape[1], sketch_from=sketch_from)
        began = time.perf_counter()
        for start in range(0, count, ADDED_AT_ONCE):
            store.add(range(start, min(start + ADDED_AT_ONCE, count)), made[start : start + ADDED_AT_ONCE])
        seconds = time.perf_counter() - began
        disk = sum(path.stat().st_size for path in store.folder.iterdir()) / 2**20
        contents = store.contents()
        print(f"{name}: {seconds:.1f} s to write, {disk:.0f} MB on disk", flush=True)
        ask(name, questions, right, lambda question: nearest(contents, question, BEST)[0])  # noqa: B023
        if sketch_from == 1:
            ask(
                f"{name}, within a half",
                questions,
                right_half,
                lambda question: nearest(contents, question, BEST, within=half)[0],  # noqa: B023
            )
        own = subprocess.run(
            [sys.executable, "-c", ASKING, str(store.folder)], capture_output=True, text=True, check=True
        )
        print(f"{name}: a second process has {float(own.stdout):.0f} MB of its own", flush=True)
    if not graph:
        return
    index = Index(ndim=made.shape[1], metric="cos", dtype="i8", connectivity=16, expansion_add=64, expansion_search=192)
    began = time.perf_counter()
    for start in range(0, count, ADDED_AT_ONCE):
        keys = np.arange(start, min(start + ADDED_AT_ONCE, count), dtype=np.uint64)
        index.add(keys, quantise(made[start : start + ADDED_AT_ONCE]), threads=0)
    path = folder / f"graph-{count}"
    index.save(str(path))
    print(f"graph: {time.perf_counter() - began:.1f} s to build, {path.stat().st_size / 2**20:.0f} MB on disk beside")
    index = Index(ndim=made.shape[1], metric="cos", dtype="i8", connectivity=16, expansion_add=64, expansion_search=192)
    index.view(str(path))

    def search(question: Vectors) -> Rows:
        return np.asarray(index.search(quantise(question[None])[0], BEST).keys, np.int64)

    ask("graph", questions, right, search)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="*", default=[50_000, 300_000, 700_000])
    parser.add_argument("--texts", type=int, default=30_000, help="how many are really embedded")
    parser.add_argument("--graph-up-to", type=int, default=300_000, help="rows up to which the graph is built too")
    given = parser.parse_args()
    settings = Settings()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        analysis = Analysis(dictionary.read(settings.dictionary_path).dictionary(), cache=folder / "cache")
        source = texts(Generator(PROJECT / "content", analysis, seed=SEED))
        wanted = list(dict.fromkeys(next(source) for _ in range(given.texts + QUESTIONS)))
        began = time.perf_counter()
        embedded = UniversalEmbedder().embed_texts(wanted)
        print(f"{len(wanted) / (time.perf_counter() - began):.0f} texts/s embedded in one process", flush=True)
        every = len(wanted) // QUESTIONS
        asked = np.zeros(len(wanted), bool)
        asked[::every] = True
        questions, real = embedded[asked][:QUESTIONS], embedded[~asked]
        for rows in given.rows:
            measure(folder, mixtures(real, rows), questions, graph=rows <= given.graph_up_to)


if __name__ == "__main__":
    main()
