"""The simulated plan: what the weeks before need, a launch, lessons and their quizzes, and how they are held."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.bulletins import operations as bulletins
from kb.bulletins.rules import Facts as BulletinFacts
from kb.clock import local_day
from kb.db import unit_of_work
from kb.demo_quarter.people import LINES, SIMULATION, Quarter
from kb.entries import queries as entry_queries
from kb.exams import operations as exams
from kb.exams.rules import Facts, Section
from kb.people import queries as people_queries
from kb.permissions import Role
from kb.taxonomy import queries as taxonomy_queries
from kb.training import lessons, operations, packs, queries, report
from kb.training.facts import Line, Occasion
from kb.training.models import LaunchPack, PlanItem
from kb.training.packs import PackFacts
from kb.training.rules import Cause, Cell, Period, PlanStep, Source, Stage

LESSONS_AFTER = timedelta(days=4)
POINTS = 5
"""Questions of each quiz."""


def make_plan(quarter: Quarter, began: datetime, floor: int) -> tuple[int, datetime, dict[Stage, list[int]]]:
    """Draft a plan from what the weeks before need, and a launch pack; start it, set lessons and quizzes."""
    now, manager = quarter.clock(), quarter.manager
    first, lesson_at = local_day(now, quarter.learning.timezone), now + LESSONS_AFTER
    teams = list(quarter.people)
    quizzes: dict[Stage, list[int]] = {stage: [] for stage in Stage}
    with unit_of_work(quarter.sessions) as session:
        pack = _launch(session, quarter, lesson_at)
        found = report.needs(session, teams, since=began, until=now, floor=floor)
        period = Period(
            title=f"季度培训{SIMULATION}", starts_on=first, ends_on=first + timedelta(days=45), since=began, until=now
        )
        plan = operations.draft(session, manager, period, now=now)
        due_on = first + timedelta(days=14)
        called = [need for need in found if need.times(Source.UNSOLVED)]
        for need in called[:LINES]:
            line = Line(
                module=need.cell.module,
                team=need.cell.team,
                due_on=due_on,
                reason=f"需求分 {need.score}{SIMULATION}",
                trainer_id=_trainer(session, quarter, need.cell),
            )
            operations.add_line(session, manager, plan.id, line, now=now)
        line = Line(
            module=pack.module_key,
            team=pack.teams[0],
            due_on=due_on,
            cause=Cause.LAUNCH,
            pack_id=pack.id,
            reason=f"新业务上线前先培训{SIMULATION}",
            trainer_id=quarter.editor.user_id,
        )
        operations.add_line(session, manager, plan.id, line, now=now)
        operations.move(session, manager, plan.id, PlanStep.START, now=now)
        session.flush()
        for item in session.scalars(select(PlanItem).where(PlanItem.plan_id == plan.id).order_by(PlanItem.id)).all():
            for stage, exam in _lessons(session, quarter, item, lesson_at, now).items():
                quizzes[stage].append(exam)
    return plan.id, lesson_at, quizzes


def _lessons(
    session: Session, quarter: Quarter, item: PlanItem, lesson_at: datetime, now: datetime
) -> Mapping[Stage, int]:
    keys = [entry.key for entry in entry_queries.by_ids(session, quarter.entries[item.module_key][:3])]
    occasion = Occasion(
        starts_at=lesson_at,
        minutes=45,
        place=f"三号培训室{SIMULATION}",
        trainer_id=item.trainer_id or quarter.editor.user_id,
        entry_keys=tuple(keys),
    )
    if item.leaders_first and queries.people_of(session, item, leaders_only=True):
        early = replace(occasion, starts_at=lesson_at - timedelta(days=1), leaders_only=True)
        lessons.set_lesson(session, quarter.manager, item.id, early, now=now)
        session.expire(item, ["lessons"])
    lessons.set_lesson(session, quarter.manager, item.id, occasion, now=now)
    if item.cause is Cause.LAUNCH:
        return {}
    checks = lessons.set_quizzes(session, quarter.manager, item.id, lesson_at=lesson_at, count=POINTS, now=now)
    return {check.stage: check.exam_id for check in checks}


def _launch(session: Session, quarter: Quarter, lesson_at: datetime) -> LaunchPack:
    """Prepare a new business for a smaller team: knowledge, a must-read bulletin, a quiz that says who is ready."""
    now = quarter.clock()
    led = [key for key, people in quarter.people.items() if any(Role.LEADER in person.roles for person in people)]
    team = min(led or quarter.people, key=lambda key: (len(quarter.people[key]), key))
    module = sorted({cell.module for cell in quarter.troubled})[0]
    launch_at = lesson_at + timedelta(days=10)
    bulletin = bulletins.publish(
        session,
        quarter.manager,
        BulletinFacts(
            title=f"新业务下旬上线{SIMULATION}",
            text="上线前请读完材料并完成小测。",
            script="您好，这项新业务将在下旬开放办理。",
            teams=(team,),
            valid_from=now,
            valid_until=launch_at + timedelta(days=7),
            must_read=True,
        ),
        now=now,
    )
    for person in quarter.people[team]:
        bulletins.acknowledge(session, person, bulletin.id, version=1, choice=None, now=now)
    exam = exams.add(
        session,
        quarter.manager,
        Facts(
            title=f"新业务上线考试{SIMULATION}",
            sections=(Section(module, POINTS),),
            minutes=10,
            opens_at=now,
            closes_at=launch_at,
            teams=(team,),
        ),
        now=now,
    )
    exams.open_to_all(session, quarter.manager, exam, now=now)
    keys = [entry.key for entry in entry_queries.by_ids(session, quarter.entries[module][:3])]
    facts = PackFacts(
        title=f"融合新套餐上线{SIMULATION}",
        module=module,
        launch_at=launch_at,
        teams=(team,),
        entry_keys=tuple(keys),
        bulletin_id=bulletin.id,
        exam_id=exam.id,
    )
    return packs.prepare(session, quarter.manager, facts, now=now)


def guards(quarter: Quarter) -> Sequence[int]:
    """Return the exams that guard launches."""
    with quarter.sessions() as session:
        return [id_ for id_ in session.scalars(select(LaunchPack.exam_id).order_by(LaunchPack.id)) if id_ is not None]


def _trainer(session: Session, quarter: Quarter, cell: Cell) -> int | None:
    taxonomy = taxonomy_queries.load(session)
    for user in people_queries.everyone(session):
        actor = people_queries.actor(user, taxonomy)
        if Role.EXPERT in actor.roles and cell.module in actor.modules:
            return actor.user_id
    return quarter.editor.user_id


def hold_lessons(quarter: Quarter, number: int) -> None:
    """Have every lesson of the plan held; now and then somebody is missing. From now on calls go better."""
    with unit_of_work(quarter.sessions) as session:
        plan = queries.plan(session, quarter.manager, number)
        for item in plan.items:
            for lesson in item.lessons:
                ids = [assignment.user_id for assignment in lesson.assignments]
                present = [id_ for id_ in ids if quarter.chance.random() < 0.93] or ids[:1]
                lessons.hold_lesson(session, quarter.manager, lesson.id, present, now=quarter.clock())
            if item.cell in quarter.troubled:
                quarter.taught.add(item.cell)
