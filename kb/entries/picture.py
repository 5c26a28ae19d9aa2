"""The picture ``docs/images/states.svg``, made from the transition table: ``python -m kb.entries.picture > …``.

Every state has a place of its own on the page; what leads where, and by which step, is the table's. A step that can
start in several states has an arrow from each.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from kb.entries.rules import SERVED, TRANSITIONS, State, Step

WIDTH, HEIGHT = 150, 46
COLUMN, ROW = 262, 128
LEFT, TOP = 40, 96
NOTHING = None

PLACES: Mapping[State | None, tuple[int, int]] = {
    NOTHING: (0, 0),
    State.DRAFT: (1, 0),
    State.IN_REVIEW: (2, 0),
    State.VERIFYING: (3, 0),
    State.SCHEDULED: (4, 0),
    State.REJECTED: (1, 1),
    State.RETURNED: (2, 1),
    State.PUBLISHED: (4, 2),
    State.REVIEW_DUE: (3, 2),
    State.SUSPENDED: (4, 3),
    State.RETIRED: (3, 3),
    State.ARCHIVED: (2, 3),
}
"""Column and row of each state: the work slot's above, the live slot's below."""

_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc">
  <title id="title">The states of an entry 知识的状态</title>
  <desc id="desc">{desc}</desc>
  <style>
    .page {{ fill: #fbfaf6; }}
    .box {{ fill: #fff; stroke: #8c8675; stroke-width: 1.2; }}
    .served {{ fill: #e2f0ed; stroke: #0f6660; stroke-width: 1.6; }}
    .none {{ fill: #4d555b; }}
    .arrow {{ fill: none; stroke: #4d555b; stroke-width: 1.4; marker-end: url(#tip); }}
    .tip {{ fill: #4d555b; }}
    .band {{ fill: none; stroke: #b8b2a2; stroke-dasharray: 4 4; }}
    text {{ font-family: -apple-system, "Segoe UI", "PingFang SC", "Noto Sans CJK SC", sans-serif; fill: #22272b; }}
    .name {{ font-size: 16px; font-weight: 650; text-anchor: middle; }}
    .code {{ font-size: 11.5px; fill: #636a6e; text-anchor: middle; }}
    .step {{ font-size: 12px; fill: #4d555b; text-anchor: middle; }}
    .step {{ paint-order: stroke; stroke: #fbfaf6; stroke-width: 4px; }}
    .slot {{ font-size: 12.5px; fill: #636a6e; }}
    @media (prefers-color-scheme: dark) {{
      .page {{ fill: #1b1f22; }}
      .box {{ fill: #252a2e; }}
      .served {{ fill: #15403c; stroke: #5fb5ab; }}
      .none, .tip {{ fill: #b9c0c4; }}
      .arrow {{ stroke: #b9c0c4; }}
      text {{ fill: #eceae4; }}
      .code, .slot {{ fill: #a5abae; }}
      .step {{ fill: #c9ccce; stroke: #1b1f22; }}
    }}
  </style>
  <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
<path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>
  <rect class="page" width="{width}" height="{height}" rx="12"/>
"""


@dataclass(frozen=True, slots=True)
class Arrow:
    """What leads from one state to another: by one step or several."""

    source: State | None
    target: State
    steps: tuple[Step, ...]


def arrows() -> Sequence[Arrow]:
    """Return every arrow of the table; steps between the same two states share one."""
    found: dict[tuple[State | None, State], list[Step]] = {}
    for row in TRANSITIONS.values():
        for source in (NOTHING, *State):
            if source in row.sources:
                found.setdefault((source, row.target), []).append(row.step)
    return [Arrow(source, target, tuple(steps)) for (source, target), steps in found.items()]


def picture() -> str:
    """Return the picture, as SVG."""
    drawn = arrows()
    pairs = {(arrow.source, arrow.target) for arrow in drawn}
    columns, rows = (max(place[axis] for place in PLACES.values()) for axis in (0, 1))
    width, height = LEFT * 2 + COLUMN * columns + WIDTH, TOP + ROW * rows + HEIGHT + 40
    said = "; ".join(f"{_code(arrow.source)} → {arrow.target}: {', '.join(arrow.steps)}" for arrow in drawn)
    return "".join(
        (
            _HEAD.format(width=width, height=height, desc=escape(said)),
            _band(TOP - 52, width, "work slot 在改的一版"),
            _band(TOP + 2 * ROW - 44, width, "live slot 台上的一版"),
            *(_drawn(arrow, both=(arrow.target, arrow.source) in pairs) for arrow in drawn),
            *(_box(state) for state in PLACES),
            "</svg>\n",
        )
    )


def _band(top: int, width: int, text: str) -> str:
    """Return the frame around the two rows of one slot."""
    return (
        f'  <rect class="band" x="18" y="{top}" width="{width - 36}" height="{ROW + HEIGHT + 68}" rx="10"/>'
        f'<text class="slot" x="30" y="{top + 20}">{text}</text>\n'
    )


def _box(state: State | None) -> str:
    x, y = _middle(state)
    if state is NOTHING:
        return f'  <circle class="none" cx="{x}" cy="{y}" r="8"/>\n'
    kind = "served" if state in SERVED else "box"
    return (
        f'  <rect class="{kind}" x="{x - WIDTH // 2}" y="{y - HEIGHT // 2}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
        f'<text class="name" x="{x}" y="{y - 1}">{state.label}</text>'
        f'<text class="code" x="{x}" y="{y + 15}">{state.value}</text>\n'
    )


def _drawn(arrow: Arrow, *, both: bool) -> str:
    """Return an arrow with its steps. Two that lead to and fro bend to either side."""
    (x1, y1), (x2, y2) = _middle(arrow.source), _middle(arrow.target)
    text = " · ".join(step.value for step in arrow.steps)
    if arrow.source is arrow.target:
        top = y1 - HEIGHT // 2
        return _path(f"M{x1 - 24} {top} C{x1 - 30} {top - 30} {x1 + 30} {top - 30} {x1 + 24} {top}", x1, top - 18, text)
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    across = (-(y2 - y1) / length, (x2 - x1) / length)
    far = length > 1.5 * COLUMN and y1 == y2
    bend = -78 if far else -24 if both else 0
    start, end = _edge(arrow.source, x2, y2), _edge(arrow.target, x1, y1)
    middle = ((start[0] + end[0]) / 2 + across[0] * bend, (start[1] + end[1]) / 2 + across[1] * bend)
    if both and not far:
        shift = (across[0] * -9, across[1] * -9)
        start, end = ((point[0] + shift[0], point[1] + shift[1]) for point in (start, end))
    line = f"M{_at(start)} Q{_at(middle)} {_at(end)}"
    # Lines cross in their middles, so what is said of one stands nearer to where it begins; beside a line that bends.
    share = 0.5 if y1 == y2 or x1 == x2 else 0.32
    x, y = (
        (1 - share) ** 2 * start[axis] + 2 * share * (1 - share) * middle[axis] + share**2 * end[axis]
        for axis in (0, 1)
    )
    if x1 == x2 and both:
        x -= across[0] * 26
    return _path(line, x, y + (-5 if y1 == y2 else 4), text)


def _path(line: str, x: float, y: float, text: str) -> str:
    return f'  <path class="arrow" d="{line}"/><text class="step" x="{x:.0f}" y="{y:.0f}">{escape(text)}</text>\n'


def _edge(state: State | None, x: float, y: float) -> tuple[float, float]:
    """Return where the line from the middle of *state* towards a point leaves its box."""
    own_x, own_y = _middle(state)
    across, down = x - own_x, y - own_y
    half_width, half_height = (10.0, 10.0) if state is NOTHING else (WIDTH / 2 + 3, HEIGHT / 2 + 3)
    share = min(_share(half_width, across), _share(half_height, down))
    return own_x + across * share, own_y + down * share


def _share(half: float, distance: float) -> float:
    return half / abs(distance) if distance else float("inf")


def _middle(state: State | None) -> tuple[int, int]:
    column, row = PLACES[state]
    return LEFT + column * COLUMN + WIDTH // 2, TOP + row * ROW + HEIGHT // 2


def _at(point: Iterable[float]) -> str:
    return " ".join(f"{value:.0f}" for value in point)


def _code(state: State | None) -> str:
    return "nothing" if state is NOTHING else state.value


if __name__ == "__main__":
    sys.stdout.write(picture())
