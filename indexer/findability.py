"""How easily callers' words will find what somebody is writing, and what is there already that says nearly the same.

Both are asked of the index as it is now, with the unpublished text put into it for the moment of the question
(``Engine.rehearse``): the rank shown is the rank that an agent would see, not a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from indexer import bulletins, gathering, pins
from indexer.documents import NEW_KEY
from indexer.engine import Filters, Found, Hit
from indexer.gaps import MAYBE, likest
from indexer.query import understand
from indexer.search import Search
from kb.entries import queries as entry_queries
from kb.entries.content import Content
from kb.entries.models import Entry
from kb.entries.rules import SERVED, State
from kb.permissions import Actor, Permission, Role

DEEPEST = 20
"""The last place that is looked at: nobody reads on."""
TRIED = 12
"""Wordings tried at a time: each is a search."""
ABOVE = 3
"""Entries named that stand above."""
COMPARED = 8
"""Entries compared for a near-duplicate."""
SHARED = 4
"""Of one's own phrasings, the title first, those that near-duplicates are looked for with."""
ALIKE = MAYBE
"""Likeness of two phrasings from which on a person is shown both (measured for gaps: decision 18)."""

_IN_WORK = frozenset({State.DRAFT, State.RETURNED, State.IN_REVIEW, State.VERIFYING, State.SCHEDULED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a wording finds the entry.

    Attributes:
        place: counted from 1; ``None`` where it is not among the first ``DEEPEST``.
        answered: whether the wording finds anything good enough at all.
        above: what stands above it, or, where it is not found, first: as far as the writer may read it.
    """

    wording: str
    place: int | None
    answered: bool
    above: tuple[Hit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """An entry that says nearly the same.

    Attributes:
        likeness: of the two phrasings that are most alike, 0..1.
        mine, theirs: these two.
    """

    entry: Entry
    likeness: float
    mine: str
    theirs: str


def places(
    search: Search, session: Session, writer: Actor, content: Content, entry: Entry | None, *, now: datetime
) -> Sequence[Place]:
    """Return where each of the first ``TRIED`` wordings of *content* would find it once it is published.

    They are searched as somebody at the desk searches who may read it, in the first of its regions if it has any.

    Raises:
        IndexNotReadyError: there is no index to search.
    """
    wordings = [wording for wording in content.wordings[:TRIED] if wording.strip()]
    if not wordings:
        return []
    role = Role.AGENT if not content.audience or Role.AGENT in content.audience else content.audience[0]
    agent = Actor(user_id=None, name="desk", roles=frozenset({role}))
    filters = Filters(region=content.regions[0] if content.regions else None)
    document = gathering.rehearsed(session, content, entry, now=now)
    words = search.words(session)
    queries = [understand(text, words.analysis) for text in wordings]
    asked = [query for query in queries if query.terms]
    ranked = iter(search.engine.rehearse(document, asked, filters, agent, now=now, limit=DEEPEST))
    results = []
    for wording, query in zip(wordings, queries, strict=True):
        if not query.terms:  # filler alone, which no search goes by
            results.append(Place(wording=wording, place=None, answered=False, above=()))
            continue
        first = bulletins.hits(session, agent, query, filters, now=now)
        first += pins.hits(session, agent, words.pins.of(query, now), query, words.analysis, filters, now=now)
        results.append(_placed(wording, document.key, first, next(ranked)))
    return _readable(session, writer, results, now)


def near(
    search: Search, session: Session, writer: Actor, content: Content, entry: Entry | None, *, now: datetime
) -> Sequence[Near]:
    """Return entries that *writer* may read with a phrasing that is nearly one of *content*'s, the most alike first.

    Drafts that they may read count too: two people may be writing the same thing.

    Raises:
        IndexNotReadyError: there is no index to search.
    """
    phrasings = [text for text in (content.title, *content.wordings) if text.strip()][:SHARED]
    without = frozenset() if entry is None else frozenset({entry.key})
    states = SERVED | (_IN_WORK if writer.scopes(Permission.ENTRY_READ_UNPUBLISHED) else frozenset())
    filters = Filters(states=states, without=without, as_typed=True)
    rows: dict[int, None] = {}
    for text in phrasings:
        results = search.run(session, writer, text, filters, now=now, limit=COMPARED)
        rows |= dict.fromkeys(hit.database_id for hit in (*results.hits, *results.nearest) if hit.bulletin is None)
    candidates = entry_queries.by_ids(session, list(rows)[: 2 * COMPARED]) if rows else []
    found = [item for other in candidates if (item := _nearest(search, phrasings, other)) is not None]
    return sorted(found, key=lambda item: (-item.likeness, item.entry.id))


def _nearest(search: Search, phrasings: Sequence[str], other: Entry) -> Near | None:
    revision = other.shown_revision
    theirs = [revision.title, *revision.wordings[:TRIED]]
    best: Near | None = None
    for text in phrasings:
        alike = likest(search.engine, text, theirs, least=ALIKE)
        if alike and (best is None or alike[0].value > best.likeness):
            best = Near(entry=other, likeness=alike[0].value, mine=text, theirs=theirs[alike[0].index])
    return best


def _placed(wording: str, key: str, first: tuple[Hit, ...], ranked: Found) -> Place:
    taken = {hit.id for hit in first}
    order = [*first, *(hit for hit in ranked.hits if hit.id not in taken)]
    own = next((number for number, hit in enumerate(order) if hit.id in (key, NEW_KEY)), None)
    if own is not None:
        return Place(wording=wording, place=own + 1, answered=True, above=tuple(order[:own]))
    others = tuple(hit for hit in (order or ranked.nearest) if hit.id not in (key, NEW_KEY))
    return Place(wording=wording, place=None, answered=bool(order), above=others)


def _readable(session: Session, writer: Actor, results: Sequence[Place], now: datetime) -> Sequence[Place]:
    """Return *results* without what *writer* may not read, and no more above than is shown. One statement."""
    rows = {hit.database_id for item in results for hit in item.above if hit.bulletin is None}
    readable = entry_queries.readable_ids(session, writer, rows, states=SERVED, now=now) if rows else frozenset()
    return [
        Place(
            wording=item.wording,
            place=item.place,
            answered=item.answered,
            above=tuple(hit for hit in item.above if hit.bulletin is not None or hit.database_id in readable)[:ABOVE],
        )
        for item in results
    ]
