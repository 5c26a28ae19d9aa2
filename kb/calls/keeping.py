"""What becomes of calls by themselves: idle ones end, weeks are summed up, old ones are forgotten."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from kb.calls import figures, rules
from kb.calls.figures import Figures
from kb.calls.models import Call, CallSpread, CallStep, CallWeek, Dimension
from kb.calls.rules import Ending

BATCH = 1000
"""Calls that are forgotten in one unit of work."""


def end_idle(session: Session, *, now: datetime) -> int:
    """End every call that nothing was heard of for ``rules.TIMEOUT``, as of then; return how many. One statement."""
    ended = session.execute(
        update(Call)
        .where(Call.closed_at.is_(None), Call.last_at < now - rules.TIMEOUT)
        .values(closed_at=Call.last_at, ending=Ending.TIMEOUT)
        .returning(Call.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def sum_up_week(session: Session, *, timezone: str, now: datetime) -> date | None:
    """Sum up the oldest week that is over for ``rules.GRACE`` and not summed up yet; return its Monday.

    One week at a time, each in a unit of work of its own: call it until it returns ``None``. Eleven statements.
    """
    this_week = rules.week_of(now - rules.GRACE, timezone)
    left = (Call.week < this_week, Call.week.not_in(select(CallWeek.week).where(CallWeek.by == Dimension.ALL)))
    # The lock makes a second process wait here; it finds the week summed up when its turn comes.
    first = session.scalar(select(Call.id).where(*left).order_by(Call.week, Call.id).limit(1).with_for_update())
    if first is None:
        return None
    week = session.scalars(select(Call.week).where(Call.id == first)).one()
    if session.scalar(select(CallWeek.week).where(CallWeek.week == week).limit(1)) is not None:
        return None
    for by in Dimension:
        _keep(session, [figures.without_small(item) for item in figures.live(session, by, where=Call.week == week)])
    return week


def _keep(session: Session, found: list[Figures]) -> None:
    session.execute(
        insert(CallWeek),
        [
            {
                "week": item.week,
                "by": item.by,
                "key": item.key,
                "calls": item.calls,
                "agents": item.agents,
                "searches": item.searches,
                "empty": item.empty,
                "solved": item.solved,
                "unsolved": item.unsolved,
            }
            for item in found
        ],
    )
    spreads = [
        {
            "week": item.week,
            "by": item.by,
            "key": item.key,
            "measure": measure,
            "n": spread.n,
            "agents": spread.agents,
            "median": spread.median,
            "p90": spread.p90,
        }
        for item in found
        for measure, spread in item.spreads.items()
    ]
    if spreads:
        session.execute(insert(CallSpread), spreads)


def forget(session: Session, *, call_days: int, record_days: int, now: datetime) -> int:
    """Forget at most ``BATCH`` old calls of weeks that are summed up, and their steps; return how many went.

    A call with a contact record is kept longer, without its steps. Call it until it returns 0. Three statements.

    Args:
        call_days: how many days calls and their steps are kept.
        record_days: how many days calls with a contact record are kept.
    """
    old, older = now - timedelta(days=call_days), now - timedelta(days=max(record_days, call_days))
    summed = select(CallWeek.week).where(CallWeek.by == Dimension.ALL)
    gone = session.scalars(
        select(Call.id)
        .where(
            Call.week.in_(summed),
            or_(Call.opened_at < older, (Call.opened_at < old) & Call.recorded_at.is_(None)),
        )
        .order_by(Call.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    stale = select(Call.id).where(Call.week.in_(summed), Call.opened_at < old)
    steps = delete(CallStep).where(or_(CallStep.call_id.in_(gone), CallStep.call_id.in_(stale)))
    session.execute(steps.execution_options(synchronize_session=False))
    if gone:
        session.execute(delete(Call).where(Call.id.in_(gone)).execution_options(synchronize_session=False))
    return len(gone)
