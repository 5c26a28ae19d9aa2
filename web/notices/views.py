"""The pages of notices: what the person is told, opening one, taking all as read, how they want to be told."""

from collections.abc import Mapping

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.errors import InvalidInputError
from kb.letters import queries as letters
from kb.letters.models import LetterState
from kb.notices import operations, queries
from kb.notices.models import DEFAULT_TELLING, TELLING_LABELS, NoticeKind, Telling
from web import requests
from web.desk.views import PageArgs
from web.notices import presenters, service
from web.requests import writing
from web.search.params import MAX_PAGE, PAGE_SIZE, whole_number
from web.search.presenters import Pages
from web.services import services

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notices")
def index() -> ResponseReturnValue:
    """Show the person's notices, unread ones first."""
    session, actor = requests.session(), requests.actor()
    args = PageArgs(page=whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE))
    return render_template(
        "notices/index.html",
        list_args=args,
        pages=Pages.of(queries.count(session, actor), args.page),
        lines=[presenters.line(item) for item in queries.page(session, actor, limit=PAGE_SIZE, offset=args.offset)],
    )


@blueprint.get("/notices/unread")
def unread() -> ResponseReturnValue:
    """Tell an open page how many notices there are to read."""
    answer = jsonify(unread=service.unread())
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/notices/choices")
def choices() -> ResponseReturnValue:
    """Show how the person wants to be told."""
    session, actor = requests.session(), requests.actor()
    return _choices(queries.choices(session, actor), queries.address(session, actor))


@blueprint.post("/notices/choices")
def choose() -> ResponseReturnValue:
    """Keep how the person wants to be told."""
    chosen = {kind: _telling(request.form.get(kind.value, "")) for kind in NoticeKind}
    address = request.form.get("mail", "")
    try:
        with writing() as unit:
            operations.choose(
                unit,
                requests.actor(),
                chosen,
                address=address,
                domains=services().settings.domains,
                now=requests.now(),
            )
    except InvalidInputError as problem:
        return _choices(chosen, address, problem), 400
    flash(gettext("存好了，从下一条提醒开始这样告诉你。"))
    return redirect(url_for("notices.choices"))


def _choices(chosen: Mapping[NoticeKind, Telling], address: str, problem: InvalidInputError | None = None) -> str:
    settings = services().settings
    return render_template(
        "notices/choices.html",
        chosen=chosen,
        address=address,
        problem=problem,
        tellings=TELLING_LABELS,
        mails=settings.smtp_host is not None,
        hour=settings.digest_hour,
        domains=sorted(settings.domains),
        last=letters.last(requests.session(), requests.actor()),
        LetterState=LetterState,
    )


def _telling(text: str) -> Telling:
    return Telling(text) if text in list(Telling) else DEFAULT_TELLING


@blueprint.post("/notices/<int(max=999999999):number>")
def open_(number: int) -> ResponseReturnValue:
    """Take a notice as read and go where it leads."""
    actor = requests.actor()
    notice = queries.notice(requests.session(), actor, number)
    with writing() as unit:
        operations.read(unit, actor, now=requests.now(), number=number)
    return redirect(presenters.address(notice) or url_for("notices.index"))


@blueprint.post("/notices/read")
def read_all() -> ResponseReturnValue:
    """Take all notices as read."""
    with writing() as unit:
        operations.read(unit, requests.actor(), now=requests.now())
    return redirect(url_for("notices.index"))
