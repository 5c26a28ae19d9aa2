"""What a benchmark is asked for, and what it reports: plain values. Nothing is measured here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from indexer.bench.figures import Latency, latency
from indexer.bench.processes import Asked, Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to measure.

    Attributes:
        documents: how many the product's engine is built with.
        baseline_documents: how many the others are built with.
        queries: how many questions are asked.
        embedder: the model of the sentence vectors; ``none`` leaves finding to words.
        without: names of ``BASELINES`` to leave out.
    """

    documents: int
    baseline_documents: int
    queries: int
    seed: int
    embedder: str = "use"
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
    """The product's index: words and columns first, and what is filled in behind them; bytes on disk.

    Attributes:
        seconds, documents_per_second: until words find everything, segmentation included.
        vectors: sentence vectors made behind it, and documents a second at that; ``None`` without any.
    """

    documents: int
    seconds: float
    documents_per_second: float
    disk_bytes: int
    vectors: int = 0
    embedded_per_second: float | None = None


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


def asking(asked: Sequence[Asked]) -> Asking:
    """Return the figures of what one or more processes *asked* at the same time."""
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


def footprint(alone: Memory | None, first: Memory | None, second: Memory | None) -> Footprint | None:
    """Return the memory of a process *alone*, and of two at once; ``None`` where the system does not tell."""
    if alone is None or first is None or second is None:
        return None
    return Footprint(
        rss=alone.rss,
        pss=alone.pss,
        uss=alone.uss,
        second_adds=first.pss + second.pss - alone.pss,
        second_own=second.uss,
    )
