"""From text to terms, the same on both sides of the index.

Four kinds of terms: *words* (jieba's search mode with the centre's dictionary), *bigrams* of neighbours as a safety net
where segmentation differs, *characters* with positions, which quoted phrases are matched on, whatever the segmentation,
and *pinyin*: pairs of syllables, which homophones and typing slips leave alone (手几 is shou ji too), and each word's
initials and spelling, for those who type jdh or jidinghe for 机顶盒.

A position counts *units*: a unit is one Chinese character or one run of letters and digits. Punctuation leaves a gap of
one, so no phrase and no bigram reaches across it; white space leaves none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path

from pypinyin import lazy_pinyin

from indexer.dictionary import Dictionary
from indexer.normalise import normalise
from indexer.segmenter import Segmenter

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
CHINESE = re.compile(rf"[{_CJK}]")
_UNITS = re.compile(rf"[a-z0-9]+|[{_CJK}]|[^\W\d_a-z{_CJK}]+", re.IGNORECASE)


SPELLED = "@"
"""Begins a pinyin term that stands for a whole word: its initials or its spelling."""


class TermKind(StrEnum):
    """How a term was made from text."""

    WORD = "word"
    BIGRAM = "bigram"
    CHARACTER = "character"
    PINYIN = "pinyin"


@dataclass(frozen=True, slots=True)
class Token:
    """A term in a text: its text, the position of its first unit, and where it stands in the normalised text."""

    text: str
    position: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """All terms of one text, kind by kind, each in the order of the text."""

    normalised: str
    characters: tuple[Token, ...]
    bigrams: tuple[Token, ...]
    words: tuple[Token, ...]
    pinyin: tuple[Token, ...]

    def of(self, kind: TermKind) -> tuple[Token, ...]:
        """Return the tokens of one kind."""
        match kind:
            case TermKind.WORD:
                return self.words
            case TermKind.BIGRAM:
                return self.bigrams
            case TermKind.CHARACTER:
                return self.characters
            case TermKind.PINYIN:
                return self.pinyin


class Analysis:
    """Turns text into terms with the centre's dictionary. Safe to share between threads.

    Args:
        dictionary: the centre's words.
        cache: folder for jieba's own cache, which is unmarshalled: it must be writable by nobody else. ``None`` keeps
            no cache, at the price of a second at every start.
    """

    def __init__(self, dictionary: Dictionary, *, cache: Path | None = None) -> None:
        self.dictionary = dictionary
        self.cache = cache
        self.segmenter = Segmenter(dictionary.words, cache=cache)

    def with_dictionary(self, dictionary: Dictionary) -> "Analysis":
        """Return an analysis with another dictionary, at a small part of the price of a new one."""
        other = Analysis.__new__(Analysis)
        other.dictionary = dictionary
        other.cache = self.cache
        other.segmenter = self.segmenter.with_words(dictionary.words)
        return other

    def tokens(self, text: str) -> Tokens:
        """Return all terms of *text*."""
        normalised = normalise(text)
        characters = _characters(normalised)
        pieces = _placed(self.pieces(normalised))
        words = self._words(pieces, characters)
        return Tokens(
            normalised=normalised,
            characters=characters,
            bigrams=_bigrams(characters),
            words=words,
            pinyin=_pinyin(characters, words, pieces),
        )

    def characters(self, text: str) -> tuple[Token, ...]:
        """Return the characters of *text* alone, which costs little."""
        return _characters(normalise(text))

    def pieces(self, normalised: str) -> list[str]:
        """Return *normalised* cut into words that do not overlap; white space and punctuation are pieces too."""
        return self.segmenter.pieces(normalised)

    def parts(self, word: str) -> Iterator[tuple[str, int]]:
        """Yield the words inside *word*, with where each begins, as jieba's search mode does; none for a short word."""
        for part, start in self.segmenter.parts(word):
            if not (start and _inside_run(word, start)):
                yield part, start

    def _words(self, pieces: Sequence[tuple[str, int]], characters: Sequence[Token]) -> tuple[Token, ...]:
        position_at = {place: token.position for token in characters for place in range(token.start, token.end)}
        found = []
        for piece, begin in pieces:
            for text, inside in (*self.parts(piece), (piece, 0)):
                unit = _UNITS.search(text)
                if unit is not None:
                    start = begin + inside
                    found.append(Token(text, position_at[start + unit.start()], start, start + len(text)))
        return tuple(sorted(found, key=lambda token: (token.position, token.end)))


def _characters(normalised: str) -> tuple[Token, ...]:
    found: list[Token] = []
    position, end = -1, 0
    for match in _UNITS.finditer(normalised):
        between = normalised[end : match.start()]
        position += 2 if found and between.strip() else 1
        end = match.end()
        found.append(Token(match.group(), position, match.start(), end))
    return tuple(found)


_MIN_SPELLED, _MAX_SPELLED = 2, 24
_LETTERS = re.compile(r"[a-z]+")


def _pinyin(
    characters: Sequence[Token], words: Sequence[Token], pieces: Sequence[tuple[str, int]]
) -> tuple[Token, ...]:
    """Return the pairs of syllables of neighbours, and words as they may be typed without an input method."""
    syllables = {
        begin + place: text for piece, begin in pieces for place, text in enumerate(syllables_of(piece)) if text
    }
    pairs = [
        Token(f"{syllables[left.start]} {syllables[right.start]}", left.position, left.start, right.end)
        for left, right in pairwise(characters)
        if right.position == left.position + 1 and left.start in syllables and right.start in syllables
    ]
    spelled = [
        Token(SPELLED + text, word.position, word.start, word.end)
        for word in words
        for text in spellings(word.text, [syllables.get(place, "") for place in range(word.start, word.end)])
    ]
    return tuple(sorted({*pairs, *spelled}, key=lambda token: (token.position, token.end, token.text)))


@lru_cache(maxsize=200_000)
def syllables_of(word: str) -> tuple[str, ...]:
    """Return the syllable of each character of *word*, "" for one that is not Chinese; the word decides readings."""
    if not CHINESE.search(word):
        return ("",) * len(word)
    found: list[str] = []
    for chinese, run in groupby(word, key=lambda character: CHINESE.fullmatch(character) is not None):
        text = "".join(run)
        spelled = lazy_pinyin(text, errors="ignore") if chinese else []
        found += spelled if len(spelled) == len(text) else [""] * len(text)
    return tuple(found)


def spellings(word: str, syllables: Sequence[str]) -> tuple[str, ...]:
    """Return how *word* may be typed without an input method: its initials and its spelling, or itself in letters."""
    if _LETTERS.fullmatch(word):
        found: tuple[str, ...] = (word,)
    elif len(word) < 2 or not all(syllables):
        return ()
    else:
        found = ("".join(text[0] for text in syllables), "".join(syllables))
    return tuple(text for text in found if _MIN_SPELLED <= len(text) <= _MAX_SPELLED)


def is_word(piece: str) -> bool:
    """Return whether *piece* says something: white space and punctuation do not."""
    return _UNITS.search(piece) is not None


def _placed(pieces: Iterable[str]) -> list[tuple[str, int]]:
    """Return *pieces* of a text with where each begins."""
    found, begin = [], 0
    for piece in pieces:
        found.append((piece, begin))
        begin += len(piece)
    return found


def _inside_run(word: str, place: int) -> bool:
    """Return whether *place* lies within a run of letters and digits, which is never cut."""
    return word[place - 1].isascii() and word[place].isascii() and word[place - 1].isalnum() and word[place].isalnum()


def _bigrams(characters: Sequence[Token]) -> tuple[Token, ...]:
    return tuple(
        Token(left.text + right.text, left.position, left.start, right.end)
        for left, right in pairwise(characters)
        if right.position == left.position + 1
    )
