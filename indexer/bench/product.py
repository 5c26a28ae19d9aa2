"""The one place where the benchmark knows the product's engine: which it is, and how to reach its parts."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from indexer import dictionary
from indexer.embedded.engine import EmbeddedEngine
from indexer.engine import Filters
from indexer.normalise import normalise
from indexer.query import Query
from indexer.text import Analysis, TermKind, is_word
from indexer.vectors.embedder import open_embedder
from kb.permissions import Actor

ProductEngine = EmbeddedEngine


@dataclass(frozen=True, slots=True)
class Place:
    """Where an engine finds what it needs; goes to other processes as it is.

    Attributes:
        index: folder of the index.
        dictionary: the centre's dictionaries.
        cache: jieba's cache.
        embedder: the model of the sentence vectors, as ``indexer.vectors.embedder.open_embedder`` knows it.
    """

    index: Path
    dictionary: Path
    cache: Path
    embedder: str

    def analysis(self) -> Analysis:
        """Load the dictionaries; takes a second or more."""
        return Analysis(dictionary.load(self.dictionary), cache=self.cache)


def open_engine(place: Place, analysis: Analysis, *, sense: bool = False) -> ProductEngine:
    """Return the engine as the product makes it (``indexer.runtime``), with sentence vectors or without."""
    return EmbeddedEngine(place.index, analysis, open_embedder(place.embedder) if sense else None)


def rank(engine: ProductEngine, query: Query, filters: Filters, actor: Actor, *, now: datetime) -> int:
    """Match, score, filter and order: no cards, no corrections; return how many were found."""
    return len(engine.examine(query, filters, actor, now=now, depth=10).documents)


def words_only(query: Query) -> Query:
    """Return *query* with nothing but jieba's words to look for: what the engines beside are asked."""
    return replace(query, terms=tuple(term for term in query.terms if term.kind is TermKind.WORD))


def words(analysis: Analysis, *texts: str) -> list[str]:
    """Return jieba's search words of *texts*: the tokens that all engines beside are given."""
    found = []
    for text in texts:
        for piece in filter(is_word, analysis.pieces(normalise(text))):
            found += [part for part, _ in analysis.parts(piece)]
            found.append(piece)
    return found
