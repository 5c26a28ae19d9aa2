"""Who hears of lessons, must-reads and exams."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kb.clock import local_day
from kb.db import unit_of_work
from kb.must_reads import operations as must_reads
from kb.notices import operations
from kb.notices.models import Notice, NoticeKind
from kb.permissions import Role
from kb.training import lessons
from kb.training import operations as training_verbs
from kb.training.facts import Line, Occasion
from kb.training.rules import Period, PlanStep
from tests.support import factories, study, training


@pytest.fixture
def told(installation):
    """Deliver, and return who was told what since the last time."""
    seen = set()

    def look():
        with unit_of_work(installation.sessions) as session:
            while operations.deliver(session):
                pass
        with installation.sessions() as session:
            rows = session.scalars(select(Notice).order_by(Notice.id)).all()
        new = [row for row in rows if row.id not in seen]
        seen.update(row.id for row in new)
        return {(row.user_id, row.kind): row.facts for row in new}

    return look


def run(installation, verb, *args, **fields):
    with unit_of_work(installation.sessions) as session:
        return verb(session, installation.actors[Role.MANAGER], *args, now=installation.clock(), **fields)


def test_who_is_to_come_to_a_lesson_is_told_with_its_trainer_and_told_again_when_it_is_cancelled(installation, told):
    crew = training.crew(installation, "alpha", 2)
    training.crew(installation, "beta", 1)
    now, trainer = installation.clock(), installation.actors[Role.EXPERT].user_id
    day = local_day(now, "Asia/Shanghai")
    period = Period(
        title="季度", starts_on=day, ends_on=day + timedelta(days=45), since=now - timedelta(days=30), until=now
    )
    plan = run(installation, training_verbs.draft, period)
    item = run(installation, training_verbs.add_line, plan.id, Line(module=training.MODULE, team="alpha", due_on=day))
    run(installation, training_verbs.move, plan.id, PlanStep.START)
    occasion = Occasion(starts_at=now + timedelta(days=1), trainer_id=trainer, place="302")
    lesson = run(installation, lessons.set_lesson, item.id, occasion)
    there = {trainer, *(person.user_id for person in crew[1:])}
    found = told()
    assert set(found) == {(person, NoticeKind.LESSON_SET) for person in there}
    assert found[trainer, NoticeKind.LESSON_SET] == {
        "title": "宽带故障", "at": (now + timedelta(days=1)).isoformat(), "place": "302",
    }  # fmt: skip
    run(installation, lessons.cancel_lesson, lesson.id)
    assert set(told()) == {(person, NoticeKind.LESSON_CANCELLED) for person in there}


def test_a_must_read_is_told_to_the_agents_of_its_teams_whom_its_entry_is_for(installation, told):
    crew = training.crew(installation, "alpha", 2)
    training.crew(installation, "beta", 1)
    factories.publish(installation, "los")
    factories.publish(installation, "leaders", audience=(Role.LEADER, Role.EDITOR, Role.REVIEWER, Role.MANAGER))
    told()
    study.must_read(installation, "los", study.question(installation, "los"), teams=("alpha",))
    assert set(told()) == {(person.user_id, NoticeKind.MUST_READ) for person in crew[1:]}
    number = study.must_read(installation, "los", study.question(installation, "los"), teams=("beta",))
    run(installation, must_reads.withdraw, number)
    assert told() == {}
    study.must_read(installation, "leaders", study.question(installation, "leaders"), teams=("alpha",))
    assert told() == {}


def test_an_exam_is_told_to_whom_it_is_for(installation, told):
    crew = training.crew(installation, "alpha", 2)
    (other,) = training.crew(installation, "beta", 1, leader=False)
    training.bank(installation, 6)
    told()
    training.exam(installation, published=False, teams=("alpha",))
    assert told() == {}
    training.exam(installation, teams=("alpha",), people=(other.user_id,))
    people = {*(person.user_id for person in crew[1:]), other.user_id}
    assert set(told()) == {(person, NoticeKind.EXAM_SET) for person in people}
    training.exam(installation)
    everybody = people | {installation.actors[role].user_id for role in (Role.AGENT, Role.EXPERT)}
    assert set(told()) == {(person, NoticeKind.EXAM_SET) for person in everybody}
