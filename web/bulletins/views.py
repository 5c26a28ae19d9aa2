"""The pages of bulletins: a person's list, one bulletin with its receipt, publishing, who has read; and the push."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from kb.bulletins import operations, queries
from kb.bulletins.models import Bulletin, Receipt
from kb.bulletins.rules import Standing
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.people import queries as people_queries
from kb.permissions import Permission, Scope, require
from web import requests
from web.bulletins import forms, service
from web.bulletins.forms import Form
from web.bulletins.stream import Stream
from web.requests import writing
from web.search.facets import regions_in_order
from web.services import services

blueprint = Blueprint("bulletins", __name__, url_prefix="/bulletins")

PAST = timedelta(days=7)
"""How long what is over stays in a person's list."""
MANAGED = 100
"""Bulletins in the list of whoever publishes them."""
POLL_SECONDS = 2
"""How often a desk without a stream asks: it must know within three seconds."""


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Show what is in force for the person, and what was lately."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    return render_template(
        "bulletins/index.html",
        board=service.board(),
        past=queries.past(session, actor, since=now - PAST, now=now),
        teams=people_queries.team_names(session),
    )


@blueprint.get("/<int(max=999999999):number>")
def show(number: int) -> ResponseReturnValue:
    """Show one bulletin, with the receipt to give where it must be read."""
    return _show(number)


@blueprint.post("/<int(max=999999999):number>/receipt")
def acknowledge(number: int) -> ResponseReturnValue:
    """Record that the person has read the bulletin; go back to where they were, or to its explanation."""
    choice = forms.number(request.form.get("choice", ""))
    version = forms.number(request.form.get("version", "")) or 0
    try:
        with writing() as unit:
            receipt = operations.acknowledge(
                unit, requests.actor(), number, version=version, choice=choice, now=requests.now()
            )
    except InvalidInputError as problem:
        return _show(number, problem=problem), 400
    except ConflictError as problem:
        return _show(number, problem=problem), 409
    service.forget()
    if request.accept_mimetypes.best == "application/json":
        return jsonify(right=receipt.right, said=_said(number, receipt))
    if receipt.right is not None:
        return redirect(url_for("bulletins.show", number=number))
    flash(gettext("签收了。"))
    return redirect(requests.safe_address(request.form.get("next") or url_for("bulletins.index")))


def _said(number: int, receipt: Receipt) -> str:
    """Return what the person is told of their answer: what is right is in no page before it."""
    if receipt.right is None:
        return ""
    if receipt.right:
        return str(gettext("答对了。"))
    bulletin = requests.session().get_one(Bulletin, number)
    return str(gettext("答错了，正确的是：%(answer)s", answer=bulletin.options[bulletin.right or 0]))


@blueprint.get("/now")
def now() -> ResponseReturnValue:
    """Answer a desk that asks what stands in its strip now; 304 where it knows already."""
    board = service.board()
    answer = make_response()
    answer.set_etag(board.tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains(board.tag):
        answer.status_code = 304
    else:
        answer.set_data(render_template("bulletins/_strip.html", board=board, here=""))
        answer.mimetype = "text/html"
    if board.next_seconds is not None:
        answer.headers["X-Next-Change"] = str(board.next_seconds)
    return answer


@blueprint.get("/stream")
def stream() -> ResponseReturnValue:
    """Tell an open desk when to look again, or 204 where there is no room: then it asks by itself.

    The connection to the database goes back to the pool first: a stream waits for minutes.
    """
    requests.end_reading()
    seat = services().hub.join()
    if seat is None:
        return "", 204
    # A desk that comes for the first time is told to look at once: something may have changed since its page was made.
    seen = forms.number(request.headers.get("Last-Event-ID", ""))
    gone = request.environ.get("waitress.client_disconnected")
    answer = Response(Stream(seat, seen if seen is not None else -1, gone=gone), mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


@blueprint.get("/manage")
def manage() -> ResponseReturnValue:
    """Show the bulletins that the person may change."""
    actor, session = requests.actor(), requests.session()
    require(actor, Permission.BULLETIN_PUBLISH)
    found = queries.managed(session, actor, limit=MANAGED)
    return render_template(
        "bulletins/manage.html",
        bulletins=found,
        now=requests.now(),
        teams=people_queries.team_names(session),
        people=people_queries.names(session, [bulletin.author_id for bulletin in found]),
        Standing=Standing,
    )


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """Show an empty form."""
    require(requests.actor(), Permission.BULLETIN_PUBLISH)
    end = forms.local(requests.now() + forms.USUAL_LENGTH, _zone())
    given: Form = MultiDict({"valid_until": end})
    own = requests.actor().team
    if own is not None and not _whole():
        given.setlist("teams", [own])
    return _form(given)


@blueprint.post("/new")
def publish() -> ResponseReturnValue:
    """Publish a bulletin; it is on the desks it concerns at once."""
    require(requests.actor(), Permission.BULLETIN_PUBLISH)
    try:
        given = forms.facts(request.form, _zone(), now=requests.now())
        with writing() as unit:
            bulletin = operations.publish(unit, requests.actor(), given, now=requests.now())
    except (InvalidInputError, PermissionDeniedError) as problem:
        return _form(request.form, problem=problem), 400
    return _done(bulletin.id, gettext("发出去了。开着页面的坐席几秒内就会看到。"))


@blueprint.get("/<int(max=999999999):number>/edit")
def edit(number: int) -> ResponseReturnValue:
    """Show the form of a bulletin."""
    bulletin = _changeable(number)
    return _form(forms.values(bulletin, _zone()), number=number, version=bulletin.version)


@blueprint.post("/<int(max=999999999):number>/edit")
def revise(number: int) -> ResponseReturnValue:
    """Change what a bulletin says."""
    bulletin = _changeable(number)
    version = forms.number(request.form.get("version", "")) or 0
    try:
        given = forms.facts(request.form, _zone(), now=bulletin.valid_from)
        with writing() as unit:
            operations.revise(unit, requests.actor(), number, given, version=version, now=requests.now())
    except (InvalidInputError, PermissionDeniedError) as problem:
        return _form(request.form, number=number, version=version, problem=problem), 400
    except ConflictError as problem:
        return _form(request.form, number=number, version=version, problem=problem), 409
    return _done(number, gettext("改好了。"))


@blueprint.post("/<int(max=999999999):number>/extend")
def extend(number: int) -> ResponseReturnValue:
    """Move the end of a bulletin."""
    try:
        until = forms.moment(request.form, "valid_until", _zone()) or requests.now()
        with writing() as unit:
            operations.extend(unit, requests.actor(), number, until, now=requests.now())
    except InvalidInputError as problem:
        return _show(number, problem=problem), 400
    return _done(number, gettext("结束时间改好了。"))


@blueprint.post("/<int(max=999999999):number>/withdraw")
def withdraw(number: int) -> ResponseReturnValue:
    """Take a bulletin back."""
    with writing() as unit:
        operations.withdraw(unit, requests.actor(), number, now=requests.now())
    return _done(number, gettext("撤回了。"))


def _done(number: int, text: str) -> ResponseReturnValue:
    services().hub.nudge()
    flash(text)
    return redirect(url_for("bulletins.show", number=number))


def _show(number: int, problem: InvalidInputError | ConflictError | None = None) -> str:
    session, actor, now = requests.session(), requests.actor(), requests.now()
    notice = queries.to_read(session, actor, number, now=now)
    bulletin = notice.bulletin
    may_change = queries.may_change(actor, bulletin)
    return render_template(
        "bulletins/show.html",
        notice=notice,
        bulletin=bulletin,
        standing=bulletin.standing(now),
        concerned=queries.concerns(actor, bulletin),
        may_change=may_change,
        readers=queries.readers(session, actor, bulletin, requests.taxonomy()) if may_change else (),
        teams=people_queries.team_names(session),
        people=people_queries.bylines(session, [bulletin.author_id, bulletin.changed_by_id]),
        until_value=forms.local(bulletin.valid_until, _zone()),
        problem=problem,
        Standing=Standing,
    )


def _form(
    given: Form,
    *,
    number: int | None = None,
    version: int = 0,
    problem: InvalidInputError | ConflictError | PermissionDeniedError | None = None,
) -> str:
    actor, teams = requests.actor(), people_queries.team_names(requests.session())
    whole = _whole()
    return render_template(
        "bulletins/form.html",
        values=given,
        number=number,
        version=version,
        problem=problem,
        whole=whole,
        regions=[item for item in regions_in_order(requests.taxonomy()) if whole or item.term.key in actor.area],
        teams={key: name for key, name in teams.items() if whole or key == actor.team},
        timezone=services().settings.timezone,
    )


def _changeable(number: int) -> Bulletin:
    session, actor = requests.session(), requests.actor()
    bulletin = queries.to_read(session, actor, number, now=requests.now()).bulletin
    require(actor, Permission.BULLETIN_PUBLISH, bulletin.facts.target)
    return bulletin


def _whole() -> bool:
    return Scope.ALL in requests.actor().scopes(Permission.BULLETIN_PUBLISH)


def _zone() -> ZoneInfo:
    return ZoneInfo(services().settings.timezone)
