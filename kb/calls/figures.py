"""What calls measure: medians and nine in ten, of an agent for themselves and of all in sum. Never a ranking of people.

Figures of a week that has been summed up (``kb.calls.keeping``) come from what is left of it, others from the calls.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, literal_column, select, union_all
from sqlalchemy.orm import Session

from kb.calls.models import Call, CallSpread, CallWeek, Dimension, Measure
from kb.calls.rules import MIN_AGENTS
from kb.entries.models import Revision
from kb.permissions import Actor, Permission, require
from kb.taxonomy.models import Module

Rows = Select[*tuple[Any, ...]]

_NONE: ColumnElement[str] = literal_column("''")  # written out: to PostgreSQL two parameters are never the same
_COLUMNS = {
    Measure.FIRST_CARD: Call.first_card_ms,
    Measure.OUTCOME: Call.outcome_ms,
    Measure.SEARCHES: case((Call.searches > 0, Call.searches)),
    Measure.POSITION: Call.position,
}


@dataclass(frozen=True, slots=True)
class Spread:
    """How a measure is spread: half of *n* calls have at most *median*, nine of ten at most *p90*.

    Attributes:
        agents: how many different people's calls these are.
    """

    n: int
    agents: int
    median: int
    p90: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of some calls of one week.

    Attributes:
        key: of the module or region; empty for all, and for calls without one.
        spreads: by measure; a measure that nothing is known of is not in it.
    """

    week: date
    by: Dimension
    key: str
    calls: int
    agents: int
    searches: int
    empty: int
    solved: int
    unsolved: int
    spreads: Mapping[Measure, Spread] = field(default_factory=dict)

    @property
    def is_small(self) -> bool:
        """Whether fewer people are behind it than figures are shown of."""
        return self.agents < MIN_AGENTS

    @property
    def unknown(self) -> int:
        """Calls that nobody said of how they went."""
        return self.calls - self.solved - self.unsolved

    @property
    def empty_rate(self) -> float | None:
        """The share of searches without an answer, 0 to 1; ``None`` without a search."""
        return self.empty / self.searches if self.searches else None


def of_agent(session: Session, user_id: int, *, since: date) -> Sequence[Figures]:
    """Return this agent's figures by week from *since* on, the newest first. Two statements.

    They are for nobody's eyes but theirs, and there as long as the calls are.
    """
    return live(session, Dimension.ALL, where=(Call.user_id == user_id) & (Call.week >= since))


def by_week(session: Session, actor: Actor, *, since: date) -> Sequence[Figures]:
    """Return the figures of all calls by week from *since* on, the newest first. Four statements.

    Raises:
        PermissionDeniedError: *actor* may not see them.
    """
    require(actor, Permission.CALL_FIGURES)
    return _shown(session, (Dimension.ALL,), CallWeek.week >= since, Call.week >= since)


def of_week(session: Session, actor: Actor, week: date) -> Mapping[Dimension, Sequence[Figures]]:
    """Return the figures of one week by module and by region, most calls first. At most six statements.

    Raises:
        PermissionDeniedError: *actor* may not see them.
    """
    require(actor, Permission.CALL_FIGURES)
    wanted = (Dimension.MODULE, Dimension.REGION)
    found = _shown(session, wanted, CallWeek.week == week, Call.week == week)
    ordered = sorted(found, key=lambda figures: (-figures.calls, figures.key))
    return {by: [figures for figures in ordered if figures.by is by] for by in wanted}


def live(session: Session, by: Dimension, *, where: ColumnElement[bool]) -> Sequence[Figures]:
    """Return figures of the calls for which *where* holds, by week and *by*, the newest week first. Two statements.

    As they are: whoever shows them to others leaves out small groups (``_shown``).
    """
    key = _key(by)
    counts = session.execute(
        _grouped(
            by,
            select(
                Call.week,
                key,
                func.count(),
                func.count(Call.user_id.distinct()),
                func.sum(Call.searches),
                func.sum(Call.empty),
                func.sum(case((Call.solved.is_(True), 1), else_=0)),
                func.sum(case((Call.solved.is_(False), 1), else_=0)),
            ),
        )
        .where(where)
        .group_by(*_group(by))
    ).all()
    spreads: dict[tuple[date, str], dict[Measure, Spread]] = defaultdict(dict)
    for row in session.execute(union_all(*(_spread(by, measure, where) for measure in Measure))):
        spreads[row[1], row[2]][Measure(row[0])] = Spread(row[3], row[4], row[5], row[6])
    found = [
        Figures(
            week=row[0],
            by=by,
            key=row[1],
            calls=row[2],
            agents=row[3],
            searches=row[4],
            empty=row[5],
            solved=row[6],
            unsolved=row[7],
            spreads=spreads[row[0], row[1]],
        )
        for row in counts
    ]
    return sorted(found, key=lambda figures: (-figures.week.toordinal(), figures.key))


def without_small(figures: Figures) -> Figures:
    """Return *figures* without what fewer than ``MIN_AGENTS`` people are behind; how many calls and people stays."""
    spreads = {measure: spread for measure, spread in figures.spreads.items() if spread.agents >= MIN_AGENTS}
    if not figures.is_small:
        return replace(figures, spreads=spreads)
    return replace(figures, searches=0, empty=0, solved=0, unsolved=0, spreads={})


def _shown(
    session: Session, wanted: Sequence[Dimension], summed: ColumnElement[bool], unsummed: ColumnElement[bool]
) -> Sequence[Figures]:
    """Return figures as others may see them: of weeks summed up by what is left of them, of others by their calls."""
    weeks = session.scalars(select(CallWeek).where(summed, CallWeek.by.in_(wanted))).all()
    spreads: dict[tuple[date, Dimension, str], dict[Measure, Spread]] = defaultdict(dict)
    if weeks:
        days = {row.week for row in weeks}
        kept = select(CallSpread).where(CallSpread.week.in_(days), CallSpread.by.in_(wanted))
        for item in session.scalars(kept):
            spread = Spread(item.n, item.agents, item.median, item.p90)
            spreads[item.week, item.by, item.key][item.measure] = spread
    found = [
        Figures(
            week=row.week,
            by=row.by,
            key=row.key,
            calls=row.calls,
            agents=row.agents,
            searches=row.searches,
            empty=row.empty,
            solved=row.solved,
            unsolved=row.unsolved,
            spreads=spreads[row.week, row.by, row.key],
        )
        for row in weeks
    ]
    is_left = Call.week.not_in(select(CallWeek.week).where(CallWeek.by == Dimension.ALL))
    for by in wanted:
        found += live(session, by, where=unsummed & is_left)
    return sorted(
        (without_small(figures) for figures in found), key=lambda figures: (-figures.week.toordinal(), figures.key)
    )


def _key(by: Dimension) -> ColumnElement[str]:
    """Return what calls are grouped by: the module of what was told, of the upper level, else of the desk's scope."""
    if by is Dimension.MODULE:
        return func.coalesce(Module.parent_key, Module.key, _NONE)
    return func.coalesce(Call.region_key, _NONE) if by is Dimension.REGION else _NONE


def _group(by: Dimension) -> tuple[ColumnElement[Any], ...]:
    week = Call.week.expression
    return (week,) if by is Dimension.ALL else (week, _key(by))


def _grouped(by: Dimension, wanted: Rows) -> Rows:
    if by is not Dimension.MODULE:
        return wanted.select_from(Call)
    return (
        wanted.select_from(Call)
        .outerjoin(Revision, Revision.id == Call.revision_id)
        .outerjoin(Module, Module.key == func.coalesce(Revision.module_key, Call.module_key))
    )


def _spread(by: Dimension, measure: Measure, where: ColumnElement[bool]) -> Rows:
    """Return one measure's n, people, median and nine in ten by week and group: the values at those ranks.

    SQLite knows no percentiles, so calls are numbered in order of the measure within their group.
    """
    column = _COLUMNS[measure]
    key = _key(by)
    group = _group(by)
    ranked = (
        _grouped(
            by,
            select(
                Call.week.label("week"),
                key.label("key"),
                Call.user_id.label("user_id"),
                column.label("value"),
                func.row_number().over(partition_by=group, order_by=column).label("place"),
                func.count().over(partition_by=group).label("n"),
            ),
        )
        .where(where, column.is_not(None))
        .subquery()
    )
    at = ranked.c
    return select(
        literal(measure.value),
        at.week,
        at.key,
        func.count(),
        func.count(at.user_id.distinct()),
        func.min(case((at.place * 2 >= at.n, at.value))),
        func.min(case((at.place * 10 >= at.n * 9, at.value))),
    ).group_by(at.week, at.key)
