"""How characters are read aloud, as they are typed: one reading a character, and pairs that are read otherwise.

``pypinyin`` reads a whole text in context, at about 8,000 texts a second. Here the most common reading of a character
stands unless it and its neighbour make a word of two that is known to be read otherwise (银行 is yin hang), which can
be looked up for all neighbours of half a million texts at once.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

READING_LETTERS = 6
"""Letters of the longest syllable: zhuang."""

_PAIR_SHIFT = 21
"""Bits of a code point."""


@cache
def reading(character: str) -> str:
    """Return how *character* is typed: its most common pinyin without tones, itself if it is ASCII, else nothing."""
    if character.isascii():
        return character
    return _plain(PINYIN_DICT.get(ord(character), "").split(",")[0])


@dataclass(frozen=True, slots=True)
class PairReadings:
    """Words of two characters that are not read as their characters are one by one.

    Attributes:
        keys: the two code points in one number, ascending; see ``pair_keys``.
        readings: beside each key, the readings of its two characters: an array of pairs of bytes.
        characters: the code points that occur in any of them, ascending.
    """

    keys: NDArray[np.uint64]
    readings: NDArray[np.bytes_]
    characters: NDArray[np.uint32]


def pair_keys(first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return one number for each pair of code points."""
    keys: NDArray[np.uint64] = (first.astype(np.uint64) << np.uint64(_PAIR_SHIFT)) | second
    return keys


@cache
def pair_readings() -> PairReadings:
    """Return the pairs ``pypinyin`` knows."""
    pairs: dict[str, tuple[str, str]] = {}
    for word, spelled in PHRASES_DICT.items():
        if len(word) != 2 or len(spelled) != 2:
            continue
        left, right = _plain(spelled[0][0]), _plain(spelled[1][0])
        if (left, right) != (reading(word[0]), reading(word[1])):
            pairs[word] = (left, right)
    words = sorted(pairs)
    points = np.array([[ord(word[0]), ord(word[1])] for word in words], dtype=np.uint32)
    return PairReadings(
        keys=pair_keys(points[:, 0], points[:, 1]),
        readings=np.array([[part.encode() for part in pairs[word]] for word in words], dtype=f"S{READING_LETTERS}"),
        characters=np.unique(points),
    )


@cache
def _plain(syllable: str) -> str:
    plain: str = to_normal(syllable)
    return plain if plain.isascii() and plain.isalpha() and len(plain) <= READING_LETTERS else ""
