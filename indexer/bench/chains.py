"""A model of how words follow each other, and thousands of texts drawn from it at once.

Order two with back-off to order one, over jieba's words, apart for titles, wordings, answers and passages. The chain
does not keep counts: its state is a place in the samples, and the next word is the one after a random place with the
same two words (or the same one) before it. So a step is four array look-ups, for all texts of a block together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.bench.samples import Part, Sample

Integers = NDArray[np.int64]
Chance = np.random.Generator

END = 0
"""The word that ends a text. Every sample is enclosed in two."""

BACK_OFF = 0.25
"""Share of steps that look at one word only. Without it nearly every pair of words has one successor, and a text is
a sample copied; with much more of it sentences fall apart."""
STRAY = 0.15
"""Share of sentences about another module than the document's."""
LONGEST = {Part.TITLE: 24, Part.WORDING: 18, Part.ANSWER: 60, Part.PASSAGE: 400}
"""Words after which a text is cut off, whatever it was about to say."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """The texts to draw, one a lane: its part, its module's number, and how many characters are enough.

    A title, wording or answer ends with its sentence; a passage goes on with another one until it is long enough.
    """

    part: Integers
    module: Integers
    enough: Integers


class Chains:
    """The model. Reading the samples takes a second or two; it holds a few megabytes and no state.

    Attributes:
        words: every word of the samples by number; number 0 is the end of a text.
        counts: how often each stands in the samples.
        modules: keys by number.
    """

    def __init__(self, texts: Sequence[Sample], cut: Callable[[str], Sequence[str]]) -> None:
        numbers = {"": END}
        self.modules = tuple(sorted({sample.module for sample in texts}))
        module_of = {key: number for number, key in enumerate(self.modules)}
        at: list[int] = []
        parts: list[int] = []
        begins: dict[tuple[int, int], list[int]] = {}
        for sample in texts:
            begins.setdefault((sample.part, module_of[sample.module]), []).append(len(at))
            words = [END, *(numbers.setdefault(word, len(numbers)) for word in cut(sample.text)), END]
            at += words
            parts += [sample.part] * len(words)
        self.words = tuple(numbers)
        self._at = np.array(at, dtype=np.int64)
        self.counts = np.bincount(self._at, minlength=len(numbers))
        self._length = np.array([len(word) for word in numbers], dtype=np.int64)
        part = np.array(parts, dtype=np.int64)
        one = self._at * len(Part) + part
        self._after_one = _Alike(one)
        self._after_two = _Alike(one * len(numbers) + np.roll(self._at, 1))
        self._begins = _Begins(begins, len(self.modules))

    def draw(self, lanes: Lanes, chance: Chance) -> tuple[Integers, Integers]:
        """Return all words of all *lanes*, lane by lane, and the lane of each. No word is the end of a text."""
        active = np.arange(len(lanes.part))
        place = self._begins.draw(lanes.part, self._sentence_module(lanes.module, chance), chance)
        length = np.zeros(len(active), dtype=np.int64)
        longest = np.array([LONGEST[part] for part in Part])[lanes.part]
        words: list[Integers] = []
        spoken: list[Integers] = []
        for step in range(max(LONGEST.values())):
            if not len(active):
                break
            here = place[active]
            one_word = chance.random(len(active)) < BACK_OFF
            draw = chance.random(len(active))
            alike = np.where(one_word, self._after_one.draw(here, draw), self._after_two.draw(here, draw))
            following = np.where(self._at[here] == END, here, alike) + 1  # a text begins as its sample does
            word = self._at[following]
            said = word != END
            words.append(word[said])
            spoken.append(active[said])
            length[active] += self._length[word]
            place[active] = following
            again = active[~said & (length[active] < lanes.enough[active])]
            if len(again):
                modules = self._sentence_module(lanes.module[again], chance)
                place[again] = self._begins.draw(lanes.part[again], modules, chance)
            done = (~said & (length[active] >= lanes.enough[active])) | (step + 1 >= longest[active])
            active = active[~done]
        lane = np.concatenate(spoken)
        order = np.argsort(lane, kind="stable")
        return np.concatenate(words)[order], lane[order]

    def _sentence_module(self, modules: Integers, chance: Chance) -> Integers:
        stray = chance.random(len(modules)) < STRAY
        return np.where(stray, chance.integers(0, len(self.modules), len(modules)), modules)


class _Alike:
    """For every place, those with the same key, to draw one of them."""

    def __init__(self, keys: Integers) -> None:
        _, group, size = np.unique(keys, return_inverse=True, return_counts=True)
        self._order = np.argsort(group, kind="stable")
        self._start = (np.cumsum(size) - size)[group]
        self._size = size[group]

    def draw(self, places: Integers, draw: NDArray[np.float64]) -> Integers:
        found: Integers = self._order[self._start[places] + (draw * self._size[places]).astype(np.int64)]
        return found


class _Begins:
    """The places before the first word of a text, by part and module; of the part's whole if the module has none."""

    def __init__(self, begins: dict[tuple[int, int], list[int]], modules: int) -> None:
        self._modules = modules
        flat: list[int] = []
        start, size = [], []
        for part in Part:
            anywhere = [place for (other, _), places in begins.items() if other == part for place in places]
            for module in range(modules):
                places = begins.get((part, module)) or anywhere
                start.append(len(flat))
                size.append(len(places))
                flat += places
        self._flat, self._start, self._size = np.array(flat), np.array(start), np.array(size)

    def draw(self, parts: Integers, modules: Integers, chance: Chance) -> Integers:
        cell = parts * self._modules + modules
        offset = (chance.random(len(cell)) * self._size[cell]).astype(np.int64)
        found: Integers = self._flat[self._start[cell] + offset]
        return found
