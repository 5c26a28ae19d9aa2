"""Pages and addresses of calls. The desk's script is answered with the call's bar, others are sent back to the desk."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.calls import figures, operations, queries, rules
from kb.calls.models import Call, Measure
from kb.calls.rules import MIN_AGENTS, Topic, ticket_number
from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import Permission, require
from web import requests
from web.calls import params, presenters, service
from web.calls.presenters import MEASURE_LABELS, Bar
from web.desk.params import DeskArgs, parse
from web.desk.views import PageArgs
from web.search.params import MAX_PAGE, PAGE_SIZE, whole_number
from web.search.presenters import Pages
from web.services import services

blueprint = Blueprint("calls", __name__, url_prefix="/desk")
blueprint.add_app_template_filter(presenters.clock, "clock")

WEEKS = 13
"""Weeks whose figures are shown at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketArgs(PageArgs):
    """Which page of the calls on which ticket, and the desk to go back to."""

    number: str
    desk: DeskArgs

    @property
    def query(self) -> dict[str, Any]:
        """The arguments as they stand in an address, without what is the default."""
        return {"number": self.number, **self.desk.query, **({"page": self.page} if self.page > 1 else {})}


@blueprint.post("/calls")
def open_call() -> ResponseReturnValue:
    """Open a call: with the search that somebody stayed with, or under the telephone system's name."""
    args = parse(request.form, requests.taxonomy())
    call = service.open_call(args, waited=params.waited(request.form))
    return _bar(call) if requests.asked_by_script() else redirect(_desk(args, call))


@blueprint.get("/calls/<reference>")
def show(reference: str) -> ResponseReturnValue:
    """Answer with the bar of the person's own call *reference*."""
    return _bar(queries.own(requests.session(), requests.actor(), reference))


@blueprint.post("/calls/<reference>")
def write(reference: str) -> ResponseReturnValue:
    """Write the contact record of the person's own call *reference*; end it where ``do`` says ``end``."""
    record, actor, now = params.parse_record(request.form), requests.actor(), requests.now()
    ends = request.form.get("do") == "end"
    with requests.writing() as unit:
        call = queries.own(unit, actor, reference)
        operations.keep_record(unit, actor, call, record, now=now)
        if ends:
            operations.close_call(unit, actor, call, now=now)
    if requests.asked_by_script():
        return _bar(call)
    flash(gettext("通话已结束。") if ends else gettext("受理记录存好了。"))
    args = parse(request.args, requests.taxonomy())
    return redirect(url_for("desk.screen") if ends else _desk(args, call))


@blueprint.post("/calls/<reference>/steps")
def tell(reference: str) -> ResponseReturnValue:
    """Take steps of the person's own call *reference*; the same ones again change nothing."""
    steps = params.parse_steps(
        request.form.get("steps", ""), request.form.get("page", ""), services().learning.normalise
    )
    actor, now = requests.actor(), requests.now()
    with requests.writing() as unit:
        call = queries.own(unit, actor, reference)
        first_key = params.milliseconds(request.form, "first_key")
        operations.add_steps(unit, actor, call, steps, first_key_ms=first_key, now=now)
    return "", 204


@blueprint.get("/tickets")
def tickets() -> ResponseReturnValue:
    """Show what was told to the ticket ``number`` before."""
    desk, typed = parse(request.args, requests.taxonomy()), request.args.get("number", "")
    try:
        number, problem = ticket_number(typed), None
    except InvalidInputError as error:
        number, problem = None, error
    page = whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE)
    args = TicketArgs(number=number or "", desk=desk, page=page)
    session, actor = requests.session(), requests.actor()
    total = queries.count_on_ticket(session, actor, number) if number else 0
    calls = queries.on_ticket(session, actor, number, limit=PAGE_SIZE, offset=args.offset) if number and total else []
    return render_template(
        "calls/tickets.html",
        list_args=args,
        typed=typed,
        problem=problem,
        total=total,
        pages=Pages.of(total, page),
        calls=presenters.told(actor, calls),
        people=people_queries.bylines(session, [call.user_id for call in calls]) if calls else {},
        keep_days=services().settings.record_days,
    )


@blueprint.get("/mine")
def mine() -> ResponseReturnValue:
    """Show the person's own calls and figures, which nobody else sees."""
    session, person, now = requests.session(), requests.person(), requests.now()
    args = PageArgs(page=whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE))
    total = queries.count_of_agent(session, person.id)
    calls = queries.of_agent(session, person.id, limit=PAGE_SIZE, offset=args.offset)
    return render_template(
        "calls/mine.html",
        list_args=args,
        total=total,
        pages=Pages.of(total, args.page),
        calls=presenters.told(requests.actor(), calls),
        weeks=figures.of_agent(session, person.id, since=_this_week() - timedelta(weeks=WEEKS - 1)),
        now=now,
        duration=presenters.duration_ms,
        keep_days=services().settings.call_days,
        **_measures(),
    )


@blueprint.get("/figures")
def in_sum() -> ResponseReturnValue:
    """Show what calls measure in sum: by week, and one week's by module and region."""
    session, actor, this_week = requests.session(), requests.actor(), _this_week()
    require(actor, Permission.CALL_FIGURES)
    weeks = figures.by_week(session, actor, since=this_week - timedelta(weeks=WEEKS - 1))
    week = _week(request.args.get("week", ""), default=weeks[0].week if weeks else this_week)
    return render_template(
        "calls/figures.html",
        weeks=weeks,
        week=week,
        parts=figures.of_week(session, actor, week),
        least=MIN_AGENTS,
        **_measures(),
    )


def _bar(call: Call) -> str:
    return render_template("calls/_bar.html", bar=Bar(call, requests.now()), topics=list(Topic), desk=None)


def _desk(args: DeskArgs, call: Call) -> str:
    query = args.query
    query["call"] = call.reference
    return url_for("desk.screen", **query)


def _measures() -> dict[str, Any]:
    return {
        "measures": {measure: gettext(label) for measure, label in MEASURE_LABELS.items()},
        "spread": presenters.spread,
        "value": presenters.value,
        "Measure": Measure,
    }


def _this_week() -> date:
    return rules.week_of(requests.now(), services().settings.timezone)


def _week(text: str, *, default: date) -> date:
    """Return the Monday of the week that the day *text* is in.

    Raises:
        InvalidInputError: it is no day.
    """
    if not text:
        return default
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(N_("没有这一天：%(key)s"), field="week", key=text) from error
    return day - timedelta(days=day.weekday())
