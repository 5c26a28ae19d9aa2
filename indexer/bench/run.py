"""The whole benchmark: make documents, build, ask, edit, and the same beside with other engines."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from indexer.bench import processes, product
from indexer.bench.baselines import BASELINES, disk
from indexer.bench.figures import Latency, heaps_exponent, latency
from indexer.bench.generate import NOW, Generator
from indexer.bench.processes import Ask
from indexer.bench.questions import queries
from indexer.bench.report import Built, Corpus, Order, Report, Row, asking, footprint
from indexer.documents import Document
from indexer.engine import Changes, Filters
from indexer.query import understand
from kb.entries.rules import State
from kb.permissions import SYSTEM

CHUNK = 10_000
"""Documents made at a time where each is looked at."""
IN_MEMORY = 200_000
"""Documents up to which all are made before the clock runs."""
EDITS = 30
TRIES = 100
"""Searches for an edit after which it counts as lost."""
REGIONAL, MODULAR = 3, 1
"""Of ten questions, those asked by somebody who has set a region, and those with a module."""

Progress = Callable[[str, int | None, int | None], None]
"""Told the stage, how many are done and of how many; ``None`` where that is not known."""


def run(order: Order, content: Path, dictionaries: Path, *, progress: Progress) -> Report:
    """Measure *order* in a temporary folder.

    Args:
        content: the content folder that documents are made from.
        dictionaries: the centre's dictionaries.
        progress: is told what goes on.
    """
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as name:
        folder = Path(name)
        place = product.Place(folder / "index", dictionaries, folder / "cache", order.embedder)
        progress("prepare", None, None)
        bench = _Bench(order, place, content, progress)
        built = bench.build()
        task = bench.task()
        beside = bench.build_beside(folder)
        progress("one_process", None, None)
        alone = processes.ask(task, processes=1)
        progress("two_processes", None, None)
        pair = processes.ask(task, processes=2)
        progress("comparison", None, None)
        compared = processes.compare(task, {row.name: folder / row.name for row in beside if row.installed})
        own = Row("product", True, built.documents, built.documents_per_second, None, built.disk_bytes)
        rows = tuple(
            replace(row, search=latency(compared[row.name].milliseconds)) if row.installed else row
            for row in (own, *beside)
        )
        return Report(
            order=order,
            corpus=bench.corpus,
            built=built,
            one_process=asking(alone),
            two_processes=asking(pair),
            memory=footprint(alone[0].memory, pair[0].memory, pair[1].memory),
            edit=bench.edit(),
            comparison=rows,
        )


class _Bench:
    """One run: the generator and what is built with it."""

    def __init__(self, order: Order, place: product.Place, content: Path, progress: Progress) -> None:
        self._order, self._place, self._progress = order, place, progress
        self._analysis = place.analysis()
        self._generator = Generator(content, self._analysis, seed=order.seed)
        self.corpus: Corpus | None = None

    def build(self) -> Built:
        engine = product.open_engine(self._place, self._analysis, sense=True)
        count = self._order.documents
        documents: Iterable[Document] = self._generator.documents(1, count + 1)
        if count <= IN_MEMORY:
            documents = list(documents)  # made before the clock runs: making them is no part of building
        start = time.perf_counter()
        build = engine.build()
        build.add(self._watched("build", documents, 0, count))
        build.commit(1)
        build.publish()
        seconds = time.perf_counter() - start
        while engine.tend():
            pass
        start = time.perf_counter()
        while engine.embed_pending(seconds=5):
            status = engine.status()
            self._progress("embed", status.embedded, status.embeddable)
        behind = time.perf_counter() - start
        vectors = engine.status().embedded
        engine.close()
        return Built(
            count,
            round(seconds, 3),
            round(count / seconds, 1),
            disk(self._place.index),
            vectors,
            round(count / behind, 1) if vectors else None,
        )

    def task(self) -> Ask:
        """Return the questions, some with filters, as agents have them set."""
        order = self._order
        most = max(order.documents, order.baseline_documents)
        asked = [
            question.text
            for question in queries(self._generator, self._analysis, order.queries, of=most, seed=order.seed)
        ]
        some = list(self._generator.documents(1, min(order.documents, 200) + 1))
        regions: list[str | None] = [document.regions[0] for document in some if document.regions]
        regions = regions or [None]
        filters = []
        for number in range(len(asked)):
            match number % 10:
                case kind if kind < REGIONAL:
                    filters.append(Filters(region=regions[number % len(regions)]))
                case kind if kind < REGIONAL + MODULAR:
                    filters.append(Filters(modules=some[number % len(some)].modules[-1:]))
                case _:
                    filters.append(Filters())
        return Ask(self._place, tuple(asked), tuple(filters), NOW)

    def build_beside(self, folder: Path) -> list[Row]:
        """Build every engine beside, and learn what the documents are like while cutting them."""
        names = [name for name in BASELINES if name not in self._order.without]
        count = self._order.baseline_documents
        if not names or not count:
            return []
        tokens = folder / "tokens.txt"
        self.corpus = self._cut(tokens, count)
        rows = []
        for name in names:
            try:
                engine = BASELINES[name](folder / name)
            except ImportError:
                rows.append(Row(name, installed=False))
                continue
            start = time.perf_counter()
            engine.build(self._lines(name, tokens, count))
            seconds = time.perf_counter() - start
            both = seconds + count / self.corpus.cut_per_second
            rows.append(Row(name, True, count, round(count / both, 1), round(count / seconds, 1), disk(folder / name)))
        return rows

    def edit(self) -> Latency:
        """Change one document at a time, each time with a new word in its title, until the word finds it."""
        self._progress("edit", None, None)
        engine = product.open_engine(self._place, self._analysis)
        watermark = engine.status().watermark
        originals = list(self._generator.documents(1, min(EDITS, self._order.documents) + 1))
        taken = []
        for number in range(EDITS):
            document = _edited(originals[number % len(originals)], f"zq{number}qz")
            query = understand(f"“zq{number}qz”", self._analysis)  # as it stands: the one before is alike
            changes = Changes(put=(document,), delete=(), base=watermark, watermark=watermark + 1)
            start = time.perf_counter()
            engine.apply(changes)
            found = (engine.search(query, Filters(), SYSTEM, now=NOW, limit=1).total for _ in range(TRIES))
            if not any(found):
                raise AssertionError(f"edit {number} was applied and is not found")
            taken.append((time.perf_counter() - start) * 1000)
            watermark += 1
            self._progress("edit", number + 1, EDITS)
        engine.close()
        return latency(taken)

    def _cut(self, target: Path, count: int) -> Corpus:
        seen: Counter[str] = Counter()
        growth: list[tuple[int, int]] = []
        characters = words = done = 0
        making, cutting = 0.0, 0.0
        with target.open("w", encoding="utf-8") as file:
            documents = self._generator.documents(1, count + 1)
            while True:
                start = time.perf_counter()
                chunk = list(islice(documents, CHUNK))
                making += time.perf_counter() - start
                if not chunk:
                    break
                for document in self._watched("cut", chunk, done, count):
                    texts = (document.title, *document.wordings, document.answer, *document.passages)
                    start = time.perf_counter()
                    found = product.words(self._analysis, *texts)
                    cutting += time.perf_counter() - start
                    file.write(" ".join(found) + "\n")
                    characters += sum(map(len, texts))
                    words += len(found)
                    seen.update(found)
                    done += 1
                    if done & (done - 1) == 0 and done >= 64:
                        growth.append((words, len(seen)))
        return Corpus(
            documents=count,
            characters=round(characters / count, 1),
            words=round(words / count, 1),
            distinct_words=len(seen),
            heaps=round(heaps_exponent(growth[-4:]), 3) if len(growth) > 1 else None,
            made_per_second=round(count / making, 1),
            cut_per_second=round(count / cutting, 1),
        )

    def _lines(self, name: str, tokens: Path, count: int) -> Iterator[Sequence[str]]:
        with tokens.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                yield line.split()
                if number % 1000 == 0:
                    self._progress(name, number, count)
        self._progress(name, count, count)

    def _watched(self, stage: str, chunk: Iterable[Document], done: int, total: int) -> Iterator[Document]:
        for number, document in enumerate(chunk, start=done + 1):
            yield document
            if number % 100 == 0 or number == total:
                self._progress(stage, number, total)


def _edited(document: Document, word: str) -> Document:
    """Return *document* with *word* in its title, and such that everybody finds it now."""
    return replace(
        document,
        title=f"{word} {document.title}",
        state=State.PUBLISHED.value,
        audience=(),
        valid_from=None,
        valid_until=None,
    )
