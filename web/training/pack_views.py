"""Launch packs: what is launched when, and whether everything for it is there."""

from datetime import timedelta
from typing import TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from kb.bulletins import queries as bulletin_queries
from kb.bulletins.models import Bulletin
from kb.errors import InvalidInputError
from kb.exams import queries as exam_queries
from kb.exams.models import Exam
from kb.people import queries as people_queries
from kb.permissions import Permission, allowed, require
from kb.training import packs, queries
from kb.training.models import LaunchPack
from web import requests
from web.bulletins.forms import local
from web.training import forms, service
from web.training.blueprint import blueprint

Named = TypeVar("Named")
SHOWN = 50
PAST = timedelta(days=30)


@blueprint.get("/packs")
def all_packs() -> ResponseReturnValue:
    """Show the packs of what is launched soon, or was lately."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    found = packs.packs(session, actor, since=now - PAST, limit=SHOWN)
    return render_template(
        "training/packs.html",
        packs=[(pack, packs.readiness(session, pack)) for pack in found],
        team_names=people_queries.team_names(session),
        now=now,
    )


@blueprint.get("/packs/new")
def new_pack() -> ResponseReturnValue:
    """Show the form of a new pack."""
    require(requests.actor(), Permission.TRAINING_MANAGE)
    return _form(MultiDict({"launch_at": local(requests.now() + timedelta(days=14), service.zone())}), None)


@blueprint.post("/packs/new")
def prepare() -> ResponseReturnValue:
    """Make a pack."""
    actor, now = requests.actor(), requests.now()
    try:
        given = forms.pack(request.form, service.zone())
        with requests.writing() as unit:
            pack = packs.prepare(unit, actor, given, now=now)
    except InvalidInputError as problem:
        return _form(request.form, None, problem), 400
    flash(gettext("上线包建好了；需求里现在看得到这项新业务。"))
    return redirect(url_for("training.pack", number=pack.id))


@blueprint.get("/packs/<int(max=999999999):number>")
def pack(number: int) -> ResponseReturnValue:
    """Show a pack and how ready it is."""
    session, actor = requests.session(), requests.actor()
    found = packs.pack(session, actor, number)
    return render_template(
        "training/pack.html",
        pack=found,
        parts=packs.readiness(session, found),
        entries=packs.entries_of(session, found),
        least=packs.WORDINGS,
        bulletin=session.get(Bulletin, found.bulletin_id) if found.bulletin_id is not None else None,
        exam=session.get(Exam, found.exam_id) if found.exam_id is not None else None,
        team_names=people_queries.team_names(session),
        people=people_queries.bylines(session, [found.owner_id]),
        may_change=all(queries.may_manage(actor, team) for team in (found.teams or (None,))),
        now=requests.now(),
    )


@blueprint.get("/packs/<int(max=999999999):number>/edit")
def edit_pack(number: int) -> ResponseReturnValue:
    """Show the form of a pack."""
    found = packs.pack(requests.session(), requests.actor(), number)
    given: forms.Form = MultiDict(
        {
            "title": found.title,
            "module": found.module_key,
            "launch_at": local(found.launch_at, service.zone()),
            "entries": "\n".join(found.entry_keys),
            "bulletin": str(found.bulletin_id or ""),
            "exam": str(found.exam_id or ""),
        }
    )
    given.setlist("teams", list(found.teams))
    return _form(given, found)


@blueprint.post("/packs/<int(max=999999999):number>/edit")
def change_pack(number: int) -> ResponseReturnValue:
    """Change a pack."""
    actor, now = requests.actor(), requests.now()
    try:
        given = forms.pack(request.form, service.zone())
        with requests.writing() as unit:
            packs.change(unit, actor, number, given, now=now)
    except InvalidInputError as problem:
        return _form(request.form, packs.pack(requests.session(), actor, number), problem), 400
    return redirect(url_for("training.pack", number=number))


def _form(given: forms.Form, found: LaunchPack | None, problem: InvalidInputError | None = None) -> str:
    session, actor = requests.session(), requests.actor()
    bulletins = list(bulletin_queries.managed(session, actor, limit=SHOWN))
    exams = _exams()
    if found is not None:
        bulletins += _besides(bulletins, session.get(Bulletin, found.bulletin_id) if found.bulletin_id else None)
        exams += _besides(exams, session.get(Exam, found.exam_id) if found.exam_id else None)
    return render_template(
        "training/pack_form.html",
        values=given,
        pack=found,
        problem=problem,
        modules=service.modules(),
        teams=service.teams(session),
        bulletins=bulletins,
        exams=exams,
    )


def _exams() -> list[Exam]:
    """Return the exams that the person may name: what they manage, or else what is open to them."""
    session, actor = requests.session(), requests.actor()
    if allowed(actor, Permission.EXAM_MANAGE):
        return [exam for exam, _ in exam_queries.managed(session, actor, limit=SHOWN)]
    return list(exam_queries.open_to(session, actor, now=requests.now()))


def _besides(listed: list[Named], named: Named | None) -> list[Named]:
    return [] if named is None or named in listed else [named]
