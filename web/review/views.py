"""The queue of reviewers, and the page of one entry under review: what changes, remarks, the decision."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from kb.entries import operations as entries
from kb.entries.models import Entry, Revision
from kb.entries.rules import TRANSITIONS, State, Step
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError, TransitionError
from kb.events import queries as event_queries
from kb.events.models import Subject, Verb
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import Actor, Permission, allowed
from kb.review import operations, queries
from kb.review.queries import Tab
from kb.review.rules import Release, publish_at
from kb.workdays import queries as workday_queries
from kb.workdays.rules import waited
from web import requests
from web.entries.differences import FIELDS
from web.entries.standard import checked
from web.requests import writing
from web.review import forms, presenters
from web.review.forms import Decision
from web.search.facets import module_counts
from web.search.params import MAX_PAGE, PAGE_SIZE, whole_number
from web.search.presenters import Pages
from web.services import services

blueprint = Blueprint("review", __name__, url_prefix="/review")

Problem = InvalidInputError | ConflictError | TransitionError | PermissionDeniedError

AUTHORS_STEPS = {"submit": entries.submit, "withdraw": entries.withdraw}
"""What whoever wrote it may do on this page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueArgs:
    """Which list of the queue, and which page of it."""

    tab: Tab = Tab.WAITING
    module: str | None = None
    page: int = 1

    @property
    def query(self) -> dict[str, Any]:
        """The arguments as they stand in an address."""
        given = {"tab": self.tab.value, "module": self.module, "page": self.page if self.page > 1 else None}
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
    """Show what waits for review, by module and age; whoever only writes sees where their own stands."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    tabs = _tabs(actor)
    args = _args(tabs)
    modules = requests.taxonomy().modules
    counts = queries.count(session, actor, args.tab)
    wanted = modules.below([args.module]) if args.module is not None else None
    total = sum(count for key, count in counts.items() if wanted is None or key in wanted)
    calendar = workday_queries.load(session, services().settings.timezone)
    found = queries.queue(session, actor, args.tab, modules=wanted, limit=PAGE_SIZE, offset=args.offset)
    return render_template(
        "review/index.html",
        list_args=args,
        tabs=tabs,
        found=found,
        waited={item.entry.id: waited(item.since, now, calendar) for item in found},
        own=queries.count_own_waiting(session, actor) if args.tab is Tab.WAITING else 0,
        modules=module_counts(modules, counts),
        pages=Pages.of(total, args.page),
        people=people_queries.bylines(session, [item.revision.author_id for item in found]),
    )


@blueprint.get("/<key>")
def show(key: str) -> ResponseReturnValue:
    """Show what is under review of the entry *key*, to reviewers, verifiers, and whoever wrote it."""
    return _show(key)


@blueprint.post("/<key>/remarks")
def remark(key: str) -> ResponseReturnValue:
    """Say something about the revision, or a passage of it."""
    actor, form = requests.actor(), request.form
    try:
        with writing() as unit:
            entry, revision = queries.to_read(unit, actor, key)
            _require_shown(revision)
            made = operations.remark(
                unit,
                actor,
                entry,
                revision,
                text=form.get("text", ""),
                quote=form.get("quote", ""),
                now=requests.now(),
            )
    except (InvalidInputError, ConflictError) as problem:
        return _show(key, problem), 400 if isinstance(problem, InvalidInputError) else 409
    return redirect(url_for("review.show", key=key, _anchor=f"remark-{made.id}"))


@blueprint.post("/<key>/remarks/<int(max=999999999):number>")
def settle(key: str, number: int) -> ResponseReturnValue:
    """Take a remark as settled, or as open again."""
    actor = requests.actor()
    try:
        with writing() as unit:
            entry, _ = queries.to_read(unit, actor, key)
            open_ = request.form.get("open") == "yes"
            operations.settle(unit, actor, entry, number, open_=open_, now=requests.now())
    except ConflictError as problem:
        return _show(key, problem), 409
    return redirect(url_for("review.show", key=key, _anchor=f"remark-{number}"))


@blueprint.post("/<key>/decision")
def decide(key: str) -> ResponseReturnValue:
    """Approve what is under review, return it, or say that it is not wanted."""
    actor, now, form = requests.actor(), requests.now(), request.form
    try:
        decision = forms.decision(form)
        with writing() as unit:
            entry, revision = queries.to_read(unit, actor, key)
            _require_shown(revision)
            reason = form.get("reason", "")
            match decision:
                case Decision.APPROVE:
                    wanted = forms.moment(form, "publish_at", services().settings.timezone)
                    at = publish_at(forms.release(form), wanted, now)
                    operations.approve(unit, actor, entry, publish_at=at, now=now)
                case Decision.RETURN:
                    entries.send_back(unit, actor, entry, reason=reason, now=now)
                case Decision.REJECT:
                    entries.reject(unit, actor, entry, reason=reason, now=now)
            state = entry.work_state
    except (InvalidInputError, PermissionDeniedError) as problem:
        return _show(key, problem), 400 if isinstance(problem, InvalidInputError) else 403
    except (ConflictError, TransitionError) as problem:
        return _show(key, problem), 409
    flash(str(gettext(presenters.AFTER[state])))
    return redirect(url_for("entries.show", key=key) if state is None else url_for("review.index"))


@blueprint.post("/<key>/publish")
def publish(key: str) -> ResponseReturnValue:
    """Put live what was approved, before its time or without one."""
    actor = requests.actor()
    try:
        with writing() as unit:
            entry, _ = queries.to_read(unit, actor, key)
            entries.publish(unit, actor, entry, now=requests.now())
    except TransitionError as problem:
        return _show(key, problem), 409
    flash(gettext("发布了，台上马上就能搜到。"))
    return redirect(url_for("entries.show", key=key))


@blueprint.post("/<key>/steps")
def step(key: str) -> ResponseReturnValue:
    """Submit the revision, or take it back, as whoever wrote it."""
    actor = requests.actor()
    verb = AUTHORS_STEPS.get(request.form.get("step", ""))
    if verb is None:
        raise InvalidInputError(N_("没有这一步"), field="step")
    try:
        with writing() as unit:
            entry, _ = queries.to_read(unit, actor, key)
            verb(unit, actor, entry, now=requests.now())
    except TransitionError as problem:
        return _show(key, problem), 409
    flash(gettext("提交了，等别人审核。") if verb is entries.submit else gettext("撤回了，可以接着改。"))
    return redirect(url_for("review.show", key=key))


def _show(key: str, problem: Problem | None = None) -> str:
    session, actor = requests.session(), requests.actor()
    entry, revision = queries.to_read(session, actor, key)
    remarks = queries.remarks(session, entry)
    events = event_queries.history(session, Subject.ENTRY, entry.id)
    approval = queries.approval(session, revision)
    ids = [revision.author_id, *(item.author_id for item in remarks), *(event.actor_id for event in events)]
    return render_template(
        "review/show.html",
        entry=entry,
        revision=revision,
        approval=approval,
        parts=presenters.parts(entry, revision, requests.taxonomy()),
        remarks=presenters.remarks(remarks, revision),
        sent_back=next((event for event in events if event.verb in (Verb.RETURNED, Verb.REJECTED)), None),
        trail=[event for event in reversed(events) if event.verb in presenters.TRAIL],
        trail_verbs=presenters.TRAIL,
        standard=checked(revision.content, has_owner=entry.owner_id is not None),
        fields=FIELDS,
        people=people_queries.bylines(session, ids),
        has_a_say=queries.has_a_say(actor, entry, revision),
        can=_may(session, actor, entry, revision),
        releases=list(Release),
        problem=problem,
        values=request.form,
        State=State,
    )


def _may(session: Session, actor: Actor, entry: Entry, revision: Revision) -> Mapping[str, bool]:
    """Return what the person may do now, by name."""
    target = entry.target(revision)
    wrote = actor.user_id in queries.writers(session, entry)

    def may(step: Step) -> bool:
        row = TRANSITIONS[step]
        return entry.work_state in row.sources and allowed(actor, row.permission, target)

    return {
        "approve": may(Step.APPROVE) and not wrote,
        "own": may(Step.APPROVE) and wrote,
        "return": may(Step.RETURN),
        "reject": may(Step.REJECT),
        "publish": may(Step.PUBLISH),
        "submit": may(Step.SUBMIT),
        "withdraw": may(Step.WITHDRAW),
    }


def _require_shown(revision: Revision) -> None:
    """Refuse what was said about another revision than the one in work.

    Raises:
        ConflictError: it has been revised since the page was shown.
    """
    if request.form.get("revision") != str(revision.number):
        raise ConflictError(N_("这条知识刚刚有了新的一版，请看过再说。"))


def _tabs(actor: Actor) -> list[Tab]:
    """Return the lists that concern *actor*.

    Raises:
        NotFoundError: none does.
    """
    found = [Tab.WAITING, Tab.SCHEDULED] if allowed(actor, Permission.ENTRY_REVIEW) else []
    found += [Tab.MINE] if allowed(actor, Permission.ENTRY_CREATE) else []
    if not found:
        raise PermissionDeniedError()
    return found


def _args(tabs: list[Tab]) -> QueueArgs:
    given, module = request.args.get("tab"), request.args.get("module", "").strip() or None
    if given is not None and given not in tabs:
        raise NotFoundError(N_("没有这个列表"))
    if module is not None and module not in requests.taxonomy().modules:
        raise InvalidInputError(N_("没有这个业务模块：%(key)s"), field="module", key=module)
    return QueueArgs(
        tab=Tab(given) if given is not None else tabs[0],
        module=module,
        page=whole_number(request.args, "page", default=1, low=1, high=MAX_PAGE),
    )
