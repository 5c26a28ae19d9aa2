"""The centre's words: what jieba should know, what callers say for what entries say, what says nothing.

Reads the three files; how they are used is up to ``text`` and ``query``.
"""

import hashlib
from collections.abc import Iterator, Mapping
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


@dataclass(frozen=True)
class Dictionary:
    """All three lists, normalised, and a digest that changes when any of them does.

    Attributes:
        synonyms: what a caller says → what entries say, in addition to the caller's own words.
    """

    words: tuple[Word, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stopwords: frozenset[str] = frozenset()
    digest: str = "empty"

    @cached_property
    def trade(self) -> frozenset[str]:
        """The words of the trade: whoever says one has said what they are asking about."""
        return frozenset(word.text for word in self.words if len(word.text) > 1) - self.stopwords


def load(folder: Path) -> Dictionary:
    """Read the dictionaries in *folder*; a missing file is an empty list.

    Raises:
        SetupError: a file can't be read, or a line of it can't be understood.
    """
    texts = {name: _read(folder / name) for name in (USER_DICT, SYNONYMS, STOPWORDS)}
    digest = hashlib.sha256("\x00".join(texts.values()).encode()).hexdigest()[:12]
    return Dictionary(
        words=tuple(_word(folder / USER_DICT, number, line) for number, line in _lines(texts[USER_DICT])),
        synonyms=_synonyms(folder / SYNONYMS, texts[SYNONYMS]),
        stopwords=frozenset(normalise(line) for _, line in _lines(texts[STOPWORDS])),
        digest=digest,
    )


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


def _synonyms(path: Path, text: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for number, line in _lines(text):
        left, arrow, right = line.partition("=>")
        callers, ours = _terms(left), _terms(right) if arrow else _terms(left)
        if not callers or not ours or (not arrow and len(ours) < 2):
            raise SetupError(N_("词典 %(path)s 第 %(line)s 行看不懂：%(text)s"), path=path, line=number, text=line)
        for caller in callers:
            known = found.setdefault(caller, [])
            known += [term for term in ours if term != caller and term not in known]
    return {caller: tuple(terms) for caller, terms in found.items()}


def _terms(text: str) -> list[str]:
    return [normalise(part.strip()) for part in text.replace("，", ",").split(",") if part.strip()]
