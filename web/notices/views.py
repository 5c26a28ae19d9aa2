"""The page of notices: what the person is told, opening one, taking all as read."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kb.notices import operations, queries
from web import requests
from web.desk.views import PageArgs
from web.notices import presenters
from web.requests import writing
from web.search.params import MAX_PAGE, PAGE_SIZE, whole_number
from web.search.presenters import Pages

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
