"""The lexicon in the shapes that its pages show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from indexer.dictionary import Files
from kb.events.models import Verb
from kb.i18n import N_
from kb.lexicon import queries
from kb.lexicon.models import WordList
from kb.lexicon.rules import fold

SHIPPED_ROWS = 60
"""Shipped lines shown at once: there are hundreds, and one looks for a certain one."""

CHANGES_SHOWN = 12

VERBS: Mapping[Verb, str] = {
    Verb.CREATED: N_("加了"),
    Verb.REVISED: N_("改了"),
    Verb.REMOVED: N_("删了"),
    Verb.SWITCHED_OFF: N_("停用了自带的"),
    Verb.SWITCHED_ON: N_("恢复了自带的"),
    Verb.DISMISSED: N_("不收"),
}


@dataclass(frozen=True, slots=True)
class Changed:
    """One line of who changed what; ``before`` is what it said where it says something else now."""

    by: int | None
    what: str
    text: str
    before: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Shipped:
    """A line that comes with the product."""

    line: str
    on: bool


@dataclass(frozen=True, slots=True)
class ShippedLines:
    """The first of the shipped lines that were asked for, of how many, those that are off first."""

    total: int
    lines: Sequence[Shipped]


def changes(session: Session, word_list: WordList) -> Sequence[Changed]:
    """Return who changed what in one of the lists, newest first. One statement."""
    events = queries.changes(session, word_list, limit=CHANGES_SHOWN)
    return [
        Changed(
            by=event.actor_id,
            what=VERBS[event.verb],
            text=event.payload.get("text", ""),
            before=event.payload.get("before", ""),
            at=event.at,
        )
        for event in events
    ]


def shipped(files: Files, off: Iterable[tuple[WordList, str]], word_list: WordList, containing: str) -> ShippedLines:
    """Return the shipped lines of one of the lists that have *containing* in them; pins are never shipped."""
    lines: list[str] = []
    if word_list is WordList.SYNONYM:
        lines = [synonym.line for synonym in files.synonyms]
    elif word_list is WordList.WORD:
        lines = [word.text for word in files.words]
    switched_off = {line for kind, line in off if kind is word_list}
    found = [Shipped(line, line not in switched_off) for line in lines if fold(containing) in line]
    return ShippedLines(len(found), sorted(found, key=lambda item: item.on)[:SHIPPED_ROWS])
