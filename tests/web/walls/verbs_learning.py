"""The verbs of what is learned: questions, must-reads, study, exams, licences, training; see ``verbs``."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kb.entries.models import Entry
from kb.exams import operations as exams
from kb.exams.rules import Facts
from kb.exams.rules import Section as ExamSection
from kb.licences import operations as licences
from kb.must_reads import operations as must_reads
from kb.permissions import Actor, Permission, Target, allowed
from kb.questions import operations as questions
from kb.questions.models import Question
from kb.study import operations as study
from kb.study.operations import Given
from kb.study.rules import Confidence, Why
from kb.study.scheduling import Leitner
from kb.training import lessons, packs, report
from kb.training import operations as training
from kb.training.facts import Line, Occasion
from kb.training.packs import PackFacts
from kb.training.rules import Path, Period, PlanStep
from tests.support.study import ITEM
from tests.web.walls.routes import anybody
from tests.web.walls.routes_learning import teaches
from tests.web.walls.verbs import Verb, needs, on
from tests.web.walls.world import Thing, World

P = Permission
ZONE = "Asia/Shanghai"


def _own(actor: Actor, thing: Thing | None) -> bool:
    return thing is not None and thing.known(actor)


def _asks_mine(actor: Actor, thing: Thing | None) -> bool:
    return allowed(actor, P.MUST_READ_SET, Target(teams=frozenset({"mine"})))


def _plans_whole(actor: Actor, thing: Thing | None) -> bool:
    return allowed(actor, P.TRAINING_MANAGE, Target())


def _exam(world: World) -> Facts:
    return Facts(
        title="考试",
        sections=(ExamSection("tv.signal", 1),),
        opens_at=world.now,
        closes_at=world.now + timedelta(days=1),
    )


def _period(world: World) -> Period:
    day = world.now.date()
    since = world.now - timedelta(days=30)
    return Period(title="下一份", starts_on=day, ends_on=day + timedelta(days=30), since=since, until=world.now)


def _pack(world: World) -> PackFacts:
    launch = world.now + timedelta(days=9)
    return PackFacts(title="新套餐", module="tv.signal", launch_at=launch, entry_keys=("open-tv",))


def _line(world: World) -> Line:
    return Line(module="plan.mobile", team="mine", due_on=world.now.date())


def _question(session: Session, key: str) -> Question:
    return session.query(Question).join(Question.entry).where(Entry.key == key).one()


def _ask(world: World, session: Session, actor: Actor, row: Entry) -> None:
    must_reads.ask(
        session, actor, row, _question(session, "open-tv"), due_at=world.now + timedelta(days=1), teams=("mine",),
        now=world.now,
    )  # fmt: skip


def _answer(world: World, session: Session, actor: Actor, _: Any) -> None:
    found = _question(session, "open-fault")
    given = Given(
        key="walls", question_id=found.id, version=1, seed="seed", why=Why.REVIEW, confidence=Confidence.SURE,
        at=world.now, chosen=[0],
    )  # fmt: skip
    study.answer(session, actor, given, Leitner(), now=world.now)


def _onboard(world: World, session: Session, actor: Actor, number: int) -> None:
    training.add_onboarding(
        session, actor, number, team="mine", people={world.actors[next(iter(world.actors))].user_id or 0},
        modules=dict.fromkeys(Path, "plan.mobile"), first_day=world.now, timezone=ZONE, now=world.now,
    )  # fmt: skip


manages = partial(on, "exam", P.EXAM_MANAGE)
writes = partial(on, "question", P.QUESTION_WRITE)
plans = partial(on, "plan", P.TRAINING_MANAGE)
_ENTRIES = ("open-fault", "open-tv", "draft-fault", "narrow-fault", "own")

LEARNING: Mapping[str, Verb] = {
    "exams.operations.create": needs(P.EXAM_MANAGE, lambda w, s, a, _: exams.create(s, a, _exam(w), now=w.now)),
    "exams.operations.revise": manages(lambda w, s, a, id_: exams.revise(s, a, id_, _exam(w), now=w.now)),
    "exams.operations.publish": manages(lambda w, s, a, id_: exams.publish(s, a, id_, now=w.now)),
    "exams.operations.close": manages(lambda w, s, a, id_: exams.close(s, a, id_, now=w.now)),
    "exams.operations.start": Verb(_own, lambda w, s, a, id_: exams.start(s, a, id_, seed="seed", now=w.now), "exam"),
    "exams.operations.answer": Verb(
        _own, lambda w, s, a, id_: exams.answer(s, a, id_, 1, chosen=(0,), now=w.now), "attempt"
    ),
    "exams.operations.submit": Verb(_own, lambda w, s, a, id_: exams.submit(s, a, id_, now=w.now), "attempt"),
    "licences.operations.revoke": on(
        "licence", P.EXAM_MANAGE, lambda w, s, a, id_: licences.revoke(s, a, id_, reason="换岗", now=w.now)
    ),
    "must_reads.operations.ask": Verb(_asks_mine, _ask, "entry", ("open-fault", "open-tv")),
    "must_reads.operations.withdraw": on(
        "must_read", P.MUST_READ_SET, lambda w, s, a, id_: must_reads.withdraw(s, a, id_, now=w.now)
    ),
    "questions.operations.write": on(
        "entry", P.QUESTION_WRITE, lambda w, s, a, row: questions.write(s, a, row, ITEM, now=w.now), *_ENTRIES
    ),
    "questions.operations.propose": on(
        "entry", P.QUESTION_WRITE, lambda w, s, a, row: questions.propose(s, a, row, (), now=w.now), *_ENTRIES
    ),
    "questions.operations.revise": writes(
        lambda w, s, a, id_: questions.revise(s, a, id_, replace(ITEM, prompt="新"), version=1, now=w.now)
    ),
    "questions.operations.publish": writes(lambda w, s, a, id_: questions.publish(s, a, id_, version=1, now=w.now)),
    "questions.operations.suspend": writes(lambda w, s, a, id_: questions.suspend(s, a, id_, reason="旧", now=w.now)),
    "questions.operations.retire": writes(lambda w, s, a, id_: questions.retire(s, a, id_, now=w.now)),
    "study.operations.answer": Verb(anybody, _answer),
    "study.operations.choose_scope": Verb(
        anybody, lambda w, s, a, _: study.choose_scope(s, a, tier=None, modules=("tv.signal",))
    ),
    "training.operations.draft": Verb(
        _plans_whole, lambda w, s, a, _: training.draft(s, a, _period(w), team=None, now=w.now)
    ),
    "training.operations.add_line": plans(lambda w, s, a, id_: training.add_line(s, a, id_, _line(w), now=w.now)),
    "training.operations.add_onboarding": plans(_onboard),
    "training.operations.move": plans(lambda w, s, a, id_: training.move(s, a, id_, PlanStep.CLOSE, now=w.now)),
    "training.lessons.set_lesson": on(
        "item",
        P.TRAINING_MANAGE,
        lambda w, s, a, id_: lessons.set_lesson(s, a, id_, Occasion(starts_at=w.now, trainer_id=1), now=w.now),
    ),
    "training.lessons.set_quizzes": on(
        "item",
        P.TRAINING_MANAGE,
        lambda w, s, a, id_: lessons.set_quizzes(s, a, id_, lesson_at=w.now + timedelta(days=1), count=1, now=w.now),
    ),
    "training.lessons.hold_lesson": Verb(
        teaches, lambda w, s, a, id_: lessons.hold_lesson(s, a, id_, (), now=w.now), "lesson"
    ),
    "training.lessons.cancel_lesson": Verb(
        teaches, lambda w, s, a, id_: lessons.cancel_lesson(s, a, id_, now=w.now), "lesson"
    ),
    "training.packs.prepare": Verb(_plans_whole, lambda w, s, a, _: packs.prepare(s, a, _pack(w), now=w.now)),
    "training.packs.change": on(
        "pack",
        P.TRAINING_MANAGE,
        lambda w, s, a, id_: packs.change(s, a, id_, replace(_pack(w), teams=("mine",)), now=w.now),
    ),
    "training.report.propose_next": plans(
        lambda w, s, a, id_: report.propose_next(s, a, id_, _period(w), due_on=w.now.date(), floor=1, now=w.now),
    ),
}

ELSEWHERE = {
    "exams.operations.add": "of create, or a training's quizzes, that were allowed",
    "exams.operations.open_to_all": "of publish, or a training's quizzes, that were allowed",
    "must_reads.operations.read": "what follows from an answer of one's own",
    "study.choosing.upcoming": "only reads",
    "study.week.count_due": "only reads, one's own",
    "study.week.week": "only reads, one's own",
    "training.packs.pack": "only reads",
    "training.packs.packs": "only reads",
    "training.report.loop": "only reads",
}
