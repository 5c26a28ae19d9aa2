"""Cutting a document into parts, each of which may become an entry. Pure functions of its sections and the cuts."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kb.documents.document import Section
from kb.importing.columns import SECTIONS

SENSIBLE = range(60, 4_000)
"""Characters of a part that is one answer: neither a chapter nor a line of a list."""
DEEPEST = 4
"""Levels at which a document is cut by itself; deeper headings are steps and exceptions."""

REPEATED = 3
"""How often a heading comes that is no title: "适用范围" below each of them."""

HEADINGS: Mapping[str, str] = {
    **SECTIONS,
    "操作步骤": "steps",
    "处理步骤": "steps",
    "处理流程": "steps",
    "办理步骤": "steps",
    "对客话术": "script",
    "标准话术": "script",
    "参考话术": "script",
    "对客口径": "script",
    "注意事项": "exceptions",
    "例外情况": "exceptions",
    "特殊情况": "exceptions",
    "收费标准": "fees",
    "资费": "fees",
    "办理时限": "deadlines",
    "处理时限": "deadlines",
}
"""What sections of manuals are called that an entry has a field for."""


_TABLE = re.compile(r"^\|(?: --- \|)+$", re.MULTILINE)
_NUMBER = re.compile(
    r"^(?:第?[一二三四五六七八九十百]+[、．.章节条]|第\d+[章节条]|[（(][一二三四五六七八九十\d]+[)）]|\d+(?:\.\d+)*[、．.]?(?=\s|[^\d\s.、．]))\s*"
)


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
        return sum(len(_TABLE.findall(item.text)) for item in self.sections)

    @property
    def is_empty(self) -> bool:
        """Whether it is nothing but headings."""
        return self.size == 0


def levels(sections: Sequence[Section]) -> Mapping[int, int]:
    """Return how many sections there are of each level, from the top."""
    return dict(sorted(Counter(item.level for item in sections if item.level).items()))


def at_level(sections: Sequence[Section], level: int) -> tuple[int, ...]:
    """Return the cuts at the headings of *level* and above.

    What is part of an entry by its name (话术), or comes again and again, begins none.
    """
    times = Counter(item.heading for item in sections if item.text)
    return tuple(
        index
        for index, item in enumerate(sections)
        if index == 0
        or (1 <= item.level <= level and not (_ends(sections, index) and _is_no_title(item, times[item.heading])))
    )


def sensible_level(sections: Sequence[Section]) -> int:
    """Return the level at which most parts are one answer, the highest of those."""
    candidates = [level for level in levels(sections) if level <= DEEPEST] or [1]

    def answers(level: int) -> int:
        return sum(part.size in SENSIBLE for part in parts(sections, at_level(sections, level)))

    return max(candidates, key=answers)


def without_number(heading: str) -> str:
    """Return *heading* without the number that it bears in a book, unless that is all of it."""
    return _NUMBER.sub("", heading).strip() or heading.strip()


def field_of(heading: str) -> str | None:
    """Return the field of an entry that *heading* stands over, or ``None``."""
    return HEADINGS.get(without_number(heading).strip("：: "))


def _is_no_title(section: Section, times: int) -> bool:
    named = field_of(section.heading) is not None or times >= REPEATED
    return section.level > 1 and bool(section.text) and named


def _ends(sections: Sequence[Section], index: int) -> bool:
    """Return whether nothing is below the section at *index*."""
    return index + 1 == len(sections) or sections[index + 1].level <= sections[index].level


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
