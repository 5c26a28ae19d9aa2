"""The shift brief (班前会): what changed, the person's receipt, the leader's shift and who has read."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.briefs import operations, queries
from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import Permission, Target, allowed
from web import requests
from web.requests import writing
from web.services import services

blueprint = Blueprint("briefs", __name__, url_prefix="/brief")


@blueprint.get("")
def show() -> ResponseReturnValue:
    """Show the person's brief; a leader sees their team beside it."""
    return _show()


@blueprint.post("/receipt")
def acknowledge() -> ResponseReturnValue:
    """Record that the person has read their brief."""
    actor, now = requests.actor(), requests.now()
    with writing() as unit:
        since = queries.brief(unit, actor, now=now).since
        operations.acknowledge(unit, actor, since=since, now=now)
    flash(gettext("签收了。"))
    return redirect(url_for("briefs.show"))


@blueprint.post("/shift")
def shift() -> ResponseReturnValue:
    """Set when the leader's team begins its shift; now, where they say nothing else."""
    actor, now = requests.actor(), requests.now()
    try:
        starts_at = _moment(request.form.get("starts_at", ""), now)
        with writing() as unit:
            operations.set_shift(unit, actor, actor.team or "", starts_at, now=now)
    except InvalidInputError as problem:
        return _show(problem), 400
    flash(gettext("班次记下了。"))
    return redirect(url_for("briefs.show"))


def _show(problem: InvalidInputError | None = None) -> str:
    session, actor, now = requests.session(), requests.actor(), requests.now()
    team = actor.team
    leads = team is not None and allowed(actor, Permission.SHIFT_SET, Target(teams=frozenset({team})))
    starts = queries.shifts(session, team, now=now)
    current = starts[0] if starts else None
    return render_template(
        "briefs/show.html",
        brief=queries.brief(session, actor, now=now),
        current=current,
        leads=leads,
        members=queries.members(session, team, current=current) if leads and team is not None else (),
        teams=people_queries.team_names(session),
        starts_at=now.astimezone(ZoneInfo(services().settings.timezone)).strftime("%Y-%m-%dT%H:%M"),
        problem=problem,
    )


def _moment(text: str, now: datetime) -> datetime:
    if not text.strip():
        return now
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(services().settings.timezone))
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(N_("时间看不懂：%(text)s"), field="starts_at", text=text) from error
