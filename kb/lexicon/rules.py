"""What may stand in the lexicon: pure functions from what a manager typed to what is kept."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.lexicon.models import MAX_NOTE, MAX_QUERY, MAX_TERM, MAX_TERMS, MAX_WORD, Direction, PartOfSpeech

MIN_WORD = 2
MAX_POSITION = 9
"""A caller is not read more than a few answers."""

_SEPARATORS = re.compile(r"[,，、;；\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SynonymFacts:
    """What a manager says about a synonym; see ``kb.lexicon.models.Synonym``."""

    direction: Direction
    said: tuple[str, ...]
    ours: tuple[str, ...] = ()
    note: str = ""

    @property
    def line(self) -> str:
        """Return it as a line of the dictionary file."""
        left = ", ".join(self.said)
        return left if self.direction is Direction.TWO_WAY else f"{left} => {', '.join(self.ours)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordFacts:
    """What a manager says about a dictionary word."""

    text: str
    part_of_speech: PartOfSpeech | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinFacts:
    """What a manager says about a pinned answer. ``position`` is ``None`` for after those that are there."""

    query: str
    entry: str
    position: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    note: str = ""


def fold(text: str) -> str:
    """Return *text* in one spelling as far as the domain knows it: NFKC, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def in_force(valid_from: datetime | None, valid_until: datetime | None, now: datetime) -> bool:
    """Return whether valid_from ≤ *now* < valid_until; ``None`` is open."""
    return (valid_from is None or valid_from <= now) and (valid_until is None or now < valid_until)


def terms(text: str) -> tuple[str, ...]:
    """Return the terms that *text* lists, folded, each once; commas of any kind, 、, semicolons and lines part them."""
    return tuple(dict.fromkeys(folded for part in _SEPARATORS.split(text) if (folded := fold(part))))


def checked_synonym(facts: SynonymFacts) -> SynonymFacts:
    """Return *facts* as they are kept: a two-way group in order, so that the same group is the same line.

    Raises:
        InvalidInputError: ``field`` is ``said``, ``ours`` or ``note``.
    """
    said = _checked_terms(facts.said, "said")
    ours: tuple[str, ...] = ()
    if facts.direction is Direction.TWO_WAY:
        if len(said) < 2:
            raise InvalidInputError(N_("互为同义至少要写两个说法，用逗号隔开"), field="said")
        said = tuple(sorted(said))
    else:
        if not said:
            raise InvalidInputError(N_("要写客户的说法"), field="said")
        ours = _checked_terms(facts.ours, "ours")
        if not ours:
            raise InvalidInputError(N_("要写我们的说法"), field="ours")
        if both := sorted(set(said) & set(ours)):
            raise InvalidInputError(N_("两边都有“%(term)s”"), field="ours", term=both[0])
    return SynonymFacts(direction=facts.direction, said=said, ours=ours, note=_note(facts.note))


def checked_word(facts: WordFacts) -> WordFacts:
    """Return *facts* as they are kept.

    Raises:
        InvalidInputError: ``field`` is ``text`` or ``note``.
    """
    text = fold(facts.text)
    if not MIN_WORD <= len(text) <= MAX_WORD:
        raise InvalidInputError(N_("词要有 %(min)s 到 %(max)s 个字"), field="text", min=MIN_WORD, max=MAX_WORD)
    if not text.isalnum():
        raise InvalidInputError(N_("词里只能有汉字、字母和数字：%(text)s"), field="text", text=text)
    return WordFacts(text=text, part_of_speech=facts.part_of_speech, note=_note(facts.note))


def checked_pin(facts: PinFacts) -> PinFacts:
    """Return *facts* as they are kept.

    Raises:
        InvalidInputError: ``field`` is ``query``, ``position``, ``valid_until`` or ``note``.
    """
    query = " ".join(facts.query.split())
    if not any(character.isalnum() for character in query):
        raise InvalidInputError(N_("要写客户怎么问"), field="query")
    if max(len(query), len(fold(query))) > MAX_QUERY:
        raise InvalidInputError(N_("问法最多 %(max)s 个字"), field="query", max=MAX_QUERY)
    if facts.position is not None and not 1 <= facts.position <= MAX_POSITION:
        raise InvalidInputError(N_("次序是 1 到 %(max)s"), field="position", max=MAX_POSITION)
    if facts.valid_from and facts.valid_until and facts.valid_until <= facts.valid_from:
        raise InvalidInputError(N_("结束要晚于开始"), field="valid_until")
    return PinFacts(
        query=query,
        entry=facts.entry.strip(),
        position=facts.position,
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
        note=_note(facts.note),
    )


def _checked_terms(given: Sequence[str], field: str) -> tuple[str, ...]:
    found = terms("\n".join(given))
    if len(found) > MAX_TERMS:
        raise InvalidInputError(N_("一边最多写 %(max)s 个说法"), field=field, max=MAX_TERMS)
    for term in found:
        if len(term) > MAX_TERM:
            raise InvalidInputError(
                N_("“%(term)s”太长了，一个说法最多 %(max)s 个字"), field=field, term=term, max=MAX_TERM
            )
        if "=>" in term or not any(character.isalnum() for character in term):
            raise InvalidInputError(N_("“%(term)s”不是一个说法"), field=field, term=term)
    return found


def _note(text: str) -> str:
    note = " ".join(text.split())
    if len(note) > MAX_NOTE:
        raise InvalidInputError(N_("备注最多 %(max)s 个字"), field="note", max=MAX_NOTE)
    return note
