"""What a search would find if a document were in the index: the same scoring, with it as one more segment.

The document is cut, measured and embedded as a commit would have done it and takes the place of what the index holds of
the same row. Nothing is written, and nobody else's search sees it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.documents import Document
from indexer.embedded.asking import Asker, Person
from indexer.embedded.columns import writing
from indexer.embedded.columns.hashing import Hasher
from indexer.embedded.columns.layout import SENSED, Unit
from indexer.embedded.columns.reading import Living, View
from indexer.embedded.columns.segment import Mask, Segment, number_of
from indexer.embedded.columns.voting import Scores
from indexer.embedded.correcting import ask_and_put_right
from indexer.embedded.ranking import Documents, SenseQuery
from indexer.embedded.reading import State
from indexer.embedded.sensing import Sensing
from indexer.embedded.shown import hits_of
from indexer.engine import Found
from indexer.highlight import Marker
from indexer.query import Query
from indexer.text import Analysis
from indexer.vectors.embedder import Vectors

_NAME = "rehearsal"


def rehearse(
    before: State, document: Document, queries: Sequence[Query], asker: Asker, person: Person, *, limit: int
) -> Sequence[Found]:
    """See ``Engine.rehearse``."""
    state, asker = _with_document(before, document, asker.analysis), _with_senses(asker, document)
    found = []
    for query in queries:
        asked, _ = ask_and_put_right(asker, state.view, query, person, depth=limit)
        hits = hits_of(state.view, asked.ranked, Marker(asked.query, asker.analysis), slice(0, limit))
        answered = asked.ranked.answered
        found.append(
            Found(
                total=len(asked.ranked.documents) if answered else 0,
                hits=hits if answered else (),
                nearest=() if answered else hits,
                watermark=state.watermark,
                confidence=asked.ranked.confidence,
            )
        )
    return found


def _with_document(state: State, document: Document, analysis: Analysis) -> State:
    """Return *state* as it would be with *document* in it, as its last segment."""
    parts = state.view.parts
    pivots = parts[0].segment.pivots if parts else None
    arrays, _ = writing.arrays([document], Hasher(analysis), pivots)
    number = number_of(document.id)
    kept = [
        (
            part.segment,
            [*part.deleted.tolist(), *np.flatnonzero(part.alive & (part.segment.arrays["rows"] == number))],
            part.maturity,
        )
        for part in parts
    ]
    return replace(state, view=View.of([*kept, (Segment(_NAME, arrays), (), arrays["maturity"])]))


def _with_senses(asker: Asker, document: Document) -> Asker:
    """Return *asker* with the sentence vectors of *document*, which no store has."""
    sensing = asker.sensing
    if not isinstance(sensing, Sensing):
        return asker
    texts = {unit: writing.unit_texts(document, unit) for unit in SENSED}
    flat = [text for own in texts.values() for text in own]
    vectors = sensing.embedder.embed_texts(flat)
    split = np.cumsum([len(own) for own in texts.values()])[:-1]
    return replace(asker, sensing=_Senses(sensing, dict(zip(texts, np.split(vectors, split), strict=True))))


@dataclass(frozen=True)
class _Senses:
    """Sense with the vectors of one more document, the view's last."""

    sensing: Sensing
    vectors: Mapping[Unit, Vectors]

    def query(self, text: str) -> SenseQuery | None:
        """Return *text* as something to compare with; ``None`` while nothing has a vector."""
        found = self.sensing.query(text)
        return None if found is None else _Question(found, found.vector, self.vectors)


@dataclass(frozen=True)
class _Question:
    question: SenseQuery
    vector: NDArray[np.float32]
    vectors: Mapping[Unit, Vectors]

    def nearest(self, view: View, allowed: Sequence[Mask], count: int) -> Documents:
        """See ``ranking.SenseQuery.nearest``: the document is always among the candidates that are scored exactly."""
        *others, own = view.parts
        known = self.question.nearest(View(tuple(others)), allowed[:-1], count)
        return np.append(known, own.base) if allowed[-1].any() else known

    def cosines(self, part: Living, unit: Unit, units: NDArray[np.int64]) -> Scores:
        """See ``ranking.SenseQuery.cosines``."""
        if part.segment.name != _NAME:
            return self.question.cosines(part, unit, units)
        if unit not in self.vectors:
            return np.full(len(units), np.nan, np.float32)
        return (self.vectors[unit][units] @ self.vector).astype(np.float32)
