"""The pages of an entry's questions. Whoever sees them may write them: what is right is on them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from indexer.documents import Source
from indexer.engine import Filters, IndexNotReadyError
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.errors import InvalidInputError
from kb.people import queries as people_queries
from kb.permissions import Permission, require
from kb.questions import operations, queries
from kb.questions.models import Question
from kb.questions.rules import Difficulty, Kind, State
from web import requests
from web.bulletins.forms import number as whole
from web.questions import forms
from web.questions.forms import Form
from web.requests import writing
from web.services import services

blueprint = Blueprint("questions", __name__)

WAITING = 50
"""Questions on the page of what waits for a look."""
NEAR = 6
"""Entries near by that a search is asked for."""


@blueprint.get("/questions")
def waiting() -> ResponseReturnValue:
    """Show what waits for a look: questions that an edit suspended, and drafts."""
    session, actor = requests.session(), requests.actor()
    return render_template("questions/waiting.html", questions=queries.waiting(session, actor, limit=WAITING))


@blueprint.get("/entries/<key>/questions")
def index(key: str) -> ResponseReturnValue:
    """Show the questions of the entry *key*."""
    entry = _entry(key)
    found = queries.of_entry(requests.session(), requests.actor(), entry)
    return render_template(
        "questions/index.html",
        entry=entry,
        questions=found,
        people=people_queries.bylines(requests.session(), [question.author_id for question in found]),
        State=State,
        kinds=list(Kind),
    )


@blueprint.post("/entries/<key>/questions/proposals")
def propose(key: str) -> ResponseReturnValue:
    """Draft what the entry's structure gives."""
    actor, now = requests.actor(), requests.now()
    entry = _entry(key)
    require(actor, Permission.QUESTION_WRITE, entry.target())
    keys = _near(entry.shown_revision.title)
    with writing() as unit:
        held = _entry(key, unit)
        near = queries.near(unit, actor, held, keys, now=now)
        made = operations.propose(unit, actor, held, near, now=now)
    if made:
        flash(gettext("提议了 %(count)s 道题，都是草稿：看过、改好再发布。", count=len(made)))
    else:
        flash(gettext("没有新的可提议：步骤、例外、话术里能出的题都提过了。"))
    return redirect(url_for("questions.index", key=key))


@blueprint.get("/entries/<key>/questions/new")
def new(key: str) -> ResponseReturnValue:
    """Show an empty form."""
    entry = _entry(key)
    require(requests.actor(), Permission.QUESTION_WRITE, entry.target())
    return _form(entry, MultiDict({"kind": request.args.get("kind", ""), "difficulty": "2"}))


@blueprint.post("/entries/<key>/questions/new")
def write(key: str) -> ResponseReturnValue:
    """Write a question; a draft, or published at once where that is what was pressed."""
    actor, now = requests.actor(), requests.now()
    try:
        given = forms.item(request.form)
        with writing() as unit:
            made = operations.write(unit, actor, _entry(key, unit), given, now=now)
            if request.form.get("do") == "publish":
                operations.publish(unit, actor, made.id, version=made.version, now=now)
    except InvalidInputError as problem:
        return _form(_entry(key), request.form, problem=problem), 400
    flash(gettext("题目存好了。"))
    return _back(key, made)


@blueprint.get("/questions/<int(max=999999999):number>")
def edit(number: int) -> ResponseReturnValue:
    """Show a question in its form."""
    question = queries.to_edit(requests.session(), requests.actor(), number)
    return _form(_entry(question.entry.key), forms.values(question.item), question=question)


@blueprint.post("/questions/<int(max=999999999):number>")
def revise(number: int) -> ResponseReturnValue:
    """Change a question, and publish it where that is what was pressed."""
    actor, now, version = requests.actor(), requests.now(), whole(request.form.get("version", "")) or 0
    try:
        given = forms.item(request.form)
        with writing() as unit:
            question = operations.revise(unit, actor, number, given, version=version, now=now)
            if request.form.get("do") == "publish" and question.state is not State.LIVE:
                operations.publish(unit, actor, number, version=question.version, now=now)
            key = question.entry.key
    except InvalidInputError as problem:
        question = queries.to_edit(requests.session(), actor, number)
        return _form(_entry(question.entry.key), request.form, question=question, problem=problem), 400
    flash(gettext("题目存好了。"))
    return _back(key, question)


@blueprint.post("/questions/<int(max=999999999):number>/state")
def move(number: int) -> ResponseReturnValue:
    """Publish, suspend or retire a question as it was seen on the page."""
    actor, now, version = requests.actor(), requests.now(), whole(request.form.get("version", "")) or 0
    with writing() as unit:
        match request.form.get("do"):
            case "publish":
                question = operations.publish(unit, actor, number, version=version, now=now)
            case "suspend":
                question = operations.suspend(unit, actor, number, reason=request.form.get("reason", ""), now=now)
            case _:
                question = operations.retire(unit, actor, number, now=now)
        key = question.entry.key
    return _back(key, question)


def _entry(key: str, session: Session | None = None) -> Entry:
    opened = requests.session() if session is None else session
    return entry_queries.readable_revision(opened, requests.actor(), key, now=requests.now())[0]


def _near(title: str) -> list[str]:
    """Return keys of the entries that a search for *title* finds: what is easily taken for it."""
    session, actor = requests.session(), requests.actor()
    try:
        found = services().search.run(session, actor, title, Filters(), now=requests.now(), limit=NEAR)
    except IndexNotReadyError:
        return []  # then the entry's related ones and its module serve
    return [hit.id for hit in (*found.hits, *found.nearest) if hit.source is Source.ENTRY]


def _back(key: str, question: Question) -> ResponseReturnValue:
    return redirect(url_for("questions.index", key=key, _anchor=f"question-{question.id}"))


def _form(
    entry: Entry, values: Form, *, question: Question | None = None, problem: InvalidInputError | None = None
) -> str:
    return render_template(
        "questions/form.html",
        entry=entry,
        values=values,
        question=question,
        problem=problem,
        kinds=list(Kind),
        difficulties=list(Difficulty),
        State=State,
    )
