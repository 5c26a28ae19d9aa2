"""The verbs of the lexicon: add, revise and remove words; switch shipped ones off and on; dismiss proposals."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.entries.queries import by_key
from kb.errors import ConflictError, InvalidInputError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.lexicon.models import MAX_LINE, Dismissal, Kept, Pin, SwitchedOff, Synonym, Word, WordList
from kb.lexicon.rules import (
    MAX_POSITION,
    PinFacts,
    SynonymFacts,
    WordFacts,
    checked_pin,
    checked_synonym,
    checked_word,
    fold,
)
from kb.people import queries as people_queries
from kb.permissions import Actor, Permission, require

Row = TypeVar("Row", bound=Kept)

LISTS: Mapping[type[Kept], WordList] = {Synonym: WordList.SYNONYM, Word: WordList.WORD, Pin: WordList.PIN}


def add_synonym(session: Session, actor: Actor, facts: SynonymFacts, *, now: datetime) -> Synonym:
    """Add a synonym and return it.

    Raises:
        PermissionDeniedError: *actor* does not manage the lexicon.
        InvalidInputError: something in *facts* can't be kept.
        ConflictError: it is there already.
    """
    require(actor, Permission.LEXICON_MANAGE)
    facts = checked_synonym(facts)
    return _add(session, actor, _with_synonym(Synonym(), facts), now)


def revise_synonym(
    session: Session, actor: Actor, id_: int, facts: SynonymFacts, *, version: int, now: datetime
) -> Synonym:
    """Replace a synonym that was read at *version*.

    Raises:
        ConflictError: somebody changed or removed it since, or what it becomes is there already.
        PermissionDeniedError, InvalidInputError: as for ``add_synonym``.
    """
    require(actor, Permission.LEXICON_MANAGE)
    facts = checked_synonym(facts)
    row = _held(session, Synonym, id_, version)
    return _revise(session, actor, row, lambda: _with_synonym(row, facts), now)


def add_word(session: Session, actor: Actor, facts: WordFacts, *, now: datetime) -> Word:
    """Add a dictionary word and return it; errors as for ``add_synonym``."""
    require(actor, Permission.LEXICON_MANAGE)
    facts = checked_word(facts)
    return _add(session, actor, _with_word(Word(), facts), now)


def revise_word(session: Session, actor: Actor, id_: int, facts: WordFacts, *, version: int, now: datetime) -> Word:
    """Replace a dictionary word that was read at *version*; errors as for ``revise_synonym``."""
    require(actor, Permission.LEXICON_MANAGE)
    facts = checked_word(facts)
    row = _held(session, Word, id_, version)
    return _revise(session, actor, row, lambda: _with_word(row, facts), now)


def add_pin(session: Session, actor: Actor, facts: PinFacts, *, now: datetime) -> Pin:
    """Pin an entry to a query and return the pin; errors as for ``add_synonym``."""
    require(actor, Permission.LEXICON_MANAGE)
    facts = checked_pin(facts)
    return _add(session, actor, _with_pin(session, Pin(), facts), now)


def revise_pin(session: Session, actor: Actor, id_: int, facts: PinFacts, *, version: int, now: datetime) -> Pin:
    """Replace a pin that was read at *version*; errors as for ``revise_synonym``."""
    require(actor, Permission.LEXICON_MANAGE)
    facts = checked_pin(facts)
    row = _held(session, Pin, id_, version)
    return _revise(session, actor, row, lambda: _with_pin(session, row, facts), now)


def remove(session: Session, actor: Actor, model: type[Row], id_: int, *, version: int, now: datetime) -> None:
    """Remove the row *id_* of one of the lists, read at *version*.

    Raises:
        ConflictError: somebody changed or removed it since.
        PermissionDeniedError: *actor* does not manage the lexicon.
    """
    require(actor, Permission.LEXICON_MANAGE)
    row = _held(session, model, id_, version)
    session.delete(row)
    session.flush()
    _record(session, actor, Verb.REMOVED, LISTS[model], id_, now, text=_text(row))


def switch(session: Session, actor: Actor, word_list: WordList, line: str, *, on: bool, now: datetime) -> None:
    """Switch a line of the shipped dictionaries on or off; nothing happens where it is so already.

    Raises:
        InvalidInputError: pins don't come with the product, or the line is too long to be one of its lines.
        PermissionDeniedError: *actor* does not manage the lexicon.
    """
    require(actor, Permission.LEXICON_MANAGE)
    if word_list is WordList.PIN or not 0 < len(line) <= MAX_LINE:
        raise InvalidInputError(N_("自带词典里没有这一行"), field="line")
    known = session.get(SwitchedOff, (word_list, line))
    if on is (known is None):
        return
    if known is not None:
        session.delete(known)
    else:
        session.add(SwitchedOff(word_list=word_list, line=line, by_id=actor.user_id, at=now))
    session.flush()
    verb = Verb.SWITCHED_ON if on else Verb.SWITCHED_OFF
    _record(session, actor, verb, word_list, "shipped", now, text=line)


def dismiss(session: Session, actor: Actor, text: str, *, now: datetime) -> None:
    """Say that the proposed word *text* is not wanted: it is never proposed again.

    Raises:
        InvalidInputError: it could be no word.
        PermissionDeniedError: *actor* does not manage the lexicon.
    """
    require(actor, Permission.LEXICON_MANAGE)
    word = checked_word(WordFacts(text=text)).text
    if session.get(Dismissal, word) is None:
        session.add(Dismissal(text=word, by_id=actor.user_id, at=now))
        session.flush()
        _record(session, actor, Verb.DISMISSED, WordList.WORD, "proposal", now, text=word)


def _with_synonym(row: Synonym, facts: SynonymFacts) -> Synonym:
    row.line, row.direction = facts.line, facts.direction
    row.said, row.ours, row.note = list(facts.said), list(facts.ours), facts.note
    return row


def _with_word(row: Word, facts: WordFacts) -> Word:
    row.text, row.part_of_speech, row.note = facts.text, facts.part_of_speech, facts.note
    return row


def _with_pin(session: Session, row: Pin, facts: PinFacts) -> Pin:
    entry = by_key(session, facts.entry) if facts.entry else None
    if entry is None:
        raise InvalidInputError(N_("没有编号是“%(key)s”的知识"), field="entry", key=facts.entry)
    key = fold(facts.query)
    moved = row.query_key != key
    row.query, row.query_key, row.note = facts.query, key, facts.note
    row.entry_id, row.entry = entry.id, entry
    row.valid_from, row.valid_until = facts.valid_from, facts.valid_until
    if facts.position is not None:
        row.position = facts.position
    elif moved:
        row.position = min(_last_position(session, key) + 1, MAX_POSITION)
    return row


def _last_position(session: Session, query_key: str) -> int:
    with session.no_autoflush:
        return session.scalar(select(func.max(Pin.position)).where(Pin.query_key == query_key)) or 0


def _add(session: Session, actor: Actor, row: Row, now: datetime) -> Row:
    row.version, row.changed_by_id, row.changed_at = 1, actor.user_id, now
    _flush(session, row)
    _record(session, actor, Verb.CREATED, LISTS[type(row)], row.id, now, text=_text(row))
    return row


def _revise(session: Session, actor: Actor, row: Row, change: Callable[[], Row], now: datetime) -> Row:
    before = _text(row)
    with session.no_autoflush:
        change()
        row.version, row.changed_by_id, row.changed_at = row.version + 1, actor.user_id, now
        after = _text(row)
    _flush(session, row)
    _record(session, actor, Verb.REVISED, LISTS[type(row)], row.id, now, text=after, before=before)
    return row


def _flush(session: Session, row: Kept) -> None:
    """Write *row*. Where another one says the same, the unit of work is lost, as with every error."""
    try:
        session.add(row)
        session.flush()
    except IntegrityError as error:
        raise ConflictError(N_("已经有了，不用再加一次")) from error


def _held(session: Session, model: type[Row], id_: int, version: int) -> Row:
    """Return the row, locked until the transaction ends: whoever else is changing it goes first, and is seen."""
    row = session.get(model, id_, with_for_update={"of": model}, populate_existing=True)
    if row is None:
        raise ConflictError(N_("这一行已经被别人删掉了"))
    if row.version != version:
        names = people_queries.names(session, [row.changed_by_id])
        name = names.get(row.changed_by_id, "") if row.changed_by_id is not None else ""
        raise ConflictError(
            N_("%(name)s刚刚改过这一行，现在是“%(text)s”。请重新打开再改，免得盖掉。"),
            name=name or N_("别人"),
            text=_text(row),
        )
    return row


def _text(row: Kept) -> str:
    """Return what a row says, for people who read the trail."""
    match row:
        case Synonym():
            return row.line
        case Word():
            return row.text
        case Pin():
            return row.query
    raise AssertionError(f"no list holds a {type(row).__name__}")


def _record(
    session: Session, actor: Actor, verb: Verb, word_list: WordList, id_: int | str, now: datetime, **payload: Any
) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.LEXICON,
        subject_id=f"{word_list.value}:{id_}",
        payload=payload,
    )
