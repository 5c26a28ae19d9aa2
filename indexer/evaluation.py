"""Searching a relevance set with an engine of its own, as agents would be searched for: defaults, nothing tuned."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from indexer.documents import Document, Reference, Source
from indexer.embedded.engine import EmbeddedEngine
from indexer.engine import Engine, Filters
from indexer.query import understand
from indexer.relevance import DEPTH, JudgedDocument, Measures, RelevanceSet, measure
from indexer.text import Analysis
from kb.entries.content import MAX_TITLE, Kind
from kb.entries.rules import Level, State
from kb.permissions import SYSTEM

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment of all evaluation: nothing in it depends on the clock."""

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a set came to: its measures, and the milliseconds each question took."""

    name: str
    measures: Measures
    milliseconds: tuple[float, ...]


def evaluate(given: RelevanceSet, analysis: Analysis, *, progress: Progress | None = None) -> Evaluation:
    """Index *given* in a folder that is thrown away, ask its questions, and return what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder), analysis)
        build = engine.build()
        keys = {row: item.id for row, item in enumerate(given.documents, start=1)}
        build.add(document(row, item) for row, item in enumerate(given.documents, start=1))
        build.commit(1)
        build.publish()
        rankings: dict[str, list[str]] = {}
        taken: list[float] = []
        for number, question in enumerate(given.questions, start=1):
            start = time.perf_counter()
            rows = _ask(engine, question.text)
            taken.append((time.perf_counter() - start) * 1000)
            rankings[question.id] = [keys[row] for row in rows]
            if progress is not None:
                progress(number, len(given.questions))
        engine.close()
    return Evaluation(given.name, measure(given.questions, rankings), tuple(taken))


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


def _ask(engine: Engine, text: str) -> list[int]:
    # One more than is measured: a question's own document is left out.
    found = engine.search(understand(text, engine.analysis), Filters(), SYSTEM, now=NOW, limit=DEPTH + 1)
    return [hit.database_id for hit in found.hits]
