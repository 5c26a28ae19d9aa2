"""Scoring: BM25 summed over the parts of a document and the kinds of terms, and what counts as an answer at all."""

from collections import defaultdict
from collections.abc import Mapping

from whoosh.query import And, Or, Phrase
from whoosh.reading import TermNotFound
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from indexer.embedded.schema import PARTS
from indexer.query import Query
from indexer.text import TermKind

Scores = Mapping[int, float]
"""Whoosh document number → score, only for documents that are answers."""

_WEIGHTINGS = {part.name: BM25F(B=part.b, K1=part.k1) for part in PARTS}


def score(searcher: Searcher, query: Query, allowed: set[int]) -> Scores:
    """Return the scores of the *allowed* documents that answer *query*.

    A document is an answer if it has every phrase, and if what matched accounts for enough of what was said
    (``Query.needed``). Single characters rank but prove nothing: nearly every document has some of them; only where a
    character stands alone in the query (费) does it account for itself.
    """
    allowed = _with_phrases(searcher, query, allowed)
    alone = _alone(query)
    scores: dict[int, float] = defaultdict(float)
    covered: dict[int, int] = defaultdict(int)
    for term in query.terms:
        proves = term.kind is not TermKind.CHARACTER or term.covers <= alone
        places = sum(1 << place for place in term.covers) if proves else 0
        for part in PARTS:
            weight = part.weight * part.kinds[term.kind] * term.weight
            try:
                matcher = searcher.postings(part.field(term.kind), term.text, weighting=_WEIGHTINGS[part.name])
            except TermNotFound:
                continue
            while matcher.is_active():
                number = matcher.id()
                if number in allowed:
                    scores[number] += weight * matcher.score()
                    covered[number] |= places
                matcher.next()
    return {number: value for number, value in scores.items() if covered[number].bit_count() >= query.needed}


def _alone(query: Query) -> frozenset[int]:
    """Return the places that no word or bigram of the query reaches: what stands alone there is a character."""
    reached = (term.covers for term in query.terms if term.kind is not TermKind.CHARACTER and len(term.text) > 1)
    return query.content - frozenset().union(*reached)


def _with_phrases(searcher: Searcher, query: Query, allowed: set[int]) -> set[int]:
    if not query.phrases:
        return allowed
    fields = [part.field(TermKind.CHARACTER) for part in PARTS]
    wanted = And([Or([Phrase(field, list(phrase)) for field in fields]) for phrase in query.phrases])
    return allowed.intersection(wanted.docs(searcher))
