"""Texts to be searched for needles, all at once: in the one spelling, with the way back to how they were written."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from indexer.normalise import normalise_with_map

_BETWEEN = "\x00"
"""Stands between texts. It is neither part of a word nor white space, so nothing is found across it."""
_SPACE = re.compile(r"[ \n]+(?=\w)")
_LATIN = re.compile(r"[a-z0-9]")

Found = tuple[int, int, int]
"""Which text something was found in, and where it begins and ends there, in the text's own characters."""


class Haystack:
    """Some texts as one, since looking through many short ones costs far more than through one of their length.

    Attributes:
        normalised: the texts in the one spelling. White space is left out where neighbours meet across it, as for the
            index: ``LOS 红灯`` is los红灯, but ``LOS PON`` stays two words.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._begins = list(accumulate((len(text) + 1 for text in texts), initial=0))
        self.normalised, self._origin = _without_gaps(*normalise_with_map(_BETWEEN.join(texts)))

    def find(self, text: str, *, whole: bool) -> Iterator[Found]:
        """Yield where *text* stands; a *whole* one not inside a longer run of letters: 651 is not in 16510."""
        start = self.normalised.find(text)
        while start >= 0:
            end = start + len(text)
            if not whole or self._is_whole(start, end):
                begin = self._origin[start]
                number = bisect_right(self._begins, begin) - 1
                offset = self._begins[number]
                yield number, begin - offset, self._origin[end - 1] + 1 - offset
            start = self.normalised.find(text, start + 1)

    def where(self, characters: Iterable[str]) -> Iterator[int]:
        """Yield the places in ``normalised`` at which one of *characters* stands, character by character."""
        for character in characters:
            place = self.normalised.find(character)
            while place >= 0:
                yield place
                place = self.normalised.find(character, place + 1)

    def _is_whole(self, start: int, end: int) -> bool:
        text, runs = self.normalised, _LATIN.match
        inside_before = start > 0 and runs(text, start - 1) and runs(text, start)
        inside_after = end < len(text) and runs(text, end - 1) and runs(text, end)
        return not inside_before and not inside_after


def _without_gaps(normalised: str, origin: list[int]) -> tuple[str, list[int]]:
    if " " not in normalised and "\n" not in normalised:
        return normalised, origin
    gaps = [
        space.span()
        for space in _SPACE.finditer(normalised)
        if space.start()
        and normalised[space.start() - 1].isalnum()
        and not (_LATIN.match(normalised, space.start() - 1) and _LATIN.match(normalised, space.end()))
    ]
    if not gaps:
        return normalised, origin
    kept = list(zip([0, *(end for _, end in gaps)], [*(start for start, _ in gaps), len(normalised)], strict=True))
    return (
        "".join([normalised[start:end] for start, end in kept]),
        [place for start, end in kept for place in origin[start:end]],
    )
