"""The one place where the benchmark knows the product's engine: which it is, and how to reach its parts."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from indexer import dictionary
from indexer.embedded.engine import WhooshEngine
from indexer.engine import Filters
from indexer.normalise import normalise
from indexer.query import Query
from indexer.text import Analysis, TermKind, is_word
from kb.permissions import Actor

ProductEngine = WhooshEngine


@dataclass(frozen=True, slots=True)
class Place:
    """Where an engine finds what it needs; goes to other processes as it is.

    Attributes:
        index: folder of the index.
        dictionary: the centre's dictionaries.
        cache: jieba's cache.
    """

    index: Path
    dictionary: Path
    cache: Path

    def analysis(self) -> Analysis:
        """Load the dictionaries; takes a second or more."""
        return Analysis(dictionary.load(self.dictionary), cache=self.cache)


@runtime_checkable
class Suggesting(Protocol):
    """An engine that makes suggestions while somebody types."""

    def suggest(self, text: str, actor: Actor, *, now: datetime, limit: int) -> object:
        """Return suggestions for *text*, as far as it is typed."""


def open_engine(place: Place, analysis: Analysis) -> ProductEngine:
    """Return the engine as the product makes it (``indexer.runtime``)."""
    return WhooshEngine(place.index, analysis)


def rank(engine: ProductEngine, query: Query, filters: Filters, actor: Actor, *, now: datetime) -> int:
    """Match, score, filter and count, but make no cards; return how many were found."""
    return engine.search(query, filters, actor, now=now, limit=0).total


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
