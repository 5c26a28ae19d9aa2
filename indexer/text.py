"""From text to terms, the same on both sides of the index.

Four kinds of terms: *words* (jieba's search mode with the centre's dictionary), *bigrams* of neighbours as a safety net
where segmentation differs, *characters* with positions, which quoted phrases are matched on, whatever the segmentation,
and *pinyin*: pairs of syllables, which homophones and typing slips leave alone (手几 is shou ji too), and each word's
initials and spelling, for those who type jdh or jidinghe for 机顶盒.

A position counts *units*: a unit is one Chinese character or one run of letters and digits. Punctuation leaves a gap of
one, so no phrase and no bigram reaches across it; white space leaves none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise
from pathlib import Path

from pypinyin import lazy_pinyin

from indexer.dictionary import Dictionary
from indexer.normalise import normalise
from indexer.segmenter import Segmenter

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CHINESE = re.compile(rf"[{_CJK}]")
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
        self.segmenter = Segmenter(dictionary.words, cache=cache)

    def with_dictionary(self, dictionary: Dictionary) -> "Analysis":
        """Return an analysis with another dictionary, at a small part of the price of a new one."""
        other = Analysis.__new__(Analysis)
        other.dictionary = dictionary
        other.segmenter = self.segmenter.with_words(dictionary.words)
        return other

    def tokens(self, text: str) -> Tokens:
        """Return all terms of *text*."""
        normalised = normalise(text)
        characters = _characters(normalised)
        words = self._words(normalised, characters)
        return Tokens(
            normalised=normalised,
            characters=characters,
            bigrams=_bigrams(characters),
            words=words,
            pinyin=_pinyin(characters, words),
        )

    def _words(self, normalised: str, characters: Sequence[Token]) -> tuple[Token, ...]:
        position_at = {token.start: token.position for token in characters}
        found = []
        for text, start, end in self.segmenter.search_words(normalised):
            position = position_at.get(start)
            if position is not None and any(character.isalnum() for character in text):
                found.append(Token(text.strip(), position, start, end))
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


def _pinyin(characters: Sequence[Token], words: Sequence[Token]) -> tuple[Token, ...]:
    """Return the pairs of syllables of neighbours, and words as they may be typed without an input method."""
    syllables = _syllables(characters)
    pairs = [
        Token(f"{syllables[left.start]} {syllables[right.start]}", left.position, left.start, right.end)
        for left, right in pairwise(characters)
        if right.position == left.position + 1 and left.start in syllables and right.start in syllables
    ]
    spelled = [
        Token(SPELLED + text, word.position, word.start, word.end)
        for word in words
        for text in _spellings(word, syllables)
        if _MIN_SPELLED <= len(text) <= _MAX_SPELLED
    ]
    return tuple(sorted({*pairs, *spelled}, key=lambda token: (token.position, token.end, token.text)))


def _syllables(characters: Sequence[Token]) -> dict[int, str]:
    """Return the syllable of each Chinese character by where it stands; its neighbours decide between readings."""
    found: dict[int, str] = {}
    for chinese, run in groupby(characters, key=lambda token: _CHINESE.fullmatch(token.text) is not None):
        tokens = list(run)
        if chinese:
            spelled = lazy_pinyin("".join(token.text for token in tokens), errors="ignore")
            if len(spelled) == len(tokens):
                found.update((token.start, text) for token, text in zip(tokens, spelled, strict=True))
    return found


def _spellings(word: Token, syllables: Mapping[int, str]) -> tuple[str, ...]:
    if _LETTERS.fullmatch(word.text):
        return (word.text,)
    spelled = [syllables[place] for place in range(word.start, word.end) if place in syllables]
    if len(spelled) < 2 or len(spelled) != word.end - word.start:
        return ()
    return ("".join(text[0] for text in spelled), "".join(spelled))


def _bigrams(characters: Sequence[Token]) -> tuple[Token, ...]:
    return tuple(
        Token(left.text + right.text, left.position, left.start, right.end)
        for left, right in pairwise(characters)
        if right.position == left.position + 1
    )
