"""Questions to try changed words on: what was really asked, or, where nothing is recorded, what entries are called."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from kb.entries import queries as entry_queries
from kb.permissions import Actor
from web.services import RecentQueries

PREVIEWED = 200
"""Questions that a change is tried on."""
MINED = 2_000
"""Questions that new words are looked for in."""
MAX_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Sample:
    """Questions, and whether callers really asked them."""

    questions: tuple[str, ...]
    real: bool


def take(session: Session, actor: Actor, recent: RecentQueries, *, now: datetime, limit: int) -> Sample:
    """Return at most *limit* questions, the newest first; entries' wordings and titles where none were recorded.

    One statement, two where none were recorded.
    """
    asked = tuple(recent(session, limit))
    if asked:
        return Sample(asked, real=True)
    return Sample(tuple(islice(_written(session, actor, now), limit)), real=False)


def _written(session: Session, actor: Actor, now: datetime) -> Iterator[str]:
    entries = entry_queries.served_to(session, actor, now=now, limit=MAX_ENTRIES)
    revisions = [entry.shown_revision for entry in entries]
    yield from (wording for revision in revisions for wording in revision.wordings[:1])
    yield from (revision.title for revision in revisions)
    yield from (wording for revision in revisions for wording in revision.wordings[1:])
