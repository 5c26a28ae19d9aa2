"""The verbs of plans: draft one, fill it, start and close it. Those of its lessons are in ``kb.training.lessons``."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.clock import local_day
from kb.errors import ConflictError, InvalidInputError, NotFoundError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.people.models import Team, User
from kb.permissions import Actor, Permission, Target, require
from kb.taxonomy.models import Module
from kb.training import rules
from kb.training.facts import Line
from kb.training.models import Plan, PlanItem
from kb.training.rules import Cause, Path, Period, PlanState, PlanStep


def draft(
    session: Session,
    actor: Actor,
    period: Period,
    *,
    team: str | None = None,
    follows: int | None = None,
    now: datetime,
) -> Plan:
    """Draft a plan and return it, without a line.

    Args:
        team: the only team it is for; a leader plans for their own alone.
        follows: number of the plan whose evaluation proposed it.

    Raises:
        PermissionDeniedError: *actor* may not plan for this team, or for all.
        InvalidInputError: *period* can't be planned.
    """
    require(actor, Permission.TRAINING_MANAGE, for_team(team))
    period = rules.checked_period(period)
    plan = Plan(
        title=period.title,
        state=PlanState.DRAFT,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        since=period.since,
        until=period.until,
        team_key=team,
        follows_id=follows,
        author_id=actor.user_id,
        created_at=now,
    )
    session.add(plan)
    session.flush()
    _record_plan(session, actor, plan, Verb.CREATED, now, follows=follows)
    return plan


def add_line(session: Session, actor: Actor, number: int, line: Line, *, now: datetime) -> PlanItem:
    """Put *line* into plan *number* and return it; a running plan may grow, a closed one may not.

    Raises:
        PermissionDeniedError: *actor* may not plan for this team.
        ConflictError: the plan is closed, or has this line.
        InvalidInputError: *line* can't be taken.
    """
    plan = _plan(session, actor, number)
    if plan.state is PlanState.CLOSED:
        raise ConflictError(N_("这份计划已经结束"))
    require(actor, Permission.TRAINING_MANAGE, for_team(line.team))
    _check_line(session, plan, line)
    item = PlanItem(
        plan_id=plan.id,
        module_key=line.module,
        team_key=line.team,
        people=sorted(line.people),
        path=line.path,
        cause=line.cause,
        leaders_first=line.leaders_first or line.cause is Cause.LAUNCH,
        due_on=line.due_on,
        reason=line.reason.strip(),
        trainer_id=line.trainer_id,
        pack_id=line.pack_id,
    )
    session.add(item)
    session.flush()
    _record_plan(session, actor, plan, Verb.EXTENDED, now, item=item.id, module=line.module, team=line.team)
    return item


def add_onboarding(
    session: Session,
    actor: Actor,
    number: int,
    *,
    team: str,
    people: Collection[int],
    modules: dict[Path, str],
    first_day: datetime,
    timezone: str,
    now: datetime,
) -> Sequence[PlanItem]:
    """Put the path of new people into plan *number*: 制度规范, then 业务知识, then 业务技巧, each by its own day.

    Args:
        modules: what is learned at each stage.
        first_day: the moment they begin.

    Raises:
        PermissionDeniedError: *actor* may not plan for this team.
        InvalidInputError: nobody, somebody not of the team, or no such module.
    """
    if not people:
        raise InvalidInputError(N_("请选出新人"), field="people")
    return [
        add_line(
            session,
            actor,
            number,
            Line(
                module=modules[path],
                team=team,
                people=frozenset(people),
                path=path,
                cause=Cause.ONBOARDING,
                due_on=local_day(first_day + within, timezone),
                reason="",
            ),
            now=now,
        )
        for path, within in rules.ONBOARDING.items()
        if path in modules
    ]


def move(session: Session, actor: Actor, number: int, step: PlanStep, *, now: datetime) -> Plan:
    """Start plan *number*, or close it.

    Raises:
        TransitionError: where it stands does not allow it.
        ConflictError: nothing is in it.
    """
    plan = _plan(session, actor, number)
    target = rules.moved(step, plan.state)
    if (
        step is PlanStep.START
        and session.scalar(select(PlanItem.id).where(PlanItem.plan_id == plan.id).limit(1)) is None
    ):
        raise ConflictError(N_("计划里还没有内容"))
    plan.state = target
    if step is PlanStep.CLOSE:
        plan.closed_at = now
    session.flush()
    _record_plan(session, actor, plan, Verb.STARTED if step is PlanStep.START else Verb.CLOSED, now)
    return plan


def _check_line(session: Session, plan: Plan, line: Line) -> None:
    if session.get(Module, line.module) is None:
        raise InvalidInputError(N_("没有这个模块：%(key)s"), field="module", key=line.module)
    team = session.scalar(select(Team).where(Team.key == line.team))
    if team is None:
        raise InvalidInputError(N_("没有这个班组：%(key)s"), field="team", key=line.team)
    if plan.team_key is not None and line.team != plan.team_key:
        raise InvalidInputError(N_("这份计划只给一个班组"), field="team")
    if len(line.reason) > rules.MAX_REASON:
        raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field="reason", max=rules.MAX_REASON)
    if line.people:
        theirs = set(session.scalars(select(User.id).where(User.id.in_(line.people), User.team_id == team.id)))
        if theirs != set(line.people):
            raise InvalidInputError(N_("选出的人要是这个班组的"), field="people")
    same = select(PlanItem).where(
        PlanItem.plan_id == plan.id, PlanItem.module_key == line.module, PlanItem.team_key == line.team
    )
    for other in session.scalars(same):
        if set(other.people) == set(line.people) and other.path is line.path:
            raise ConflictError(N_("计划里已经有这一条"))


def for_team(team: str | None) -> Target:
    """Return what planning for *team* is asked about: a plan for all is nobody's team's."""
    return Target(teams=frozenset({team}) if team is not None else frozenset())


def _plan(session: Session, actor: Actor, number: int) -> Plan:
    plan = session.get(Plan, number, with_for_update=True, populate_existing=True)
    if plan is None:
        raise NotFoundError(N_("没有这份计划，或者你没有权限看它"))
    require(actor, Permission.TRAINING_MANAGE, for_team(plan.team_key))
    return plan


def _record_plan(session: Session, actor: Actor, plan: Plan, verb: Verb, now: datetime, **payload: Any) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.TRAINING_PLAN,
        subject_id=plan.id,
        payload={"title": plan.title, **payload},
    )
