"""What each term of a question adds to a unit's score, and how common it is: ``scoring`` taken apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.embedded.columns.layout import Field, Unit
from indexer.embedded.columns.reading import View
from indexer.embedded.columns.scoring import Slices, Wanted, slices_of, wanted
from indexer.query import Query, QueryTerm


@dataclass(frozen=True, slots=True)
class Usage:
    """How common a term is in one field: how many living units have it, and the idf that follows."""

    field: Field
    term: QueryTerm
    frequency: int
    idf: float


@dataclass(frozen=True, slots=True)
class Share:
    """What a term adds to the BM25 score of one unit."""

    field: Field
    term: QueryTerm
    score: float


@dataclass(frozen=True, slots=True)
class Shares:
    """A question's terms in one commit, looked up once."""

    view: View
    looked_up: Sequence[tuple[Wanted, Slices]]

    @classmethod
    def of(cls, view: View, query: Query) -> "Shares":
        """Return the terms of *query* in *view*."""
        return cls(view, [(item, slices_of(view, item)) for item in wanted(query)])

    def usages(self) -> list[Usage]:
        """Return how common each term is, field by field."""
        return [
            Usage(item.field, term, int(slices.frequency[place]), float(slices.idf[place]))
            for item, slices in self.looked_up
            for place, term in enumerate(item.queried)
        ]

    def of_unit(self, index: int, unit: Unit, number: int) -> list[Share]:
        """Return what adds up to the score of unit *number* of segment *index*, the most first."""
        found = []
        for item, slices in self.looked_up:
            if item.field.unit is not unit:
                continue
            postings = self.view.parts[index].segment.postings(item.field)
            for term, place in slices.places[index]:
                units = postings.units[place]
                at = int(np.searchsorted(units, np.uint32(number)))
                if at < len(units) and units[at] == number:
                    score = float(postings.impacts[place][at] * slices.factor(item, term))
                    found.append(Share(item.field, item.queried[term], score))
        return sorted(found, key=lambda share: -share.score)
