"""The pages of corrections: reporting one, the queue, one with its decision, a person's own, the figures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.corrections import operations, queries
from kb.corrections.models import Correction
from kb.corrections.queries import Wanted
from kb.corrections.rules import OPEN, Hold, Severity, State
from kb.entries import queries as entry_queries
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError, TransitionError
from kb.events import queries as event_queries
from kb.events.models import Subject
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import Permission, allowed, require
from kb.verification.queries import changed_since
from web import requests
from web.corrections import forms, presenters, service
from web.corrections.forms import Answer, Decision
from web.entries.differences import FIELDS
from web.requests import writing
from web.search.facets import module_counts
from web.search.params import MAX_PAGE, PAGE_SIZE, whole_number
from web.search.presenters import Pages
from web.services import services

blueprint = Blueprint("corrections", __name__, url_prefix="/corrections")

WEEKS = 12
"""Weeks of figures on their page."""

Problem = InvalidInputError | ConflictError | TransitionError | PermissionDeniedError

TABS: Mapping[str, tuple[str, frozenset[State]]] = {
    "open": (N_("待处理"), OPEN),
    "overdue": (N_("超时"), OPEN),
    "closed": (N_("已了结"), frozenset(State) - OPEN),
}
"""The lists of the queue: name in the address, title, states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueArgs:
    """Which part of the queue, and which page of it."""

    tab: str = "open"
    severity: Severity | None = None
    module: str | None = None
    page: int = 1

    @property
    def query(self) -> dict[str, Any]:
        """The arguments as they stand in an address, without what is the default."""
        given = {
            "tab": self.tab if self.tab != "open" else None,
            "severity": self.severity.value if self.severity else None,
            "module": self.module,
            "page": self.page if self.page > 1 else None,
        }
        return {name: value for name, value in given.items() if value is not None}

    @property
    def offset(self) -> int:
        """How many rows stand on the pages before this one."""
        return (self.page - 1) * PAGE_SIZE

    def on_page(self, page: int) -> Self:
        """Return the same list, another page."""
        return replace(self, page=page)

    def of(self, **changes: Any) -> Self:
        """Return the list with *changes*, from its first page."""
        return replace(self, page=1, **changes)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Show the queue to whoever decides on corrections or is on duty."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    if not allowed(actor, Permission.CORRECTION_DUTY):
        require(actor, Permission.CORRECTION_DECIDE)
    args = _queue_args()
    wanted = _wanted(args)
    counts = queries.count(session, actor, replace(wanted, severity=None))
    total = sum(counts.values()) if args.severity is None else counts[args.severity]
    found = queries.queue(session, actor, wanted, limit=PAGE_SIZE, offset=args.offset)
    return render_template(
        "corrections/queue.html",
        list_args=args,
        tabs=TABS,
        counts=counts,
        pages=Pages.of(total, args.page),
        corrections=found,
        clocks={item.id: presenters.clock(item, now) for item in found},
        on_duty={item.id for item in found if allowed(actor, Permission.CORRECTION_DUTY, _target(item))},
        modules=module_counts(requests.taxonomy().modules, {}, empty=True),
        people=people_queries.bylines(session, [item.reporter_id for item in found]),
        Hold=Hold,
        Severity=Severity,
    )


@blueprint.get("/mine")
def mine() -> ResponseReturnValue:
    """Show the person what they reported and what became of it."""
    session, user_id, now = requests.session(), requests.person().id, requests.now()
    args = QueueArgs(page=whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE))
    found = queries.mine(session, user_id, limit=PAGE_SIZE, offset=args.offset)
    return render_template(
        "corrections/mine.html",
        list_args=args,
        corrections=found,
        clocks={item.id: presenters.clock(item, now) for item in found},
        pages=Pages.of(queries.count_mine(session, user_id), args.page),
        people=people_queries.bylines(session, [item.decided_by_id for item in found]),
    )


@blueprint.get("/figures")
def figures() -> ResponseReturnValue:
    """Show how many were answered in time, by week and severity."""
    actor = requests.actor()
    require(actor, Permission.CORRECTION_DECIDE)
    timezone = services().settings.timezone
    weeks = queries.figures(requests.session(), actor, weeks=WEEKS, timezone=timezone, now=requests.now())
    return render_template("corrections/figures.html", weeks=weeks, severities=list(Severity))


@blueprint.get("/duty")
def duty() -> ResponseReturnValue:
    """Answer an open page of the duty with what they are asked about now."""
    require(requests.actor(), Permission.CORRECTION_DUTY)
    return render_template("corrections/_duty.html", alarms=service.duty_alarms())


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """Show the form to report that an entry is wrong."""
    return _form(request.args.get("entry", ""), {})


@blueprint.post("/new")
def report() -> ResponseReturnValue:
    """Report that an entry is wrong."""
    key = request.form.get("entry", "")
    try:
        found = service.report(key, request.form)
    except InvalidInputError as problem:
        return _form(key, request.form, problem=problem), 400
    flash(gettext("谢谢，纠错收到了。处理的进展在“我的纠错”里。"))
    return redirect(url_for("corrections.show", number=found.id))


@blueprint.get("/<int(max=999999999):number>")
def show(number: int) -> ResponseReturnValue:
    """Show one correction: to its reporter what became of it, to whoever works on it what there is to do."""
    return _show(number)


@blueprint.post("/<int(max=999999999):number>/hold")
def hold(number: int) -> ResponseReturnValue:
    """Suspend the entry, or let it stay, as the duty."""
    answer = forms.answer(request.form)
    verb = operations.suspend if answer is Answer.SUSPEND else operations.keep
    try:
        with writing() as unit:
            queries.to_read(unit, requests.actor(), number)
            verb(unit, requests.actor(), number, now=requests.now())
    except (ConflictError, TransitionError) as problem:
        return _show(number, problem=problem), 409
    flash(gettext("知识暂停了，坐席马上就搜不到。") if answer is Answer.SUSPEND else gettext("记下了：先不暂停。"))
    return redirect(requests.safe_address(request.form.get("next") or url_for("corrections.show", number=number)))


@blueprint.post("/<int(max=999999999):number>/decision")
def decide(number: int) -> ResponseReturnValue:
    """Decide whether a correction is right."""
    actor, now, reason = requests.actor(), requests.now(), request.form.get("reason", "")
    try:
        decision = forms.decision(request.form)
        with writing() as unit:
            match decision:
                case Decision.UPHOLD:
                    severity = forms.severity(request.form)
                    operations.uphold(unit, actor, number, severity=severity, reason=reason, now=now)
                case Decision.REFUSE:
                    operations.refuse(unit, actor, number, reason=reason, now=now)
                case Decision.MERGE:
                    into = forms.number(request.form, "into") or 0
                    operations.merge(unit, actor, number, into=into, reason=reason, now=now)
    except (InvalidInputError, PermissionDeniedError) as problem:
        return _show(number, problem=problem), 400 if isinstance(problem, InvalidInputError) else 403
    except (ConflictError, TransitionError) as problem:
        return _show(number, problem=problem), 409
    flash(gettext("判定好了。"))
    return redirect(url_for("corrections.show", number=number))


@blueprint.post("/<int(max=999999999):number>/fix")
def fix(number: int) -> ResponseReturnValue:
    """Say which revision puts it right, or that what is otherwise in a region was changed."""
    there = request.form.get("there") == "yes"
    try:
        revision = None if there else forms.number(request.form, "revision") or 0
        with writing() as unit:
            queries.to_read(unit, requests.actor(), number)
            operations.fix(unit, requests.actor(), number, revision=revision, now=requests.now())
    except InvalidInputError as problem:
        return _show(number, problem=problem), 400
    except (ConflictError, TransitionError) as problem:
        return _show(number, problem=problem), 409
    said = (
        N_("纠错了结了，报告的人会知道。")
        if there
        else N_("记下了。那一版上线的时候，这条纠错自动了结，报告的人会知道。")
    )
    flash(gettext(said))
    return redirect(url_for("corrections.show", number=number))


def _show(number: int, problem: Problem | None = None) -> str:
    session, actor, now = requests.session(), requests.actor(), requests.now()
    found = queries.to_read(session, actor, number)
    target = _target(found)
    works_on_it = queries.may_work_on(actor, found)
    decides = allowed(actor, Permission.CORRECTION_DECIDE, target)
    others = [item for item in queries.of_entry(session, found.entry_id) if item.id != number] if works_on_it else []
    events = list(reversed(event_queries.history(session, Subject.CORRECTION, number)))
    return render_template(
        "corrections/show.html",
        correction=found,
        entry=found.entry,
        clock=presenters.clock(found, now),
        passage=presenters.passage(found),
        fields=FIELDS,
        works_on_it=works_on_it,
        decides=decides,
        on_duty=allowed(actor, Permission.CORRECTION_DUTY, target),
        fixes=decides or allowed(actor, Permission.ENTRY_EDIT, target),
        sees_history=allowed(actor, Permission.ENTRY_READ_UNPUBLISHED, found.entry.target()),
        readable=entry_queries.may_read(actor, found.entry, now=now),
        candidates=presenters.candidates(found),
        changed_there=found.state is State.UPHELD and changed_since(session, found.entry, found.reported_at),
        others=others,
        left=presenters.span((found.suspend_at or now) - now),
        events=[event for event in events if event.verb in presenters.VERBS],
        verbs=presenters.VERBS,
        people=people_queries.bylines(session, [found.reporter_id, *(event.actor_id for event in events)]),
        problem=problem,
        values=request.form,
        Hold=Hold,
        Severity=Severity,
        State=State,
    )


def _form(key: str, values: Mapping[str, str], problem: InvalidInputError | None = None) -> str:
    session, actor = requests.session(), requests.actor()
    entry, revision = entry_queries.readable_revision(session, actor, key, now=requests.now())
    return render_template(
        "corrections/new.html",
        entry=entry,
        revision=revision,
        underway=queries.underway(session, entry.id),
        values=values,
        problem=problem,
        severities=list(Severity),
    )


def _target(correction: Correction) -> Any:
    return correction.entry.target(correction.revision)


def _queue_args() -> QueueArgs:
    tab = request.args.get("tab") or "open"
    if tab not in TABS:
        raise InvalidInputError(N_("没有这种状态：%(key)s"), field="tab", key=tab)
    module = request.args.get("module", "").strip() or None
    if module is not None and module not in requests.taxonomy().modules:
        raise InvalidInputError(N_("没有这个业务模块：%(key)s"), field="module", key=module)
    return QueueArgs(
        tab=tab,
        severity=forms.severity(request.args) if request.args.get("severity") else None,
        module=module,
        page=whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE),
    )


def _wanted(args: QueueArgs) -> Wanted:
    modules = requests.taxonomy().modules
    return Wanted(
        states=TABS[args.tab][1],
        severity=args.severity,
        modules=modules.below([args.module]) if args.module is not None else None,
        overdue_at=requests.now() if args.tab == "overdue" else None,
    )
