"""What an exam is drawn from, who may try it when, how long it lasts and what it comes to. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any

from kb.errors import InvalidInputError
from kb.i18n import N_

MAX_TITLE = 120
MAX_QUESTIONS = 100
MAX_MINUTES = 240
MAX_ATTEMPTS = 5
MAX_VALID_DAYS = 1095
GRACE = timedelta(seconds=15)
"""How long after the end an answer is still taken: it was given in time and was on its way."""
SEED_LENGTH = 32


class Purpose(StrEnum):
    """What an exam is for."""

    EXAM = "exam"
    """Its results are everybody's own and its managers'."""
    QUIZ = "quiz"
    """Measures a training: only sums over several people are shown to anybody but the person."""

    @property
    def label(self) -> str:
        """The Chinese name."""
        return PURPOSE_LABELS[self]


PURPOSE_LABELS: Mapping[Purpose, str] = {Purpose.EXAM: N_("考试"), Purpose.QUIZ: N_("小测")}


class Ending(StrEnum):
    """How an attempt ended."""

    SUBMITTED = "submitted"
    TIME = "time"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return ENDING_LABELS[self]


ENDING_LABELS: Mapping[Ending, str] = {Ending.SUBMITTED: N_("自己交卷"), Ending.TIME: N_("时间到，自动交卷")}


@dataclass(frozen=True, slots=True)
class Section:
    """A line of a blueprint (命题蓝图): so many questions of a module, of one difficulty or of any.

    Attributes:
        module: its key; modules below it belong to it.
        difficulty: 1 easy, 2 medium, 3 hard; ``None`` for any.
    """

    module: str
    count: int
    difficulty: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"module": self.module, "count": self.count, "difficulty": self.difficulty}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Section":
        """Return what ``to_json`` gave."""
        return cls(stored["module"], stored["count"], stored["difficulty"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an exam says of itself.

    Attributes:
        minutes: how long an attempt lasts.
        pass_share: 0..1 of the points that passes.
        attempts: how often one person may try.
        wait_hours: how long after an attempt the next one may begin.
        opens_at, closes_at: when attempts may begin; what has begun goes on to its own end.
        teams, people: whom it is for: keys and ids; all when both are empty.
        grants_tier, valid_days: the licence that passing earns, and for how long; ``None`` for none.
    """

    title: str
    purpose: Purpose = Purpose.EXAM
    sections: tuple[Section, ...]
    minutes: int = 30
    pass_share: float = 0.8
    attempts: int = 1
    wait_hours: int = 0
    opens_at: datetime
    closes_at: datetime
    teams: tuple[str, ...] = ()
    people: tuple[int, ...] = ()
    grants_tier: str | None = None
    valid_days: int = 365

    @property
    def count(self) -> int:
        """How many questions it has."""
        return sum(section.count for section in self.sections)


def checked(facts: Facts) -> Facts:
    """Return *facts* as they are kept.

    Raises:
        InvalidInputError: they can't be taken; ``field`` names what is wrong.
    """
    facts = replace(facts, title=" ".join(facts.title.split()))
    if not 0 < len(facts.title) <= MAX_TITLE:
        raise InvalidInputError(N_("名称要有 1–%(max)s 个字"), field="title", max=MAX_TITLE)
    if not facts.sections or any(section.count < 1 for section in facts.sections) or facts.count > MAX_QUESTIONS:
        raise InvalidInputError(N_("一共要有 1–%(max)s 道题"), field="sections", max=MAX_QUESTIONS)
    if any(section.difficulty not in (None, 1, 2, 3) for section in facts.sections):
        raise InvalidInputError(N_("难度只有容易、中等、较难"), field="sections")
    for name, low, high in (
        ("minutes", 1, MAX_MINUTES),
        ("attempts", 1, MAX_ATTEMPTS),
        ("wait_hours", 0, 24 * 90),
        ("valid_days", 1, MAX_VALID_DAYS),
    ):
        if not low <= getattr(facts, name) <= high:
            raise InvalidInputError(N_("这里要填 %(low)s–%(high)s"), field=name, low=low, high=high)
    if not 0 < facts.pass_share <= 1:
        raise InvalidInputError(N_("及格线要在百分之一到百分之百之间"), field="pass_share")
    if facts.opens_at >= facts.closes_at:
        raise InvalidInputError(N_("截止要晚于开始"), field="closes_at")
    return facts


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that may be drawn."""

    id: int
    module: str
    difficulty: int


def draw(
    sections: Sequence[Section], candidates: Sequence[Candidate], below: Mapping[str, frozenset[str]], seed: str
) -> list[int]:
    """Return the ids of the questions of an attempt, in the order in which they are asked.

    The same seed over the same bank draws the same questions in the same order. A question is drawn once. Sections that
    are narrower draw first, so that a wide one never takes what a narrow one needs.

    Args:
        below: for each module of *sections* its key and all keys below it.
        seed: secret of the attempt.

    Raises:
        InvalidInputError: the bank holds too few; ``params`` say where and how many there are.
    """
    random = Random(f"{seed}:draw")  # noqa: S311 - the seed is what is secret
    left = {candidate.id: candidate for candidate in sorted(candidates, key=lambda candidate: candidate.id)}
    drawn: list[int] = []
    for section in sorted(sections, key=lambda s: (s.difficulty is None, len(below[s.module]), s.module)):
        pool = [
            candidate.id
            for candidate in left.values()
            if candidate.module in below[section.module] and section.difficulty in (None, candidate.difficulty)
        ]
        if len(pool) < section.count:
            raise InvalidInputError(
                N_("题库里“%(module)s”只有 %(found)s 道合适的题，要 %(wanted)s 道"),
                field="sections",
                module=section.module,
                found=len(pool),
                wanted=section.count,
            )
        chosen = random.sample(pool, section.count)
        drawn += chosen
        for id_ in chosen:
            del left[id_]
    random.shuffle(drawn)
    return drawn


def ends_at(started_at: datetime, minutes: int) -> datetime:
    """Return when an attempt is over, whatever the page's clock says."""
    return started_at + timedelta(minutes=minutes)


def waiting(hours: int) -> timedelta:
    """Return how long after one attempt the next may begin."""
    return timedelta(hours=hours)


def takes_answers(end: datetime, now: datetime) -> bool:
    """Return whether an answer that arrives at *now* counts in an attempt that ends at *end*."""
    return now <= end + GRACE


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt somebody made before."""

    started_at: datetime
    passed: bool | None


def refusal(
    before: Sequence[Tried], *, attempts: int, wait: timedelta, opens_at: datetime, closes_at: datetime, now: datetime
) -> str | None:
    """Return why another attempt may not begin at *now*; ``None`` where it may.

    Args:
        before: the person's attempts that have ended, in any order.
    """
    if now < opens_at:
        return N_("这场考试还没开始")
    if now >= closes_at:
        return N_("这场考试已经截止")
    if any(tried.passed for tried in before):
        return N_("你已经通过了，不用再考")
    if len(before) >= attempts:
        return N_("次数已经用完")
    if before and now < max(tried.started_at for tried in before) + wait:
        return N_("两次之间要隔一段时间，请晚些再来")
    return None


def passes(shares: Sequence[float], pass_share: float) -> bool:
    """Return whether points of 0..1 for each question, an unanswered one 0, reach *pass_share*.

    Compared in ten-thousandths: 0.8 of five questions is four of them, whatever binary fractions make of it.
    """
    return round(10_000 * score(shares)) >= round(10_000 * pass_share)


def score(shares: Sequence[float]) -> float:
    """Return the mean of *shares*, 0..1."""
    return sum(shares) / len(shares) if shares else 0.0
