from dataclasses import replace

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError, TransitionError
from kb.events.models import Event, Subject
from kb.permissions import Role
from kb.questions import operations, queries
from kb.questions.models import Question
from kb.questions.rules import Difficulty, Item, Kind, Origin, State
from tests.support import factories
from tests.support.statements import counted

ITEM = Item(kind=Kind.SINGLE, prompt="LOS 红灯说明什么？", options=("光纤断了", "欠费"), right=(0,))


def run(installation, verb, *arguments, by=Role.EDITOR, **options):
    with unit_of_work(installation.sessions) as session:
        return verb(session, installation.actors[by], *arguments, now=installation.clock(), **options)


def on_entry(installation, verb, key, *arguments, by=Role.EDITOR, **options):
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, key)
        return verb(session, installation.actors[by], entry, *arguments, now=installation.clock(), **options)


def state_of(installation, number):
    with installation.sessions() as session:
        return session.get(Question, number).state


def asked(installation, by=Role.AGENT):
    with installation.sessions() as session:
        return [found.id for found in queries.bank(session, installation.actors[by], now=installation.clock())]


def test_a_question_is_asked_once_somebody_has_published_it_as_they_saw_it(any_installation):
    factories.publish(any_installation, "los")
    made = on_entry(any_installation, operations.write, "los", ITEM)
    assert (made.state, made.origin) == (State.DRAFT, Origin.WRITTEN)
    assert asked(any_installation) == []
    run(any_installation, operations.revise, made.id, replace(ITEM, difficulty=Difficulty.HARD), version=1)
    with pytest.raises(ConflictError):
        run(any_installation, operations.publish, made.id, version=1)
    run(any_installation, operations.publish, made.id, version=2)
    assert asked(any_installation) == [made.id]
    with any_installation.sessions() as session, counted(any_installation.engine) as statements:
        actor, now = any_installation.actors[Role.AGENT], any_installation.clock()
        assert not queries.bank(session, actor, now=now, difficulties=[Difficulty.EASY])
        assert queries.bank(session, actor, now=now, modules=["fault.broadband"], difficulties=[Difficulty.HARD])
    assert len(statements) == 2
    run(any_installation, operations.suspend, made.id, reason="选项有歧义")
    assert asked(any_installation) == []
    run(any_installation, operations.publish, made.id, version=2)
    run(any_installation, operations.retire, made.id)
    with pytest.raises(TransitionError):
        run(any_installation, operations.publish, made.id, version=2)
    with any_installation.sessions() as session:
        told = session.scalars(select(Event).where(Event.subject_kind == Subject.QUESTION).order_by(Event.seq)).all()
    assert [event.verb.value for event in told] == [
        "created", "revised", "published", "suspended", "published", "retired",
    ]  # fmt: skip


def test_a_material_edit_suspends_the_questions_until_somebody_has_looked_and_a_comma_does_not(any_installation):
    factories.publish(any_installation, "los")
    live = on_entry(any_installation, operations.write, "los", ITEM).id
    draft = on_entry(any_installation, operations.write, "los", replace(ITEM, prompt="草稿")).id
    run(any_installation, operations.publish, live, version=1)
    with unit_of_work(any_installation.sessions) as session:
        entry = entry_queries.by_key(session, "los")
        comma = replace(entry.shown_revision.content, script="您好！这个红灯表示光纤信号断了。")
        editor = any_installation.actors[Role.EDITOR]
        entries.save(session, editor, entry, comma, now=any_installation.clock(), material=False)
    factories.release(any_installation, "los")
    assert state_of(any_installation, live) is State.LIVE
    factories.revise(any_installation, "los", answer="这个灯红了是设备坏了，直接换新的光猫。")
    assert state_of(any_installation, live) is State.SUSPENDED
    assert state_of(any_installation, draft) is State.DRAFT
    with any_installation.sessions() as session:
        waiting = queries.waiting(session, any_installation.actors[Role.EDITOR], limit=10)
        assert [question.id for question in waiting] == [live, draft]
        assert session.get(Question, live).suspended_at == any_installation.clock()
    run(any_installation, operations.revise, live, replace(ITEM, options=("设备坏了", "欠费")), version=1)
    assert state_of(any_installation, live) is State.SUSPENDED
    run(any_installation, operations.publish, live, version=2)
    assert asked(any_installation) == [live]


def test_what_an_agent_is_not_served_is_not_asked(any_installation):
    factories.publish(any_installation, "los", audience=(Role.EXPERT, Role.REVIEWER))
    question = on_entry(any_installation, operations.write, "los", ITEM)
    run(any_installation, operations.publish, question.id, version=1)
    assert asked(any_installation) == []
    assert asked(any_installation, Role.EXPERT) == [question.id]
    on_entry(any_installation, entries.suspend, "los", by=Role.REVIEWER, reason="价格有疑问")
    assert asked(any_installation, Role.EXPERT) == []


def test_proposals_are_drafts_and_never_come_twice(any_installation):
    steps = "1. 看灯\n2. 插紧\n3. 重启"
    factories.publish(any_installation, "los", steps=steps)
    factories.publish(any_installation, "slow", title="上网慢", answer="先测速，再看套餐带宽。")

    def propose():
        with unit_of_work(any_installation.sessions) as session:
            editor, now = any_installation.actors[Role.EDITOR], any_installation.clock()
            entry = entry_queries.by_key(session, "los")
            near = queries.near(session, editor, entry, now=now)
            return operations.propose(session, editor, entry, near, now=now)

    made = propose()
    assert {question.kind for question in made} >= {Kind.ORDER, Kind.WHICH_ENTRY, Kind.SINGLE}
    assert {question.state for question in made} == {State.DRAFT}
    assert {question.origin for question in made} == {Origin.PROPOSED}
    run(any_installation, operations.retire, made[0].id)
    assert propose() == []


def test_who_may(any_installation):
    factories.publish(any_installation, "los")
    factories.publish(any_installation, "bill", module_key="billing.bill")
    for role in (Role.AGENT, Role.LEADER, Role.REVIEWER):
        with pytest.raises(PermissionDeniedError):
            on_entry(any_installation, operations.write, "los", ITEM, by=role)
    made = on_entry(any_installation, operations.write, "los", ITEM, by=Role.EXPERT)
    with pytest.raises(PermissionDeniedError):
        on_entry(any_installation, operations.write, "bill", ITEM, by=Role.EXPERT)
    with pytest.raises(NotFoundError):
        run(any_installation, operations.retire, 999)
    with pytest.raises(InvalidInputError):
        on_entry(any_installation, operations.write, "los", replace(ITEM, right=()))
    with any_installation.sessions() as session:
        entry = entry_queries.by_key(session, "los")
        with pytest.raises(PermissionDeniedError):
            queries.of_entry(session, any_installation.actors[Role.AGENT], entry)
        assert [q.id for q in queries.of_entry(session, any_installation.actors[Role.EDITOR], entry)] == [made.id]
        assert queries.by_ids(session, [made.id])[made.id].entry.key == "los"
        assert queries.count_live(session, [entry.id]) == {}


def test_a_draft_entry_keeps_its_questions_as_drafts(any_installation):
    factories.draft(any_installation, "new")
    made = on_entry(any_installation, operations.write, "new", ITEM)
    with pytest.raises(TransitionError):
        run(any_installation, operations.publish, made.id, version=1)
