"""What a change of words would do: the same questions asked with the words before and after, side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from indexer.engine import Engine, Filters, Hit
from indexer.lexicon import Words
from indexer.query import Query, understand
from indexer.search import find
from kb.permissions import Actor

TOP = 3
"""Results that an agent looks at on a call."""


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose first results would change: what they are, and what they would be."""

    query: str
    before: tuple[Hit, ...]
    after: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What was tried: how many questions, and the changes among them.

    Attributes:
        cuts_otherwise: text is cut otherwise afterwards. The index is still the old one, so the changes are
            approximate until it is built anew.
    """

    asked: int
    changes: tuple[Change, ...]
    cuts_otherwise: bool


def compare(
    engine: Engine,
    session: Session,
    before: Words,
    after: Words,
    queries: Iterable[str],
    *,
    actor: Actor,
    now: datetime,
    top: int = TOP,
) -> Preview:
    """Return for which of *queries* the first *top* results of *actor* would be others with *after* than with *before*.

    A question that is understood alike, and to which the same is pinned, is not searched for: of a few hundred, few
    have anything to do with one word.

    Raises:
        IndexNotReadyError: there is no index to search.
    """
    asked, changes = 0, []
    for text in dict.fromkeys(queries):
        asked += 1
        old, new = understand(text, before.analysis), understand(text, after.analysis)
        if _asks(old) == _asks(new) and before.pins.of(old, now) == after.pins.of(new, now):
            continue
        shown = Change(
            text,
            *(
                find(engine, session, actor, query, words, Filters(), now=now, limit=top).hits
                for query, words in ((old, before), (new, after))
            ),
        )
        if [hit.database_id for hit in shown.before] != [hit.database_id for hit in shown.after]:
            changes.append(shown)
    cuts = before.analysis.dictionary.digest != after.analysis.dictionary.digest
    return Preview(asked, tuple(changes), cuts)


def _asks(query: Query) -> object:
    """Return what decides the results of *query*."""
    return frozenset(query.terms), query.content, query.phrases
