"""The quarter from its first day to the proposal of what is trained next."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from kb.clock import local_day
from kb.db import Sessions, unit_of_work
from kb.demo_quarter.calls import take_calls
from kb.demo_quarter.lessons import LESSONS_AFTER, guards, hold_lessons, make_plan
from kb.demo_quarter.people import SIMULATION, begin
from kb.demo_quarter.quizzes import fill_bank, take
from kb.demo_year import FakeClock
from kb.desk.rules import Learning
from kb.training import operations, report
from kb.training.models import Plan
from kb.training.rules import Period, PlanStep, Stage

SEED = 27
BEFORE = timedelta(days=35)
"""How long needs are watched before the plan is made."""
LENGTH = timedelta(days=91)
CALLS = 60
"""Outcomes a working day."""


def live(
    sessions: Sessions,
    *,
    learning: Learning,
    clock: FakeClock,
    until: datetime,
    floor: int,
    seed: int = SEED,
    calls: int = CALLS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Live a quarter that ends at *until* and return the number of the plan whose loop it was.

    Args:
        clock: moved to the quarter's begin, and at last to *until*.
        floor: figures of fewer people's answers are not told.
        calls: outcomes a working day.
    """
    clock.now = until - LENGTH
    quarter = begin(sessions, learning, clock, random.Random(seed))  # noqa: S311 - plays, guards nothing
    fill_bank(quarter)
    began = clock()
    days = LENGTH // timedelta(days=1)
    number, lesson_at, quizzes = 0, until, dict[Stage, list[int]]()
    for day in range(days):
        clock.now = began + timedelta(days=day)
        if clock.now.weekday() < 5:
            take_calls(quarter, calls)
        if clock.now - began == BEFORE:
            number, lesson_at, quizzes = make_plan(quarter, began, floor)
            take(quarter, quizzes[Stage.BEFORE], quarter.chances.before)
        elif number and clock.now - began == BEFORE + LESSONS_AFTER + timedelta(days=1):
            hold_lessons(quarter, number)
            take(quarter, guards(quarter), quarter.chances.after)
            take(quarter, quizzes[Stage.AFTER], quarter.chances.after)
        elif number and timedelta() <= clock.now - (lesson_at + timedelta(days=31)) < timedelta(days=1):
            take(quarter, quizzes[Stage.RECALL], quarter.chances.recall)
        progress(day + 1, days)
    clock.now = until
    with unit_of_work(sessions) as session:
        operations.move(session, quarter.manager, number, PlanStep.CLOSE, now=until)
        first = local_day(until, learning.timezone)
        plan = session.get_one(Plan, number)
        period = Period(
            title=f"下一阶段培训{SIMULATION}",
            starts_on=first,
            ends_on=first + timedelta(days=45),
            since=plan.until,
            until=until,
        )
        report.propose_next(session, quarter.manager, number, period, due_on=period.ends_on, floor=floor, now=until)
    return number
