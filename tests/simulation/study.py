"""A simulation, not a measurement: agents who learn cards by boxes, by FSRS, and all at once.

What people remember follows Pavlik and Anderson (2005), fitted on vocabulary and made by neither of the ways
compared: each answer leaves a trace that fades as t^-d, and one given while much is still active fades faster,
d = c·e^m + a. A card is recalled with probability 1 / (1 + e^((τ - m) / s)). Between sittings time counts by h.

``python -m tests.simulation.study`` prints the table of ``docs/study.md``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import exp, log
from random import Random

from kb.study.rules import Confidence
from kb.study.scheduling import Fsrs, Leitner, Memory, Scheduler

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SEED = 7
DECAY, SPACING, THRESHOLD, NOISE, BETWEEN = 0.177, 0.217, -0.704, 0.255, 0.025
SITTING = 3600.0
"""Seconds below which two answers are of one sitting."""
GUESSED_RIGHT = 0.25
DAYS = 60
NEW_A_DAY = 4
CARDS = 80
LEARNERS = 40
ANSWERS_A_DAY = 16
BETWEEN_ANSWERS = timedelta(seconds=45)
LATER = (60, 90, 120)
"""Days on which it is asked what is left; nothing is studied after ``DAYS``."""


def psychological(seconds: float) -> float:
    """Return *seconds* as memory counts them."""
    return max(1.0, seconds if seconds <= SITTING else SITTING + (seconds - SITTING) * BETWEEN)


@dataclass(slots=True)
class Traces:
    """What one card has left in one head: moments in seconds, and how fast each fades."""

    at: list[float] = field(default_factory=list)
    decays: list[float] = field(default_factory=list)

    def activation(self, now: float) -> float:
        """Return how active the card is, in logits; very little where it was never seen."""
        if not self.at:
            return -9.0
        return log(sum(psychological(now - at) ** -decay for at, decay in zip(self.at, self.decays, strict=True)))

    def recalled(self, now: float) -> float:
        """Return the probability that the card is recalled."""
        return 1 / (1 + exp((THRESHOLD - self.activation(now)) / NOISE))

    def practise(self, now: float) -> None:
        """Leave one more trace: an answer with what was right, whichever it was."""
        activation = self.activation(now) if self.at else -9.0
        self.at.append(now)
        self.decays.append(SPACING * exp(activation) + DECAY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one way came to for one learner."""

    answers: int
    left: tuple[float, ...]


Way = Callable[[Random, int], Outcome]


def spaced(scheduler: Scheduler) -> Way:
    """Return studying with *scheduler*: reviews first, the sure-but-wrong before all, then new cards."""

    def study(random: Random, answers: int) -> Outcome:
        heads = [Traces() for _ in range(CARDS)]
        cards: dict[int, Memory] = {}
        given = 0
        for day in range(DAYS):
            now, fresh = START + timedelta(days=day), 0
            for _ in range(ANSWERS_A_DAY):
                due = [number for number, memory in cards.items() if memory.due_at <= now + BETWEEN_ANSWERS]
                if due:
                    number = min(due, key=lambda n: (not cards[n].sure_wrong, cards[n].due_at))
                elif fresh < NEW_A_DAY and len(cards) < CARDS:
                    number, fresh = len(cards), fresh + 1
                else:
                    break
                right, confidence = answered(heads[number], seconds(now), random)
                cards[number] = scheduler.after(cards.get(number), right=right, confidence=confidence, now=now)
                heads[number].practise(seconds(now))
                given += 1
                now += BETWEEN_ANSWERS
        return Outcome(given, remaining(heads))

    return study


def massed(random: Random, answers: int) -> Outcome:
    """Study each card in one sitting, new ones as fast as the others do, with as many answers in all as theirs."""
    heads = [Traces() for _ in range(CARDS)]
    given = 0
    for number, head in enumerate(heads):
        now = START + timedelta(days=number // NEW_A_DAY, hours=number % NEW_A_DAY)
        for _ in range(answers * (number + 1) // CARDS - answers * number // CARDS):
            head.practise(seconds(now))
            given += 1
            now += BETWEEN_ANSWERS
    return Outcome(given, remaining(heads))


def answered(head: Traces, now: float, random: Random) -> tuple[bool, Confidence]:
    """Return whether the card is answered rightly, and how sure its learner is: mostly with reason."""
    chance = head.recalled(now)
    felt = chance + random.gauss(0, 0.15)
    confidence = Confidence.SURE if felt > 0.75 else Confidence.UNSURE if felt > 0.4 else Confidence.GUESS
    return random.random() < chance + (1 - chance) * GUESSED_RIGHT, confidence


def remaining(heads: Sequence[Traces]) -> tuple[float, ...]:
    """Return which share of all cards is recalled on each of the later days."""
    return tuple(
        sum(head.recalled(seconds(START + timedelta(days=day))) for head in heads) / len(heads) for day in LATER
    )


def seconds(moment: datetime) -> float:
    """Return *moment* in seconds since the beginning."""
    return (moment - START).total_seconds()


@dataclass(frozen=True, slots=True)
class Line:
    """What a way came to for all learners: answers a card, and the shares left."""

    name: str
    answers: float
    left: tuple[float, ...]


def simulate(learners: int = LEARNERS) -> list[Line]:
    """Return a line for each way; massed practice gets as many answers as the way that it stands under."""
    lines = []
    for name, scheduler in (("Leitner 1/3/7/14/30", Leitner()), ("FSRS, 90 %", Fsrs())):
        runs = [spaced(scheduler)(Random(SEED + learner), 0) for learner in range(learners)]
        lines.append(_line(name, runs))
        same = [massed(Random(SEED), run.answers) for run in runs]
        lines.append(_line("the same number at once", same))
    return lines


def _line(name: str, runs: Sequence[Outcome]) -> Line:
    left = tuple(sum(run.left[at] for run in runs) / len(runs) for at in range(len(LATER)))
    return Line(name, sum(run.answers for run in runs) / len(runs) / CARDS, left)


def main() -> None:
    """Print the table."""
    print(f"| way | answers a card | {' | '.join(f'day {day}' for day in LATER)} |")
    print("|---|---|" + "---|" * len(LATER))
    for line in simulate():
        print(f"| {line.name} | {line.answers:.1f} | {' | '.join(f'{share:.0%}' for share in line.left)} |")


if __name__ == "__main__":
    main()
