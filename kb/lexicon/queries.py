"""Reading the centre's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from kb.entries.models import Entry
from kb.events.models import Event, Subject
from kb.events.queries import last_seq
from kb.lexicon.models import Dismissal, Kept, Pin, SwitchedOff, Synonym, Word, WordList
from kb.lexicon.rules import fold

Row = TypeVar("Row", bound=Kept)


WITH_ENTRY = (
    joinedload(Pin.entry).joinedload(Entry.live_revision),
    joinedload(Pin.entry).joinedload(Entry.work_revision),
)
"""Loads a pin with what its entry shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """All of the lexicon that search takes notice of.

    Attributes:
        seq: number of the last event about the lexicon when it was read.
        switched_off: lines of the shipped dictionaries.
    """

    seq: int
    synonyms: Sequence[Synonym] = ()
    words: Sequence[Word] = ()
    pins: Sequence[Pin] = ()
    switched_off: frozenset[tuple[WordList, str]] = frozenset()


def last_change(session: Session) -> int:
    """Return the number of the last committed event about the lexicon, 0 when there is none. One statement."""
    return last_seq(session, kinds=(Subject.LEXICON,))


def load(session: Session) -> Lexicon:
    """Return the lexicon. Five statements.

    The number is read first: what is committed while the rest is read is read again with its event.
    """
    seq = last_change(session)
    return Lexicon(
        seq=seq,
        synonyms=session.scalars(select(Synonym).order_by(Synonym.line)).all(),
        words=session.scalars(select(Word).order_by(Word.text)).all(),
        pins=session.scalars(select(Pin).order_by(Pin.query_key, Pin.position, Pin.id)).all(),
        switched_off=switched_off(session),
    )


def switched_off(session: Session) -> frozenset[tuple[WordList, str]]:
    """Return the lines of the shipped dictionaries that are switched off. One statement."""
    return frozenset((row[0], row[1]) for row in session.execute(select(SwitchedOff.word_list, SwitchedOff.line)))


def dismissed(session: Session) -> frozenset[str]:
    """Return the proposed words that somebody did not want. One statement."""
    return frozenset(session.scalars(select(Dismissal.text)))


def synonyms(session: Session, containing: str = "", *, limit: int, offset: int = 0) -> tuple[int, Sequence[Synonym]]:
    """Return how many synonyms have *containing* in them, and one page of them, newest change first. Two statements."""
    return _page(session, Synonym, _contains(containing, Synonym.line, Synonym.note), limit, offset)


def words(session: Session, containing: str = "", *, limit: int, offset: int = 0) -> tuple[int, Sequence[Word]]:
    """Return how many words have *containing* in them, and one page of them, newest change first. Two statements."""
    return _page(session, Word, _contains(containing, Word.text, Word.note), limit, offset)


def pins(session: Session, containing: str = "", *, limit: int, offset: int = 0) -> tuple[int, Sequence[Pin]]:
    """Return how many pins have *containing* in query or note, and one page, query by query. Two statements."""
    condition = _contains(containing, Pin.query_key, Pin.note)
    total = session.scalar(select(func.count(Pin.id)).where(condition)) or 0
    wanted = select(Pin).where(condition).options(*WITH_ENTRY).order_by(Pin.query_key, Pin.position, Pin.id)
    return total, session.scalars(wanted.limit(limit).offset(offset)).unique().all()


def changes(session: Session, word_list: WordList, *, limit: int) -> Sequence[Event]:
    """Return the newest *limit* events about one of the lists, newest first. One statement."""
    return session.scalars(
        select(Event)
        .where(
            Event.subject_kind == Subject.LEXICON,
            Event.seq.is_not(None),
            Event.subject_id.startswith(f"{word_list.value}:", autoescape=True),
        )
        .order_by(Event.seq.desc())
        .limit(limit)
    ).all()


def _contains(text: str, *columns: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return or_(*(column.contains(fold(text), autoescape=True) for column in columns))


def _page(
    session: Session, model: type[Row], condition: ColumnElement[bool], limit: int, offset: int
) -> tuple[int, Sequence[Row]]:
    total = session.scalar(select(func.count(model.id)).where(condition)) or 0
    wanted = select(model).where(condition).order_by(model.changed_at.desc(), model.id.desc())
    return total, session.scalars(wanted.limit(limit).offset(offset)).all()
