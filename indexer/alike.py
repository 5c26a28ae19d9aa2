"""Which entries there are already that say what a new text says: search's own hits, by search's own likeness."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from indexer.engine import Filters
from indexer.gaps import MAYBE, SAME, likest
from indexer.search import Search
from kb.permissions import Actor

CANDIDATES = 5
"""Hits that are compared."""
MIN_ANSWER = 12
"""Characters of an answer that say something by themselves: "可以办理。" is like many."""


@dataclass(frozen=True, slots=True)
class Alike:
    """An entry that is like a text.

    Attributes:
        value: likeness, 0..1.
    """

    key: str
    title: str
    value: float

    @property
    def is_sure(self) -> bool:
        """Whether it can be taken for the same without asking anybody."""
        return self.value >= SAME


def find(search: Search, session: Session, actor: Actor, title: str, answer: str, *, now: datetime) -> Sequence[Alike]:
    """Return the entries that *actor* may see whose title is like *title*, or whose answer is like *answer*.

    The likest first; none below ``MAYBE``.

    Raises:
        IndexNotReadyError: there is no index to search.
    """
    results = search.run(session, actor, title, Filters(), now=now, limit=CANDIDATES)
    near = [hit for hit in (*results.hits, *results.nearest) if hit.bulletin is None]
    titles = [hit.plain_title for hit in near]
    values = {item.index: item.value for item in likest(search.engine, title, titles, least=MAYBE)}
    if len(answer) >= MIN_ANSWER:
        answers = [str(hit.answer.striptags()) for hit in near]
        for item in likest(search.engine, answer, answers, least=MAYBE):
            values[item.index] = max(values.get(item.index, 0.0), item.value)
    found = [Alike(near[index].id, near[index].plain_title, round(value, 3)) for index, value in values.items()]
    return sorted(found, key=lambda item: -item.value)
