"""Where in a suggestion that which was typed stands, so that it can be shown. For the few texts that are shown."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from pypinyin import lazy_pinyin

from indexer.normalise import normalise_with_map
from indexer.suggest.alphabet import squeeze
from indexer.suggest.readings import reading
from indexer.suggest.typed import INITIALS_OF_TWO, LONGEST_TYPED


@dataclass(frozen=True, slots=True)
class Mark:
    """The characters of a text from *start* up to, not including, *end*."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Character:
    text: str
    readings: frozenset[str]
    place: int


def mark(text: str, typed: str) -> Mark | None:
    """Return where *typed* first stands in *text*, as it is or spelled; ``None`` if it doesn't."""
    wanted = squeeze(typed)[:LONGEST_TYPED]
    characters = _characters(text)
    if not wanted:
        return None
    literal = "".join(character.text for character in characters).find(wanted)
    if literal >= 0:
        return _between(characters, literal, literal + len(wanted))
    for start in range(len(characters)):
        length = _eaten(wanted, characters[start:])
        if length:
            return _between(characters, start, start + length)
    return None


def _between(characters: Sequence[_Character], start: int, end: int) -> Mark:
    return Mark(characters[start].place, characters[end - 1].place + 1)


def _characters(text: str) -> list[_Character]:
    normalised, places = normalise_with_map(text)
    in_context = lazy_pinyin(normalised, errors=_one_by_one)
    if len(in_context) != len(normalised):
        in_context = list(normalised)
    return [
        _Character(character, frozenset({spelled, reading(character)}), place)
        for character, spelled, place in zip(normalised, in_context, places, strict=True)
        if character.isalnum()
    ]


def _one_by_one(run: str) -> Any:
    """Return the characters of what has no pinyin; a list will do, though pypinyin's types don't say so."""
    return list(run)


def _eaten(typed: str, characters: Sequence[_Character]) -> int | None:
    """Return how many of *characters*, from the first, *typed* stands for, all of it; ``None`` if it can't."""
    reached = {0}
    for depth, character in enumerate(characters):
        reached = {place + length for place in reached for length in _lengths(typed[place:], character)}
        if len(typed) in reached:
            return depth + 1
    return None


def _lengths(rest: str, character: _Character) -> Set[int]:
    """Return how many characters of *rest* may stand for *character*: the same rules as ``typed.Typed``."""
    found = {1} if rest.startswith(character.text) else set()
    for spelled in character.readings:
        if not (spelled and spelled.isascii()):
            continue
        if rest.startswith(spelled):
            found.add(len(spelled))
        if rest[0] == spelled[0]:
            found.add(1)
        if spelled.startswith(rest):
            found.add(len(rest))
        if rest.startswith(INITIALS_OF_TWO) and spelled.startswith(rest[:2]):
            found.add(2)
    return found
