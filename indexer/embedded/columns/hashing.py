"""From many texts to numbered terms at once: what ``Analysis.tokens`` does, as arrays, without an object a token.

A term is known by a 64-bit number: the polynomial Σ cᵢ·Bⁿ⁻¹⁻ⁱ mod 2⁶⁴ over its code points, with a random odd B.
It can be put together (the number of 机顶 follows from those of 机 and 顶), so characters and bigrams need no strings.
Two of a million terms share a number with a chance below 1 in 10⁷.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.normalise import normalise
from indexer.text import CHINESE, SPELLED, Analysis, TermKind, is_word, spellings, syllables_of

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.uint32]

BASE = 0x9E3779B97F4A7C15 | 1
_MASK = (1 << 64) - 1

_OTHER, _SPACE, _CHINESE, _RUN, _FOREIGN, _UNKNOWN = range(6)
"""What a character is: punctuation, white space, Chinese, of a run of letters and digits, of a run of other letters."""


@dataclass(frozen=True, slots=True)
class Flat:
    """Terms of many texts: the number of each, and which text it is of; in the order of the texts."""

    terms: Hashes
    texts: Numbers


def term_hash(text: str) -> int:
    """Return the number of a term."""
    value = 0
    for character in text:
        value = (value * BASE + ord(character)) & _MASK
    return value


@dataclass(frozen=True, slots=True)
class Cut:
    """Texts, cut: their terms by kind, and, if words were asked for, the pieces each text falls into."""

    terms: dict[TermKind, Flat]
    pieces: list[list[str]]


class Hasher:
    """Cuts texts with *analysis* into numbered terms. Keeps tables of what it has seen; not for use by two threads."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._classes = np.full(0x110000, _UNKNOWN, np.uint8)
        self._numbers = _Numbers()
        self.says = Says()
        self._pairs: dict[tuple[str, str], int] = {}
        self._words: dict[str, tuple[int, ...]] = {}
        self._spelled: dict[str, tuple[int, ...]] = {}

    def cut(self, texts: Sequence[str], kinds: Iterable[TermKind]) -> Cut:
        """Return the terms of *texts*, of each of *kinds*."""
        return self.cut_normalised([normalise(text) for text in texts], kinds)

    def cut_normalised(self, normalised: Sequence[str], kinds: Iterable[TermKind]) -> Cut:
        """Return the terms of texts that are normalised already, of each of *kinds*."""
        kinds = frozenset(kinds)
        found = self._units(normalised, kinds) if kinds else {}
        pieces: list[list[str]] = []
        if kinds & {TermKind.WORD, TermKind.PINYIN}:
            pieces = [self._analysis.pieces(text) for text in normalised]
            found |= self._cut_words(pieces, pinyin=TermKind.PINYIN in kinds)
        return Cut({kind: found[kind] for kind in kinds}, pieces)

    def _units(self, texts: Sequence[str], kinds: frozenset[TermKind]) -> dict[TermKind, Flat]:
        """Return characters and bigrams: see ``text._characters`` and ``text._bigrams``, which say what a unit is."""
        joined = "\n".join(texts)
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        classes = self._classify(codes)
        in_run = (classes == _RUN) | (classes == _FOREIGN)
        same = np.zeros(len(codes), bool)
        if len(codes):
            same[1:] = in_run[1:] & (classes[1:] == classes[:-1])
        starts = np.flatnonzero((classes >= _CHINESE) & ~same)
        lengths = np.array([len(text) + 1 for text in texts], np.int64)
        owner_of_code = np.repeat(np.arange(len(texts), dtype=np.uint32), lengths)[: len(codes)]
        owners = owner_of_code[starts]
        terms = codes[starts].astype(np.uint64)
        ends = starts + 1
        runs = np.flatnonzero(in_run[starts])
        if len(runs):
            # A run ends where the next character does not go on with it.
            stops = np.flatnonzero(np.append(~same[1:], True)) + 1
            ends[runs] = stops[np.searchsorted(stops, starts[runs], side="right")]
            terms[runs] = [self._numbers[joined[starts[run] : ends[run]]] for run in runs]
        found = {TermKind.CHARACTER: Flat(terms, owners)}
        if TermKind.BIGRAM in kinds:
            solid = np.concatenate(([0], np.cumsum(classes == _OTHER)))
            near = (solid[starts[1:]] == solid[ends[:-1]]) & (owners[1:] == owners[:-1])
            width = (ends - starts)[1:][near]
            power = np.array([_power(int(size)) for size in range(int(width.max(initial=0)) + 1)], np.uint64)
            with np.errstate(over="ignore"):
                pairs = terms[:-1][near] * power[width] + terms[1:][near]
            found[TermKind.BIGRAM] = Flat(pairs, owners[:-1][near])
        return found

    def _classify(self, codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
        classes = self._classes[codes]
        unknown = np.flatnonzero(classes == _UNKNOWN)
        if len(unknown):
            for code in np.unique(codes[unknown]):
                self._classes[code] = _class_of(chr(code))
            classes = self._classes[codes]
        return classes

    def _cut_words(self, texts: Sequence[Sequence[str]], *, pinyin: bool) -> dict[TermKind, Flat]:
        words: list[int] = []
        word_counts: list[int] = []
        sounds: list[int] = []
        sound_counts: list[int] = []
        for pieces in texts:
            before = len(words), len(sounds)
            for piece in pieces:
                words += self._word(piece)
            word_counts.append(len(words) - before[0])
            if pinyin:
                sounds += self._sounds(pieces)
                sound_counts.append(len(sounds) - before[1])
        found = {TermKind.WORD: _flat(words, word_counts)}
        if pinyin:
            found[TermKind.PINYIN] = _flat(sounds, sound_counts)
        return found

    def _word(self, piece: str) -> tuple[int, ...]:
        """Return the numbers of *piece* and of the words in it."""
        known = self._words.get(piece)
        if known is None:
            own = [text for text, _ in self._analysis.parts(piece) if is_word(text)]
            if is_word(piece):
                own.append(piece)
            known = self._words[piece] = tuple(term_hash(text) for text in own)
        return known

    def _sounds(self, pieces: Sequence[str]) -> list[int]:
        """Return the pairs of syllables of neighbours, and the spellings of words; see ``text._pinyin``."""
        found: list[int] = []
        # None stands where no pair reaches across: punctuation, and runs that are no syllables.
        line: list[str | None] = []
        for piece in pieces:
            syllables = syllables_of(piece)
            if any(syllables):
                line += [text or None for text in syllables]
            elif not piece.isspace():
                line.append(None)
            found += self._spellings(piece)
        for pair in pairwise(line):
            left, right = pair
            if left is not None and right is not None:
                number = self._pairs.get((left, right))
                if number is None:
                    number = self._pairs[left, right] = term_hash(f"{left} {right}")
                found.append(number)
        return found

    def _spellings(self, piece: str) -> tuple[int, ...]:
        known = self._spelled.get(piece)
        if known is None:
            syllables = syllables_of(piece)
            own = [(text, begin) for text, begin in self._analysis.parts(piece) if is_word(text)]
            if is_word(piece):
                own.append((piece, 0))
            known = self._spelled[piece] = tuple(
                term_hash(SPELLED + spelling)
                for text, begin in own
                for spelling in sorted(set(spellings(text, syllables[begin : begin + len(text)])))
            )
        return known


class Says(dict[str, bool]):
    """Whether a piece of a text says something, worked out when first asked for: most pieces have been asked before."""

    def __missing__(self, piece: str) -> bool:
        says = self[piece] = is_word(piece)
        return says


class _Numbers(dict[str, int]):
    """The numbers of strings, worked out when first asked for."""

    def __missing__(self, text: str) -> int:
        number = self[text] = term_hash(text)
        return number


def _power(size: int) -> int:
    return pow(BASE, size, 1 << 64)


def _flat(terms: Sequence[int], counts: Sequence[int]) -> Flat:
    texts = np.repeat(np.arange(len(counts), dtype=np.uint32), np.array(counts, np.int64))
    return Flat(np.array(terms, np.uint64), texts)


_WORD = re.compile(r"[^\W_]", re.IGNORECASE)


def _class_of(character: str) -> int:
    if CHINESE.fullmatch(character):
        return _CHINESE
    if character.isascii() and character.isalnum():
        return _RUN
    if character.isspace():
        return _SPACE
    return _FOREIGN if _WORD.fullmatch(character) and not character.isdecimal() else _OTHER
