"""Which questions mean the same, and whether a gap's words find its entry. Gaps themselves are ``kb.gaps``'.

Likeness is search's own: half the cosine of the sentence vectors, half the terms in common (Dice's coefficient of
characters, bigrams and words, in the mean). The thresholds were chosen on pairs read one by one:
``docs/decisions/0018-gaps.md``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from indexer.engine import Engine, Filters
from indexer.query import understand
from indexer.search import Search
from indexer.text import Analysis, TermKind
from kb.gaps.queries import Tried
from kb.gaps.rules import TOP, Finding
from kb.permissions import Actor, Role

SAME = 0.84
"""Likeness from which two questions are taken for one without asking anybody: 98 of 100 such pairs are."""
MAYBE = 0.70
"""Likeness from which a person is asked: of the pairs below ``SAME`` somewhat more than half are one question."""
SENSE_SHARE = 0.5

_KINDS = (TermKind.CHARACTER, TermKind.BIGRAM, TermKind.WORD)
_ANY_AGENT = Actor(user_id=None, name="agent", roles=frozenset({Role.AGENT}))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a text is: its place in the sequence it came from, and 0..1."""

    index: int
    value: float


def likest(engine: Engine, text: str, others: Sequence[str], *, least: float) -> Sequence[Likeness]:
    """Return those of *others* that are at least *least* like *text*, the likest first.

    A cosine is at most 1, so texts with too little in common are left out before anything is embedded. Without sentence
    vectors the terms in common are all there is.
    """
    mine = _terms(engine.analysis, text)
    shared = [_shared(mine, _terms(engine.analysis, other)) for other in others]
    possible = [index for index, value in enumerate(shared) if SENSE_SHARE + (1 - SENSE_SHARE) * value >= least]
    vectors = engine.sense([text, *(others[index] for index in possible)]) if possible else None
    if vectors is None:
        found = [Likeness(index, shared[index]) for index in possible]
    else:
        cosines = vectors[1:] @ vectors[0]
        found = [
            Likeness(index, SENSE_SHARE * float(cosine) + (1 - SENSE_SHARE) * shared[index])
            for index, cosine in zip(possible, cosines, strict=True)
        ]
    near = [item for item in found if item.value >= least]
    return sorted(near, key=lambda item: (-item.value, item.index))


def same_meaning(engine: Engine, text: str, others: Sequence[str]) -> int | None:
    """Return the place of the one among *others* that surely means the same as *text*; ``None`` for none.

    Precision comes first: a gap that was wrongly merged is answered wrongly, two that were not are answered twice.
    """
    found = likest(engine, text, others, least=SAME)
    return found[0].index if found else None


def try_words(
    search: Search, session: Session, entry_key: str, words: Sequence[Tried], *, now: datetime
) -> Sequence[Finding]:
    """Search each of *words* as an agent of its region sees it; return where the entry *entry_key* stands.

    Raises:
        IndexNotReadyError: there is no index to search.
    """
    found = []
    for item in words:
        hits = search.run(session, _ANY_AGENT, item.text, Filters(region=item.region_key), now=now, limit=TOP).hits
        place = next((number for number, hit in enumerate(hits, start=1) if hit.id == entry_key), None)
        found.append(Finding(item.phrasing_id, item.text, item.region_key, item.agents, place))
    return found


def nearest_module(search: Search, session: Session, text: str, *, now: datetime) -> str | None:
    """Return the module of what is nearest to *text*, answer or not; ``None`` where nothing is.

    Raises:
        IndexNotReadyError: there is no index to search.
    """
    results = search.run(session, _ANY_AGENT, text, Filters(), now=now, limit=1)
    near = [hit for hit in (*results.hits, *results.nearest) if hit.bulletin is None]
    return near[0].module if near else None


@lru_cache(maxsize=20_000)
def _terms(analysis: Analysis, text: str) -> tuple[frozenset[str], ...]:
    terms = understand(text, analysis).terms
    return tuple(frozenset(term.text for term in terms if term.kind is kind) for kind in _KINDS)


def _shared(some: Sequence[frozenset[str]], others: Sequence[frozenset[str]]) -> float:
    """Return Dice's coefficient, in the mean over the kinds of terms."""
    return sum(_dice(mine, theirs) for mine, theirs in zip(some, others, strict=True)) / len(_KINDS)


def _dice(some: frozenset[str], others: frozenset[str]) -> float:
    return 2 * len(some & others) / (len(some) + len(others)) if some and others else 0.0
