"""The first page of training: what teams need, and the plans; what somebody has to go to; a lesson and who came."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.clock import local_day
from kb.entries import queries as entry_queries
from kb.errors import InvalidInputError
from kb.people import queries as people_queries
from kb.training import lessons, operations, queries, report
from kb.training.facts import Line
from kb.training.rules import Source
from web import requests
from web.search.params import whole_number
from web.services import services
from web.training import forms, service
from web.training.blueprint import blueprint

SHOWN = 25
PLANS = 20
PLAN_LENGTH = timedelta(days=45)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Show the needs of the person's teams, and the plans."""
    return _index()


def _index(problem: InvalidInputError | None = None) -> str:
    session, actor = requests.session(), requests.actor()
    days = whole_number(request.args, "days", default=service.DAYS[0], low=1, high=366)
    teams, window = service.teams(session), service.lately(days)
    team = request.args.get("team") if request.args.get("team") in teams else None
    wanted = [team] if team else list(teams)
    found = report.needs(session, wanted, since=window.since, until=window.until, floor=service.floor())
    today = local_day(requests.now(), services().settings.timezone)
    return render_template(
        "training/index.html",
        needs=found[:SHOWN],
        sources=list(Source),
        teams=teams,
        team=team,
        days=days,
        all_days=service.DAYS,
        window=window,
        stamp=service.stamp,
        floor=service.floor(),
        plans=queries.plans(session, actor, limit=PLANS),
        whole=queries.may_manage(actor, None),
        starts_on=today,
        ends_on=today + PLAN_LENGTH,
        problem=problem,
    )


@blueprint.post("/plans")
def draft() -> ResponseReturnValue:
    """Draft a plan from the needs that are ticked."""
    actor, now = requests.actor(), requests.now()
    since, until = forms.instant(request.form, "since"), forms.instant(request.form, "until")
    chosen = forms.cells(request.form)
    team = None if queries.may_manage(actor, None) else actor.team
    try:
        period = forms.period(request.form, since=since, until=until)
        with requests.writing() as unit:
            plan = operations.draft(unit, actor, period, team=team, now=now)
            for cell in chosen:
                line = Line(module=cell.module, team=cell.team, due_on=period.ends_on)
                operations.add_line(unit, actor, plan.id, line, now=now)
    except InvalidInputError as problem:
        return _index(problem), 400
    flash(gettext("计划草拟好了。"))
    return redirect(url_for("training.plan", number=plan.id))


@blueprint.get("/mine")
def mine() -> ResponseReturnValue:
    """Show the lessons that the person has to come to, and those they teach."""
    session, person, now = requests.session(), requests.person(), requests.now()
    lessons = queries.lessons_of(session, person.id, since=now - timedelta(days=90), limit=SHOWN)
    teaches = queries.taught_by(session, person.id, limit=SHOWN)
    keys = {key for lesson, _ in lessons for key in lesson.entry_keys}
    return render_template(
        "training/mine.html",
        coming=[(lesson, came) for lesson, came in lessons if came is None],
        past=[(lesson, came) for lesson, came in reversed(lessons) if came is not None],
        teaches=teaches,
        titles=entry_queries.titles(session, requests.actor(), sorted(keys), now=now) if keys else {},
        people=people_queries.bylines(session, [lesson.trainer_id for lesson, _ in lessons]),
        teams=people_queries.team_names(session),
    )


@blueprint.get("/lessons/<int(max=999999999):number>")
def lesson(number: int) -> ResponseReturnValue:
    """Show a lesson with who is to come."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    found = queries.lesson(session, actor, number)
    ids = [assignment.user_id for assignment in found.assignments]
    return render_template(
        "training/lesson.html",
        lesson=found,
        begun=now >= found.starts_at,
        titles=entry_queries.titles(session, actor, found.entry_keys, now=now) if found.entry_keys else {},
        people=people_queries.bylines(session, [*ids, found.trainer_id]),
        teams=people_queries.team_names(session),
        may_manage=queries.may_manage(actor, found.item.team_key),
    )


@blueprint.post("/lessons/<int(max=999999999):number>/<step>")
def settle(number: int, step: str) -> ResponseReturnValue:
    """Record that a lesson was held and who came, or cancel it."""
    if step not in ("hold", "cancel"):
        abort(404)
    actor, now = requests.actor(), requests.now()
    with requests.writing() as unit:
        if step == "hold":
            present = {int(value) for value in request.form.getlist("present") if value.isdecimal() and len(value) < 10}
            lessons.hold_lesson(unit, actor, number, present, now=now)
        else:
            lessons.cancel_lesson(unit, actor, number, now=now)
    flash(gettext("记下了。"))
    return redirect(url_for("training.lesson", number=number))
