"""Suggestion columns of one segment: arrays on disk that tell which texts begin with, or hold, what was typed.

A text is a row of codes (``alphabet``). Two sorted arrays of fixed-width keys point into the rows: one key for the
start of every text, one for every other character a search may begin at. What was typed becomes spans of codes; the
first ones are found by binary search, the rest by comparing whole arrays. Whoever keeps the arrays memory-maps them, so
processes share them and nothing is read before it is needed. The texts themselves are stored elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.suggest.alphabet import FIRST, Alphabet, Span, encode, squeeze
from indexer.suggest.typed import Tier, Typed

INSIDE_REACH = 24
"""Characters of a text, from its start, at which what was typed may begin."""
MOST_SCANNED = 1 << 18
"""Texts compared at most for one way to read the first two characters typed."""

_START_CODES, _INSIDE_CODES = 4, 2
"""Codes in a key, 16 bits each."""
LEAST_INSIDE, LEAST_LETTERS_INSIDE = 2, 3
"""Characters, or letters alone, that must have been typed to look inside texts: fewer are inside of nearly all."""

_MOST_LEADING = 1024
"""Choices of codes before the last that are looked up one by one."""
_FEW = 500
"""Units that are sorted rather than marked."""

_NAMES = (
    "characters",
    "readings",
    "by_character",
    "pool",
    "offsets",
    "start_keys",
    "start_units",
    "inside_keys",
    "inside_units",
    "inside_at",
)


def arrays(texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the columns of *texts* by name. A text's unit is its place in *texts*."""
    encoded = encode(texts)
    alphabet, lengths = encoded.alphabet, encoded.lengths
    units = len(lengths)
    offsets = np.zeros(units + 1, dtype=np.uint32)
    np.cumsum(lengths + 1, out=offsets[1:])
    pool = np.zeros(int(offsets[-1]) + _START_CODES, dtype=np.uint16)
    place_in_text = np.arange(len(encoded.codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    places = np.repeat(offsets[:-1].astype(np.int64), lengths) + place_in_text
    pool[places] = encoded.codes

    starts = offsets[:-1].astype(np.int64)
    start_keys = _keys(pool, starts, _START_CODES, np.dtype(np.uint64))
    by_start = np.argsort(start_keys, kind="stable")

    latin = _is_latin(alphabet)[encoded.codes]
    within_word = np.zeros(len(latin), dtype=bool)
    within_word[1:] = latin[1:] & latin[:-1]
    begins = (place_in_text > 0) & (place_in_text < INSIDE_REACH) & ~within_word
    inside = places[begins]
    owners = np.repeat(np.arange(units, dtype=np.uint32), lengths)
    inside_keys = _keys(pool, inside, _INSIDE_CODES, np.dtype(np.uint32))
    by_inside = np.argsort(inside_keys)

    columns: tuple[NDArray[Any], ...] = (
        alphabet.characters,
        alphabet.readings,
        alphabet.by_character,
        pool,
        offsets,
        start_keys[by_start],
        by_start.astype(np.uint32),
        inside_keys[by_inside],
        owners[begins][by_inside],
        place_in_text[begins][by_inside].astype(np.uint8),
    )
    return dict(zip(_NAMES, columns, strict=True))


def _keys(
    pool: NDArray[np.uint16], places: NDArray[np.int64], codes: int, kind: "np.dtype[np.unsignedinteger]"
) -> NDArray[np.unsignedinteger]:
    """Return for each of *places* the *codes* codes that stand there, the first in the highest bits."""
    keys = np.zeros(len(places), dtype=kind)
    for step in range(codes):
        keys = (keys << kind.type(16)) | pool[places + step]
    return keys


def _is_latin(alphabet: Alphabet) -> NDArray[np.bool_]:
    """Return for each code whether it is a letter or digit that makes words with its like."""
    latin = np.zeros(2**16, dtype=bool)
    latin[FIRST : FIRST + len(alphabet.characters)] = alphabet.characters < 128
    return latin


class SuggestColumns:
    """The columns that ``arrays`` made, wherever they are kept. Safe to share between threads."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._alphabet = Alphabet(arrays["characters"], arrays["readings"], arrays["by_character"])
        self._pool: NDArray[np.uint16] = arrays["pool"]
        self._offsets: NDArray[np.uint32] = arrays["offsets"]
        self._starts = _Order(arrays["start_keys"], arrays["start_units"], None, _START_CODES)
        self._inside = _Order(arrays["inside_keys"], arrays["inside_units"], arrays["inside_at"], _INSIDE_CODES)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def match(self, text: str, tier: Tier, *, limit_range: int = MOST_SCANNED) -> NDArray[np.uint32]:
        """Return the units, ascending, of the texts that go with the typed *text* as *tier* says.

        A tier does not leave out what a better one has, except that nothing is spelled where no letter was typed.

        Args:
            limit_range: most texts to compare for one way to read the first two characters typed.
        """
        typed = Typed(squeeze(text), self._alphabet, spelled=tier is not Tier.LITERAL)
        least = 1
        if tier is Tier.INSIDE:
            least = LEAST_LETTERS_INSIDE if typed.text.isascii() else LEAST_INSIDE
        if len(typed.text) < least or (tier is Tier.SPELLED and not typed.has_letters):
            return np.zeros(0, dtype=np.uint32)
        order = self._inside if tier is Tier.INSIDE else self._starts
        return self._ascending([order.units[rows] for rows in self._walk(typed, order, limit_range)])

    def lengths(self, units: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Return how many characters the texts of *units* have."""
        lengths: NDArray[np.uint32] = self._offsets[units + np.uint32(1)] - self._offsets[units] - np.uint32(1)
        return lengths

    def fingerprint(self, unit: int) -> bytes:
        """Return what two texts of this segment share exactly if they are the same but for case, marks and spaces."""
        return self._pool[self._offsets[unit] : self._offsets[unit + 1]].tobytes()

    def _ascending(self, parts: Sequence[NDArray[np.uint32]]) -> NDArray[np.uint32]:
        """Return each of the units in *parts* once. Marking them all is many times quicker than sorting them."""
        if sum(map(len, parts)) < _FEW:
            return np.unique(np.concatenate([np.zeros(0, dtype=np.uint32), *parts]))
        marked = np.zeros(len(self), dtype=bool)
        for part in parts:
            marked[part] = True
        return np.flatnonzero(marked).astype(np.uint32)

    def _walk(self, typed: Typed, order: "_Order", limit_range: int) -> list[NDArray[np.int64]]:
        """Return the rows of *order* that begin with what was typed; a row may come more than once.

        The first characters of the texts are looked up in the keys, the others compared one by one, for each place in
        what was typed that rows have come to. Rows that came there on different ways are joined, so the work is
        bounded by places times characters.
        """
        end = len(typed.text)
        found: list[NDArray[np.int64]] = []
        reached: dict[tuple[int, int], list[NDArray[np.int64]]] = {}
        for opening in _openings(typed, order.codes):
            rows = order.starting(opening)
            if opening.place == end:
                found.append(rows)
            elif len(rows):
                reached.setdefault((opening.depth, opening.place), []).append(rows[:limit_range])
        while reached:
            depth, place = min(reached)
            parts = reached.pop((depth, place))
            rows = parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))
            codes = self._codes(order, rows, depth)
            for step in typed.steps(place):
                kept = rows[(codes >= step.span.low) & (codes < step.span.high)]
                if place + step.length == end:
                    found.append(kept)
                elif len(kept):
                    reached.setdefault((depth + 1, place + step.length), []).append(kept)
        return found

    def _codes(self, order: "_Order", rows: NDArray[np.int64], depth: int) -> NDArray[np.uint16]:
        """Return the codes *depth* characters after where *rows* of *order* begin."""
        places = self._offsets[order.units[rows]].astype(np.int64) + depth
        if order.at is not None:
            places += order.at[rows]
        return self._pool[places]


@dataclass(frozen=True, slots=True)
class _Opening:
    """One way to read the first characters typed: *depth* characters of a text, the last of them any of *span*.

    ``leading`` holds the codes of those before it, 16 bits each, one number for each choice; ``place`` is how many
    characters typed they stand for.
    """

    leading: NDArray[np.int64]
    span: Span
    depth: int
    place: int


def _openings(typed: Typed, codes: int) -> Iterator[_Opening]:
    """Yield the ways to read the first characters, each as far as *codes* codes and ``_MOST_LEADING`` choices go."""
    waiting = [(0, 0, np.zeros(1, dtype=np.int64))]
    while waiting:
        place, depth, leading = waiting.pop()
        for step in typed.steps(place):
            span, following = step.span, place + step.length
            choices = len(leading) * (span.high - span.low)
            if following == len(typed.text) or depth + 1 == codes or choices > _MOST_LEADING:
                yield _Opening(leading, span, depth + 1, following)
            else:
                longer = (leading[:, np.newaxis] << 16) + np.arange(span.low, span.high)
                waiting.append((following, depth + 1, longer.ravel()))


@dataclass(frozen=True, slots=True)
class _Order:
    """Keys in order; beside each the unit it is of and, unless it is the first, which character it begins at.

    ``codes`` is how many codes a key has.
    """

    keys: NDArray[Any]
    units: NDArray[np.uint32]
    at: NDArray[np.uint8] | None
    codes: int

    def starting(self, opening: _Opening) -> NDArray[np.int64]:
        """Return the rows whose keys begin as *opening* says."""
        leading = opening.leading << 16
        lows = self._bounds(leading + opening.span.low, opening.depth)
        sizes = self._bounds(leading + opening.span.high, opening.depth) - lows
        total = np.cumsum(sizes)
        rows: NDArray[np.int64] = np.arange(total[-1]) + np.repeat(lows - total + sizes, sizes)
        return rows

    def _bounds(self, beginnings: NDArray[np.int64], length: int) -> NDArray[np.int64]:
        """Return the first row whose key is not below each of *beginnings*, numbers of *length* codes.

        No key ends on a span's upper bound of 2**16: the alphabet leaves the highest code unused.
        """
        kind = self.keys.dtype.type
        keys = beginnings.astype(self.keys.dtype) << kind(16 * (self.codes - length))
        rows: NDArray[np.int64] = np.searchsorted(self.keys, keys, "left")
        return rows
