"""What waits for a region's word, and the page on which its verifier confirms or says what is otherwise there."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.entries import queries as entry_queries
from kb.entries.models import Entry, Revision
from kb.entries.rules import SERVED, State
from kb.errors import ConflictError, InvalidInputError, NotFoundError, TransitionError
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import Permission, allowed, require
from kb.verification import operations, queries
from kb.verification.models import Overlay
from kb.verification.queries import Waiting
from kb.verification.rules import MAX_TEXT, in_force, may_differ
from kb.workdays import queries as workday_queries
from kb.workdays.rules import Calendar
from web import requests
from web.requests import writing
from web.services import services

blueprint = Blueprint("verification", __name__, url_prefix="/verification")

Problem = InvalidInputError | ConflictError | TransitionError


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Show what waits for regions: a verifier's own first, and to whoever reviews everything."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    if not allowed(actor, Permission.ENTRY_REVIEW):
        require(actor, Permission.ENTRY_VERIFY)
    waiting = queries.waiting(session, actor, _calendar())
    return render_template(
        "verification/index.html",
        mine=[item for item in waiting if item.asks(actor)],
        others=[item for item in waiting if not item.asks(actor)],
        now=now,
        people=people_queries.bylines(session, _people(waiting)),
    )


@blueprint.get("/<key>")
def show(key: str) -> ResponseReturnValue:
    """Show the entry *key* as its regions are asked about it, or as it stands on the desk."""
    return _show(key)


@blueprint.post("/<key>/confirm")
def confirm(key: str) -> ResponseReturnValue:
    """Confirm the entry for a region, with what is otherwise there if something is."""
    actor, now, form = requests.actor(), requests.now(), request.form
    region, text = form.get("region", ""), form.get("text", "").strip()
    try:
        with writing() as unit:
            entry = _entry_of(entry_queries.by_key(unit, key))
            _require_shown(entry)
            if form.get("differs") == "yes":
                operations.overlay(unit, actor, entry, region=region, text=text, now=now)
            operations.confirm(unit, actor, entry, region=region, now=now)
            if text and form.get("differs") != "yes":  # asked last: it is nobody's business who may not confirm
                raise InvalidInputError(N_("写了地方口径，却选了没有不同：请选一个"), field="text")
            live = entry.work_state is None
    except (InvalidInputError, ConflictError, TransitionError) as problem:
        return _show(key, problem), 400 if isinstance(problem, InvalidInputError) else 409
    flash(gettext("核实了，这一版已经发布。") if live else gettext("核实了，谢谢。"))
    return redirect(url_for("verification.index"))


@blueprint.post("/<key>/overlays")
def overlay(key: str) -> ResponseReturnValue:
    """Say what is otherwise in a region, of an entry on the desk or one that waits."""
    actor, form = requests.actor(), request.form
    try:
        with writing() as unit:
            entry = _entry_of(entry_queries.by_key(unit, key))
            operations.overlay(
                unit,
                actor,
                entry,
                region=form.get("region", ""),
                text=form.get("text", ""),
                now=requests.now(),
            )
    except (InvalidInputError, ConflictError, TransitionError) as problem:
        return _show(key, problem), 400 if isinstance(problem, InvalidInputError) else 409
    flash(gettext("地方口径记下了。"))
    return redirect(url_for("verification.show", key=key))


@blueprint.post("/<key>/overlays/<int(max=999999999):number>/withdraw")
def withdraw(key: str, number: int) -> ResponseReturnValue:
    """Take back what is otherwise in a region."""
    try:
        with writing() as unit:
            entry = _entry_of(entry_queries.by_key(unit, key))
            made = queries.overlay(unit, entry, number)
            operations.withdraw(unit, requests.actor(), entry, made, now=requests.now())
    except (ConflictError, TransitionError) as problem:
        return _show(key, problem), 409
    flash(gettext("地方口径撤下了。"))
    return redirect(url_for("verification.show", key=key))


def _show(key: str, problem: Problem | None = None) -> str:
    session, actor, now = requests.session(), requests.actor(), requests.now()
    entry = _entry_of(entry_queries.by_key(session, key))
    waiting = next(iter(queries.waiting(session, actor, _calendar(), key=key)), None)
    revision = _about(entry)
    tree = requests.taxonomy().regions
    found = queries.of_entry(session, entry)
    speaks_for = [region for region in tree if queries.may_verify(actor, region)]
    shown = entry.live_revision.number if entry.live_revision is not None else None
    people = [item.author_id for item in found] + (_people([waiting]) if waiting is not None else [])
    return render_template(
        "verification/show.html",
        entry=entry,
        revision=revision,
        waiting=waiting,
        asks=waiting.asks(actor) if waiting is not None else (),
        own=waiting.speaks(actor) if waiting is not None and waiting.own else (),
        unheard=queries.unheard(session, waiting) if waiting is not None else (),
        speaks_for=speaks_for,
        may_add=[region for region in speaks_for if may_differ(revision.regions, region, tree)],
        overlays=[item for item in found if _holds(item, revision.number, shown)],
        past=[item for item in found if not _holds(item, revision.number, shown)],
        shown=shown,
        people=people_queries.bylines(session, people),
        problem=problem,
        values=request.form,
        now=now,
        max_text=MAX_TEXT,
    )


def _holds(item: Overlay, about: int, shown: int | None) -> bool:
    """Return whether *item* holds on the desk, or will with the revision that is asked about."""
    return in_force(item.since, item.until, about) or (shown is not None and in_force(item.since, item.until, shown))


def _about(entry: Entry) -> Revision:
    """Return the revision that a region is asked about, or the one on the desk.

    Raises:
        NotFoundError: there is neither.
    """
    if entry.work_state is State.VERIFYING and entry.work_revision is not None:
        return entry.work_revision
    if entry.live_state in SERVED and entry.live_revision is not None:
        return entry.live_revision
    raise NotFoundError(N_("没有这条知识，或者你没有权限看它"))


def _entry_of(entry: Entry | None) -> Entry:
    """Return *entry* if the person has to do with its verification.

    Raises:
        NotFoundError: there is none, or none that concerns them; the two can't be told apart.
    """
    if entry is not None:
        actor, revision = requests.actor(), _about(entry)
        if entry.work_state is State.VERIFYING and queries.concerns(actor, entry, revision):
            return entry
        if entry.live_state in SERVED and _reads_live(entry):
            return entry
    raise NotFoundError(N_("没有这条知识，或者你没有权限看它"))


def _reads_live(entry: Entry) -> bool:
    """Return whether the person looks after what is otherwise in regions: a verifier, or who reviews or edits it."""
    actor, target = requests.actor(), entry.target(entry.live_revision)
    if not allowed(actor, Permission.ENTRY_READ, target):
        return False
    says = (Permission.ENTRY_REVIEW, Permission.ENTRY_EDIT)
    return allowed(actor, Permission.ENTRY_VERIFY) or any(allowed(actor, item, target) for item in says)


def _require_shown(entry: Entry) -> None:
    """Refuse to confirm another revision than the one that was read.

    Raises:
        ConflictError: another is asked about since the page was shown.
    """
    if request.form.get("revision") != str(_about(entry).number):
        raise ConflictError(N_("这条知识刚刚有了新的一版，请看过再说。"))


def _calendar() -> Calendar:
    return workday_queries.load(requests.session(), services().settings.timezone)


def _people(waiting: Sequence[Waiting]) -> list[int | None]:
    found: list[int | None] = []
    for item in waiting:
        found.append(item.revision.author_id)
        found += [standing.confirmed.verifier_id for standing in item.standings if standing.confirmed is not None]
    return found
