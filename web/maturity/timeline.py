"""The picture of an entry's levels over time: where its line and marks stand. The template draws it as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kb.entries.rules import Level
from kb.maturity.models import LevelChange

WIDTH, HEIGHT = 720, 210
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 14, 28
TICKS = 5
SHORTEST = timedelta(days=7)
"""The least that the picture spans: a day-old entry must not look as if it had a long history."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A change of level, as a dot."""

    x: float
    y: float
    change: LevelChange


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis of time."""

    x: float
    moment: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything the picture shows, in its own units.

    Attributes:
        path: the line of levels, as SVG path data.
        rows: each level with the height of its line.
    """

    path: str
    marks: Sequence[Mark]
    rows: Sequence[tuple[Level, float]]
    ticks: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def draw(changes: Sequence[LevelChange], *, now: datetime) -> Timeline | None:
    """Return the picture of *changes*, oldest first, up to *now*; ``None`` without any."""
    if not changes:
        return None
    begin = min(changes[0].at, now - SHORTEST)
    span = (now - begin).total_seconds()

    def across(moment: datetime) -> float:
        share = min(1.0, max(0.0, (moment - begin).total_seconds() / span))
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    marks = [Mark(across(change.at), _height(change.after), change) for change in changes]
    steps = [f"M{marks[0].x} {marks[0].y}", *(f"H{mark.x}V{mark.y}" for mark in marks[1:]), f"H{across(now)}"]
    return Timeline(
        path="".join(steps),
        marks=marks,
        rows=[(level, _height(level)) for level in Level if level],
        ticks=[
            Tick(across(moment), moment)
            for moment in (begin + timedelta(seconds=span * number / (TICKS - 1)) for number in range(TICKS))
        ],
    )


def _height(level: int) -> float:
    share = (level - Level.L1) / (Level.L5 - Level.L1)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)
