"""Pinned answers: entries that stand first where exactly their question is asked, whatever their words.

A pin puts an entry first; it makes nobody see more. A pinned entry passes the same checks as any other: state,
validity, audience, and what the person narrowed the search to.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from indexer import gathering
from indexer.documents import Document, Reference, Source
from indexer.engine import Filters, Found, Hit
from indexer.highlight import Marker
from indexer.query import Query, understand
from indexer.text import Analysis
from kb.entries import queries as entry_queries
from kb.entries.rules import SERVED
from kb.lexicon.models import Pin
from kb.lexicon.rules import in_force
from kb.permissions import Actor
from kb.verification.rules import place as place_of

Ask = Callable[[int], Found]
"""Asks the engine for the best so many, from the first one on."""

_EVERYWHERE = "*"
"""Stands for the whole province in ``Found.facets``."""


@dataclass(frozen=True, slots=True)
class _Pinned:
    entry_id: int
    valid_from: datetime | None
    valid_until: datetime | None


class Pins:
    """The pins as one moment had them. Questions are compared by what they say: spelling and filler make no difference.

    Args:
        pins: in their order.
        analysis: what their queries are understood with; it must be the one of the questions that are asked.
    """

    def __init__(self, pins: Iterable[Pin], analysis: Analysis) -> None:
        self._pins = tuple(pins)
        found: dict[str, list[_Pinned]] = {}
        for pin in self._pins:
            pinned = _Pinned(pin.entry_id, pin.valid_from, pin.valid_until)
            found.setdefault(said(understand(pin.query, analysis)), []).append(pinned)
        self._by_question: Mapping[str, tuple[_Pinned, ...]] = {key: tuple(pins) for key, pins in found.items()}

    def understood_with(self, analysis: Analysis) -> "Pins":
        """Return the same pins for questions that are understood with *analysis*."""
        return Pins(self._pins, analysis)

    def of(self, query: Query, now: datetime) -> tuple[int, ...]:
        """Return the ids of the entries that are pinned to *query* at the moment *now*, in their order."""
        found = self._by_question.get(said(query), ())
        return tuple(dict.fromkeys(pin.entry_id for pin in found if in_force(pin.valid_from, pin.valid_until, now)))


def said(query: Query) -> str:
    """Return what *query* says, without filler, white space and punctuation."""
    return "".join(query.normalised[place] for place in sorted(query.content))


def hits(
    session: Session,
    actor: Actor,
    ids: tuple[int, ...],
    query: Query,
    analysis: Analysis,
    filters: Filters,
    *,
    now: datetime,
) -> tuple[Hit, ...]:
    """Return those of the pinned entries *ids* that *actor* may see now within *filters*, in their order.

    They come from the database as it is now, so a pin works before the index has heard of its entry. No statement
    without *ids*.
    """
    if not ids or filters.source is not Source.ENTRY:
        return ()
    readable = entry_queries.readable_ids(session, actor, ids, states=filters.states, now=now)
    wanted = [Reference(Source.ENTRY, id_) for id_ in ids if id_ in readable]
    built = {item.reference.row: item for item in gathering.build(session, wanted)}
    marker = Marker(query, analysis)
    where = place_of(actor, filters.region)
    found = (built[item.row].version_in(where) for item in wanted if item.row in built)
    return tuple(_hit(document, marker) for document in found if _within(document, filters, now))


def place(first: tuple[Hit, ...], ask: Ask, *, limit: int, offset: int) -> Found:
    """Return one page of what *ask* finds with the pinned hits *first* put before it, each entry once.

    The engine is asked from the first hit on, since only so it is known which pinned ones it has above this page. What
    is pinned and matches nothing counts as any other answer does. What is pinned answers, so nothing else was meant.
    """
    found = ask(offset + limit)
    known = {hit.id: hit for hit in found.hits}
    pinned = tuple(replace(known.get(hit.id, hit), pinned=True) for hit in first)
    taken = {hit.id for hit in first}
    rest = tuple(hit for hit in found.hits if hit.id not in taken)
    added = [hit for hit in first if hit.bulletin is not None or hit.database_id not in found.watched]
    return replace(
        found,
        total=found.total + len(added),
        facets=_counted(found.facets, added),
        hits=(*pinned, *rest)[offset : offset + limit],
        correction=None,
        put_right=None,
    )


def _counted(facets: Mapping[str, Mapping[str, int]], added: Iterable[Hit]) -> dict[str, dict[str, int]]:
    """Return *facets* with the *added* hits in them; see ``Found.facets``."""
    counts = {name: dict(own) for name, own in facets.items()}
    for hit in added:
        single = {"module": hit.module, "kind": hit.kind, "tier": hit.tier, "level": str(hit.level)}
        keys = [*single.items(), *(("region", region) for region in hit.regions or (_EVERYWHERE,))]
        for name, key in keys:
            if name in counts and key:
                counts[name][key] = counts[name].get(key, 0) + 1
    return counts


def _within(document: Document, filters: Filters, now: datetime) -> bool:
    """Return whether *document* is valid and in what the search was narrowed to; the same rule as the engine's.

    Who works on an entry may read it after its validity, but a search serves it to nobody.
    """
    return all(
        (
            document.state not in SERVED or in_force(document.valid_from, document.valid_until, now),
            not filters.modules or not set(filters.modules).isdisjoint(document.modules),
            filters.region is None or not document.reach or filters.region in document.reach,
            not filters.tiers or document.tier in filters.tiers,
            not filters.kinds or document.kind in filters.kinds,
            not filters.products or not set(filters.products).isdisjoint(document.products),
        )
    )


def _hit(document: Document, marker: Marker) -> Hit:
    return Hit(
        id=document.key,
        database_id=document.reference.row,
        source=document.reference.source,
        kind=document.kind,
        level=document.level,
        module=document.modules[0] if document.modules else "",
        tier=document.tier,
        regions=document.regions,
        score=0.0,
        plain_title=document.title,
        title=marker.mark(document.title),
        answer=marker.mark(document.answer),
        wording=marker.best_text(document.wordings),
        highlights=marker.passages(document.passages),
        verified_at=document.verified_at,
        updated_at=document.updated_at,
        local=bool(document.local),
        pinned=True,
    )
