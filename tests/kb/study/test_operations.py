from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from kb.db import unit_of_work
from kb.entries.models import Entry
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Event
from kb.gaps.models import Gap
from kb.permissions import SYSTEM, Role
from kb.questions import operations as questions
from kb.study import choosing, operations
from kb.study.choosing import Course
from kb.study.models import Card, StudyAnswer
from kb.study.rules import Confidence, Why
from kb.study.scheduling import Fsrs
from tests.support import factories, study
from tests.support.statements import counted


def card(installation, actor, number):
    with installation.sessions() as session:
        return session.get(Card, (actor.user_id, number))


def count(installation, table):
    with installation.sessions() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_an_answer_is_saved_graded_and_spaced_and_is_no_event(any_installation):
    agent = any_installation.actors[Role.AGENT]
    factories.publish(any_installation, "los")
    number = study.question(any_installation, "los")
    events = count(any_installation, Event)
    row = study.answered(any_installation, agent, number, took=timedelta(seconds=20), why=Why.NEW).answer
    assert (row.right, row.share, row.took_ms, row.before, row.why) == (True, 1.0, 20_000, None, Why.NEW)
    held = card(any_installation, agent, number)
    assert held.due_at == any_installation.clock() + timedelta(days=1)
    assert count(any_installation, Event) == events
    any_installation.clock.advance(days=1)
    assert study.upcoming(any_installation, agent) == [(number, Why.REVIEW)]
    study.answered(any_installation, agent, number, scheduler=Fsrs(), confidence=Confidence.UNSURE)
    assert card(any_installation, agent, number).stability is not None
    assert card(any_installation, agent, number).times == 2


def test_the_same_answer_again_from_two_tabs_at_once_is_one(any_installation):
    agent = any_installation.actors[Role.AGENT]
    factories.publish(any_installation, "los")
    number = study.question(any_installation, "los")
    together, rows = Barrier(2), []

    def send():
        together.wait()
        rows.append(study.answered(any_installation, agent, number, key="one").answer.id)

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows) == 2
    assert len(set(rows)) == 1
    assert card(any_installation, agent, number).times == 1
    assert count(any_installation, StudyAnswer) == 1


def test_answers_kept_while_the_server_was_away_count_from_when_they_were_given(any_installation):
    agent, clock = any_installation.actors[Role.AGENT], any_installation.clock
    factories.publish(any_installation, "los")
    number = study.question(any_installation, "los")
    given_at = clock() - timedelta(hours=3)
    late = study.answered(any_installation, agent, number, key="late", at=given_at).answer
    assert (late.at, late.received_at) == (given_at, clock())
    assert card(any_installation, agent, number).due_at == given_at + timedelta(days=1)
    later = study.answered(any_installation, agent, number, key="later", right=False)
    assert later.answer.before == 1
    before = card(any_installation, agent, number).memory
    study.answered(any_installation, agent, number, key="overtaken", at=clock() - timedelta(hours=1))
    assert card(any_installation, agent, number).memory == before
    with pytest.raises(InvalidInputError):
        study.answered(any_installation, agent, number, key="stale", at=clock() - timedelta(days=8))


def test_what_was_changed_or_taken_out_meanwhile_is_not_graded(any_installation):
    agent, editor = any_installation.actors[Role.AGENT], any_installation.actors[Role.EDITOR]
    factories.publish(any_installation, "los")
    number = study.question(any_installation, "los")
    with unit_of_work(any_installation.sessions) as session:
        questions.revise(
            session, editor, number, replace(study.ITEM, prompt="改了"), version=1, now=any_installation.clock()
        )
    with pytest.raises(ConflictError):
        study.answered(any_installation, agent, number, version=1)
    factories.revise(any_installation, "los", answer="这个灯红了是设备坏了，直接换新的光猫。")
    with pytest.raises(ConflictError):
        study.answered(any_installation, agent, number)
    assert count(any_installation, StudyAnswer) == 0
    with any_installation.sessions() as session, pytest.raises(PermissionDeniedError):
        operations.choose_scope(session, SYSTEM, tier=None, modules=())


def test_the_order_is_must_reads_reviews_own_misses_new_cards(any_installation):
    agent, clock = any_installation.actors[Role.AGENT], any_installation.clock
    made = {}
    for key in ("must", "due", "calm", "missed", "other", "fresh"):
        factories.publish(any_installation, key, title=f"知识 {key}")
        made[key] = study.question(any_installation, key)
    study.answered(any_installation, agent, made["calm"], right=False, confidence=Confidence.UNSURE)
    clock.advance(minutes=1)
    study.answered(any_installation, agent, made["due"], right=False)
    clock.advance(days=1)
    factories.outcome(any_installation, agent, "other", "别的", solved=False)
    factories.outcome(any_installation, agent, "missed", "红灯", solved=False)
    clock.advance(days=1)
    factories.outcome(any_installation, agent, "missed", "红灯", solved=False)
    study.must_read(any_installation, "must", made["must"])
    assert study.upcoming(any_installation, agent) == [
        (made["must"], Why.MUST_READ),
        (made["due"], Why.REVIEW),  # wrong but sure comes first, though the other has been due for longer
        (made["calm"], Why.REVIEW),
        (made["missed"], Why.MISS),
        (made["other"], Why.MISS),
        (made["fresh"], Why.NEW),
    ]
    assert len(study.upcoming(any_installation, agent, left_today=0)) == 5
    with any_installation.sessions() as session:
        found = choosing.upcoming(session, agent, Course(), now=clock(), limit=1, without=[made["must"]])
        assert [item.question.id for item in found] == [made["due"]]
    with any_installation.sessions() as session, counted(any_installation.engine) as statements:
        choosing.upcoming(session, agent, Course(), now=clock(), limit=2)
    assert len(statements) == 3  # must-reads, how often those were answered, reviews
    with any_installation.sessions() as session, counted(any_installation.engine) as statements:
        choosing.upcoming(session, agent, Course(), now=clock(), limit=10)
    assert len(statements) == 9


def test_new_cards_are_of_the_tier_and_modules(any_installation):
    agent, expert = any_installation.actors[Role.AGENT], any_installation.actors[Role.EXPERT]
    factories.publish(any_installation, "los")
    factories.publish(any_installation, "deep", tier_key="expert")
    factories.publish(any_installation, "bill", module_key="billing.bill")
    los, deep, bill = (study.question(any_installation, key) for key in ("los", "deep", "bill"))
    tiers = ("first", "second", "expert")

    def fresh(actor, chosen=None, modules=()):
        wanted = choosing.usual_tiers(tiers, actor, chosen)
        return {number for number, _ in study.upcoming(any_installation, actor, tiers=wanted, modules=modules)}

    assert fresh(agent) == {los, bill}
    assert fresh(expert) == {los, deep, bill}
    assert fresh(expert, chosen="second") == {los, bill}
    assert fresh(agent, modules=["fault.broadband"]) == {los}
    with unit_of_work(any_installation.sessions) as session:
        operations.choose_scope(session, agent, tier="second", modules=["fault"])
        operations.choose_scope(session, agent, tier=None, modules=["fault", "fault"])
    with any_installation.sessions() as session:
        scope = choosing.scope_of(session, agent.user_id)
        assert (scope.tier_key, scope.modules) == (None, ["fault"])
        with pytest.raises(InvalidInputError):
            operations.choose_scope(session, agent, tier="zeroth", modules=())
        assert choosing.new_since(session, agent.user_id, any_installation.clock()) == 0


def test_a_search_in_vain_is_asked_about_once_somebody_has_answered_it(any_installation):
    agent = any_installation.actors[Role.AGENT]
    gap = factories.missed(any_installation, "闪红光怎么办", agent)
    factories.publish(any_installation, "los")
    number = study.question(any_installation, "los")
    assert study.upcoming(any_installation, agent) == [(number, Why.NEW)]
    with unit_of_work(any_installation.sessions) as session:
        session.get(Gap, gap).entry_id = session.scalar(select(Entry.id).where(Entry.key == "los"))
    assert study.upcoming(any_installation, agent) == [(number, Why.MISS)]
    study.answered(any_installation, agent, number)
    any_installation.clock.advance(hours=1)
    assert study.upcoming(any_installation, agent) == []


def test_nobody_answers_for_the_system(any_installation):
    factories.publish(any_installation, "los")
    number = study.question(any_installation, "los")
    with pytest.raises(PermissionDeniedError):
        study.answered(any_installation, SYSTEM, number)
    with pytest.raises(InvalidInputError):
        study.answered(any_installation, any_installation.actors[Role.AGENT], number, key="k" * 41)
    factories.publish(any_installation, "secret", audience=(Role.EXPERT, Role.REVIEWER))
    with pytest.raises((NotFoundError, ConflictError)):
        study.answered(
            any_installation, any_installation.actors[Role.AGENT], study.question(any_installation, "secret")
        )
