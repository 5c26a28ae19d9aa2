"""The simulated calls of a day, and what comes of those that were not solved."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kb.corrections import operations as corrections
from kb.corrections.rules import Report, Severity
from kb.db import unit_of_work
from kb.demo_quarter.people import SIMULATION, Quarter
from kb.desk import operations as desk
from kb.desk.rules import Reason, Words
from kb.desk.scopes import Scope
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.entries.rules import SERVED
from kb.gaps import operations as gaps
from kb.permissions import Actor
from kb.training.rules import Cell

QUESTIONS = ("套餐外流量怎么收费", "宽带移机要带什么", "机顶盒一直转圈", "话费为什么多扣了", "补卡要多久生效")
"""Searched in vain."""


def take_calls(quarter: Quarter, calls: int) -> None:
    """Have *calls* taken on this day: outcomes, and what comes of the unsolved ones."""
    now, chance = quarter.clock(), quarter.chance
    troubled = sorted({cell.module for cell in quarter.troubled})
    others = sorted(set(quarter.entries) - set(troubled))
    with unit_of_work(quarter.sessions) as session:
        for _ in range(calls):
            person = chance.choice(quarter.everyone)
            module = chance.choice(troubled) if chance.random() < 0.45 else chance.choice(others)
            (entry,) = entry_queries.by_ids(session, [chance.choice(quarter.entries[module])])
            if entry.live_state not in SERVED or not entry_queries.may_read(person, entry, now=now):
                continue
            solved = chance.random() < _chance(quarter, Cell(module, person.team or ""))
            desk.record_outcome(
                session,
                person,
                entry,
                Words("", ""),
                solved=solved,
                reason=None if solved else chance.choice(list(Reason)),
                learning=quarter.learning,
                now=now,
            )
            if not solved and chance.random() < quarter.chances.failed_search:
                words = Words.of(f"{chance.choice(QUESTIONS)}{SIMULATION}", quarter.learning.normalise)
                scope = Scope(module=module)
                gaps.report(session, person, words, scope, timezone=quarter.learning.timezone, now=now)
            if not solved and chance.random() < quarter.chances.correction:
                _correct(session, quarter, person, entry, now)


def _chance(quarter: Quarter, cell: Cell) -> float:
    if cell in quarter.taught:
        return quarter.chances.taught
    return quarter.chances.troubled if cell in quarter.troubled else quarter.chances.solved


def _correct(session: Session, quarter: Quarter, person: Actor, entry: Entry, now: datetime) -> None:
    given = Report(severity=Severity.P3, wrong=f"这一步说得不清楚{SIMULATION}", right=f"写清楚先后{SIMULATION}")
    made = corrections.report(session, person, entry, given, patience=timedelta(minutes=10), now=now)
    if quarter.chance.random() < 0.7:
        corrections.uphold(session, quarter.reviewer, made.id, severity=Severity.P3, now=now)
