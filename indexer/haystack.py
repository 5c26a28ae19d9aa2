"""Texts to be searched for needles, all at once: in the one spelling, with the way back to how they were written."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate

from indexer.normalise import normalise_with_map

_BETWEEN = "\x00"
"""Stands between texts. It is neither part of a word nor white space, so nothing is found across it."""
_SPACE = re.compile(r"[ \n]+(?=\w)")
_LATIN = re.compile(r"[a-z0-9]")

Found = tuple[int, int, int]
"""Which text something was found in, and where it begins and ends there, in the text's own characters."""


@lru_cache(maxsize=2048)
def haystack_of(texts: tuple[str, ...]) -> "Haystack":
    """Return *texts* made ready; kept for a while, since the same few entries answer most calls (some 3 kB each)."""
    return Haystack(texts)


class Haystack:
    """Some texts as one, since looking through many short ones costs far more than through one of their length.

    Attributes:
        normalised: the texts in the one spelling. White space is left out where neighbours meet across it, as for the
            index: ``LOS 红灯`` is los红灯, but ``LOS PON`` stays two words.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._begins = list(accumulate((len(text) + 1 for text in texts), initial=0))
        self.normalised, self._places = normalise_with_map(_BETWEEN.join(texts))
        self._cuts: list[int] = []  # where white space was left out of ``normalised``, and how much until there
        self._left_out = [0]
        if " " in self.normalised or "\n" in self.normalised:
            self._close_gaps()

    @cached_property
    def characters(self) -> frozenset[str]:
        """The characters of ``normalised``."""
        return frozenset(self.normalised)

    def find(self, text: str, *, whole: bool) -> Iterator[Found]:
        """Yield where *text* stands; a *whole* one not inside a longer run of letters: 651 is not in 16510."""
        start = self.normalised.find(text)
        while start >= 0:
            end = start + len(text)
            if not whole or self._is_whole(start, end):
                begin = self._origin(start)
                number = bisect_right(self._begins, begin) - 1
                offset = self._begins[number]
                yield number, begin - offset, self._origin(end - 1) + 1 - offset
            start = self.normalised.find(text, start + 1)

    def where(self, characters: Iterable[str]) -> Iterator[int]:
        """Yield the places in ``normalised`` at which one of *characters* stands, character by character."""
        for character in characters:
            place = self.normalised.find(character)
            while place >= 0:
                yield place
                place = self.normalised.find(character, place + 1)

    def _origin(self, place: int) -> int:
        """Return the place in the joined texts of a place in ``normalised``."""
        return self._places[place + self._left_out[bisect_right(self._cuts, place)]]

    def _close_gaps(self) -> None:
        """Leave out the white space between neighbours of which one at least is Chinese."""
        text, parts, done = self.normalised, [], 0
        for gap in _SPACE.finditer(text):
            start, end = gap.span()
            before = text[start - 1] if start else _BETWEEN
            if before.isalnum() and not (_LATIN.match(before) and _LATIN.match(text, end)):
                parts.append(text[done:start])
                self._cuts.append(start - self._left_out[-1])
                self._left_out.append(self._left_out[-1] + end - start)
                done = end
        self.normalised = "".join([*parts, text[done:]])

    def _is_whole(self, start: int, end: int) -> bool:
        text, runs = self.normalised, _LATIN.match
        inside_before = start > 0 and runs(text, start - 1) and runs(text, start)
        inside_after = end < len(text) and runs(text, end - 1) and runs(text, end)
        return not inside_before and not inside_after
