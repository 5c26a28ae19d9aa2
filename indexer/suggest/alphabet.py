"""The characters of one segment's texts as small numbers, in the order of how they are read.

A character that is read in two ways has two codes. Codes that share a beginning of their reading are neighbours, so
"some character typed zh…" is one span of codes, just as "the character 中" is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.normalise import normalise
from indexer.suggest.readings import READING_LETTERS, pair_keys, pair_readings, reading

END = 0
"""The code after a text's last character."""
OTHER = 1
"""The code of what does not fit in: a segment has room for the 65,533 most used characters."""
FIRST = 2
"""The code of the first character of an alphabet."""
_CODES = 2**16 - 1
"""The highest code stays unused, so that the end of every span of codes has 16 bits."""

_UNICODE = 0x110000


@dataclass(frozen=True, slots=True)
class Span:
    """The codes from *low* up to, not including, *high*."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What the codes of one segment stand for.

    Attributes:
        characters: code point of each code from ``FIRST`` on.
        readings: bytes of how each is typed, ascending.
        by_character: the places of the two arrays above, ordered by code point.
    """

    characters: NDArray[np.uint32]
    readings: NDArray[np.bytes_]
    by_character: NDArray[np.int64]

    def literally(self, character: str) -> tuple[Span, ...]:
        """Return the codes of *character*: one for each way it is read."""
        point = np.uint32(ord(character))
        low = int(np.searchsorted(self.characters, point, "left", sorter=self.by_character))
        found = []
        for place in self.by_character[low:]:
            if self.characters[place] != point:
                break
            found.append(Span(int(place) + FIRST, int(place) + FIRST + 1))
        return tuple(found)

    def read_as(self, syllable: str) -> Span:
        """Return the codes of all characters typed exactly *syllable*."""
        return self._between(syllable.encode(), syllable.encode(), "right")

    def beginning(self, letters: str) -> Span:
        """Return the codes of all characters whose reading starts with *letters*."""
        return self._between(letters.encode(), letters.encode().ljust(READING_LETTERS, b"\xff"), "left")

    def _between(self, low: bytes, high: bytes, side: Literal["left", "right"]) -> Span:
        if len(low) > READING_LETTERS:
            return Span(END, END)
        bounds = np.array([low, high], dtype=self.readings.dtype)
        first = np.searchsorted(self.readings, bounds[0], "left")
        last = np.searchsorted(self.readings, bounds[1], side)
        return Span(int(first) + FIRST, int(last) + FIRST)


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts as codes, one after the other.

    Attributes:
        codes: of all characters of all texts.
        lengths: how many of them each text has.
    """

    codes: NDArray[np.uint16]
    lengths: NDArray[np.int64]
    alphabet: Alphabet


def squeeze(text: str) -> str:
    """Return the letters, digits and characters of *text* in the one spelling: what is compared."""
    return "".join(character for character in normalise(text) if character.isalnum())


def encode(texts: Sequence[str]) -> Encoded:
    """Return *texts*, squeezed, as codes of an alphabet of their own."""
    points, lengths = _points(texts)
    slots, characters, readings = _slots(points, np.cumsum(lengths) - 1)
    used = np.bincount(slots, minlength=len(characters))
    kept = np.sort(np.argsort(-used, kind="stable")[: _CODES - FIRST])
    order = kept[np.lexsort((characters[kept], readings[kept]))]
    code_of = np.full(len(characters), OTHER, dtype=np.uint16)
    code_of[order] = np.arange(FIRST, FIRST + len(order), dtype=np.uint16)
    alphabet = Alphabet(
        characters=characters[order],
        readings=readings[order],
        by_character=np.argsort(characters[order], kind="stable").astype(np.int64),
    )
    return Encoded(code_of[slots], lengths, alphabet)


def _points(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the code points of all *texts*, squeezed, and how many each has."""
    normalised = [normalise(text) for text in texts]
    whole = np.fromiter(map(len, normalised), dtype=np.int64, count=len(normalised))
    points = np.frombuffer("".join(normalised).encode("utf-32-le"), dtype="<u4")
    compared = np.zeros(_UNICODE, dtype=bool)
    compared[points] = True
    for point in np.flatnonzero(compared):
        compared[point] = chr(point).isalnum()
    kept = compared[points]
    owners = np.repeat(np.arange(len(whole)), whole)
    return points[kept], np.bincount(owners[kept], minlength=len(whole)).astype(np.int64)


def _slots(
    points: NDArray[np.uint32], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.bytes_]]:
    """Return which slot each place takes, and the character and the reading of each slot."""
    present = np.zeros(_UNICODE, dtype=bool)
    present[points] = True
    characters = np.flatnonzero(present).astype(np.uint32)
    readings = [reading(chr(point)).encode() for point in characters]
    slot_of = np.zeros(_UNICODE, dtype=np.int32)
    slot_of[characters] = np.arange(len(characters), dtype=np.int32)
    slots = slot_of[points]
    places, said = _said_otherwise(points, ends)
    extra: dict[tuple[int, bytes], int] = {}
    for place, text in zip(places.tolist(), said.tolist(), strict=True):
        slot = int(slots[place])
        if readings[slot] != text:
            extra.setdefault((slot, text), len(characters) + len(extra))
    if extra:
        slots[places] = [
            extra.get((slot, text), slot) for slot, text in zip(slots[places].tolist(), said.tolist(), strict=True)
        ]
        characters = np.concatenate([characters, characters[[slot for slot, _ in extra]]])
        readings += [text for _, text in extra]
    return slots, characters, np.array(readings, dtype=f"S{READING_LETTERS}")


def _said_otherwise(
    points: NDArray[np.uint32], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bytes_]]:
    """Return the places that are part of a pair with readings of its own, and these readings.

    Args:
        ends: the last place of each text; an empty text repeats the one before it.
    """
    known = pair_readings()
    in_pairs = np.zeros(_UNICODE, dtype=bool)
    in_pairs[known.characters] = True
    likely = in_pairs[points]
    pairs = likely[:-1] & likely[1:]
    pairs[ends[(ends >= 0) & (ends < len(pairs))]] = False
    firsts = np.flatnonzero(pairs)
    keys = pair_keys(points[firsts], points[firsts + 1])
    found = np.searchsorted(known.keys, keys)
    hit = known.keys[np.minimum(found, len(known.keys) - 1)] == keys
    firsts, found = firsts[hit], found[hit]
    places = np.stack([firsts, firsts + 1], axis=1).ravel()
    return places, known.readings[found].ravel()
