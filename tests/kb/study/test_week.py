from datetime import timedelta

from kb.corrections.models import Correction
from kb.corrections.rules import State
from kb.db import unit_of_work
from kb.entries import queries as entry_queries
from kb.gaps.models import Gap
from kb.gaps.rules import GapState
from kb.permissions import Role
from kb.study import week as weeks
from kb.study.week import ChangeKind
from tests.support import factories, study
from tests.support.statements import counted


def week_of(installation, actor):
    now = installation.clock()
    with installation.sessions() as session, counted(installation.engine) as statements:
        found = weeks.week(
            session, actor, actor.user_id, since=now - timedelta(days=7), now=now, midnight=now + timedelta(hours=6)
        )
    assert len(statements) <= 16
    return found


def test_a_week_tells_what_was_learned_what_is_due_and_where_one_is_weak(any_installation):
    agent, clock = any_installation.actors[Role.AGENT], any_installation.clock
    numbers = {}
    for key in ("los", "slow", "move"):
        factories.publish(any_installation, key, title=key)
        numbers[key] = study.question(any_installation, key)
    study.answered(any_installation, agent, numbers["los"], took=timedelta(minutes=2))
    study.answered(any_installation, agent, numbers["slow"], right=False, took=timedelta(minutes=1))
    study.answered(any_installation, agent, numbers["move"], right=False)
    factories.outcome(any_installation, agent, "move", "搬家", solved=False)
    found = week_of(any_installation, agent)
    assert (found.answers, found.right, found.minutes) == (3, 1, 3)
    assert [entry.key for entry in found.learned] == ["los"]
    assert found.due == [2, 1, 0, 0, 0, 0, 0]
    assert [(entry.key, weight) for entry, weight in found.weak] == [("move", 4.0), ("slow", 2.0)]
    assert [(share.module_key, share.right, share.answers) for share in found.modules] == [("fault.broadband", 1, 3)]
    clock.advance(days=8)
    later = week_of(any_installation, agent)
    assert (later.answers, later.learned) == (0, [])
    assert later.due[0] == 3


def test_a_week_tells_what_ones_questions_changed(any_installation):
    agent, expert = any_installation.actors[Role.AGENT], any_installation.actors[Role.EXPERT]
    now = any_installation.clock()
    factories.publish(any_installation, "los")
    factories.outcome(any_installation, agent, "los", "小盒子闪红灯")
    for number in range(2):
        factories.outcome(
            any_installation, factories.person(any_installation, f"a{number}", Role.AGENT), "los", "小盒子闪红灯"
        )
    gap = factories.missed(any_installation, "红灯闪了要不要钱", agent)
    correction = factories.correction(any_installation, "los")
    factories.thread(any_installation, "t1", title="雨后红灯")
    factories.publish(any_installation, "rain", title="雨后 LOS 红灯")
    with unit_of_work(any_installation.sessions) as session:
        entry = entry_queries.by_key(session, "los")
        held = session.get(Gap, gap)
        held.entry_id, held.state, held.decided_at = entry.id, GapState.CLOSED, now
        entry_queries.by_key(session, "rain").derived_from = "thread:t1"
        reported = session.get(Correction, correction)
        reported.state, reported.closed_at = State.PUBLISHED, now
    assert {change.kind for change in week_of(any_installation, agent).changes} == {
        ChangeKind.GAP, ChangeKind.CORRECTION, ChangeKind.WORDING, ChangeKind.THREAD,
    }  # fmt: skip
    assert week_of(any_installation, expert).changes == []
