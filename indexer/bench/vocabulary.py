"""Words that the samples do not have: a vocabulary without end, so that more documents always bring new words.

Real text obeys Heaps' law: distinct words grow as a power of the text's length. Samples alone cannot: all they can say
they have said after a while. Good and Turing tell how much of new text is new words: as much as words that stand in
the samples once. So where the chain comes upon a rare word, another of its class is drawn, from a power law over words
of the general language (jieba's dictionary, by frequency) and, beyond its end, over coined names. Not every word that
stands there once has a class (a single character, a trade's word), so words that stand there twice are replaced too.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import jieba
import numpy as np
from numpy.typing import NDArray

from indexer.bench.samples import NUMBER

Floats = NDArray[np.float64]

EXPONENT = 0.55
"""Heaps' exponent of the tail: between 30 and 60 documents' worth of samples it is 0.65, between 120 and 240 0.52."""
RARE = 2
"""Times a word stands in the samples at most to be replaced."""
KEPT = 0.3
"""Share of the samples' rare words that stay what they are."""
FARTHEST = 1e12
"""The rarest word there is; a double still counts to it exactly."""


class Class(IntEnum):
    """What can stand in a word's place."""

    FIXED = 0
    NOUN = 1
    VERB = 2
    QUALITY = 3
    NAME = 4
    NUMBER = 5


_CLASS_OF_TAG = {"n": Class.NOUN, "v": Class.VERB, "a": Class.QUALITY, "z": Class.QUALITY, "b": Class.QUALITY}
_CLASS_OF_TAG |= dict.fromkeys(("i", "l"), Class.QUALITY)
_NAME_TAGS = ("nr", "ns", "nt", "nz")

UNKNOWN = "nz"
"""The tag of a word that jieba put together itself: most are names of something."""

_SYLLABLES = "龙云江河湖桥山石金银玉春华阳光明安康宁泰丰庆福禄寿喜松竹梅兰桂柳杨枫青翠碧清白长永新东南西北中和平顺达盛"
_PLACES = ("苑", "花园", "小区", "街道", "村", "镇", "路", "新城", "家园", "广场", "大厦", "里", "公寓", "坝")
_PLANS = (
    "畅享",
    "尊享",
    "惠民",
    "全家",
    "极速",
    "乐享",
    "星悦",
    "千兆",
    "亲情",
    "校园",
    "银发",
    "飞享",
    "智家",
    "融合",
)
_LETTERS = "HZTGXBFKMRSCDELNPQUVWY"
_NUMBERS = (
    1,
    2,
    3,
    5,
    7,
    9,
    10,
    15,
    19,
    20,
    24,
    29,
    30,
    39,
    48,
    49,
    50,
    59,
    60,
    72,
    79,
    99,
    100,
    129,
    159,
    199,
    200,
    299,
)


@dataclass(frozen=True, slots=True)
class Names:
    """What one document is about, by name: it says them again and again."""

    place: str
    plan: str
    device: str


class Vocabulary:
    """Draws words and names.

    Args:
        words: the samples' words.
        counts: how often each stands there.
        trade: words that are never replaced, however rare: the centre's dictionary.
    """

    def __init__(self, words: Sequence[str], counts: NDArray[np.int64], trade: Collection[str]) -> None:
        known = set(words)
        tags: dict[str, str] = {}
        general: dict[Class, list[tuple[int, str]]] = {item: [] for item in Class}
        for word, frequency, tag in _dictionary():
            if word in known:
                tags[word] = tag
            elif 2 <= len(word) <= 4 and (item := _class_of(tag)) is not Class.FIXED:
                general[item].append((-frequency, word))
        self._general = {item: [word for _, word in sorted(found)] for item, found in general.items()}
        rare = (counts > 0) & (counts <= RARE)
        self.classes = np.array(
            [
                Class.NUMBER
                if word == NUMBER
                else _class_of(tags.get(word, UNKNOWN))
                if rare[number] and len(word) > 1 and word.isalnum() and word not in trade
                else Class.FIXED
                for number, word in enumerate(words)
            ],
            dtype=np.int64,
        )
        tail = EXPONENT / (1 - EXPONENT)
        self._spread = 1 / tail
        # The commonest words of the tail are as common as one of the samples' rare words.
        self._scale = {item: max(1.0, float((self.classes == item).sum()) * tail) for item in Class}

    def ranks(self, item: Class, draws: Floats) -> NDArray[np.int64]:
        """Return ranks from 0, power-law distributed, from uniform *draws* in [0, 1)."""
        far = np.minimum((1 - draws) ** -self._spread - 1, FARTHEST / self._scale[item])
        found: NDArray[np.int64] = (far * self._scale[item]).astype(np.int64)
        return found

    def word(self, item: Class, rank: int) -> str:
        """Return the word of class *item* at *rank*."""
        general = self._general[item]
        return general[rank] if rank < len(general) else coined(rank - len(general))


def names(ranks: Sequence[int]) -> Names:
    """Return the place, plan and device at three *ranks*."""
    place, plan, device = ranks
    letters, round_ = device % 484, device // 484
    figures = 100 + (round_ + 37 * letters) % 900 + round_ // 900 * 900
    return Names(
        place=coined(place) + _PLACES[(place * 7) % len(_PLACES)],
        plan=_PLANS[plan % len(_PLANS)] + str(_NUMBERS[plan // len(_PLANS) % len(_NUMBERS)] + plan // 392 * 300),
        device=_LETTERS[letters % 22] + _LETTERS[(letters // 22 + 5 * letters) % 22] + str(figures),
    )


def coined(rank: int) -> str:
    """Return the name at *rank*: two characters for the commonest few thousand, one more for each power beyond."""
    base = len(_SYLLABLES)
    first, rest = rank % base, rank // base
    found = _SYLLABLES[first] + _SYLLABLES[(rest + 7 * first) % base]
    rest //= base
    while rest:
        rest, digit = divmod(rest - 1, base)
        found += _SYLLABLES[digit]
    return found


def number(draw: float) -> str:
    """Return a number as prices and deadlines have them: mostly one of a few, sometimes any."""
    if draw < 0.75:
        return str(_NUMBERS[int((draw / 0.75) ** 2 * len(_NUMBERS))])
    return str(int(10 ** ((draw - 0.75) * 16)) + 1)


def _class_of(tag: str) -> Class:
    if tag.startswith(_NAME_TAGS):
        return Class.NAME
    return _CLASS_OF_TAG.get(tag[0], Class.FIXED)


def _dictionary() -> Iterator[tuple[str, int, str]]:
    """Yield the words of jieba's own dictionary with frequency and part of speech."""
    with jieba.get_dict_file() as file:
        for line in file:
            word, frequency, tag = line.decode("utf-8").split()
            yield word, int(frequency), tag
