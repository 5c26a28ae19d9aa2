"""The loop on a real database: from needs to the next plan, every figure as long as the list behind it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kb.bulletins import operations as bulletins
from kb.clock import local_day
from kb.corrections import operations as corrections
from kb.corrections.rules import Severity
from kb.db import unit_of_work
from kb.desk.scopes import Scope
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Event, Subject, Verb
from kb.exams.models import Exam
from kb.permissions import Role
from kb.questions import queries as questions
from kb.questions import showing
from kb.study import operations as study
from kb.study.operations import Given
from kb.study.rules import Confidence, Why
from kb.study.scheduling import Leitner
from kb.training import evidence, lessons, operations, packs, queries, report
from kb.training.facts import Line, Occasion
from kb.training.models import PlanItem
from kb.training.packs import PackFacts, Part
from kb.training.rules import Cause, Cell, LessonState, Path, Period, PlanState, PlanStep, Source, Stage
from tests.support import factories, training
from tests.support.statements import counted

ZONE = "Asia/Shanghai"
FLOOR = 5
CELL = Cell(training.MODULE, "alpha")


def run(installation, verb, *arguments, by=Role.MANAGER, **options):
    actor = installation.actors[by] if isinstance(by, Role) else by
    with unit_of_work(installation.sessions) as session:
        return verb(session, actor, *arguments, now=installation.clock(), **options)


def period(installation, **changes):
    now = installation.clock()
    day = local_day(now, ZONE)
    given = {"title": "季度培训", "starts_on": day, "ends_on": day + timedelta(days=45)}
    return Period(**{**given, "since": now - timedelta(days=30), "until": now, **changes})


def line(installation, **changes):
    due = local_day(installation.clock(), ZONE) + timedelta(days=14)
    return Line(**{"module": training.MODULE, "team": "alpha", "due_on": due, **changes})


@pytest.fixture
def crew(any_installation):
    training.bank(any_installation, 9)
    factories.publish(any_installation, "tv", module_key="tv.signal")
    return training.crew(any_installation, "alpha", 6)


def trouble(installation, crew):
    """Six unsolved calls, two failed searches and an upheld correction of the team, in as many days."""
    for number, person in enumerate(crew[1:]):
        factories.outcome(installation, person, "q-entry", "", solved=False)
        factories.outcome(installation, person, "tv", "", solved=True)
        if number < 2:
            factories.missed(installation, f"光猫灯{number}是什么意思", person, Scope(module=training.MODULE))
        installation.clock.advance(days=1)
    number = factories.correction(installation, "q-entry", crew[1])
    run(installation, corrections.uphold, number, severity=Severity.P2, by=Role.EXPERT)
    factories.correction(installation, "q-entry", crew[2])
    installation.clock.advance(days=1)


def test_the_loop_once_round_with_every_figure_as_long_as_its_list(any_installation, crew):
    clock, manager = any_installation.clock, any_installation.actors[Role.MANAGER]
    trouble(any_installation, crew)
    plan = run(any_installation, operations.draft, period(any_installation))
    item = run(any_installation, operations.add_line, plan.id, line(any_installation))
    with pytest.raises(ConflictError, match="已经有"):
        run(any_installation, operations.add_line, plan.id, line(any_installation))
    with pytest.raises(ConflictError, match="先启动"):
        run(any_installation, lessons.set_lesson, item.id, Occasion(starts_at=clock()))
    run(any_installation, operations.move, plan.id, PlanStep.START)
    starts_at = clock() + timedelta(days=2)
    occasion = Occasion(
        starts_at=starts_at, trainer_id=any_installation.actors[Role.EXPERT].user_id, entry_keys=("q-entry",)
    )
    lesson = run(any_installation, lessons.set_lesson, item.id, occasion)
    checks = run(any_installation, lessons.set_quizzes, item.id, lesson_at=starts_at)
    assert [check.stage for check in checks] == list(Stage)
    assert len(run(any_installation, lessons.set_quizzes, item.id, lesson_at=starts_at)) == 3
    quizzes = {check.stage: check.exam_id for check in checks}
    for number, person in enumerate(crew[1:]):
        training.take(any_installation, person, quizzes[Stage.BEFORE], right=1, seed=f"b{number}")
    with pytest.raises(ConflictError, match="还没开始"):
        run(any_installation, lessons.hold_lesson, lesson.id, set(), by=Role.EXPERT)
    clock.advance(days=2, hours=1)
    present = {person.user_id for person in crew[1:-1]}
    with pytest.raises(PermissionDeniedError):
        run(any_installation, lessons.hold_lesson, lesson.id, present, by=Role.EDITOR)
    run(any_installation, lessons.hold_lesson, lesson.id, present, by=Role.EXPERT)
    for number, person in enumerate(crew[1:]):
        training.take(any_installation, person, quizzes[Stage.AFTER], right=4, seed=f"a{number}")
        factories.outcome(any_installation, person, "q-entry", "", solved=True)
    clock.advance(days=31)
    for number, person in enumerate(crew[1:]):
        training.take(any_installation, person, quizzes[Stage.RECALL], right=2, seed=f"r{number}")
    clock.advance(hours=1)

    with any_installation.sessions() as session, counted(any_installation.engine) as statements:
        found = report.loop(session, manager, plan.id, floor=FLOOR, now=clock())
    assert len(statements) <= 32
    (one,) = found.measured
    assert (one.assigned, one.came) == (6, 5)
    assert (one.learned.before, one.learned.after, one.learned.recall) == tuple(
        pytest.approx(share) for share in (0.2, 0.8, 0.4)
    )
    assert one.effect.trained.before.trials == 6
    assert one.effect.trained.after.trials == 6
    (need,) = [need for need in found.needs if need.cell == CELL]
    assert {source: need.times(source) for source in Source} == {
        Source.UNSOLVED: 6,
        Source.FAILED_SEARCH: 2,
        Source.WRONG_ANSWER: 0,
        Source.CORRECTION: 1,
        Source.NEW_BUSINESS: 0,
    }
    with any_installation.sessions() as session:
        for needs, since, until in (
            (found.needs, plan.since, plan.until),
            (
                report.needs(session, ["alpha"], since=found.seen.since, until=found.seen.until, floor=FLOOR),
                found.seen.since,
                found.seen.until,
            ),
        ):
            for need in needs:
                for source, count in need.counts.items():
                    listed = evidence.listed(session, source, need.cell, since=since, until=until, limit=500)
                    assert len(listed) == count.times, (need.cell, source)
                    assert all(fact.event is not None for fact in listed), "each has its event"
        for window, rate in (
            (one.before_lesson, one.effect.trained.before),
            (one.after_lesson, one.effect.trained.after),
        ):
            calls = evidence.calls_listed(
                session, [CELL], solved=None, since=window.since, until=window.until, limit=500
            )
            assert len(calls) == rate.trials
    assert [proposal.advice.value for proposal in found.proposals] == ["refresh"]
    following = run(
        any_installation,
        report.propose_next,
        plan.id,
        period(any_installation, title="下一份"),
        due_on=local_day(clock(), ZONE) + timedelta(days=30),
        floor=FLOOR,
    )
    with any_installation.sessions() as session:
        following = queries.plan(session, manager, following.id)
        assert [(item.cell, item.cause) for item in following.items] == [(CELL, Cause.REPEAT)]
        assert "30 天后记得 50%" in following.items[0].reason
        assert report.loop(session, manager, plan.id, floor=FLOOR, now=clock()).following.id == following.id
        verbs = session.scalars(
            select(Event.verb)
            .where(Event.subject_kind.in_([Subject.TRAINING_PLAN, Subject.LESSON]))
            .order_by(Event.seq)
        ).all()
    assert verbs == [
        Verb.CREATED, Verb.EXTENDED, Verb.STARTED, Verb.ASSIGNED, Verb.HELD, Verb.CREATED, Verb.EXTENDED,
    ]  # fmt: skip


def test_answers_of_few_are_in_no_figure_and_no_list_of_people(any_installation, crew):
    quiz = training.exam(any_installation, teams=("alpha",))
    for number, person in enumerate(crew[1:5]):
        training.take(any_installation, person, quiz.id, right=0, seed=f"s{number}")
    any_installation.clock.advance(hours=1)
    window = {"since": any_installation.clock() - timedelta(days=1), "until": any_installation.clock()}
    with any_installation.sessions() as session:
        assert report.needs(session, ["alpha"], floor=FLOOR, **window) == []
        (need,) = report.needs(session, ["alpha"], floor=4, **window)
        assert need.times(Source.WRONG_ANSWER) == 20
    training.take(any_installation, crew[5], quiz.id, right=5, seed="s9")
    any_installation.clock.advance(hours=1)
    window["until"] = any_installation.clock()
    with any_installation.sessions() as session:
        (need,) = report.needs(session, ["alpha"], floor=FLOOR, **window)
        assert need.times(Source.WRONG_ANSWER) == 20, "five people answered, one of them all right"
    assert not {"user_id", "user", "name"} & set(evidence.Fact.__slots__)


def test_wrong_answers_between_calls_count_in_sum(any_installation, crew):
    clock = any_installation.clock
    with any_installation.sessions() as session:
        (question, *_) = questions.bank(session, crew[1], now=clock())
    for person in crew[1:]:
        places = showing.order(question.item, "s")
        given = Given(
            key=f"k{person.user_id}",
            question_id=question.id,
            version=1,
            seed="s",
            why=Why.NEW,
            confidence=Confidence.SURE,
            at=clock(),
            chosen=(places.index(0 if person is crew[1] else 1),),
        )
        run(any_installation, study.answer, given, Leitner(), by=person)
    clock.advance(hours=1)
    window = {"since": clock() - timedelta(days=1), "until": clock()}
    with any_installation.sessions() as session:
        (need,) = report.needs(session, ["alpha"], floor=6, **window)
        assert need.times(Source.WRONG_ANSWER) == 5
        assert len(evidence.listed(session, Source.WRONG_ANSWER, CELL, limit=9, **window)) == 5
        assert report.needs(session, ["alpha"], floor=7, **window) == []


def test_a_leader_plans_for_their_own_team_alone(any_installation, crew):
    training.crew(any_installation, "beta", 1)
    leader = crew[0]
    plan = run(any_installation, operations.draft, period(any_installation), by=leader, team="alpha")
    run(any_installation, operations.add_line, plan.id, line(any_installation), by=leader)
    with pytest.raises(PermissionDeniedError):
        run(any_installation, operations.add_line, plan.id, line(any_installation, team="beta"), by=leader)
    for team in (None, "beta"):
        with pytest.raises(PermissionDeniedError):
            run(any_installation, operations.draft, period(any_installation), by=leader, team=team)
    other = run(any_installation, operations.draft, period(any_installation), team="beta")
    with any_installation.sessions() as session:
        assert [team.key for team in queries.teams_of(session, leader)] == ["alpha"]
        assert [found.id for found in queries.plans(session, leader, limit=9)] == [plan.id]
        with pytest.raises(NotFoundError):
            queries.plan(session, leader, other.id)
        with pytest.raises(PermissionDeniedError):
            queries.teams_of(session, any_installation.actors[Role.AGENT])


def test_new_people_go_the_three_stages(any_installation, crew):
    plan = run(any_installation, operations.draft, period(any_installation))
    modules = {Path.RULES: "service.conduct", Path.BUSINESS: training.MODULE, Path.SKILL: "service.complaint"}
    given = {"team": "alpha", "modules": modules, "first_day": any_installation.clock(), "timezone": ZONE}
    people = [crew[1].user_id, crew[2].user_id]
    items = run(any_installation, operations.add_onboarding, plan.id, people=people, **given)
    assert [(item.path, item.cause) for item in items] == [(path, Cause.ONBOARDING) for path in Path]
    assert [(item.due_on - items[0].due_on).days for item in items] == [0, 14, 23]
    run(any_installation, operations.move, plan.id, PlanStep.START)
    trainer = any_installation.actors[Role.EXPERT].user_id
    starts_at = any_installation.clock() + timedelta(days=1)
    lesson = run(any_installation, lessons.set_lesson, items[0].id, Occasion(starts_at=starts_at, trainer_id=trainer))
    with any_installation.sessions() as session:
        ((found, came),) = queries.lessons_of(session, people[0], since=any_installation.clock(), limit=9)
        assert (found.id, came) == (lesson.id, None)
        assert queries.lessons_of(session, crew[3].user_id, since=any_installation.clock(), limit=9) == []
        assert [found.id for found in queries.taught_by(session, trainer, limit=9)] == [lesson.id]
    for wrong in ([], [any_installation.actors[Role.AGENT].user_id]):
        with pytest.raises(InvalidInputError):
            run(any_installation, operations.add_onboarding, plan.id, people=wrong, **given)
    run(any_installation, lessons.cancel_lesson, lesson.id)
    with pytest.raises(ConflictError):
        run(any_installation, lessons.cancel_lesson, lesson.id)


def test_a_launch_pack_is_a_need_then_a_line_and_then_ready(any_installation, crew):
    clock = any_installation.clock
    factories.publish(any_installation, "new", module_key=training.MODULE, wordings=("怎么办", "要多少钱", "在哪办"))
    launch_at = clock() + timedelta(days=20)
    facts = PackFacts(
        title="新套餐", module=training.MODULE, launch_at=launch_at, teams=("alpha",), entry_keys=("new",)
    )
    for wrong in ({"entry_keys": ("no",)}, {"launch_at": clock()}, {"title": " "}, {"entry_keys": ()}):
        with pytest.raises(InvalidInputError):
            run(any_installation, packs.prepare, PackFacts(**{**_fields(facts), **wrong}))
    pack = run(any_installation, packs.prepare, facts)
    window = {"since": clock() - timedelta(days=1), "until": clock()}
    with any_installation.sessions() as session:
        (need,) = report.needs(session, ["alpha"], floor=FLOOR, **window)
        assert need.times(Source.NEW_BUSINESS) == 1
        assert len(evidence.listed(session, Source.NEW_BUSINESS, CELL, limit=9, **window)) == 1
        ready = {item.part: item.is_ready for item in packs.readiness(session, pack)}
    assert ready == {part: part in (Part.ENTRIES, Part.WORDINGS) for part in Part}

    plan = run(any_installation, operations.draft, period(any_installation))
    item = run(
        any_installation, operations.add_line, plan.id, line(any_installation, cause=Cause.LAUNCH, pack_id=pack.id)
    )
    run(any_installation, operations.move, plan.id, PlanStep.START)
    trainer = any_installation.actors[Role.EDITOR].user_id
    lesson = Occasion(starts_at=clock() + timedelta(days=3), trainer_id=trainer)
    with pytest.raises(ConflictError, match="组长"):
        run(any_installation, lessons.set_lesson, item.id, lesson)
    early = Occasion(starts_at=clock() + timedelta(days=2), trainer_id=trainer, leaders_only=True)
    for_leaders = run(any_installation, lessons.set_lesson, item.id, early)
    run(any_installation, lessons.set_lesson, item.id, lesson)
    with any_installation.sessions() as session:
        assert [
            a.user_id
            for a in queries.lesson(session, any_installation.actors[Role.MANAGER], for_leaders.id).assignments
        ] == [crew[0].user_id]

    number = factories.bulletin(
        any_installation, teams=("alpha",), must_read=True, valid_until=launch_at + timedelta(days=2)
    )
    quiz = training.exam(any_installation, teams=("alpha",), closes_at=launch_at)
    run(
        any_installation,
        packs.change,
        pack.id,
        PackFacts(**{**_fields(facts), "bulletin_id": number, "exam_id": quiz.id}),
    )
    for position, person in enumerate(crew):
        with unit_of_work(any_installation.sessions) as session:
            bulletins.acknowledge(session, person, number, version=1, choice=None, now=clock())
        training.take(any_installation, person, quiz.id, right=5, seed=f"p{position}")
    with any_installation.sessions() as session:
        pack = packs.pack(session, crew[0], pack.id)
        assert all(item.is_ready for item in packs.readiness(session, pack))
        assert packs.packs(session, crew[0], since=clock(), limit=9) == [pack]
        assert packs.packs(session, any_installation.actors[Role.LEADER], since=clock(), limit=9) == []
        assert session.scalars(select(Exam)).one().id == quiz.id


def test_a_plan_without_a_line_does_not_start_and_a_closed_one_does_not_grow(any_installation, crew):
    plan = run(any_installation, operations.draft, period(any_installation))
    with pytest.raises(ConflictError, match="还没有内容"):
        run(any_installation, operations.move, plan.id, PlanStep.START)
    for wrong in ({"module": "none"}, {"team": "none"}, {"reason": "长" * 501}):
        with pytest.raises(InvalidInputError):
            run(any_installation, operations.add_line, plan.id, line(any_installation, **wrong))
    item = run(any_installation, operations.add_line, plan.id, line(any_installation))
    run(any_installation, operations.move, plan.id, PlanStep.START)
    trainer = any_installation.actors[Role.EXPERT].user_id
    for wrong, field in (
        ({"minutes": 1}, "minutes"),
        ({"entry_keys": ("none",)}, "entry_keys"),
        ({"trainer_id": None}, "trainer"),
    ):
        occasion = Occasion(**{"starts_at": any_installation.clock(), "trainer_id": trainer, **wrong})
        with pytest.raises(InvalidInputError) as caught:
            run(any_installation, lessons.set_lesson, item.id, occasion)
        assert caught.value.field == field
    run(any_installation, operations.move, plan.id, PlanStep.CLOSE)
    with pytest.raises(ConflictError, match="已经结束"):
        run(any_installation, operations.add_line, plan.id, line(any_installation, module="tv.signal"))
    with any_installation.sessions() as session:
        found = queries.plan(session, any_installation.actors[Role.MANAGER], plan.id)
        assert found.state is PlanState.CLOSED
        assert session.scalars(select(PlanItem)).one().lessons == []
        assert LessonState.PLANNED.label == "已安排"


def _fields(facts):
    return {name: getattr(facts, name) for name in PackFacts.__slots__}
