"""When a card comes again. Pure: from what is remembered of it and one more answer to the next moment.

Two ways, one of them per centre. ``Leitner``: five boxes, 1, 3, 7, 14 and 30 days. ``Fsrs``: the model of the package
of that name (its default weights, 90 % to be remembered). Whatever the way says, three things hold (``_settle``):
a right answer never brings the next date nearer, a wrong one comes the next day at the latest, and one that was wrong
though the person was sure comes after ten minutes, before all other reviews.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

import fsrs

from kb.study.rules import Confidence

BOXES = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=14), timedelta(days=30))
"""How long a card rests in each box, from box 1 on."""
SOON = timedelta(minutes=10)
NEXT_DAY = timedelta(days=1)
MAX_INTERVAL_DAYS = 365


class Schedule(StrEnum):
    """The way a centre spaces its cards."""

    LEITNER = "leitner"
    FSRS = "fsrs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of one person's card.

    Attributes:
        box: 1..5; 0 after a wrong answer. ``Fsrs`` keeps it beside, so that a centre may change its way.
        times, lapses: answers in all, and wrong ones.
        sure_wrong: whether the last answer was wrong and given surely.
        stability: days until 90 % is left, and ``hardness`` 1..10; ``None`` until ``Fsrs`` has seen the card.
    """

    box: int
    due_at: datetime
    last_at: datetime
    times: int = 1
    lapses: int = 0
    sure_wrong: bool = False
    stability: float | None = None
    hardness: float | None = None


class Scheduler(Protocol):
    """A way of spacing."""

    def after(self, memory: Memory | None, *, right: bool, confidence: Confidence, now: datetime) -> Memory:
        """Return what is remembered after an answer at *now*; *memory* is ``None`` for the first one."""


class Leitner:
    """Five boxes: right moves a card on, a right guess leaves it, wrong puts it back."""

    def after(self, memory: Memory | None, *, right: bool, confidence: Confidence, now: datetime) -> Memory:
        """Return what is remembered after an answer. Before it is due, a right one moves nothing: it was not spaced."""
        before = memory.box if memory is not None else 0
        if not right:
            return _settle(memory, 0, now, right=right, confidence=confidence, now=now)
        if memory is not None and now < memory.due_at:
            return _settle(memory, before, memory.due_at, right=right, confidence=confidence, now=now)
        box = max(1, before) if confidence is Confidence.GUESS else min(before + 1, len(BOXES))
        return _settle(memory, box, now + BOXES[box - 1], right=right, confidence=confidence, now=now)


class Fsrs:
    """The free spaced repetition scheduler, without fuzz and without steps of minutes: ours say what comes soon."""

    def __init__(self, retention: float = 0.9) -> None:
        self._scheduler = fsrs.Scheduler(
            desired_retention=retention,
            learning_steps=(),
            relearning_steps=(),
            maximum_interval=MAX_INTERVAL_DAYS,
            enable_fuzzing=False,
        )

    def after(self, memory: Memory | None, *, right: bool, confidence: Confidence, now: datetime) -> Memory:
        """Return what is remembered after an answer. Sure is "good", unsure and guessed are "hard"."""
        rating = fsrs.Rating.Again
        if right:
            rating = fsrs.Rating.Good if confidence is Confidence.SURE else fsrs.Rating.Hard
        card, _ = self._scheduler.review_card(_as_card(memory), rating, now.astimezone(UTC))
        settled = _settle(
            memory, _box_of(card.due - now) if right else 0, card.due, right=right, confidence=confidence, now=now
        )
        return replace(settled, stability=card.stability, hardness=card.difficulty)


def scheduler(schedule: Schedule) -> Scheduler:
    """Return the way that *schedule* names."""
    return Fsrs() if schedule is Schedule.FSRS else Leitner()


def _settle(
    memory: Memory | None, box: int, due_at: datetime, *, right: bool, confidence: Confidence, now: datetime
) -> Memory:
    """Return the new memory with what holds for every way."""
    sure_wrong = not right and confidence is Confidence.SURE
    if right:
        due_at = max(due_at, memory.due_at) if memory is not None else due_at
    else:
        due_at = now + (SOON if sure_wrong else NEXT_DAY)
    early = right and memory is not None and memory.sure_wrong and now < memory.due_at
    return Memory(
        box=box,
        due_at=due_at,
        last_at=now,
        times=1 + (memory.times if memory is not None else 0),
        lapses=(not right) + (memory.lapses if memory is not None else 0),
        sure_wrong=sure_wrong or early,
        stability=memory.stability if memory is not None else None,
        hardness=memory.hardness if memory is not None else None,
    )


def _as_card(memory: Memory | None) -> fsrs.Card:
    if memory is None:
        return fsrs.Card(card_id=1)
    return fsrs.Card(
        card_id=1,
        state=fsrs.State.Review,
        # A card that the boxes brought this far has held for about as long as its box rests.
        stability=memory.stability if memory.stability is not None else BOXES[max(memory.box, 1) - 1] / NEXT_DAY,
        difficulty=memory.hardness if memory.hardness is not None else 5.0,
        due=memory.due_at.astimezone(UTC),
        last_review=memory.last_at.astimezone(UTC),
    )


def _box_of(interval: timedelta) -> int:
    return max(1, sum(interval >= rest for rest in BOXES))
