"""The verbs of lessons: set one for a line of a plan, hold it, cancel it; measure what it brings by three quizzes."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries.models import Entry
from kb.errors import ConflictError, InvalidInputError, NotFoundError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.exams import operations as exams
from kb.exams.rules import Facts, Purpose, Section
from kb.i18n import N_
from kb.people.models import User
from kb.permissions import Actor, Permission, require
from kb.taxonomy.models import Module
from kb.training import queries, rules
from kb.training.facts import Occasion
from kb.training.models import Assignment, Check, Lesson, PlanItem
from kb.training.operations import for_team
from kb.training.rules import LessonState, PlanState, Stage

QUIZ_MINUTES = 10
QUIZ_QUESTIONS = 5


def set_lesson(session: Session, actor: Actor, item_id: int, occasion: Occasion, *, now: datetime) -> Lesson:
    """Set a lesson for a line of a plan, assign its people to it, and return it.

    Whoever is of the team and active is assigned: its leaders alone where the occasion is theirs, else everybody at its
    desks; of a line for some by name, those.

    Raises:
        PermissionDeniedError: *actor* may not.
        ConflictError: the plan does not run, nobody would come, or leaders would hear of new business too late.
        InvalidInputError: no such trainer or knowledge, or an odd time.
    """
    item = _item(session, actor, item_id)
    if item.plan.state is not PlanState.RUNNING:
        raise ConflictError(N_("先启动计划，再排课"))
    if not 5 <= occasion.minutes <= rules.MAX_MINUTES:
        raise InvalidInputError(N_("时长要在 5–%(max)s 分钟之间"), field="minutes", max=rules.MAX_MINUTES)
    keys = tuple(dict.fromkeys(occasion.entry_keys))
    known = set(session.scalars(select(Entry.key).where(Entry.key.in_(keys), Entry.live_revision_id.is_not(None))))
    for key in keys:
        if key not in known:
            raise InvalidInputError(N_("没有这条在用的知识：%(key)s"), field="entry_keys", key=key)
    trainer = session.get(User, occasion.trainer_id) if occasion.trainer_id is not None else None
    if trainer is None or not trainer.active:
        raise InvalidInputError(N_("请选一位讲师"), field="trainer")
    has_leaders = bool(item.leaders_first and queries.people_of(session, item, leaders_only=True))
    rules.check_order(
        has_leaders, [lesson.taught for lesson in item.lessons], occasion.starts_at, occasion.leaders_only
    )
    people = queries.people_of(session, item, leaders_only=occasion.leaders_only)
    if not people:
        raise ConflictError(N_("这个班组里没有可以安排的人"))
    lesson = Lesson(
        item_id=item.id,
        state=LessonState.PLANNED,
        starts_at=occasion.starts_at,
        minutes=occasion.minutes,
        place=occasion.place.strip()[: rules.MAX_PLACE],
        trainer_id=trainer.id,
        leaders_only=occasion.leaders_only,
        entry_keys=list(keys),
        assignments=[Assignment(user_id=person.id, attended=None) for person in people],
    )
    session.add(lesson)
    session.flush()
    _record_lesson(session, actor, lesson, Verb.ASSIGNED, now, people=len(people))
    return lesson


def hold_lesson(session: Session, actor: Actor, lesson_id: int, present: Collection[int], *, now: datetime) -> Lesson:
    """Record that a lesson was held, and who came. Its trainer may, and whoever plans for the team.

    Args:
        present: ids of those who came.

    Raises:
        ConflictError: it was held or cancelled, or has not begun.
    """
    lesson = _lesson(session, actor, lesson_id)
    if now < lesson.starts_at:
        raise ConflictError(N_("这次课还没开始"))
    for assignment in lesson.assignments:
        assignment.attended = assignment.user_id in present
    lesson.state, lesson.held_at = LessonState.HELD, now
    session.flush()
    came = sum(bool(assignment.attended) for assignment in lesson.assignments)
    _record_lesson(session, actor, lesson, Verb.HELD, now, people=len(lesson.assignments), came=came)
    return lesson


def cancel_lesson(session: Session, actor: Actor, lesson_id: int, *, now: datetime) -> Lesson:
    """Cancel a lesson that has not been held.

    Raises:
        ConflictError: it was held or cancelled.
    """
    lesson = _lesson(session, actor, lesson_id)
    lesson.state = LessonState.CANCELLED
    session.flush()
    _record_lesson(session, actor, lesson, Verb.CANCELLED, now)
    return lesson


def set_quizzes(
    session: Session, actor: Actor, item_id: int, *, lesson_at: datetime, count: int = QUIZ_QUESTIONS, now: datetime
) -> Sequence[Check]:
    """Set the three quizzes that measure a line: before *lesson_at*, after it, and 30 days later. Twice is once.

    All three draw as many questions of the line's module from the bank, each attempt its own.

    Raises:
        PermissionDeniedError: *actor* may not.
        InvalidInputError: the bank holds too few questions of this module.
        ConflictError: it is too late for a quiz before.
    """
    item = _item(session, actor, item_id)
    there = session.scalars(select(Check).where(Check.item_id == item.id).order_by(Check.id)).all()
    if there:
        return there
    if lesson_at <= now:
        raise ConflictError(N_("课已经开始，来不及做训前小测"))
    recall = lesson_at + rules.RECALL_AFTER
    spans = {
        Stage.BEFORE: (now, lesson_at),
        Stage.AFTER: (lesson_at, lesson_at + timedelta(days=7)),
        Stage.RECALL: (recall, recall + timedelta(days=7)),
    }
    module = session.get_one(Module, item.module_key)
    made = []
    for stage, (opens_at, closes_at) in spans.items():
        exam = exams.add(
            session,
            actor,
            Facts(
                title=f"{module.name} · {stage.label}",
                purpose=Purpose.QUIZ,
                sections=(Section(item.module_key, count),),
                minutes=QUIZ_MINUTES,
                opens_at=opens_at,
                closes_at=closes_at,
                teams=() if item.people else (item.team_key,),
                people=tuple(item.people),
            ),
            now=now,
        )
        exams.open_to_all(session, actor, exam, now=now)
        made.append(Check(item_id=item.id, stage=stage, exam_id=exam.id))
    session.add_all(made)
    session.flush()
    return made


def _item(session: Session, actor: Actor, item_id: int) -> PlanItem:
    """Return a line, locked, whose lessons and quizzes *actor* may set."""
    item = session.get(PlanItem, item_id, with_for_update=True, populate_existing=True)
    if item is None:
        raise NotFoundError(N_("计划里没有这一条"))
    require(actor, Permission.TRAINING_MANAGE, for_team(item.team_key))
    return item


def _lesson(session: Session, actor: Actor, lesson_id: int) -> Lesson:
    """Return a planned lesson, locked, for its trainer or whoever plans for the team."""
    lesson = session.get(Lesson, lesson_id, with_for_update=True, populate_existing=True)
    if lesson is None:
        raise NotFoundError(N_("没有这次课"))
    if actor.user_id is None or actor.user_id != lesson.trainer_id:
        require(actor, Permission.TRAINING_MANAGE, for_team(lesson.item.team_key))
    if lesson.state is not LessonState.PLANNED:
        raise ConflictError(N_("这次课已经上过或取消了"))
    return lesson


def _record_lesson(session: Session, actor: Actor, lesson: Lesson, verb: Verb, now: datetime, **payload: Any) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.LESSON,
        subject_id=lesson.id,
        payload={"item": lesson.item_id, **payload},
    )
