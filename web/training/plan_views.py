"""A plan and its report: the loop on one page."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.clock import local_day, local_midnight
from kb.errors import ConflictError, InvalidInputError, KbError
from kb.people import queries as people_queries
from kb.training import lessons, operations, queries, report
from kb.training.rules import ONBOARDING, RECALL_AFTER, Path, PlanState, PlanStep, Source
from web import requests
from web.bulletins.forms import local
from web.bulletins.forms import number as number_of
from web.services import services
from web.training import forms, service
from web.training.blueprint import blueprint


@blueprint.get("/plans/<int(max=999999999):number>")
def plan(number: int) -> ResponseReturnValue:
    """Show a plan: its lines, their lessons and quizzes, and what can be done."""
    return _plan(number)


@blueprint.post("/plans/<int(max=999999999):number>/lines")
def add_line(number: int) -> ResponseReturnValue:
    """Put a line into a plan."""
    actor, now = requests.actor(), requests.now()
    try:
        line = forms.line(request.form)
        with requests.writing() as unit:
            operations.add_line(unit, actor, number, line, now=now)
    except (InvalidInputError, ConflictError) as problem:
        return _plan(number, problem), 400
    return redirect(url_for("training.plan", number=number))


@blueprint.post("/plans/<int(max=999999999):number>/onboarding")
def add_onboarding(number: int) -> ResponseReturnValue:
    """Put the path of new people into a plan."""
    actor, now, timezone = requests.actor(), requests.now(), services().settings.timezone
    try:
        first_day = local_midnight(forms.day(request.form, "first_day"), timezone)
        people = {found for value in request.form.getlist("people") if (found := number_of(value)) is not None}
        modules = {path: request.form.get(f"module_{path.value}", "") for path in Path}
        with requests.writing() as unit:
            operations.add_onboarding(
                unit,
                actor,
                number,
                team=request.form.get("team", ""),
                people=people,
                modules=modules,
                first_day=first_day,
                timezone=timezone,
                now=now,
            )
    except (InvalidInputError, ConflictError) as problem:
        return _plan(number, problem), 400
    return redirect(url_for("training.plan", number=number))


@blueprint.post("/plans/<int(max=999999999):number>/<step>")
def move(number: int, step: str) -> ResponseReturnValue:
    """Start a plan, or close it."""
    if step not in list(PlanStep):
        abort(404)
    actor, now = requests.actor(), requests.now()
    with requests.writing() as unit:
        operations.move(unit, actor, number, PlanStep(step), now=now)
    return redirect(url_for("training.plan", number=number))


@blueprint.post("/items/<int(max=999999999):item_id>/lessons")
def set_lesson(item_id: int) -> ResponseReturnValue:
    """Set a lesson for a line, with its three quizzes where they are wanted."""
    actor, now = requests.actor(), requests.now()
    number = number_of(request.form.get("plan", "")) or 0
    try:
        occasion = forms.occasion(request.form, service.zone())
        with requests.writing() as unit:
            lesson = lessons.set_lesson(unit, actor, item_id, occasion, now=now)
            if request.form.get("quizzes") == "yes":
                lessons.set_quizzes(unit, actor, item_id, lesson_at=lesson.starts_at, now=now)
    except (InvalidInputError, ConflictError) as problem:
        return _plan(number, problem), 400
    flash(gettext("课排好了，人也分派了。"))
    return redirect(url_for("training.plan", number=number))


@blueprint.get("/plans/<int(max=999999999):number>/report")
def loop(number: int) -> ResponseReturnValue:
    """Show the loop of a plan on one page."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    found = report.loop(session, actor, number, floor=service.floor(), now=now)
    today = local_day(now, services().settings.timezone)
    return render_template(
        "training/report.html",
        cycle=found,
        plan=found.plan,
        sources=list(Source),
        teams=service.teams(session),
        people=people_queries.bylines(
            session, [lesson.trainer_id for item in found.plan.items for lesson in item.lessons]
        ),
        stamp=service.stamp,
        floor=service.floor(),
        may_follow=queries.may_manage(actor, found.plan.team_key) and found.following is None,
        starts_on=today + timedelta(days=1),
        ends_on=today + timedelta(days=45),
        recall_days=RECALL_AFTER.days,
        now=now,
    )


@blueprint.post("/plans/<int(max=999999999):number>/next")
def propose_next(number: int) -> ResponseReturnValue:
    """Draft the plan that follows, from what came of this one."""
    actor, now = requests.actor(), requests.now()
    before = queries.plan(requests.session(), actor, number)
    period = forms.period(request.form, since=before.until, until=now)
    with requests.writing() as unit:
        plan = report.propose_next(unit, actor, number, period, due_on=period.ends_on, floor=service.floor(), now=now)
    flash(gettext("下一份计划草拟好了，每一条都写着依据。"))
    return redirect(url_for("training.plan", number=plan.id))


def _plan(number: int, problem: KbError | None = None) -> str:
    session, actor, now = requests.session(), requests.actor(), requests.now()
    found = queries.plan(session, actor, number)
    teams = service.teams(session)
    ids = [item.trainer_id for item in found.items]
    ids += [lesson.trainer_id for item in found.items for lesson in item.lessons]
    return render_template(
        "training/plan.html",
        plan=found,
        states=PlanState,
        teams=teams,
        team_names=people_queries.team_names(session),
        people=people_queries.bylines(session, ids),
        trainers=service.trainers(session),
        everyone=[u for u in people_queries.everyone(session) if u.active and u.team and u.team.key in teams],
        modules=service.modules(),
        paths=list(Path),
        onboarding=ONBOARDING,
        may_manage=queries.may_manage(actor, found.team_key),
        lesson_at=local(now + timedelta(days=1), service.zone()),
        problem=problem,
        form=request.form,
        today=local_day(now, services().settings.timezone),
    )
