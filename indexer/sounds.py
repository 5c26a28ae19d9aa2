"""Which Chinese text a typed sound stands for: 手几 sounds like 手机, jdh and jidinghe stand for 机顶盒.

For showing matches. The index has the sounds of words and decides what is found; here the characters of a text are
listened to one by one, in the readings they have in everyday words, since cutting each shown text into words would cost
too much.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from weakref import WeakKeyDictionary

from pypinyin import lazy_pinyin
from pypinyin.constants import PINYIN_DICT

from indexer.text import Analysis

_LISTENED_TO = range(0x4E00, 0xA000)
"""The characters of today's Chinese; what is rarer is not known by its sound."""
_ALSO_READ = {
    **{
        "行": "hang",
        "重": "chong",
        "长": "chang",
        "还": "huan",
        "都": "du",
        "调": "tiao",
        "率": "shuai",
        "传": "zhuan",
    },
    **{"乐": "yue", "得": "dei", "了": "liao", "着": "zhao", "会": "kuai", "差": "chai", "便": "pian", "没": "mo"},
    **{
        "弹": "tan",
        "卡": "qia",
        "降": "xiang",
        "系": "ji",
        "模": "mu",
        "角": "jue",
        "给": "ji",
        "地": "di",
        "大": "dai",
    },
    **{"觉": "jiao", "车": "ju", "单": "shan", "参": "shen", "藏": "zang", "朝": "zhao", "提": "di", "校": "jiao"},
}
"""Second readings that everyday words have, as in 银行 and 重复. Of the others, 是 read ti, nobody has heard."""
LONGEST_SYLLABLE = 6
_TONES = re.compile(r"[\u0300-\u036f]")


def readings(character: str) -> tuple[str, ...]:
    """Return the syllables *character* is read as, without tones, the usual first; none for what is not Chinese."""
    return _readings().get(character, ())


def sounding(syllable: str) -> frozenset[str]:
    """Return the characters that can be read as *syllable*."""
    return _by_syllable().get(syllable, frozenset())


def beginning(letter: str) -> frozenset[str]:
    """Return the characters of which a reading begins with *letter*."""
    return _by_initial().get(letter, frozenset())


def first_of_spelling(typed: str) -> frozenset[str]:
    """Return the characters that a text spelled *typed* may begin with."""
    return frozenset().union(*(sounding(typed[:length]) for length in range(1, LONGEST_SYLLABLE + 1)))


@cache
def _readings() -> Mapping[str, tuple[str, ...]]:
    known = [code for code in _LISTENED_TO if code in PINYIN_DICT]
    written = unicodedata.normalize("NFD", "\n".join(PINYIN_DICT[code] for code in known))
    plain = _TONES.sub("", written.replace("u\u0308", "v"))  # NFD puts the dots of ü before its tone
    first = {chr(code): line.partition(",")[0] for code, line in zip(known, plain.split("\n"), strict=True)}
    return {
        character: tuple(dict.fromkeys([syllable, _ALSO_READ.get(character, syllable)]))
        for character, syllable in first.items()
    }


@cache
def _by_syllable() -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for character, syllables in _readings().items():
        for syllable in syllables:
            found[syllable].add(character)
    return {syllable: frozenset(characters) for syllable, characters in found.items()}


@cache
def _by_initial() -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for syllable, characters in _by_syllable().items():
        found[syllable[0]] |= characters
    return {letter: frozenset(characters) for letter, characters in found.items()}


def spelled_at(text: str, start: int, typed: str) -> int | None:
    """Return where the characters end that begin at *start* in *text* and are spelled *typed*, or ``None``.

    A single character is never meant.
    """
    reached = {start: {0}}  # place in the text → letters used up
    for place in range(start, len(text)):
        used = reached.get(place)
        if not used:
            return None
        after = {
            letters + len(syllable)
            for letters in used
            for syllable in readings(text[place])
            if typed.startswith(syllable, letters)
        }
        if len(typed) in after and place > start:
            return place + 1
        reached[place + 1] = after
    return None


@dataclass(frozen=True, slots=True)
class Sounds:
    """The centre's own words by how they sound.

    Attributes:
        pairs: two syllables, as in ``shou ji`` → the neighbours in words that sound so.
        spellings: initials or spelling → the words.
    """

    pairs: Mapping[str, frozenset[str]]
    spellings: Mapping[str, frozenset[str]]


_known: WeakKeyDictionary[Analysis, Sounds] = WeakKeyDictionary()


def sounds_of(analysis: Analysis) -> Sounds:
    """Return the sounds of the centre's words; they are worked out once for an *analysis*."""
    known = _known.get(analysis)
    if known is None:
        known = _known[analysis] = _sounds(analysis.dictionary.trade)
    return known


def _sounds(words: Iterable[str]) -> Sounds:
    pairs: defaultdict[str, set[str]] = defaultdict(set)
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for word in words:
        syllables = lazy_pinyin(word, errors="ignore")
        if len(syllables) != len(word):  # letters in it
            continue
        for (left, right), (first, second) in zip(pairwise(word), pairwise(syllables), strict=True):
            pairs[f"{first} {second}"].add(left + right)
        spellings["".join(syllable[0] for syllable in syllables)].add(word)
        spellings["".join(syllables)].add(word)
    return Sounds(
        pairs={sound: frozenset(texts) for sound, texts in pairs.items()},
        spellings={typed: frozenset(texts) for typed, texts in spellings.items()},
    )
