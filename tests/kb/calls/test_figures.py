"""Figures of calls: right, the same after they were summed up, and nobody's own to anybody else."""

import random
from datetime import date, timedelta
from statistics import quantiles

import pytest
from sqlalchemy import func, select

from kb.calls import figures, keeping, queries
from kb.calls.figures import Spread
from kb.calls.models import Call, CallSpread, CallStep, CallWeek, Dimension, Measure
from kb.calls.operations import keep_record
from kb.calls.rules import ContactRecord, Ending, StepKind
from kb.db import unit_of_work
from kb.desk.scopes import Scope
from kb.errors import PermissionDeniedError
from kb.permissions import Role
from tests.kb.calls.test_operations import say
from tests.kb.desk.test_operations import at_once
from tests.support import factories
from tests.support.factories import step
from tests.support.statements import counted

OPENED = StepKind.OPENED
WEEK = date(2026, 11, 2)
NOWHERE = Scope()


def finished(
    installation, agent, *, scope=NOWHERE, solved=True, searches=1, empty=0, card_ms=3000, position=1, key="los"
):
    """A call from its first key to its outcome a minute later."""
    call = factories.call(installation, agent, scope=scope)
    told = [step(number, ms=number, total=0 if number <= empty else 4) for number in range(1, searches + 1)]
    if position:
        told.append(step(90, OPENED, ms=card_ms, position=position, entry=key))
    factories.steps(installation, agent, call.reference, *told)
    installation.clock.advance(seconds=60)
    if solved is not None:
        say(installation, agent, call.reference, solved=solved, key=key)
    with unit_of_work(installation.sessions) as session:
        found = queries.own(session, agent, call.reference)
        found.closed_at = found.closed_at or installation.clock()
    return call


@pytest.fixture
def agents(any_installation):
    factories.publish(any_installation, "los")
    factories.publish(any_installation, "tv", title="电视没信号", module_key="tv.signal")
    return factories.agents(any_installation, 6)


def sum_up(installation):
    with unit_of_work(installation.sessions) as session:
        return keeping.sum_up_week(session, timezone="Asia/Shanghai", now=installation.clock())


def forget(installation, **days):
    with unit_of_work(installation.sessions) as session:
        return keeping.forget(session, **{"call_days": 90, "record_days": 365, **days}, now=installation.clock())


def shown(installation, week=WEEK):
    manager = installation.actors[Role.MANAGER]
    with installation.sessions() as session:
        return (
            figures.by_week(session, manager, since=week - timedelta(weeks=10)),
            figures.of_week(session, manager, week),
        )


def test_medians_and_nine_in_ten_are_those_of_the_values(any_installation, agents):
    values = [100, 400, 200, 300, 1000, 600, 500, 800, 700, 900]
    for number, value in enumerate(values):
        finished(any_installation, agents[number % 5], card_ms=value, position=number + 1, searches=2, empty=1)
    (week,), _ = shown(any_installation)
    assert (week.calls, week.agents, week.searches, week.empty, week.empty_rate) == (10, 5, 20, 10, 0.5)
    assert (week.solved, week.unsolved, week.unknown) == (10, 0, 0)
    assert week.spreads == {
        Measure.FIRST_CARD: Spread(10, 5, 500, 900),
        Measure.OUTCOME: Spread(10, 5, 60_000, 60_000),
        Measure.SEARCHES: Spread(10, 5, 2, 2),
        Measure.POSITION: Spread(10, 5, 5, 9),
    }


@pytest.mark.parametrize("seed", range(3))
def test_medians_lie_where_the_standard_library_puts_them(installation, seed):
    factories.publish(installation, "los")
    agents = factories.agents(installation, 5)
    chance = random.Random(seed)
    values = [chance.randrange(1, 60_000) for _ in range(chance.randrange(5, 24))]
    for number, value in enumerate(values):
        finished(installation, agents[number % 5], card_ms=value, solved=None)
    (week,), _ = shown(installation)
    spread = week.spreads[Measure.FIRST_CARD]
    ordered = sorted(values)
    assert ordered.index(spread.median) == -(-len(values) // 2) - 1
    assert spread.p90 in ordered
    low, high = ordered[0], max(quantiles(values, n=10, method="inclusive")[8], spread.p90)
    assert low <= spread.median <= spread.p90 <= high


def test_by_module_and_region_of_what_was_told(any_installation, agents):
    for agent in agents[:5]:
        finished(any_installation, agent, scope=Scope(region="jiangyang", module="billing"))
    finished(any_installation, agents[5], scope=Scope(region="yunxi"), key="tv")
    finished(any_installation, agents[5], position=None, solved=None)
    _, of_week = shown(any_installation)
    modules = {item.key: item for item in of_week[Dimension.MODULE]}
    assert {key: (item.calls, item.agents, item.is_small) for key, item in modules.items()} == {
        "fault": (5, 5, False),  # where the answer came from, not where the desk looked first
        "tv": (1, 1, True),
        "": (1, 1, True),
    }
    regions = {item.key: item.calls for item in of_week[Dimension.REGION]}
    assert regions == {"jiangyang": 5, "yunxi": 1, "": 1}


def test_nothing_of_fewer_than_five_people_is_shown(any_installation, agents):
    for agent in agents[:4]:
        finished(any_installation, agent)
    (week,), of_week = shown(any_installation)
    for item in (week, *of_week[Dimension.MODULE], *of_week[Dimension.REGION]):
        assert (item.calls, item.agents, item.is_small) == (4, 4, True)
        assert (item.spreads, item.searches, item.solved, item.unsolved) == ({}, 0, 0, 0)
    finished(any_installation, agents[4], solved=None, position=None)
    (week,), _ = shown(any_installation)
    # Five people now, but only four of them opened a card or said how it went: those times stay theirs.
    assert set(week.spreads) == {Measure.SEARCHES}


def test_only_knowledge_managers_see_sums(any_installation):
    with any_installation.sessions() as session:
        for role, actor in any_installation.actors.items():
            if role is not Role.MANAGER:
                with pytest.raises(PermissionDeniedError):
                    figures.by_week(session, actor, since=WEEK)
                with pytest.raises(PermissionDeniedError):
                    figures.of_week(session, actor, WEEK)


def test_an_agent_sees_their_own_however_few(any_installation, agents):
    finished(any_installation, agents[0], card_ms=1234)
    finished(any_installation, agents[1], card_ms=9999)
    with any_installation.sessions() as session:
        (own,) = figures.of_agent(session, agents[0].user_id, since=WEEK)
    assert (own.calls, own.spreads[Measure.FIRST_CARD].median) == (1, 1234)


def test_a_week_that_was_summed_up_looks_the_same_even_without_its_calls(any_installation, agents):
    chance = random.Random(7)
    for number in range(30):
        finished(
            any_installation,
            agents[number % 6],
            card_ms=chance.randrange(500, 20_000),
            position=chance.choice([1, 1, 2, 5, None]),
            searches=chance.randrange(1, 4),
            solved=chance.choice([True, False, None]),
            scope=Scope(region=chance.choice(["jiangyang", "yunxi"])),
            key=chance.choice(["los", "tv"]),
        )
    before = shown(any_installation)
    any_installation.clock.advance(days=7)  # monday again: its days of grace have begun
    assert sum_up(any_installation) is None
    finished(any_installation, agents[0])
    any_installation.clock.advance(days=2)
    assert sum_up(any_installation) == WEEK
    assert sum_up(any_installation) is None
    weeks, of_week = shown(any_installation)
    assert (weeks[-1], of_week) == (before[0][0], before[1])
    assert weeks[0].week == WEEK + timedelta(weeks=1)
    any_installation.clock.advance(days=90)
    assert sum_up(any_installation) == WEEK + timedelta(weeks=1)
    assert forget(any_installation) == 31
    assert forget(any_installation) == 0
    with any_installation.sessions() as session:
        assert [session.scalar(select(func.count()).select_from(model)) for model in (Call, CallStep)] == [0, 0]
    weeks, of_week = shown(any_installation)
    assert (weeks[-1], of_week) == (before[0][0], before[1])


def test_what_is_left_of_a_small_week_holds_nobodys_figures(any_installation, agents):
    finished(any_installation, agents[0])
    any_installation.clock.advance(days=10)
    assert sum_up(any_installation) == WEEK
    with any_installation.sessions() as session:
        assert session.scalars(select(CallSpread)).all() == []
        assert {(row.calls, row.searches, row.solved) for row in session.scalars(select(CallWeek))} == {(1, 0, 0)}


def test_two_processes_that_sum_up_the_same_week_do_it_once(any_installation, agents):
    finished(any_installation, agents[0])
    any_installation.clock.advance(days=10)
    at_once(*[lambda: sum_up(any_installation)] * 3)
    with any_installation.sessions() as session:
        assert session.scalar(select(func.count()).select_from(CallWeek)) == 3


def test_contact_records_are_kept_longer_than_calls_and_without_their_steps(any_installation, agents):
    kept, gone = (finished(any_installation, agents[0]) for _ in range(2))
    with unit_of_work(any_installation.sessions) as session:
        found = queries.own(session, agents[0], kept.reference)
        keep_record(session, agents[0], found, ContactRecord(ticket="GD20261102"), now=any_installation.clock())
    any_installation.clock.advance(days=91)
    assert forget(any_installation) == 0, "not before its week was summed up"
    sum_up(any_installation)
    assert forget(any_installation) == 1
    with any_installation.sessions() as session:
        (left,) = session.scalars(select(Call))
        assert (left.id, left.id != gone.id) == (kept.id, True)
        assert session.scalars(select(CallStep)).all() == []
    assert sum_up(any_installation) is None
    assert shown(any_installation)[0][0].calls == 2
    any_installation.clock.advance(days=275)
    assert forget(any_installation) == 1


def test_idle_calls_end_when_they_were_last_heard_of(any_installation, agents):
    first = factories.call(any_installation, agents[0])
    heard = any_installation.clock()
    any_installation.clock.advance(minutes=31)
    factories.call(any_installation, agents[1])
    with unit_of_work(any_installation.sessions) as session:
        assert keeping.end_idle(session, now=any_installation.clock()) == 1
    with any_installation.sessions() as session:
        ended, open_one = session.scalars(select(Call).order_by(Call.id))
        assert (ended.id, ended.ending, ended.closed_at) == (first.id, Ending.TIMEOUT, heard)
        assert open_one.is_open


def test_figures_cost_few_statements_however_many_calls(any_installation, agents):
    def costs():
        manager = any_installation.actors[Role.MANAGER]
        found = []
        for read in (
            lambda session: figures.by_week(session, manager, since=WEEK),
            lambda session: figures.of_week(session, manager, WEEK),
            lambda session: figures.of_agent(session, agents[0].user_id, since=WEEK),
        ):
            with any_installation.sessions() as session, counted(any_installation.engine) as statements:
                read(session)
            found.append(len(statements))
        return found

    finished(any_installation, agents[0])
    assert costs() == [3, 5, 2]
    for number in range(10):
        finished(any_installation, agents[number % 6])
    assert costs() == [3, 5, 2]
    any_installation.clock.advance(days=10)
    sum_up(any_installation)
    assert costs() == [4, 6, 2]
