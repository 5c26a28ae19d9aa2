"""What a question is, as a value, and what makes one impossible to ask. Pure. Grading is in ``grading.py``.

An ``Item`` holds the right answer and never reaches a page before somebody has answered; a page gets what
``kb.questions.showing`` makes of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from kb.errors import InvalidInputError
from kb.i18n import N_

MAX_PROMPT = 300
MAX_OPTION = 300
MAX_OPTIONS = 8
MIN_OPTIONS = 2
MIN_STEPS = 3
"""Two steps in order are guessed every second time."""
MAX_TEXT = 2000
MAX_BLANKS = 4
MAX_BLANK = 40

BLANK = re.compile(r"\[\[(.+?)\]\]")
"""How an editor marks what is to be filled in: ``每月 [[19 元|19块]]``, ways of saying it parted by ``|``."""


class Kind(StrEnum):
    """How a question asks (题型)."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    CLOZE = "cloze"
    ORDER = "order"
    WHICH_ENTRY = "which_entry"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return KIND_LABELS[self]


KIND_LABELS: Mapping[Kind, str] = {
    Kind.SINGLE: N_("单选"),
    Kind.MULTIPLE: N_("多选"),
    Kind.CLOZE: N_("话术填空"),
    Kind.ORDER: N_("步骤排序"),
    Kind.WHICH_ENTRY: N_("该用哪条知识"),
}


class Difficulty(IntEnum):
    """How hard an editor thinks a question is; what answers say of it is measured, not stored here."""

    EASY = 1
    MEDIUM = 2
    HARD = 3

    @property
    def label(self) -> str:
        """The Chinese name."""
        return DIFFICULTY_LABELS[self]


DIFFICULTY_LABELS: Mapping[Difficulty, str] = {
    Difficulty.EASY: N_("容易"),
    Difficulty.MEDIUM: N_("中等"),
    Difficulty.HARD: N_("较难"),
}


class State(StrEnum):
    """Where a question stands. Only a live one of a served entry is asked."""

    DRAFT = "draft"
    LIVE = "live"
    SUSPENDED = "suspended"
    RETIRED = "retired"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return STATE_LABELS[self]


STATE_LABELS: Mapping[State, str] = {
    State.DRAFT: N_("草稿"),
    State.LIVE: N_("在用"),
    State.SUSPENDED: N_("待重看"),
    State.RETIRED: N_("停用"),
}


class Step(StrEnum):
    """What can be done to a question."""

    REVISE = "revise"
    PUBLISH = "publish"
    SUSPEND = "suspend"
    RETIRE = "retire"


SOURCES: Mapping[Step, frozenset[State]] = {
    Step.REVISE: frozenset({State.DRAFT, State.LIVE, State.SUSPENDED}),
    Step.PUBLISH: frozenset({State.DRAFT, State.SUSPENDED}),
    Step.SUSPEND: frozenset({State.LIVE}),
    Step.RETIRE: frozenset({State.DRAFT, State.LIVE, State.SUSPENDED}),
}
"""From which states each step leads. Nothing leads back from retired: answers refer to what it was."""


class Origin(StrEnum):
    """Where a question comes from."""

    WRITTEN = "written"
    PROPOSED = "proposed"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return ORIGIN_LABELS[self]


ORIGIN_LABELS: Mapping[Origin, str] = {Origin.WRITTEN: N_("采编写的"), Origin.PROPOSED: N_("系统提议的")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What a question asks, and what is right.

    Attributes:
        prompt: the question itself; of ``WHICH_ENTRY`` the caller's words.
        options: what is chosen from. Of ``ORDER`` the steps in their right order; of ``WHICH_ENTRY`` titles.
        right: places of the right options, from 0, rising. Empty for ``CLOZE`` and ``ORDER``.
        entries: of ``WHICH_ENTRY`` the keys of the entries that *options* name, in the same order; else empty.
        text: of ``CLOZE`` the words with what is to be filled in marked (``BLANK``); else empty.
        explanation: shown once it is answered.
    """

    kind: Kind
    prompt: str
    options: tuple[str, ...] = ()
    right: tuple[int, ...] = ()
    entries: tuple[str, ...] = ()
    text: str = ""
    explanation: str = ""
    difficulty: Difficulty = Difficulty.MEDIUM

    @property
    def blanks(self) -> tuple[tuple[str, ...], ...]:
        """What each blank of ``text`` takes: the ways of saying it, the first one shown as right."""
        return tuple(
            tuple(way.strip() for way in found.split("|") if way.strip()) for found in BLANK.findall(self.text)
        )


def checked(item: Item) -> Item:
    """Return *item* as it is kept: spaces tidied, and nothing that its kind has no use for.

    Raises:
        InvalidInputError: it can't be asked; ``field`` says why.
    """
    item = replace(
        item,
        prompt=" ".join(item.prompt.split()),
        options=tuple(" ".join(option.split()) for option in item.options),
        text=item.text.strip() if item.kind is Kind.CLOZE else "",
        right=() if item.kind in (Kind.CLOZE, Kind.ORDER) else tuple(sorted(set(item.right))),
        entries=item.entries if item.kind is Kind.WHICH_ENTRY else (),
        explanation=item.explanation.strip(),
    )
    if not 0 < len(item.prompt) <= MAX_PROMPT:
        raise InvalidInputError(N_("题目要有 1–%(max)s 个字"), field="prompt", max=MAX_PROMPT)
    if len(item.explanation) > MAX_TEXT:
        raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field="explanation", max=MAX_TEXT)
    if item.kind is Kind.CLOZE:
        _check_blanks(item)
        return replace(item, options=())
    _check_options(item)
    return item


def _check_options(item: Item) -> None:
    least = MIN_STEPS if item.kind is Kind.ORDER else MIN_OPTIONS
    if not least <= len(item.options) <= MAX_OPTIONS or len(set(item.options)) < len(item.options):
        raise InvalidInputError(
            N_("选项要有 %(min)s–%(max)s 个，不能重复"), field="options", min=least, max=MAX_OPTIONS
        )
    if any(not 0 < len(option) <= MAX_OPTION for option in item.options):
        raise InvalidInputError(N_("每个选项要有 1–%(max)s 个字"), field="options", max=MAX_OPTION)
    if item.kind is Kind.ORDER:
        return
    if not item.right or not all(0 <= place < len(item.options) for place in item.right):
        raise InvalidInputError(N_("要指明哪个选项是对的"), field="right")
    if item.kind is not Kind.MULTIPLE and len(item.right) != 1:
        raise InvalidInputError(N_("这种题只能有一个对的选项"), field="right")
    if item.kind is Kind.WHICH_ENTRY and len(item.entries) != len(item.options):
        raise InvalidInputError(N_("每个选项要对应一条知识"), field="options")


def _check_blanks(item: Item) -> None:
    if len(item.text) > MAX_TEXT:
        raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field="text", max=MAX_TEXT)
    blanks = item.blanks
    if not 0 < len(blanks) <= MAX_BLANKS:
        raise InvalidInputError(N_("要用 [[ ]] 标出 1–%(max)s 处要填的话"), field="text", max=MAX_BLANKS)
    if any(not ways or any(len(way) > MAX_BLANK for way in ways) for ways in blanks):
        raise InvalidInputError(N_("每处要填 1–%(max)s 个字"), field="text", max=MAX_BLANK)
