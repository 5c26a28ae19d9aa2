"""One spelling for every text: NFKC, lower case, traditional to simplified; each character keeps its place.

The result is what is indexed, asked and compared. ``normalise_with_map`` also tells which character of the original
each character came from, so that a match can be shown in the text as it was written.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from opencc import OpenCC

# All but what certainly stays as it is under NFKC and lower case: most of a Chinese text needs no second look.
_FOLDABLE = re.compile("[^\\x00-@\\[-\\x7f\u3400-\u4dbf\u4e00-\u9fff、。《》「」『』【】“”‘’—]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def _traditional() -> re.Pattern[str]:
    """Return what finds a character that the conversion may change; those beyond the basic plane all may."""
    characters = "".join(map(chr, (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))))
    changed = [old for old, new in zip(characters, _converter().convert(characters), strict=True) if old != new]
    return re.compile(f"[{''.join(changed)}\U00010000-\U0010ffff]")


def normalise(text: str) -> str:
    """Return *text* in the one spelling."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return folded if folded.isascii() else _simplify(folded)


def normalise_with_map(text: str) -> tuple[str, Sequence[int]]:
    """Return *text* in the one spelling, and for each of its characters the index of the original's character.

    Characters are folded one by one here, so that each has a place; text that combines marks may differ from
    ``normalise`` in those marks.
    """
    foldable = set(_FOLDABLE.findall(text))
    folded, grown = text, False
    for character in foldable:  # few in a Chinese text: mostly its punctuation
        fold = _fold(character)
        folded, grown = folded.replace(character, fold), grown or len(fold) > 1
    places = _places(text) if grown else range(len(text))
    return (_simplify(folded) if _traditional().search(folded) else folded), places


def _places(text: str) -> Sequence[int]:
    """Return the place of each folded character of a *text* of which some fold to several, as … does."""
    places: list[int] = []
    done = 0
    for match in _FOLDABLE.finditer(text):
        more = len(_fold(match.group())) - 1
        if more:
            places += range(done, match.end())
            places += [match.start()] * more
            done = match.end()
    places += range(done, len(text))
    return places


@cache
def _fold(character: str) -> str:
    return unicodedata.normalize("NFKC", character).lower()


def _simplify(text: str) -> str:
    text = _SURROGATE.sub("\ufffd", text)  # half a character, which no library takes
    simplified: str = _converter().convert(text)
    if len(simplified) == len(text):
        return simplified
    # A phrase of the table changed its length: places matter more, so convert character by character.
    return "".join(_simplify_character(character) for character in text)


@cache
def _simplify_character(character: str) -> str:
    simplified: str = _converter().convert(character)
    return simplified if len(simplified) == 1 else character
