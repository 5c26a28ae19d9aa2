"""What callers ask: made from documents' wordings, never one of them as it stands."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from pypinyin import lazy_pinyin

from indexer.bench.generate import BLOCK, Generator
from indexer.documents import Document
from indexer.text import Analysis

SHORTEST, LONGEST = 2, 14
"""Characters of a question."""
TOGETHER = 16
"""Questions about documents of one block, which is made as a whole."""

BEFORE = ("我想问一下", "喂", "那个", "请问", "你帮我看看", "就是", "我", "麻烦问下", "诶", "客户说")
AFTER = ("怎么办", "啊", "呢", "咋回事", "了", "行不行", "怎么弄", "吗", "嘛", "哦")
SPOKEN, HALF, TYPO = 0.5, 0.3, 0.25
"""Shares of questions with filler around them, of which only a part is said, and with a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is typed, and the number of the document it was made from."""

    text: str
    row: int


def queries(generator: Generator, analysis: Analysis, count: int, *, of: int, seed: int) -> Iterator[Question]:
    """Yield *count* questions about the first *of* documents of *generator*; the same ones for the same *seed*."""
    chance = random.Random(f"questions {seed}")  # noqa: S311 - repeatable on purpose
    made = 0
    sounds: dict[str, list[str]] = {}
    while made < count:
        block = chance.randrange((of + BLOCK - 1) // BLOCK)
        documents = list(generator.documents(block * BLOCK + 1, min((block + 1) * BLOCK, of) + 1))
        _listen(documents, sounds)
        for _ in range(TOGETHER):
            document = chance.choice(documents)
            text = _say(document, analysis, sounds, chance)
            if made < count and text is not None:
                made += 1
                yield Question(text, document.reference.row)


def _say(document: Document, analysis: Analysis, sounds: dict[str, list[str]], chance: random.Random) -> str | None:
    """Return a question about *document*; ``None`` where a wording gives none that is new and of a fair length."""
    words = [word for word in analysis.pieces(chance.choice(document.wordings)) if word[0].isalnum()]
    if chance.random() < HALF and len(words) > 3:
        start = chance.randrange(len(words) // 2)
        words = words[start : start + max(2, len(words) // 2)]
    elif len(words) > 2:
        del words[chance.randrange(len(words))]
    if chance.random() < TYPO:
        place = chance.randrange(len(words))
        words[place] = _slip(words[place], sounds, chance)
    text = "".join(words)
    if chance.random() < SPOKEN:
        before, after = chance.choice(BEFORE), chance.choice(AFTER)
        text = chance.choice((before + text, text + after, before + text + after))
    text = text[:LONGEST]
    return None if len(text) < SHORTEST or text in document.wordings else text


def _slip(word: str, sounds: dict[str, list[str]], chance: random.Random) -> str:
    """Return *word* with one character written as another of the same sound, missing, or changed with its neighbour."""
    place = chance.randrange(len(word))
    alike = [other for other in sounds.get(_sound(word[place]), ()) if other != word[place]]
    if alike:
        return word[:place] + chance.choice(alike) + word[place + 1 :]
    if len(word) < 2:
        return word
    place = min(place, len(word) - 2)
    if chance.random() < 0.5:
        return word[:place] + word[place + 1 :]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _listen(documents: list[Document], sounds: dict[str, list[str]]) -> None:
    """Add the characters of the *documents*' titles to *sounds*: those that people write."""
    known = {character for characters in sounds.values() for character in characters}
    for character in sorted({character for document in documents for character in document.title} - known):
        if "\u4e00" <= character <= "\u9fff":
            sounds.setdefault(_sound(character), []).append(character)


def _sound(character: str) -> str:
    return lazy_pinyin(character)[0]
