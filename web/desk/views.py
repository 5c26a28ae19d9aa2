"""The desk's pages: an outcome from an entry's page, the queue of proposed wordings."""

from dataclasses import dataclass, replace
from typing import Any, Self

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.desk import operations, queries
from kb.desk.models import LearnedWording
from kb.desk.rules import WordingState
from kb.errors import InvalidInputError, NotFoundError
from kb.i18n import N_
from kb.permissions import Permission, require
from web import requests
from web.desk import service
from web.requests import writing
from web.search.params import MAX_PAGE, PAGE_SIZE, parse, whole_number
from web.search.presenters import Pages

blueprint = Blueprint("desk", __name__)

_IDS = {"low": 1, "high": 999_999_999}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageArgs:
    """Which page of a list."""

    page: int = 1

    @property
    def query(self) -> dict[str, Any]:
        """The arguments as they stand in an address, without what is the default."""
        return {"page": self.page} if self.page > 1 else {}

    @property
    def offset(self) -> int:
        """How many rows stand on the pages before this one."""
        return (self.page - 1) * PAGE_SIZE

    def on_page(self, page: int) -> Self:
        """Return the same list, another page."""
        return replace(self, page=page)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueArgs(PageArgs):
    """Which page of the wordings in which state."""

    state: WordingState = WordingState.PROPOSED

    @property
    def query(self) -> dict[str, Any]:
        """The arguments as they stand in an address, without what is the default."""
        found = {} if self.state is WordingState.PROPOSED else {"state": self.state.value}
        return {**found, **({"page": self.page} if self.page > 1 else {})}


@blueprint.post("/entries/<key>/outcomes")
def record(key: str) -> ResponseReturnValue:
    """Record whether the entry *key* solved the call; the address holds the search that led there."""
    args = parse(request.args, requests.taxonomy())
    solved = request.form.get("solved") == "yes"
    service.record_outcome(key, args.q, solved=solved, reason=service.parse_reason(request.form.get("reason", "")))
    if solved:
        flash(gettext("谢谢，记下了。客户的说法会帮同事更快找到这条知识。"))
    else:
        flash(gettext("谢谢，记下了。采编会看到原因。"))
    search: dict[str, Any] = {**args.query}
    return redirect(url_for("entries.show", key=key, **search))


@blueprint.get("/wordings")
def wordings() -> ResponseReturnValue:
    """Show the wordings that calls propose, to be accepted or rejected."""
    actor = requests.actor()
    require(actor, Permission.WORDING_DECIDE)
    session, args = requests.session(), _queue_args()
    counts = queries.count_proposals(session, actor)
    return render_template(
        "desk/wordings.html",
        list_args=args,
        states=list(WordingState),
        counts=counts,
        pages=Pages.of(counts[args.state], args.page),
        wordings=queries.proposals(session, actor, args.state, limit=PAGE_SIZE, offset=args.offset),
        last=_last_decided(),
    )


@blueprint.post("/wordings/<int(max=999999999):number>")
def decide(number: int) -> ResponseReturnValue:
    """Accept or reject a proposed wording, or put it back among the open ones; go on with the next one."""
    args, actor = _queue_args(), requests.actor()
    state = _state(request.form.get("decision", ""), field="decision")
    following = whole_number(request.form, "next", default=0, **_IDS)
    with writing() as unit:
        wording = queries.wording(unit, actor, number)
        operations.decide(unit, actor, wording, state, now=requests.now())
    reopened = state is WordingState.PROPOSED
    focus = number if reopened else following
    here = {**args.query, **({} if reopened else {"last": number})}
    return redirect(url_for("desk.wordings", **here, _anchor=f"wording-{focus}" if focus else None))


def _queue_args() -> QueueArgs:
    return QueueArgs(
        state=_state(request.args.get("state") or WordingState.PROPOSED.value, field="state"),
        page=whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE),
    )


def _state(value: str, *, field: str) -> WordingState:
    try:
        return WordingState(value)
    except ValueError as error:
        raise InvalidInputError(N_("没有这种状态：%(key)s"), field=field, key=value) from error


def _last_decided() -> LearnedWording | None:
    """Return the wording that was decided a moment ago, so that it can be undone; a stale address has none."""
    number = whole_number(request.args, "last", default=0, **_IDS)
    if not number:
        return None
    try:
        found = queries.wording(requests.session(), requests.actor(), number)
    except NotFoundError:
        return None
    return None if found.state is WordingState.PROPOSED else found
