"""The centre's words: what jieba should know, what callers say for what entries say, what says nothing.

Reads the three shipped files, which the lexicon in the database adds to (``indexer.lexicon``); how words are used is up
to ``text`` and ``query``.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from indexer.normalise import normalise
from kb.errors import SetupError
from kb.i18n import N_

USER_DICT, SYNONYMS, STOPWORDS = "user_dict.txt", "synonyms.txt", "stopwords.txt"


@dataclass(frozen=True, slots=True)
class Word:
    """A word for jieba: its frequency, ``None`` for just enough to be kept whole, and its part of speech."""

    text: str
    frequency: int | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Synonym:
    """What callers say → what entries say; for a group that means the same both ways, ``ours`` is empty."""

    said: tuple[str, ...]
    ours: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """Return it as a line of the file, in one spelling: this names it."""
        return ", ".join(self.said) + (f" => {', '.join(self.ours)}" if self.ours else "")


@dataclass(frozen=True)
class Dictionary:
    """All three lists, normalised.

    Attributes:
        synonyms: what a caller says → what entries say, in addition to the caller's own words.
    """

    words: tuple[Word, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stopwords: frozenset[str] = frozenset()

    @cached_property
    def digest(self) -> str:
        """A fingerprint of what decides how text is cut: words and frequencies, nothing else.

        It is part of a generation's name, so a changed synonym or stop word, which only questions are understood with,
        rebuilds nothing.
        """
        packed = "\n".join(f"{word.text} {word.frequency}" for word in self.words)
        return hashlib.sha256(packed.encode()).hexdigest()[:12]

    @cached_property
    def trade(self) -> frozenset[str]:
        """The words of the trade: whoever says one has said what they are asking about."""
        return frozenset(word.text for word in self.words if len(word.text) > 1) - self.stopwords


@dataclass(frozen=True, slots=True)
class Files:
    """The shipped lists, line by line, so that single lines can be left out."""

    words: tuple[Word, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    stopwords: frozenset[str] = frozenset()

    def dictionary(self) -> Dictionary:
        """Return what the files come to by themselves."""
        return Dictionary(words=self.words, synonyms=synonym_table(self.synonyms), stopwords=self.stopwords)


def load(folder: Path) -> Dictionary:
    """Read the dictionaries in *folder*; a missing file is an empty list.

    Raises:
        SetupError: a file can't be read, or a line of it can't be understood.
    """
    return read(folder).dictionary()


def read(folder: Path) -> Files:
    """Read the dictionaries in *folder* line by line; errors as for ``load``."""
    texts = {name: _read(folder / name) for name in (USER_DICT, SYNONYMS, STOPWORDS)}
    return Files(
        words=tuple(_word(folder / USER_DICT, number, line) for number, line in _lines(texts[USER_DICT])),
        synonyms=tuple(_synonym(folder / SYNONYMS, number, line) for number, line in _lines(texts[SYNONYMS])),
        stopwords=frozenset(normalise(line) for _, line in _lines(texts[STOPWORDS])),
    )


def synonym_table(synonyms: Iterable[Synonym]) -> Mapping[str, tuple[str, ...]]:
    """Return what a caller's term leads to, by term, all of *synonyms* taken together in their order."""
    found: dict[str, list[str]] = {}
    for synonym in synonyms:
        for caller in synonym.said:
            known = found.setdefault(caller, [])
            known += [term for term in synonym.ours or synonym.said if term != caller and term not in known]
    return {caller: tuple(terms) for caller, terms in found.items()}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(N_("读不了词典文件 %(path)s：%(reason)s"), path=path, reason=error) from error


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def _word(path: Path, number: int, line: str) -> Word:
    match line.split():
        case [text]:
            return Word(normalise(text))
        case [text, frequency] if frequency.isdecimal():
            return Word(normalise(text), int(frequency))
        case [text, tag]:
            return Word(normalise(text), None, tag)
        case [text, frequency, tag] if frequency.isdecimal():
            return Word(normalise(text), int(frequency), tag)
    raise SetupError(N_("词典 %(path)s 第 %(line)s 行看不懂：%(text)s"), path=path, line=number, text=line)


def _synonym(path: Path, number: int, line: str) -> Synonym:
    left, arrow, right = line.partition("=>")
    said, ours = _terms(left), _terms(right)
    if not said or (not ours if arrow else len(said) < 2):
        raise SetupError(N_("词典 %(path)s 第 %(line)s 行看不懂：%(text)s"), path=path, line=number, text=line)
    return Synonym(said, ours)


def _terms(text: str) -> tuple[str, ...]:
    return tuple(normalise(part.strip()) for part in text.replace("，", ",").split(",") if part.strip())
