"""The pages of whoever asks people to read something: who has not, by team. How anybody answered is on none of them."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from kb.entries import queries as entry_queries
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.i18n import N_
from kb.must_reads import operations, queries
from kb.people import queries as people_queries
from kb.permissions import Permission, Scope, require
from kb.questions import queries as question_queries
from kb.questions.models import Question
from web import requests
from web.bulletins import forms
from web.bulletins.forms import Form
from web.requests import writing
from web.services import services

blueprint = Blueprint("must_reads", __name__)

USUAL_LENGTH = timedelta(days=7)


@blueprint.get("/must-reads")
def index() -> ResponseReturnValue:
    """Show what people are asked to read, and how many have."""
    session, actor = requests.session(), requests.actor()
    return render_template(
        "must_reads/index.html",
        standing=queries.standing(session, actor),
        teams=people_queries.team_names(session),
        now=requests.now(),
    )


@blueprint.get("/must-reads/<int(max=999999999):number>")
def show(number: int) -> ResponseReturnValue:
    """Show who has read it and who has not, team by team."""
    session, actor = requests.session(), requests.actor()
    must_read, readers = queries.readers(session, actor, number)
    return render_template(
        "must_reads/show.html",
        must_read=must_read,
        readers=readers,
        people=people_queries.bylines(session, [must_read.asked_by_id]),
    )


@blueprint.post("/must-reads/<int(max=999999999):number>/withdraw")
def withdraw(number: int) -> ResponseReturnValue:
    """Ask nobody any more."""
    with writing() as unit:
        operations.withdraw(unit, requests.actor(), number, now=requests.now())
    flash(gettext("撤回了，不再要求读。"))
    return redirect(url_for("must_reads.index"))


@blueprint.get("/entries/<key>/must-read")
def new(key: str) -> ResponseReturnValue:
    """Show the form that asks people to read the entry *key*."""
    require(requests.actor(), Permission.MUST_READ_SET)
    given: Form = MultiDict({"due_at": forms.local(requests.now() + USUAL_LENGTH, _zone())})
    own = requests.actor().team
    if own is not None and not _whole():
        given.setlist("teams", [own])
    return _form(key, given)


@blueprint.post("/entries/<key>/must-read")
def ask(key: str) -> ResponseReturnValue:
    """Ask people to read the entry *key*."""
    actor, now = requests.actor(), requests.now()
    require(actor, Permission.MUST_READ_SET)
    try:
        due_at = forms.moment(request.form, "due_at", _zone()) or now + USUAL_LENGTH
        with writing() as unit:
            entry, _ = entry_queries.readable_revision(unit, actor, key, now=now)
            question = unit.get(Question, forms.number(request.form.get("question", "")) or 0)
            if question is None:
                raise InvalidInputError(N_("必读要带一道在用的题"), field="question")
            made = operations.ask(
                unit,
                actor,
                entry,
                question,
                due_at=due_at,
                teams=[team for team in request.form.getlist("teams") if team],
                note=request.form.get("note", ""),
                now=now,
            )
    except (InvalidInputError, ConflictError, PermissionDeniedError) as problem:
        return _form(key, request.form, problem=problem), 400
    flash(gettext("要求读了：大家学习时先看到它。"))
    return redirect(url_for("must_reads.show", number=made.id))


def _form(
    key: str, values: Form, *, problem: InvalidInputError | ConflictError | PermissionDeniedError | None = None
) -> str:
    session, actor, now = requests.session(), requests.actor(), requests.now()
    entry, revision = entry_queries.readable_revision(session, actor, key, now=now)
    teams = people_queries.team_names(session)
    return render_template(
        "must_reads/form.html",
        entry=entry,
        revision=revision,
        questions=question_queries.live_of(session, entry),
        teams=teams if _whole() else {team: name for team, name in teams.items() if team == actor.team},
        whole=_whole(),
        values=values,
        problem=problem,
        timezone=services().settings.timezone,
    )


def _whole() -> bool:
    return Scope.ALL in requests.actor().scopes(Permission.MUST_READ_SET)


def _zone() -> ZoneInfo:
    return ZoneInfo(services().settings.timezone)
