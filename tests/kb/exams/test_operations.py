import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Event, Subject, Verb
from kb.exams import operations, queries
from kb.exams.models import Attempt
from kb.exams.rules import Ending, Purpose, Section
from kb.licences import operations as licences
from kb.licences import queries as licence_queries
from kb.permissions import SYSTEM, Role
from tests.support import factories, training

TIERS = ["first", "second", "expert"]


def test_an_exam_from_the_blueprint_to_a_licence(any_installation):
    training.bank(any_installation, 12)
    actors, clock = any_installation.actors, any_installation.clock
    agent = actors[Role.AGENT]
    made = training.exam(any_installation, grants_tier="second", valid_days=90, minutes=20)
    attempt = training.begin(any_installation, agent, made.id)
    assert attempt.ends_at == clock() + timedelta(minutes=20)
    assert training.begin(any_installation, agent, made.id, "another").id == attempt.id, "a double click is one attempt"
    with any_installation.sessions() as session:
        paper = queries.paper(session, attempt)
        rows = queries.questions_of(session, attempt.id)
    assert [row.place for row in paper] == [1, 2, 3, 4, 5]
    assert {tuple(sorted(row.shown.options)) for row in paper} == {tuple(sorted(row.item["options"])) for row in rows}
    for place in range(1, 6):
        training.reply(any_installation, agent, attempt, place, right=place != 2)
    training.reply(any_installation, agent, attempt, 3, right=False)
    training.reply(any_installation, agent, attempt, 3, right=True)
    with any_installation.sessions() as session:
        assert all(row.is_answered for row in queries.paper(session, attempt)), "what was chosen is shown again"
    with unit_of_work(any_installation.sessions) as session:
        ended = operations.submit(session, agent, attempt.id, now=clock())
        assert operations.submit(session, agent, attempt.id, now=clock()) is ended
    assert (ended.score, ended.passed, ended.ending) == (0.8, True, Ending.SUBMITTED)
    with any_installation.sessions() as session:
        assert licence_queries.tier_of(session, agent, TIERS, now=clock()) == "second"
        (licence,) = licence_queries.of_person(session, agent.user_id)
        assert licence.expires_at == clock() + timedelta(days=90)
        told = session.scalars(select(Event).where(Event.subject_kind == Subject.EXAM_ATTEMPT).order_by(Event.seq))
        assert [event.verb for event in told] == [Verb.STARTED, Verb.SUBMITTED]
        later = clock() + timedelta(days=90)
        assert licence_queries.tier_of(session, agent, TIERS, now=later) is None, "it expires"
    with pytest.raises(ConflictError, match="已经通过"):
        training.begin(any_installation, agent, made.id)


def test_time_is_the_servers_and_what_was_saved_counts(any_installation):
    training.bank(any_installation, 6)
    actors, clock = any_installation.actors, any_installation.clock
    made = training.exam(any_installation, attempts=2, wait_hours=24)
    attempt = training.begin(any_installation, actors[Role.AGENT], made.id)
    for place in (1, 2, 3):
        training.reply(any_installation, actors[Role.AGENT], attempt, place, right=True)
    clock.advance(minutes=20, seconds=15)
    training.reply(any_installation, actors[Role.AGENT], attempt, 4, right=True)
    clock.advance(seconds=1)
    with pytest.raises(ConflictError, match="没有记上"):
        training.reply(any_installation, actors[Role.AGENT], attempt, 5, right=True)
    with unit_of_work(any_installation.sessions) as session:
        assert operations.end_overdue(session, now=clock()) == 1
        assert operations.end_overdue(session, now=clock()) == 0
    with any_installation.sessions() as session:
        ended = session.get(Attempt, attempt.id)
        assert (ended.score, ended.ending, ended.submitted_at) == (0.8, Ending.TIME, attempt.ends_at)


def test_failed_attempts_wait_and_run_out_and_draw_anew(any_installation):
    training.bank(any_installation, 12)
    agent, clock = any_installation.actors[Role.AGENT], any_installation.clock
    made = training.exam(any_installation, attempts=2, wait_hours=24)
    assert training.take(any_installation, agent, made.id, right=1).passed is False
    with pytest.raises(ConflictError, match="隔"):
        training.begin(any_installation, agent, made.id)
    clock.advance(hours=24)
    second = training.take(any_installation, agent, made.id, right=2, seed="other")
    assert second.number == 2
    with any_installation.sessions() as session:
        papers = [[row.question_id for row in queries.questions_of(session, id_)] for id_ in (second.id - 1, second.id)]
    assert papers[0] != papers[1]
    clock.advance(hours=24)
    with pytest.raises(ConflictError, match="用完"):
        training.begin(any_installation, agent, made.id)


def test_an_attempt_left_open_past_its_end_is_ended_by_the_next_start(any_installation):
    training.bank(any_installation, 6)
    agent, clock = any_installation.actors[Role.AGENT], any_installation.clock
    made = training.exam(any_installation, attempts=2)
    first = training.begin(any_installation, agent, made.id)
    clock.advance(hours=1)
    second = training.begin(any_installation, agent, made.id, "two")
    assert (second.number, second.id) == (2, first.id + 1)


def test_two_starts_at_once_are_one_attempt(any_installation):
    training.bank(any_installation, 6)
    agent = any_installation.actors[Role.AGENT]
    made = training.exam(any_installation)
    found, gate = [], threading.Barrier(4)

    def go(number):
        gate.wait()
        found.append(training.begin(any_installation, agent, made.id, f"seed-{number}").id)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_who_may_set_take_and_see_what(any_installation):
    training.bank(any_installation, 6)
    actors, clock = any_installation.actors, any_installation.clock
    crew = training.crew(any_installation, "alpha", 1, leader=False)
    made = training.exam(any_installation, teams=("alpha",))
    with pytest.raises(NotFoundError):
        training.begin(any_installation, actors[Role.AGENT], made.id)
    attempt = training.begin(any_installation, crew[0], made.id)
    with any_installation.sessions() as session:
        assert [exam.id for exam in queries.open_to(session, crew[0], now=clock())] == [made.id]
        assert queries.open_to(session, actors[Role.AGENT], now=clock()) == []
        for reader in (queries.results, queries.analysed):
            with pytest.raises(PermissionDeniedError):
                reader(session, actors[Role.LEADER], made)
        with pytest.raises(NotFoundError):
            queries.own(session, actors[Role.MANAGER], attempt.id)
    with unit_of_work(any_installation.sessions) as session:
        with pytest.raises(NotFoundError):
            operations.answer(session, actors[Role.AGENT], attempt.id, 1, chosen=(0,), now=clock())
        with pytest.raises(PermissionDeniedError):
            operations.create(session, actors[Role.LEADER], made.facts, now=clock())
        with pytest.raises(PermissionDeniedError):
            operations.start(session, SYSTEM, made.id, seed="x", now=clock())
    quiz = training.exam(any_installation, purpose=Purpose.QUIZ)
    with any_installation.sessions() as session, pytest.raises(NotFoundError):
        queries.for_manager(session, actors[Role.MANAGER], quiz.id)


def test_drafts_change_and_published_ones_stay(any_installation):
    training.bank(any_installation, 6)
    actors, clock = any_installation.actors, any_installation.clock
    manager = actors[Role.MANAGER]
    made = training.exam(any_installation, published=False)
    with pytest.raises(NotFoundError):
        training.begin(any_installation, actors[Role.AGENT], made.id)
    with unit_of_work(any_installation.sessions) as session:
        facts = made.facts
        too_many = type(facts)(
            **{**{name: getattr(facts, name) for name in facts.__slots__}, "sections": (Section("tv", 3),)}
        )
        operations.revise(session, manager, made.id, too_many, now=clock())
        with pytest.raises(InvalidInputError, match="有线电视"):
            operations.publish(session, manager, made.id, now=clock())
        operations.revise(session, manager, made.id, facts, now=clock())
        operations.publish(session, manager, made.id, now=clock())
        with pytest.raises(ConflictError, match="不能改"):
            operations.revise(session, manager, made.id, facts, now=clock())
    clock.advance(hours=1)
    with unit_of_work(any_installation.sessions) as session:
        operations.close(session, manager, made.id, now=clock())
    with pytest.raises(ConflictError, match="截止"):
        training.begin(any_installation, actors[Role.AGENT], made.id)


def test_right_answers_are_shown_only_when_nobody_can_begin_any_more(any_installation):
    training.bank(any_installation, 6)
    agent, clock = any_installation.actors[Role.AGENT], any_installation.clock
    made = training.exam(any_installation)
    attempt = training.take(any_installation, agent, made.id, right=3)
    with any_installation.sessions() as session:
        mine = queries.own(session, agent, attempt.id)
        assert queries.solutions(session, mine, clock()) == ()
        (module,) = queries.by_module(queries.questions_of(session, mine.id))
        assert (module.share, module.count) == (0.6, 5)
        clock.advance(days=7)
        solutions = queries.solutions(session, mine, clock())
    assert [item.share for item in solutions] == [1.0, 1.0, 1.0, 0.0, 0.0]
    assert all(item.right[0].startswith("对的") for item in solutions)
    assert solutions[4].given[0].startswith("错的甲")


def test_results_and_analysis_of_first_attempts(any_installation):
    training.bank(any_installation, 5)
    manager = any_installation.actors[Role.MANAGER]
    crew = training.crew(any_installation, "alpha", 12, leader=False)
    made = training.exam(any_installation, attempts=2)
    for number, actor in enumerate(crew):
        training.take(any_installation, actor, made.id, right=number % 6, seed=f"s{number}")
    training.take(any_installation, crew[0], made.id, right=5)
    with any_installation.sessions() as session:
        found = queries.results(session, manager, made)
        assert len(found) == 13
        rows = queries.analysed(session, manager, made)
    assert len(rows) == 5
    assert all(row.figures.n == 12 for row in rows), "second attempts do not count"
    assert all(sum(row.figures.chosen.values()) == 12 for row in rows)


def test_a_licence_is_taken_back_with_a_reason(any_installation):
    training.bank(any_installation, 6)
    actors, clock = any_installation.actors, any_installation.clock
    made = training.exam(any_installation, grants_tier="second")
    training.take(any_installation, actors[Role.AGENT], made.id, right=5)
    with unit_of_work(any_installation.sessions) as session:
        (licence,) = licence_queries.of_person(session, actors[Role.AGENT].user_id)
        for wrong, error in ((Role.LEADER, PermissionDeniedError), (Role.MANAGER, InvalidInputError)):
            with pytest.raises(error):
                licences.revoke(session, actors[wrong], licence.id, reason=" ", now=clock())
        clock.advance(hours=1)
        licences.revoke(session, actors[Role.MANAGER], licence.id, reason="题目泄露", now=clock())
        with pytest.raises(ConflictError):
            licences.revoke(session, actors[Role.MANAGER], licence.id, reason="再次", now=clock())
        assert licence_queries.tier_of(session, actors[Role.AGENT], TIERS, now=clock()) is None
        with pytest.raises(NotFoundError):
            licences.revoke(session, actors[Role.MANAGER], 99, reason="没有", now=clock())


def test_the_funnel_hints_only_where_the_tier_can_be_earned_and_is_not(any_installation):
    training.bank(any_installation, 6)
    actors, clock = any_installation.actors, any_installation.clock
    agent = actors[Role.AGENT]

    def hints(actor, tier, module="fault.broadband", later=0):
        with any_installation.sessions() as session:
            now = clock() + timedelta(days=later)
            return licence_queries.should_escalate(session, actor, tier=tier, module=module, tiers=TIERS, now=now)

    assert not hints(agent, "second"), "no exam grants it: nobody could have earned it"
    made = training.exam(any_installation, grants_tier="second", valid_days=30)
    assert hints(agent, "second")
    assert not hints(agent, "first")
    assert not hints(actors[Role.EXPERT], "second")
    assert hints(actors[Role.EXPERT], "second", module="tv.signal")
    assert not hints(SYSTEM, "second")
    training.take(any_installation, agent, made.id, right=5)
    assert not hints(agent, "second")
    assert hints(agent, "second", later=30)
    assert factories.CONTENT.tier_key == "first"
