"""What managers see at a glance: levels by module, what falls, what is stale, held and suspended; and the report."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from kb.entries.models import Entry, Revision
from kb.entries.queries import meant_for
from kb.entries.rules import SERVED, Level, State
from kb.maturity import rules
from kb.maturity.models import Hold, LevelChange, Standing
from kb.maturity.queries import News
from kb.permissions import Actor


@dataclass(slots=True)
class ModuleRow:
    """The maturity of a module's entries, levels below it left out.

    Attributes:
        levels: how many served entries stand on each level.
        merit: mean of M, 0..1; ``None`` where nothing is counted yet.
        solved, trials: outcomes that count.
        stale: served entries past their class's T; ``suspended`` ones are not served.
        risen, fallen: changes of level in the period.
    """

    module_key: str
    levels: dict[Level, int] = field(default_factory=lambda: dict.fromkeys(Level, 0))
    merit: float | None = None
    solved: int = 0
    trials: int = 0
    raters: int = 0
    stale: int = 0
    suspended: int = 0
    risen: int = 0
    fallen: int = 0

    @property
    def entries(self) -> int:
        """How many served entries there are."""
        return sum(self.levels.values())

    @property
    def wilson(self) -> float:
        """W of all outcomes together, 0..1."""
        return rules.wilson_lower_bound(self.solved, self.trials)

    @property
    def mature(self) -> float:
        """The share of entries at L3 and above, 0..1."""
        high = sum(count for level, count in self.levels.items() if level >= Level.L3)
        return high / self.entries if self.entries else 0.0


def report(session: Session, *, since: datetime, now: datetime) -> Sequence[ModuleRow]:
    """Return the maturity assessment report (知识成熟度评估), module by module in order of key. Four statements.

    Args:
        since: when the period began in which changes of level are counted.
    """
    rows: dict[str, ModuleRow] = {}

    def row(key: str) -> ModuleRow:
        return rows.setdefault(key, ModuleRow(key))

    levels = session.execute(
        select(Revision.module_key, Entry.level, func.count())
        .select_from(Entry)
        .join(Entry.live_revision)
        .where(Entry.live_state.in_(SERVED))
        .group_by(Revision.module_key, Entry.level)
    )
    for key, level, count in levels:
        row(key).levels[Level(level)] = count
    sums = session.execute(
        select(
            Revision.module_key,
            func.avg(Standing.merit),
            func.sum(Standing.solved),
            func.sum(Standing.solved + Standing.unsolved),
            func.sum(Standing.raters),
            func.sum(case((past_shelf(now), 1), else_=0)),
        )
        .select_from(Entry)
        .join(Entry.live_revision)
        .join(Standing, Standing.entry_id == Entry.id)
        .where(Entry.live_state.in_(SERVED))
        .group_by(Revision.module_key)
    )
    for key, merit, solved, trials, raters, old in sums:
        found = row(key)
        found.merit, found.solved, found.trials, found.raters, found.stale = float(merit), solved, trials, raters, old
    suspended_rows = session.execute(
        select(Revision.module_key, func.count())
        .select_from(Entry)
        .join(Entry.live_revision)
        .where(Entry.live_state == State.SUSPENDED)
        .group_by(Revision.module_key)
    )
    for key, count in suspended_rows:
        row(key).suspended = count
    moves = session.execute(
        select(
            Revision.module_key,
            func.sum(case((LevelChange.after > LevelChange.before, 1), else_=0)),
            func.sum(case((LevelChange.after < LevelChange.before, 1), else_=0)),
        )
        .select_from(LevelChange)
        .join(Entry, Entry.id == LevelChange.entry_id)
        .join(Entry.live_revision)
        .where(LevelChange.at >= since)
        .group_by(Revision.module_key)
    )
    for key, up, down in moves:
        row(key).risen, row(key).fallen = up, down
    return [rows[key] for key in sorted(rows)]


def fallen(session: Session, actor: Actor, *, since: datetime, limit: int) -> Sequence[News]:
    """Return the entries meant for *actor* that lost a level since then, the latest first. One statement."""
    found = session.execute(
        select(LevelChange, Entry)
        .join(Entry, Entry.id == LevelChange.entry_id)
        .join(Entry.live_revision)
        .options(contains_eager(Entry.live_revision))
        .where(LevelChange.at >= since, LevelChange.after < LevelChange.before, meant_for(actor))
        .order_by(LevelChange.at.desc(), LevelChange.id.desc())
        .limit(limit)
    )
    return [News(row[1], row[0]) for row in found]


def stale(session: Session, actor: Actor, *, now: datetime, limit: int) -> Sequence[Entry]:
    """Return served entries meant for *actor* past their class's T, the longest unverified first. One statement."""
    return session.scalars(
        select(Entry)
        .join(Entry.live_revision)
        .options(contains_eager(Entry.live_revision))
        .where(Entry.live_state.in_(SERVED), past_shelf(now), meant_for(actor))
        .order_by(Entry.verified_at, Entry.id)
        .limit(limit)
    ).all()


def suspended(session: Session, actor: Actor, *, limit: int) -> Sequence[Entry]:
    """Return suspended entries meant for *actor*, the latest first. One statement."""
    return session.scalars(
        select(Entry)
        .join(Entry.live_revision)
        .options(contains_eager(Entry.live_revision))
        .where(Entry.live_state == State.SUSPENDED, meant_for(actor))
        .order_by(Entry.updated_at.desc(), Entry.id)
        .limit(limit)
    ).all()


@dataclass(frozen=True, slots=True)
class Held:
    """An entry whose level a manager set."""

    entry: Entry
    hold: Hold


def held(session: Session, actor: Actor, *, limit: int) -> Sequence[Held]:
    """Return the entries meant for *actor* whose level is set by hand, the latest first. One statement."""
    rows = session.execute(
        select(Entry, Hold)
        .join(Hold, Hold.entry_id == Entry.id)
        .join(Entry.live_revision)
        .options(contains_eager(Entry.live_revision))
        .where(Hold.ended_at.is_(None), meant_for(actor))
        .order_by(Hold.held_at.desc())
        .limit(limit)
    )
    return [Held(row[0], row[1]) for row in rows]


def past_shelf(now: datetime) -> ColumnElement[bool]:
    """Return the condition that an entry was last verified longer ago than its class stays fresh."""
    classes = (
        and_(Revision.freshness == freshness, Entry.verified_at < now - timedelta(days=days))
        for freshness, days in rules.SHELF_DAYS.items()
    )
    return or_(false(), *classes)


def rolled_up(rows: Sequence[ModuleRow], roots: Mapping[str, str]) -> Sequence[ModuleRow]:
    """Return *rows* summed up by the module that *roots* gives for each key, in order of key."""
    merged: dict[str, ModuleRow] = {}
    weighted: dict[str, float] = defaultdict(float)
    for row in rows:
        root = roots.get(row.module_key, row.module_key)
        whole = merged.setdefault(root, ModuleRow(root))
        for level, count in row.levels.items():
            whole.levels[level] += count
        for name in ("solved", "trials", "raters", "stale", "suspended", "risen", "fallen"):
            setattr(whole, name, getattr(whole, name) + getattr(row, name))
        if row.merit is not None:
            weighted[root] += row.merit * row.entries
    for root, whole in merged.items():
        if root in weighted and whole.entries:
            whole.merit = weighted[root] / whole.entries
    return [merged[key] for key in sorted(merged)]
