"""Searching relevance sets with engines of their own, as agents would be searched for: defaults, nothing tuned."""

import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np

from indexer import significance, tuning
from indexer.calibration import Calibration, Confidence, calibrate
from indexer.documents import Document, Reference, Source, by_level
from indexer.embedded.engine import EmbeddedEngine
from indexer.embedded.ranking import Tuning
from indexer.engine import Engine, Filters
from indexer.query import understand
from indexer.relevance import DEPTH, JudgedDocument, JudgedQuestion, RelevanceSet, measure
from indexer.significance import Difference, Estimate, Values
from indexer.text import Analysis
from indexer.vectors.embedder import open_embedder
from kb.entries.content import MAX_TITLE, Kind
from kb.entries.rules import Level, State
from kb.permissions import SYSTEM

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment of all evaluation: nothing in it depends on the clock."""

COMPARED = ("mrr@10", "ndcg@10")
"""Measures that two settings are compared by."""

Progress = Callable[[int, int | None], None]
Settings = Mapping[str, str]
"""Settings of an engine as text, by name; none are its defaults."""


class EngineUnderTest(Engine, Protocol):
    """An engine that can be put away."""

    def close(self) -> None:
        """Close its files."""


@dataclass(frozen=True, slots=True)
class EngineMaker:
    """How the engines that are measured are made and made ready.

    Attributes:
        make: opens an engine on a folder, with settings. If they need another index than the folder's, the engine's
            ``status().current`` is false. Raises ``InvalidInputError`` for a setting there is not.
        complete: called once an index is published and before anything is asked: whatever the engine would otherwise
            do behind its searches (vectors, merges) is to be done when it returns.
        confidences: what the engine knows of how sure it is of an answer, by name.
    """

    make: Callable[[Path, Analysis, Settings], EngineUnderTest]
    complete: Callable[[EngineUnderTest], None]
    confidences: Callable[[EngineUnderTest], Mapping[str, Confidence]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a set came to with one engine.

    Attributes:
        scores: measure → one value a question.
        found: how many documents each question found but for its own, at most ``DEPTH`` and one.
        milliseconds: what each question took, from its text to its hits.
    """

    name: str
    documents: int
    scores: Mapping[str, Values]
    found: Sequence[int]
    milliseconds: Sequence[float]

    @property
    def queries(self) -> int:
        """How many questions were asked."""
        return len(self.milliseconds)

    @property
    def empty(self) -> float:
        """Share of questions that found nothing at all."""
        return sum(not count for count in self.found) / self.queries

    def estimates(self) -> dict[str, Estimate]:
        """Return the mean of each measure over all questions, with its interval."""
        return dict(zip(self.scores, significance.means(list(self.scores.values())), strict=True))

    def percentile(self, share: int) -> float:
        """Return the milliseconds within which *share* per cent of the questions were answered."""
        return float(np.percentile(self.milliseconds, share))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Defaults and other settings on the same questions; ``differences`` (other - defaults) for ``COMPARED``."""

    settings: Settings
    defaults: Evaluation
    other: Evaluation
    differences: Mapping[str, Difference]


class Laboratory:
    """Indexes of relevance sets, in a folder that is thrown away. Sets with the same documents share one index.

    Args:
        analysis: how text is cut.
        maker: how engines are made; the installation's own by default.
    """

    def __init__(self, analysis: Analysis, maker: EngineMaker | None = None) -> None:
        self._analysis = analysis
        self._maker = maker or EngineMaker(make_engine, complete_at_once, confidences)
        self._folder = tempfile.TemporaryDirectory()
        self._indexes: dict[tuple[JudgedDocument, ...], list[Path]] = {}
        self._engines: list[EngineUnderTest] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for engine in self._engines:
            engine.close()
        self._folder.cleanup()

    def engine(self, documents: tuple[JudgedDocument, ...], settings: Settings, progress: Progress) -> EngineUnderTest:
        """Return an engine with *settings* whose index holds *documents*; it is complete."""
        known = self._indexes.setdefault(documents, [])
        for folder in known:
            engine = self._open(folder, settings)
            if engine.status().current:
                return engine
        folder = Path(self._folder.name) / str(len(self._engines))
        engine = self._open(folder, settings)
        _fill(engine, documents, progress)
        self._maker.complete(engine)
        known.append(folder)
        return engine

    def calibrate(self, given: RelevanceSet, progress: Progress) -> tuple[Calibration, ...]:
        """Return how well each confidence of the engine tells questions of *given* with an answer from others."""
        engine = self.engine(given.documents, {}, progress)
        return calibrate(given.questions, self._maker.confidences(engine), progress)

    def _open(self, folder: Path, settings: Settings) -> EngineUnderTest:
        engine = self._maker.make(folder, self._analysis, settings)
        self._engines.append(engine)
        return engine


def make_engine(folder: Path, analysis: Analysis, settings: Settings) -> EngineUnderTest:
    """Return the engine of an installation on *folder*, with *settings* other than the defaults.

    ``embedder`` is the installation's setting of that name; all others are those of ``Tuning``.

    Raises:
        InvalidInputError: there is no such setting, or it can't have that value.
    """
    tuned = tuning.changed(Tuning(), {name: value for name, value in settings.items() if name != "embedder"})
    return EmbeddedEngine(folder, analysis, open_embedder(settings.get("embedder", "use")), tuning=tuned)


def complete_at_once(engine: EngineUnderTest) -> None:
    """Give every text of *engine* its sentence vector."""
    while engine.embed_pending(seconds=60):
        pass


def confidences(engine: EngineUnderTest) -> Mapping[str, Confidence]:
    """Return what *engine* can say of how well its best answer fits, leaving out what is hidden."""

    def confidence(text: str, hidden: Collection[str]) -> float:
        filters = Filters(without=frozenset(hidden))
        query = understand(text, engine.analysis)
        return engine.search(query, filters, SYSTEM, now=NOW, limit=1).confidence

    return {"confidence": confidence}


def evaluate(given: RelevanceSet, laboratory: Laboratory, progress: Progress) -> Evaluation:
    """Index *given*, ask its questions, and return what came of it."""
    (found,) = _run(given, [laboratory.engine(given.documents, {}, progress)], progress)
    return found


def compare(given: RelevanceSet, laboratory: Laboratory, settings: Settings, progress: Progress) -> Comparison:
    """Ask the questions of *given* with the defaults and with *settings*, in turns, and return how they differ.

    Raises:
        InvalidInputError: there is no such setting, or it can't have that value.
    """
    engines = [laboratory.engine(given.documents, each, progress) for each in ({}, settings)]
    defaults, other = _run(given, engines, progress)
    differences = {name: significance.difference(defaults.scores[name], other.scores[name]) for name in COMPARED}
    return Comparison(settings, defaults, other, differences)


def document(row: int, item: JudgedDocument) -> Document:
    """Return *item* as an entry that everybody may read. An entry has a title: a short text without one is its own."""
    title, text = item.title[:MAX_TITLE], item.text
    if not title and len(text) <= MAX_TITLE:
        title, text = text, ""
    return Document(
        reference=Reference(Source.ENTRY, row),
        key=item.id,
        kind=Kind.FAQ.value,
        state=State.PUBLISHED.value,
        level=Level.L2,
        maturity=by_level(Level.L2),
        modules=(),
        tier=None,
        products=(),
        regions=(),
        reach=(),
        audience=(),
        people=(),
        title=title,
        answer="",
        wordings=item.wordings,
        passages=(text,) if text else (),
        valid_from=None,
        valid_until=None,
        verified_at=None,
        updated_at=NOW,
    )


def _fill(engine: EngineUnderTest, documents: Sequence[JudgedDocument], progress: Progress) -> None:
    build = engine.build()

    def converted() -> Iterator[Document]:
        for row, item in enumerate(documents, start=1):
            progress(row, len(documents))
            yield document(row, item)

    build.add(converted())
    build.commit(1)
    build.publish()


def _run(given: RelevanceSet, engines: Sequence[Engine], progress: Progress) -> list[Evaluation]:
    """Ask each question of each engine. They take turns at going first, so that neither finds a warmer machine."""
    rankings: list[dict[str, list[str]]] = [{} for _ in engines]
    taken: list[list[float]] = [[] for _ in engines]
    for number, question in enumerate(given.questions):
        for turn in range(len(engines)):
            which = (number + turn) % len(engines)
            start = time.perf_counter()
            rankings[which][question.id] = _ask(engines[which], question)
            taken[which].append((time.perf_counter() - start) * 1000)
        progress(number + 1, len(given.questions))
    return [
        Evaluation(
            name=given.name,
            documents=len(given.documents),
            scores=measure(given.questions, ranking),
            found=[sum(key != question.itself for key in ranking[question.id]) for question in given.questions],
            milliseconds=milliseconds,
        )
        for ranking, milliseconds in zip(rankings, taken, strict=True)
    ]


def _ask(engine: Engine, question: JudgedQuestion) -> list[str]:
    # One more than is measured: a question's own document is left out.
    query = understand(question.text, engine.analysis)
    found = engine.search(query, Filters(), SYSTEM, now=NOW, limit=DEPTH + 1)
    # What comes nearest is shown too, under a line that says so; how good that line is, ``calibration`` measures.
    return [hit.id for hit in found.hits or found.nearest]
