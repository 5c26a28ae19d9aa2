"""What a bulletin may say, and whether it is in force: pure functions, with the moment as an argument."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.permissions import Target

MAX_TITLE = 120
MAX_TEXT = 10_000
MAX_WORD = 20
MAX_WORDS = 20
MAX_PROMPT = 200
MAX_OPTION = 100
MAX_OPTIONS = 5
MIN_OPTIONS = 2
MIN_WORD = 2
"""One character stands in too many questions to put a bulletin first."""

_SEPARATORS = re.compile(r"[,，、;；\n]+")


class Standing(StrEnum):
    """Where a bulletin stands at a moment. Never stored: it follows from its times and that moment."""

    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return STANDING_LABELS[self]


STANDING_LABELS: Mapping[Standing, str] = {
    Standing.SCHEDULED: N_("还没开始"),
    Standing.IN_FORCE: N_("生效中"),
    Standing.ENDED: N_("已结束"),
    Standing.WITHDRAWN: N_("已撤回"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The one question a must-read bulletin may ask.

    Attributes:
        options: two to five answers.
        right: place of the right one among *options*, from 0.
        explanation: shown once it is answered.
    """

    prompt: str
    options: tuple[str, ...]
    right: int
    explanation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What whoever publishes a bulletin says.

    Attributes:
        text: Markdown, for the agent.
        script: the line to take with customers (对客口径), plain text.
        words: what callers say that this is the answer to; a search that holds one of them has it first.
        regions: taxonomy keys; empty for the whole province.
        teams: keys of teams; empty for all.
        valid_from, valid_until: in force at moment t only if valid_from ≤ t < valid_until.
        question: only for a must-read one.
    """

    title: str
    valid_from: datetime
    valid_until: datetime
    text: str = ""
    script: str = ""
    words: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    urgent: bool = False
    must_read: bool = False
    question: Question | None = None

    @property
    def target(self) -> Target:
        """Return it as what a permission is asked about."""
        return Target(regions=frozenset(self.regions), teams=frozenset(self.teams))


def standing(valid_from: datetime, valid_until: datetime, withdrawn_at: datetime | None, now: datetime) -> Standing:
    """Return where a bulletin with these times stands at the moment *now*."""
    if withdrawn_at is not None:
        return Standing.WITHDRAWN
    if now < valid_from:
        return Standing.SCHEDULED
    return Standing.IN_FORCE if now < valid_until else Standing.ENDED


def listed(text: str) -> tuple[str, ...]:
    """Return what *text* lists, each once; commas of any kind, 、, semicolons and lines part them."""
    found = (" ".join(part.split()) for part in _SEPARATORS.split(text))
    return tuple(dict.fromkeys(part for part in found if part))


def checked(facts: Facts) -> Facts:
    """Return *facts* as they are kept.

    Raises:
        InvalidInputError: something can't be taken; ``field`` says what.
    """
    facts = replace(facts, title=" ".join(facts.title.split()), text=facts.text.strip(), script=facts.script.strip())
    if not 0 < len(facts.title) <= MAX_TITLE:
        raise InvalidInputError(N_("标题要有 1–%(max)s 个字"), field="title", max=MAX_TITLE)
    for field in ("text", "script"):
        if len(getattr(facts, field)) > MAX_TEXT:
            raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field=field, max=MAX_TEXT)
    if len(facts.words) > MAX_WORDS:
        raise InvalidInputError(N_("搜索词最多 %(max)s 个"), field="words", max=MAX_WORDS)
    for word in facts.words:
        if not MIN_WORD <= len(word) <= MAX_WORD:
            raise InvalidInputError(
                N_("“%(word)s”不行：搜索词要有 %(min)s–%(max)s 个字"),
                field="words",
                word=word,
                min=MIN_WORD,
                max=MAX_WORD,
            )
    if facts.words and not facts.script:
        raise InvalidInputError(N_("写了搜索词，就要写对客口径：搜到它的坐席要有话说"), field="script")
    if facts.valid_from >= facts.valid_until:
        raise InvalidInputError(N_("结束要晚于开始"), field="valid_until")
    if facts.question is None:
        return facts
    if not facts.must_read:
        raise InvalidInputError(N_("只有必读公告可以带一道题"), field="prompt")
    return replace(facts, question=_checked_question(facts.question))


def _checked_question(question: Question) -> Question:
    prompt, options = question.prompt.strip(), tuple(" ".join(option.split()) for option in question.options)
    if not 0 < len(prompt) <= MAX_PROMPT:
        raise InvalidInputError(N_("题目要有 1–%(max)s 个字"), field="prompt", max=MAX_PROMPT)
    if not MIN_OPTIONS <= len(options) <= MAX_OPTIONS or len(set(options)) < len(options):
        raise InvalidInputError(
            N_("选项要有 %(min)s–%(max)s 个，不能重复"), field="options", min=MIN_OPTIONS, max=MAX_OPTIONS
        )
    if any(not 0 < len(option) <= MAX_OPTION for option in options):
        raise InvalidInputError(N_("每个选项要有 1–%(max)s 个字"), field="options", max=MAX_OPTION)
    if not 0 <= question.right < len(options):
        raise InvalidInputError(N_("要指明哪个选项是对的"), field="right")
    if len(question.explanation) > MAX_TEXT:
        raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field="explanation", max=MAX_TEXT)
    return replace(question, prompt=prompt, options=options, explanation=question.explanation.strip())
