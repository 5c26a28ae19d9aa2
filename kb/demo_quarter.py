"""A simulated quarter of the demo, labelled as simulation, that drives the training loop once round.

People of the demo call, search in vain, report errors, learn and take quizzes through the operations everybody uses, by
a clock that runs ahead; so every figure of the report has its events. How well they do is invented (``Chances``), and
whatever they write says that it is simulated.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.bulletins import operations as bulletins
from kb.bulletins.rules import Facts as BulletinFacts
from kb.clock import local_day
from kb.corrections import operations as corrections
from kb.corrections.rules import Report, Severity
from kb.db import Sessions, unit_of_work
from kb.demo_year import FakeClock
from kb.desk import operations as desk
from kb.desk.rules import Learning, Reason, Words
from kb.desk.scopes import Scope
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.entries.rules import SERVED
from kb.exams import operations as exams
from kb.exams import papers
from kb.exams import queries as exam_queries
from kb.exams.models import AttemptQuestion, Exam
from kb.exams.rules import Facts, Section
from kb.gaps import operations as gaps
from kb.people import queries as people_queries
from kb.permissions import Actor, Role
from kb.questions import operations as questions
from kb.questions import queries as question_queries
from kb.questions import showing
from kb.questions.rules import Kind
from kb.taxonomy import queries as taxonomy_queries
from kb.training import operations, packs, queries, report
from kb.training.facts import Line, Occasion
from kb.training.models import LaunchPack, Plan, PlanItem
from kb.training.packs import PackFacts
from kb.training.rules import Cause, Cell, Period, PlanStep, Source, Stage

SIMULATION = "（模拟数据）"
SEED = 27
BEFORE = timedelta(days=35)
"""How long needs are watched before the plan is made."""
LESSONS_AFTER = timedelta(days=4)
LENGTH = timedelta(days=91)
CALLS = 60
"""Outcomes a working day."""
LINES = 2
"""Modules that the plan takes up for the largest team."""
POINTS = 5
"""Questions of each quiz."""
QUESTIONS = ("套餐外流量怎么收费", "宽带移机要带什么", "机顶盒一直转圈", "话费为什么多扣了", "补卡要多久生效")


@dataclass(frozen=True, slots=True)
class Chances:
    """How the simulated people do: invented, and the same for everybody."""

    solved: float = 0.82
    troubled: float = 0.5
    """In the modules that the plan will take up, before its lessons."""
    taught: float = 0.8
    """In the same modules afterwards."""
    before: float = 0.45
    after: float = 0.85
    recall: float = 0.75
    failed_search: float = 0.18
    """How often an unsolved call leaves a gap."""
    correction: float = 0.03


@dataclass(slots=True)
class Quarter:
    """What the quarter is lived with."""

    sessions: Sessions
    learning: Learning
    clock: FakeClock
    people: Mapping[str, Sequence[Actor]]
    manager: Actor
    reviewer: Actor
    editor: Actor
    entries: Mapping[str, Sequence[int]]
    troubled: frozenset[Cell]
    taught: set[Cell]
    chance: random.Random
    chances: Chances

    @property
    def everyone(self) -> list[Actor]:
        """All who take calls."""
        return [person for team in self.people.values() for person in team]


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
    quarter = _begin(sessions, learning, clock, random.Random(seed))  # noqa: S311 - plays, guards nothing
    _fill_bank(quarter)
    began = clock()
    days = LENGTH // timedelta(days=1)
    number, lesson_at, quizzes = 0, until, dict[Stage, list[int]]()
    for day in range(days):
        clock.now = began + timedelta(days=day)
        if clock.now.weekday() < 5:
            _day(quarter, calls)
        if clock.now - began == BEFORE:
            number, lesson_at, quizzes = _plan(quarter, began, floor)
            _take(quarter, quizzes[Stage.BEFORE], quarter.chances.before)
        elif number and clock.now - began == BEFORE + LESSONS_AFTER + timedelta(days=1):
            _hold(quarter, number)
            _take(quarter, _guards(quarter), quarter.chances.after)
            _take(quarter, quizzes[Stage.AFTER], quarter.chances.after)
        elif number and timedelta() <= clock.now - (lesson_at + timedelta(days=31)) < timedelta(days=1):
            _take(quarter, quizzes[Stage.RECALL], quarter.chances.recall)
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


def _begin(sessions: Sessions, learning: Learning, clock: FakeClock, chance: random.Random) -> Quarter:
    with sessions() as session:
        taxonomy = taxonomy_queries.load(session)
        everyone = [people_queries.actor(user, taxonomy) for user in people_queries.everyone(session)]
        served = session.scalars(select(Entry).where(Entry.live_state.in_(SERVED)).order_by(Entry.id)).all()
        entries: dict[str, list[int]] = {}
        for entry in served:
            entries.setdefault(entry.shown_revision.module_key, []).append(entry.id)
    agents = [person for person in everyone if person.team is not None and Role.AGENT in person.roles]
    keys = sorted({person.team for person in agents if person.team is not None})
    teams = {team: [person for person in agents if person.team == team] for team in keys}
    largest = max(teams, key=lambda team: len(teams[team]))
    rich = sorted(entries, key=lambda module: (-len(entries[module]), module))[:LINES]

    def one(role: Role) -> Actor:
        return next(person for person in everyone if role in person.roles)

    return Quarter(
        sessions=sessions,
        learning=learning,
        clock=clock,
        people=teams,
        manager=one(Role.MANAGER),
        reviewer=one(Role.REVIEWER),
        editor=one(Role.EDITOR),
        entries=entries,
        troubled=frozenset(Cell(module, largest) for module in rich),
        taught=set(),
        chance=chance,
        chances=Chances(),
    )


def _fill_bank(quarter: Quarter) -> None:
    """Have the editor look at what is proposed for the troubled modules and publish it."""
    now = quarter.clock()
    for module in sorted({cell.module for cell in quarter.troubled}):
        with unit_of_work(quarter.sessions) as session:
            for entry in entry_queries.by_ids(session, quarter.entries[module]):
                near = question_queries.near(session, quarter.editor, entry, now=now)
                for question in questions.propose(session, quarter.editor, entry, near, now=now):
                    questions.publish(session, quarter.editor, question.id, version=question.version, now=now)


def _day(quarter: Quarter, calls: int) -> None:
    """A day's calls: outcomes, and what comes of the unsolved ones."""
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


def _plan(quarter: Quarter, began: datetime, floor: int) -> tuple[int, datetime, dict[Stage, list[int]]]:
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
        operations.set_lesson(session, quarter.manager, item.id, early, now=now)
        session.expire(item, ["lessons"])
    operations.set_lesson(session, quarter.manager, item.id, occasion, now=now)
    if item.cause is Cause.LAUNCH:
        return {}
    checks = operations.set_quizzes(session, quarter.manager, item.id, lesson_at=lesson_at, count=POINTS, now=now)
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


def _guards(quarter: Quarter) -> Sequence[int]:
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


def _hold(quarter: Quarter, number: int) -> None:
    """Have every lesson of the plan held; now and then somebody is missing. From now on calls go better."""
    with unit_of_work(quarter.sessions) as session:
        plan = queries.plan(session, quarter.manager, number)
        for item in plan.items:
            for lesson in item.lessons:
                ids = [assignment.user_id for assignment in lesson.assignments]
                present = [id_ for id_ in ids if quarter.chance.random() < 0.93] or ids[:1]
                operations.hold_lesson(session, quarter.manager, lesson.id, present, now=quarter.clock())
            if item.cell in quarter.troubled:
                quarter.taught.add(item.cell)


def _take(quarter: Quarter, numbers: Sequence[int], knows: float) -> None:
    """Have everybody whom these quizzes are for take them, each answer right with the chance *knows*."""
    for number in numbers:
        with quarter.sessions() as session:
            exam = session.get_one(Exam, number)
            takers = [person for person in quarter.everyone if exam_queries.concerns(person, exam)]
        for person in takers:
            with unit_of_work(quarter.sessions) as session:
                seed = f"{quarter.chance.getrandbits(64):x}"
                attempt = exams.start(session, person, number, seed=seed, now=quarter.clock())
                for row in exam_queries.questions_of(session, attempt.id):
                    chosen, texts = _answer(row, attempt.seed, quarter.chance.random() < knows)
                    exams.answer(
                        session, person, attempt.id, row.place, chosen=chosen, texts=texts, now=quarter.clock()
                    )
                exams.submit(session, person, attempt.id, now=quarter.clock())


def _answer(row: AttemptQuestion, seed: str, right: bool) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return an answer to *row* as somebody gives it who sees it in the order of *seed*."""
    item = papers.item_from_json(row.item)
    order = showing.order(item, papers.question_seed(seed, row.place))
    if item.kind is Kind.CLOZE:
        return (), tuple(ways[0] if right else "不知道" for ways in item.blanks)
    if item.kind is Kind.ORDER:
        steps = [order.index(place) for place in range(len(order))]
        return tuple(steps if right else [*steps[1:], steps[0]]), ()
    if right:
        return tuple(order.index(place) for place in item.right), ()
    wrong = next(place for place in range(len(item.options)) if place not in item.right)
    return (order.index(wrong),), ()
