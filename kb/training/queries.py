"""Reading plans and lessons: who sees which, and what somebody has to go to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from kb.errors import NotFoundError
from kb.i18n import N_
from kb.people.models import RoleGrant, Team, User
from kb.permissions import Actor, Permission, Role, Scope, Target, allowed, require
from kb.training.models import Assignment, Check, Lesson, Plan, PlanItem
from kb.training.rules import LessonState

AT_THE_DESK = (Role.AGENT, Role.EXPERT)


def teams_of(session: Session, actor: Actor) -> Sequence[Team]:
    """Return the teams whose needs *actor* may see, by name: all, or their own. One statement.

    Raises:
        PermissionDeniedError: none at all.
    """
    require(actor, Permission.TRAINING_MANAGE)
    wanted = select(Team).order_by(Team.name)
    if Scope.ALL not in actor.scopes(Permission.TRAINING_MANAGE):
        wanted = wanted.where(Team.key == actor.team)
    return session.scalars(wanted).all()


def may_see(actor: Actor, plan: Plan) -> bool:
    """Return whether *actor* plans for *plan*'s team, or the plan holds lines for the team they plan for."""
    if allowed(actor, Permission.TRAINING_MANAGE, Target(teams=frozenset({plan.team_key} if plan.team_key else ()))):
        return True
    return allowed(actor, Permission.TRAINING_MANAGE) and any(item.team_key == actor.team for item in plan.items)


def may_manage(actor: Actor, team: str | None) -> bool:
    """Return whether *actor* may plan for *team*; for ``None``, for all."""
    return allowed(actor, Permission.TRAINING_MANAGE, Target(teams=frozenset({team} if team else ())))


def plans(session: Session, actor: Actor, *, limit: int) -> Sequence[Plan]:
    """Return the plans that *actor* may see, newest first, with their lines and lessons. Three statements.

    Raises:
        PermissionDeniedError: none at all.
    """
    require(actor, Permission.TRAINING_MANAGE)
    found = session.scalars(
        select(Plan)
        .where(_of_team(actor))
        .options(selectinload(Plan.items).selectinload(PlanItem.lessons))
        .order_by(Plan.starts_on.desc(), Plan.id.desc())
        .limit(limit)
    )
    return found.all()


def plan(session: Session, actor: Actor, number: int) -> Plan:
    """Return a plan with its lines, their lessons, assignments and quizzes. Six statements at most.

    Raises:
        NotFoundError: there is none that *actor* may see.
    """
    found = session.scalar(
        select(Plan)
        .where(Plan.id == number)
        .options(
            selectinload(Plan.items).selectinload(PlanItem.lessons).selectinload(Lesson.assignments),
            selectinload(Plan.items).selectinload(PlanItem.checks).joinedload(Check.exam),
            selectinload(Plan.items).joinedload(PlanItem.pack),
        )
    )
    if found is None or not may_see(actor, found):
        raise NotFoundError(N_("没有这份计划，或者你没有权限看它"))
    return found


def following(session: Session, number: int) -> Plan | None:
    """Return the plan that plan *number*'s evaluation led to. One statement."""
    return session.scalar(select(Plan).where(Plan.follows_id == number).order_by(Plan.id).limit(1))


def people_of(session: Session, item: PlanItem, *, leaders_only: bool) -> Sequence[User]:
    """Return who is to come to a lesson of *item*, by name. Three statements.

    Of a team's people those who answer calls, and of a lesson for leaders those who lead them.
    """
    if item.people and not leaders_only:
        wanted = select(User).where(User.id.in_(item.people), User.active.is_(True))
    else:
        roles = (Role.LEADER,) if leaders_only else AT_THE_DESK
        wanted = (
            select(User)
            .join(Team, Team.id == User.team_id)
            .where(
                Team.key == item.team_key,
                User.active.is_(True),
                User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role.in_(roles))),
            )
        )
    return session.scalars(wanted.order_by(User.name, User.id)).unique().all()


def lesson(session: Session, actor: Actor, lesson_id: int) -> Lesson:
    """Return a lesson with its line and who is assigned, for its trainer and whoever plans for the team.

    Three statements.

    Raises:
        NotFoundError: there is none that *actor* may see.
    """
    found = session.scalar(
        select(Lesson)
        .where(Lesson.id == lesson_id)
        .options(joinedload(Lesson.item).joinedload(PlanItem.plan), selectinload(Lesson.assignments))
    )
    if found is None or (found.trainer_id != actor.user_id and not may_manage(actor, found.item.team_key)):
        raise NotFoundError(N_("没有这次课"))
    return found


def lessons_of(session: Session, user_id: int, *, since: datetime, limit: int) -> Sequence[tuple[Lesson, bool | None]]:
    """Return the lessons that somebody has to come to from *since* on, soonest first, and whether they came.

    Two statements.
    """
    rows = session.execute(
        select(Lesson, Assignment.attended)
        .join(Assignment, Assignment.lesson_id == Lesson.id)
        .where(Assignment.user_id == user_id, Lesson.starts_at >= since, Lesson.state != LessonState.CANCELLED)
        .options(joinedload(Lesson.item))
        .order_by(Lesson.starts_at, Lesson.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def taught_by(session: Session, user_id: int, *, limit: int) -> Sequence[Lesson]:
    """Return the lessons that somebody is to teach and has not recorded, soonest first. Two statements."""
    return session.scalars(
        select(Lesson)
        .where(Lesson.trainer_id == user_id, Lesson.state == LessonState.PLANNED)
        .options(joinedload(Lesson.item))
        .order_by(Lesson.starts_at, Lesson.id)
        .limit(limit)
    ).all()


def _of_team(actor: Actor) -> ColumnElement[bool]:
    if Scope.ALL in actor.scopes(Permission.TRAINING_MANAGE):
        return true()
    return (Plan.team_key == actor.team) | Plan.items.any(PlanItem.team_key == actor.team)
