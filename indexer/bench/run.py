"""The whole benchmark: make documents, build, ask, edit, and the same beside with other engines."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from indexer.bench import processes, product
from indexer.bench.baselines import BASELINES, disk
from indexer.bench.figures import Latency, heaps_exponent, latency
from indexer.bench.generate import NOW, Generator
from indexer.bench.processes import Ask, Asked, Memory
from indexer.bench.questions import queries
from indexer.documents import Document
from indexer.engine import Changes, Filters
from indexer.query import understand
from indexer.text import Analysis
from kb.entries.rules import State
from kb.permissions import SYSTEM

CHUNK = 10_000
"""Documents made at a time, before the clock runs: making them is no part of building."""
EDITS = 30
TRIES = 100
"""Searches for an edit after which it counts as lost."""
REGIONAL, MODULAR = 3, 1
"""Of ten questions, those asked by somebody who has set a region, and those with a module."""

Progress = Callable[[str, int | None, int | None], None]
"""Told the stage, how many are done and of how many; ``None`` where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to measure.

    Attributes:
        documents: how many the product's engine is built with.
        baseline_documents: how many the others are built with.
        queries: how many questions are asked.
        without: names of ``BASELINES`` to leave out.
    """

    documents: int
    baseline_documents: int
    queries: int
    seed: int
    without: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the documents are like, over those that the other engines were given.

    Attributes:
        characters, words: means per document; words are jieba's search words.
        distinct_words: in all of them together.
        heaps: exponent of the growth of distinct words; ``None`` for too few documents to tell.
    """

    documents: int
    characters: float
    words: float
    distinct_words: int
    heaps: float | None
    made_per_second: float
    cut_per_second: float


@dataclass(frozen=True, slots=True)
class Built:
    """The product's index: documents a second with everything included, and bytes on disk."""

    documents: int
    seconds: float
    documents_per_second: float
    disk_bytes: int


@dataclass(frozen=True, slots=True)
class Asking:
    """How fast the product answers, in milliseconds; see ``processes.Asked``. Over all processes together.

    Attributes:
        suggest: ``None`` if the engine makes no suggestions.
        per_second: whole searches a second, of all processes together.
        found: share of questions that found something.
    """

    processes: int
    engine_words: Latency
    engine_terms: Latency
    search: Latency
    suggest: Latency | None
    per_second: float
    found: float


@dataclass(frozen=True, slots=True)
class Footprint:
    """Memory in bytes: of a process that has answered all questions, and what a second one adds to it.

    Attributes:
        second_adds: growth of both processes' proportional memory together.
        second_own: what belongs to the second one alone.
    """

    rss: int
    pss: int
    uss: int
    second_adds: int
    second_own: int


@dataclass(frozen=True, slots=True)
class Row:
    """One engine in the comparison: words only, any of them, ten best, no filters, all engines asked in turn.

    Attributes:
        installed: otherwise everything else is ``None``.
        documents_per_second: segmentation included, as for the product.
        indexed_per_second: given the words; ``None`` for the product, which does it in one go.
    """

    name: str
    installed: bool
    documents: int | None = None
    documents_per_second: float | None = None
    indexed_per_second: float | None = None
    disk_bytes: int | None = None
    search: Latency | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was measured. ``corpus`` is ``None`` if no engine beside was wanted."""

    order: Order
    corpus: Corpus | None
    built: Built
    one_process: Asking
    two_processes: Asking
    memory: Footprint | None
    edit: Latency
    comparison: tuple[Row, ...]


def run(order: Order, content: Path, dictionaries: Path, *, progress: Progress) -> Report:
    """Measure *order* in a temporary folder.

    Args:
        content: the content folder that documents are made from.
        dictionaries: the centre's dictionaries.
        progress: is told what goes on.
    """
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as name:
        folder = Path(name)
        place = product.Place(folder / "index", dictionaries, folder / "cache")
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
            one_process=_asking(alone),
            two_processes=_asking(pair),
            memory=_footprint(alone[0].memory, pair[0].memory, pair[1].memory),
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
        engine = product.open_engine(self._place, self._analysis)
        seconds, done = 0.0, 0
        start = time.perf_counter()
        build = engine.build()
        seconds += time.perf_counter() - start
        for chunk in _chunks(self._generator.documents(1, self._order.documents + 1)):
            start = time.perf_counter()
            build.add(self._watched("build", chunk, done, self._order.documents))
            seconds += time.perf_counter() - start
            done += len(chunk)
        start = time.perf_counter()
        build.commit(1)
        build.publish()
        seconds += time.perf_counter() - start
        engine.close()
        return Built(done, round(seconds, 3), round(done / seconds, 1), disk(self._place.index))

    def task(self) -> Ask:
        """Return the questions, some with filters, as agents have them set."""
        order = self._order
        most = max(order.documents, order.baseline_documents)
        asked = [
            question.text
            for question in queries(self._generator, self._analysis, order.queries, of=most, seed=order.seed)
        ]
        some = list(self._generator.documents(1, min(order.documents, 200) + 1))
        regions = [document.regions[0] for document in some if document.regions] or [None]
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
            rows.append(
                Row(name, True, count, round(count / both, 1), round(count / seconds, 1), disk(folder / name))
            )
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
            found = (
                engine.search(query, Filters(), SYSTEM, now=NOW, limit=1).total for _ in range(TRIES)
            )
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

    def _watched(self, stage: str, chunk: Sequence[Document], done: int, total: int) -> Iterator[Document]:
        for number, document in enumerate(chunk, start=done + 1):
            yield document
            if number % 100 == 0 or number == total:
                self._progress(stage, number, total)


def _chunks(documents: Iterator[Document]) -> Iterator[list[Document]]:
    while chunk := list(islice(documents, CHUNK)):
        yield chunk


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


def _asking(asked: Sequence[Asked]) -> Asking:
    suggest = [taken for one in asked for taken in one.suggest]
    return Asking(
        processes=len(asked),
        engine_words=latency([taken for one in asked for taken in one.engine_words]),
        engine_terms=latency([taken for one in asked for taken in one.engine_terms]),
        search=latency([taken for one in asked for taken in one.search]),
        suggest=latency(suggest) if suggest else None,
        per_second=round(sum(len(one.search) / sum(one.search) * 1000 for one in asked), 1),
        found=round(sum(one.found for one in asked) / len(asked), 3),
    )


def _footprint(alone: Memory | None, first: Memory | None, second: Memory | None) -> Footprint | None:
    if alone is None or first is None or second is None:
        return None
    return Footprint(
        rss=alone.rss,
        pss=alone.pss,
        uss=alone.uss,
        second_adds=first.pss + second.pss - alone.pss,
        second_own=second.uss,
    )
