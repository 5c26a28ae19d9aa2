"""Cutting a document into parts, each of which may become an entry. Pure functions of its sections and the cuts."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from kb.documents.document import Section

SENSIBLE = range(60, 4_000)
"""Characters of a part that is one answer: neither a chapter nor a line of a list."""
DEEPEST = 4
"""Levels at which a document is cut by itself; deeper headings are steps and exceptions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What may become one entry.

    Attributes:
        start: index of its first section; its name as long as it begins there.
        path: the headings above it, from the top.
        sections: the first one, whose heading is the title, and what is below it.
    """

    start: int
    path: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """The heading of the first section."""
        return self.sections[0].heading

    @property
    def size(self) -> int:
        """How many characters it says."""
        return sum(len(item.text) + sum(map(len, item.fields.values())) for item in self.sections)

    @property
    def pictures(self) -> int:
        """How many pictures are in it."""
        return sum(item.text.count("](/imports/pictures/") for item in self.sections)

    @property
    def tables(self) -> int:
        """How many tables are in it."""
        return sum(item.text.count("| --- |") for item in self.sections)

    @property
    def is_empty(self) -> bool:
        """Whether it is nothing but headings."""
        return self.size == 0


def levels(sections: Sequence[Section]) -> Mapping[int, int]:
    """Return how many sections there are of each level, from the top."""
    return dict(sorted(Counter(item.level for item in sections if item.level).items()))


def at_level(sections: Sequence[Section], level: int) -> tuple[int, ...]:
    """Return the cuts at the headings of *level* and above."""
    return tuple(index for index, item in enumerate(sections) if index == 0 or 1 <= item.level <= level)


def sensible_level(sections: Sequence[Section]) -> int:
    """Return the level at which most parts are one answer; of two, the one whose parts are shorter in the middle."""
    candidates = [level for level in levels(sections) if level <= DEEPEST] or [1]

    def worth(level: int) -> tuple[int, float]:
        sizes = [part.size for part in parts(sections, at_level(sections, level)) if not part.is_empty]
        return sum(size in SENSIBLE for size in sizes), -median(sizes or [0])

    best = max(candidates, key=worth)
    # Deeper is only better where it finds many more: "步骤" and "例外" below each heading are no entries.
    for level in candidates:
        if worth(level)[0] * 2 >= worth(best)[0] and worth(level)[0] > 1:
            return level
    return best


def parts(sections: Sequence[Section], cuts: Collection[int]) -> Sequence[Part]:
    """Return *sections* in parts, of which one begins at each of *cuts* and at the start."""
    starts = sorted({0, *(cut for cut in cuts if 0 <= cut < len(sections))})
    found: list[Part] = []
    above: list[Section] = []
    for start, end in zip(starts, [*starts[1:], len(sections)], strict=True):
        first = sections[start]
        above = [item for item in above if item.level < first.level]
        found.append(
            Part(
                start=start,
                path=tuple(item.heading for item in above if item.heading),
                sections=tuple(sections[start:end]),
            )
        )
        for item in sections[start:end]:
            above = [other for other in above if other.level < item.level] + [item]
    return found


def joined(cuts: Collection[int], start: int) -> tuple[int, ...]:
    """Return *cuts* without the one at *start*: that part becomes the end of the one before."""
    return tuple(sorted(cut for cut in cuts if cut != start or cut == 0))


def parted(cuts: Collection[int], start: int) -> tuple[int, ...]:
    """Return *cuts* with one at *start*: a part of its own begins there."""
    return tuple(sorted({*cuts, start}))
