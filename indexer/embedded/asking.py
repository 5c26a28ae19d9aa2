"""One question put to one commit: masks, words, sense and the order they come to, kept together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from indexer.embedded import phrases, visibility
from indexer.embedded.columns.reading import View
from indexer.embedded.columns.scoring import Matches, score
from indexer.embedded.columns.segment import Mask
from indexer.embedded.confidence import Demand
from indexer.embedded.ranking import Ranked, SenseQuery, Tuning, rank
from indexer.engine import Filters
from indexer.query import Query
from indexer.text import Analysis
from kb.permissions import Actor


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, what they narrow the search to, and when: what they may see hangs on it."""

    actor: Actor
    filters: Filters
    now: datetime


@dataclass(frozen=True, slots=True)
class Matched:
    """What words found for a question, in no order yet.

    Attributes:
        allowed: for each segment, which documents the person may see, (D,).
        matches: what words found among them.
    """

    view: View
    query: Query
    person: Person
    allowed: Sequence[Mask]
    matches: Matches


@dataclass(frozen=True, slots=True)
class Asked(Matched):
    """What came of a question.

    Attributes:
        sense: the question's vector; ``None`` where words decided alone.
    """

    ranked: Ranked
    sense: SenseQuery | None


class Senses(Protocol):
    """Sentence vectors: a question's, to compare with those of the documents."""

    def query(self, text: str) -> SenseQuery | None:
        """Return *text* as something to compare with; ``None`` while nothing has a vector."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks questions as an engine is set up: how text is cut, sense if there is any, and the tuning."""

    analysis: Analysis
    sensing: Senses | None
    tuning: Tuning

    def ask(self, view: View, query: Query, person: Person, *, depth: int | None = None) -> Asked:
        """Return what *query* comes to in *view* for *person*; *depth* as for ``rank``."""
        return self.order(self.match(view, query, person), depth=depth)

    def match(self, view: View, query: Query, person: Person) -> Matched:
        """Return what the words of *query* find in *view* for *person*."""
        allowed = [visibility.documents(part, person.filters, person.actor, person.now) for part in view.parts]
        for phrase in query.phrases:
            allowed = [
                mask & phrases.having(part, phrase, mask, self.analysis)
                for part, mask in zip(view.parts, allowed, strict=True)
            ]
        return Matched(view, query, person, allowed, score(view, query, allowed))

    def order(self, matched: Matched, *, depth: int | None = None, sense: bool = True) -> Asked:
        """Return the order of what was found, *sense* having its say or not."""
        view, query, allowed, matches = matched.view, matched.query, matched.allowed, matched.matches
        compared = None
        if sense and self.sensing is not None and self.tuning.sense:
            compared = self.sensing.query(query.text)
        ranked = rank(view, matches, allowed, Demand.of(query), compared, self.tuning, depth=depth)
        return Asked(view, query, matched.person, allowed, matches, ranked, compared)
