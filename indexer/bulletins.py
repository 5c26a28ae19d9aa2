"""Bulletins in force stand first where somebody searches for words they name, with the line to take.

They are no documents of the index: a bulletin lives for hours and has to be there, and gone, at the moment. They are
read from the database in each search, so their times, regions and teams are those of that moment.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from indexer.documents import Source
from indexer.engine import Filters, Hit
from indexer.normalise import normalise
from indexer.query import Query
from kb.bulletins import queries
from kb.bulletins.models import Bulletin
from kb.entries.content import Kind
from kb.entries.rules import Level
from kb.permissions import Actor
from kb.taxonomy import queries as taxonomy_queries


def hits(session: Session, actor: Actor, query: Query, filters: Filters, *, now: datetime) -> tuple[Hit, ...]:
    """Return the bulletins in force for *actor* that name words of *query*, within *filters*.

    Only region and kind narrow them: whoever looks into one module while the lines are cut must see that they are. One
    statement, and four more where one is found and the search is narrowed to a region.
    """
    if filters.source is not Source.ENTRY or (filters.kinds and Kind.BULLETIN not in filters.kinds):
        return ()
    named = [
        (bulletin, word)
        for bulletin in queries.naming(session, actor, now=now)
        if (word := named_in(bulletin.words, query)) is not None
    ]
    if filters.region is not None and any(bulletin.regions for bulletin, _ in named):
        line = taxonomy_queries.load(session).regions.line(filters.region)
        named = [item for item in named if not item[0].regions or not line.isdisjoint(item[0].regions)]
    return tuple(_hit(bulletin, word) for bulletin, word in named)


def named_in(words: Iterable[str], query: Query) -> str | None:
    """Return the longest of *words* that *query* holds, ``None`` if none: spelling, white space and filler aside."""
    whole = _letters(query.normalised, range(len(query.normalised)))
    content = _letters(query.normalised, query.content)
    held = [word for word in words if (said := _letters(normalise(word))) and (said in whole or said in content)]
    return max(held, key=len, default=None)


def _letters(text: str, places: Collection[int] | None = None) -> str:
    kept = range(len(text)) if places is None else sorted(places)
    return "".join(text[place] for place in kept if text[place].isalnum())


def _hit(bulletin: Bulletin, word: str) -> Hit:
    return Hit(
        id=f"bulletin-{bulletin.id}",
        database_id=bulletin.id,
        source=Source.ENTRY,
        kind=Kind.BULLETIN.value,
        level=Level.L2,
        module="",
        tier=None,
        regions=tuple(bulletin.regions),
        score=0.0,
        plain_title=bulletin.title,
        title=Markup.escape(bulletin.title),
        answer=Markup.escape(bulletin.script),
        wording=Markup("<mark>{}</mark>").format(word),
        highlights=(),
        verified_at=None,
        updated_at=bulletin.changed_at,
        pinned=True,
        bulletin=bulletin.id,
    )
