"""One spelling for every text: NFKC, lower case, traditional to simplified; each character keeps its place.

The result is what is indexed, asked and compared. ``normalise_with_map`` also tells which character of the original
each character came from, so that a match can be shown in the text as it was written.
"""

import unicodedata
from functools import cache

from opencc import OpenCC


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def normalise(text: str) -> str:
    """Return *text* in the one spelling."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return folded if folded.isascii() else _simplify(folded)


def normalise_with_map(text: str) -> tuple[str, list[int]]:
    """Return *text* in the one spelling, and for each of its characters the index of the original's character.

    Characters are folded one by one here, so that each has a place; text that combines marks may differ from
    ``normalise`` in those marks.
    """
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKC", character).lower():
            folded.append(part)
            places.append(place)
    return _simplify("".join(folded)), places


def _simplify(text: str) -> str:
    simplified: str = _converter().convert(text)
    if len(simplified) == len(text):
        return simplified
    # A phrase of the table changed its length: places matter more, so convert character by character.
    return "".join(_simplify_character(character) for character in text)


@cache
def _simplify_character(character: str) -> str:
    simplified: str = _converter().convert(character)
    return simplified if len(simplified) == 1 else character
