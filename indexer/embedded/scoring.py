"""Scoring: BM25 summed over the parts of a document and the kinds of terms, and what counts as an answer at all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from whoosh.query import Or, Phrase
from whoosh.reading import TermNotFound
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from indexer.embedded.schema import PARTS, WORDING_PART, Part
from indexer.query import Query, QueryTerm
from indexer.text import TermKind

Scores = Mapping[int, float]
"""Whoosh document number → score, only for documents that are answers."""

VOTES = 30
VOTE_WEIGHT = 0.15
"""An entry's wordings vote: the best counts in full, and 0.15·Σ s⁴ over the best 30 (design, "Searching")."""

RARE_ONE_IN = 200
"""A word that so few documents have (at least one) tells which of them is meant."""

_WEIGHTINGS = {part.name: BM25F(B=part.b, K1=part.k1) for part in PARTS}


def score(searcher: Searcher, query: Query, allowed: set[int]) -> Scores:
    """Return the scores of the *allowed* documents that answer *query*.

    A document is an answer if it has every phrase, and something that says what was asked about. But if what matched
    accounts for enough of the question (``Query.needed``) in none of them, nobody has written down an answer, and all
    that could be shown is noise.
    """
    allowed = _with_phrases(searcher, query, allowed)
    families = _Families(searcher)
    scores: dict[int, float] = defaultdict(float)
    wordings: dict[int, float] = defaultdict(float)
    covered: dict[int, int] = defaultdict(int)
    rare = max(1, len(allowed) // RARE_ONE_IN)
    for term in query.terms:
        owners = set()
        for part in PARTS:
            if term.kind not in part.kinds:
                continue
            for number, value in _postings(searcher, part, term):
                owner = families.parent(number) if part is WORDING_PART else number
                if owner in allowed:
                    owners.add(owner)
                    (wordings if part is WORDING_PART else scores)[number] += value
        places = sum(1 << place for place in query.accounts_for(term, rare=len(owners) <= rare))
        for owner in owners:
            covered[owner] |= places
    for owner, value in _votes(wordings, families).items():
        scores[owner] += value
    if max((places.bit_count() for places in covered.values()), default=0) < query.needed:
        return {}
    return {number: value for number, value in scores.items() if covered[number]}


class _Families:
    """Which document a wording's document belongs to."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._parents = searcher.reader().column_reader("parent")
        self._numbers: dict[str, int] = {}

    def parent(self, number: int) -> int:
        name = self._parents[number]
        if name not in self._numbers:
            self._numbers[name] = self._searcher.document_number(id=name)
        return self._numbers[name]


def _postings(searcher: Searcher, part: Part, term: QueryTerm) -> Iterator[tuple[int, float]]:
    """Yield the documents that have *term* in *part*, with what it adds to their scores."""
    weight = part.weight * part.kinds[term.kind] * term.weight
    try:
        matcher = searcher.postings(part.field(term.kind), term.text, weighting=_WEIGHTINGS[part.name])
    except TermNotFound:
        return
    while matcher.is_active():
        yield matcher.id(), weight * matcher.score()
        matcher.next()


def _votes(wordings: Scores, families: _Families) -> Scores:
    """Return what each document's wordings come to, by document."""
    if not wordings:
        return {}
    best = max(wordings.values())
    voters: dict[int, list[float]] = defaultdict(list)
    for number, value in wordings.items():
        voters[families.parent(number)].append(value / best)
    return {owner: best * vote(values) for owner, values in voters.items()}


def vote(values: Iterable[float]) -> float:
    """Return what wordings with these scores, each in 0..1, come to together: max + 0.15·Σ s⁴ over the best 30."""
    strongest = sorted(values, reverse=True)[:VOTES]
    return strongest[0] + VOTE_WEIGHT * sum(value**4 for value in strongest)


def _with_phrases(searcher: Searcher, query: Query, allowed: set[int]) -> set[int]:
    for phrase in query.phrases:
        found = Or([Phrase(part.field(TermKind.CHARACTER), list(phrase)) for part in PARTS]).docs(searcher)
        families = _Families(searcher)
        allowed = allowed.intersection(families.parent(number) for number in found)
    return allowed
