"""The editor's page: begin, write, look at what it comes to, hand in.

The form keeps itself: ``static/js/editor`` posts it to ``keep`` a moment after each change and asks for the two parts
beside it, the card with the standard (``look``) and the places in search (``found``). It works by its buttons too.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from indexer import findability
from indexer.engine import IndexNotReadyError
from kb.drafting import operations, queries, sources
from kb.drafting.models import WorkingCopy
from kb.drafting.operations import StaleBaseError
from kb.entries import operations as entries
from kb.entries import ownership
from kb.entries.content import FRESHNESS_LABELS, KIND_LABELS, Content, Freshness, Kind
from kb.entries.rules import TRANSITIONS, State, Step
from kb.errors import ConflictError, InvalidInputError, KbError
from kb.i18n import N_
from kb.permissions import Permission, Role, require
from web import requests
from web.desk.params import DeskArgs
from web.editor import service
from web.editor.reviewed import said_of
from web.entries.differences import FIELDS
from web.i18n import iso, message
from web.requests import writing
from web.search.facets import module_counts, regions_in_order
from web.services import services

blueprint = Blueprint("editor", __name__, url_prefix="/editor")

SHOWN = 20
"""Working copies listed."""
ALIASES = {"module": "module_key", "tier": "tier_key"}
"""Fields that problems call otherwise than the form does."""


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Show what the person is writing, what they own, and what to begin a new entry with."""
    session, actor = requests.session(), requests.actor()
    require(actor, Permission.ENTRY_CREATE)
    source = request.args.get("origin", "")
    person = requests.person()
    return render_template(
        "editor/start.html",
        copies=queries.mine(session, actor, limit=SHOWN),
        owned=ownership.owned_by(session, person.id),
        kinds=list(Kind),
        source=source,
        start=sources.read(session, actor, source) if source else None,
    )


@blueprint.post("")
def begin() -> ResponseReturnValue:
    """Begin a new entry of a kind, from what it comes from if it comes from anything."""
    actor, source = requests.actor(), request.form.get("origin") or None
    kind = _kind(request.form.get("kind", ""))
    with writing() as unit:
        start = sources.read(unit, actor, source) if source is not None else None
        fields = service.start_fields(start, kind)
        copy = operations.begin(unit, actor, fields, key=service.new_key(), source=source, now=requests.now())
    return redirect(url_for("editor.edit", key=copy.key))


@blueprint.post("/entries/<key>")
def edit_entry(key: str) -> ResponseReturnValue:
    """Go on with the person's working copy of the entry *key*, begun now if there is none."""
    actor, zone = requests.actor(), services().settings.timezone
    with writing() as unit:
        entry = service.readable(unit, actor, key)
        copy = operations.begin_edit(unit, actor, entry, key=service.new_key(), timezone=zone, now=requests.now())
    return redirect(url_for("editor.edit", key=copy.key))


@blueprint.get("/<key>")
def edit(key: str) -> ResponseReturnValue:
    """Show a working copy to go on with."""
    return _page(service.own(key), tries="found" in request.args)


@blueprint.post("/<key>/keep")
def keep(key: str) -> ResponseReturnValue:
    """Keep what the form says: the answer to a script says in which version, or why not."""
    if not requests.asked_by_script():
        copy = service.own(key)
        fields = service.changed_kind(copy.fields, service.posted())
        try:
            _keep(key, fields, service.posted_version())
        except (ConflictError, InvalidInputError) as problem:
            return _page(service.own(key), fields=fields, problem=problem), 409
        looks: dict[str, Any] = {"found": 1, "_anchor": "beside"} if "look" in request.form else {}
        return redirect(url_for("editor.edit", key=key, **looks))
    try:
        copy = _keep(key, service.posted(), service.posted_version())
    except ConflictError as problem:
        return jsonify(message=message(problem), version=service.own(key).version), 409
    except InvalidInputError as problem:
        return jsonify(message=message(problem)), 400
    return jsonify(version=copy.version, at=iso(copy.updated_at))


@blueprint.get("/<key>/look")
def look(key: str) -> ResponseReturnValue:
    """Answer with the card as the desk will show it, and the writing standard."""
    return render_template("editor/_look.html", **_look(service.own(key)))


@blueprint.get("/<key>/found")
def found(key: str) -> ResponseReturnValue:
    """Answer with where callers' words would find it, and what says nearly the same."""
    return render_template("editor/_found.html", **_found(service.own(key)))


@blueprint.post("/<key>/submit")
def submit(key: str) -> ResponseReturnValue:
    """Hand it in for review."""
    return _hand_in(key, submit=True)


@blueprint.post("/<key>/draft")
def save_draft(key: str) -> ResponseReturnValue:
    """Make it a draft that others who work on the entry can see."""
    return _hand_in(key, submit=False)


@blueprint.post("/<key>/discard")
def discard(key: str) -> ResponseReturnValue:
    """Throw the working copy away."""
    actor = requests.actor()
    with writing() as unit:
        operations.discard(unit, actor, queries.own(unit, actor, key))
    flash(gettext("丢掉了。已经发布的知识没有变。"))
    return redirect(url_for("editor.index"))


@blueprint.post("/<key>/withdraw")
def withdraw(key: str) -> ResponseReturnValue:
    """Take the entry back from the reviewers, so that the edit can be handed in."""
    actor = requests.actor()
    with writing() as unit:
        copy = queries.own(unit, actor, key)
        if copy.entry is not None:
            entries.withdraw(unit, actor, copy.entry, now=requests.now())
    return redirect(url_for("editor.edit", key=key))


def _keep(key: str, fields: Mapping[str, Any], version: int) -> WorkingCopy:
    actor = requests.actor()
    with writing() as unit:
        copy = queries.own(unit, actor, key)
        return operations.keep(unit, actor, copy, dict(fields), version=version, now=requests.now())


def _hand_in(key: str, *, submit: bool) -> ResponseReturnValue:
    """Keep what was posted, in a unit of work of its own, so that it is there whatever becomes of handing it in."""
    actor, fields = requests.actor(), service.posted()
    try:
        _keep(key, fields, service.posted_version())
        context = service.context()
        with writing() as unit:
            copy = queries.own(unit, actor, key)
            entry = operations.hand_in(
                unit,
                actor,
                copy,
                context=context,
                note=fields["note"].strip(),
                material=fields["material"] != "no",
                submit=submit,
                now=requests.now(),
            )
            entry_key = entry.key
    except StaleBaseError:
        return redirect(url_for("editor.merge", key=key))
    except (InvalidInputError, ConflictError) as problem:
        status = 400 if isinstance(problem, InvalidInputError) else 409
        return _page(service.own(key), fields=fields, problem=problem), status
    flash(gettext("提交了，审核的人会看到。") if submit else gettext("存成草稿了，还没有提交审核。"))
    return redirect(url_for("entries.show", key=entry_key))


def _page(
    copy: WorkingCopy, *, fields: Mapping[str, Any] | None = None, problem: KbError | None = None, tries: bool = False
) -> str:
    taxonomy, entry = requests.taxonomy(), copy.entry
    beside = _look(copy)
    content: Content = beside["content"]
    template = service.template_of(copy, content.kind)
    reviewing = entry is not None and entry.work_state not in TRANSITIONS[Step.SAVE].sources
    wrong = problem.field if isinstance(problem, InvalidInputError) else None
    return render_template(
        "editor/edit.html",
        **beside,
        found=_found(copy) if tries else None,
        fields=copy.fields if fields is None else fields,
        kind=content.kind,
        names=FIELDS,
        hints=template.hints,
        problem=problem,
        wrong=ALIASES.get(wrong or "", wrong),
        stale=service.is_stale(copy),
        reviewing=reviewing,
        said=said_of(copy),
        withdrawable=entry is not None and entry.work_state is State.IN_REVIEW,
        origin=_origin(copy),
        kinds=KIND_LABELS,
        freshness=FRESHNESS_LABELS,
        due={item: service.due(item).isoformat() for item in Freshness},
        zone=services().settings.timezone,
        modules=module_counts(taxonomy.modules, {}, empty=True),
        regions=regions_in_order(taxonomy),
        roles=list(Role),
    )


def _look(copy: WorkingCopy) -> dict[str, Any]:
    content = service.content_of(copy)
    return {
        "copy": copy,
        "content": content,
        "card": service.preview(copy, content),
        "desk": DeskArgs(),
        "standard": service.standard_of(copy, content),
        "material": service.material_of(copy, content),
    }


def _found(copy: WorkingCopy) -> dict[str, Any]:
    content, held = service.content_of(copy), services()
    session, actor, now = requests.session(), requests.actor(), requests.now()
    asked = {"copy": copy, "content": content, "deepest": findability.DEEPEST}
    try:
        places = findability.places(held.search, session, actor, content, copy.entry, now=now)
        near = findability.near(held.search, session, actor, content, copy.entry, now=now)
    except IndexNotReadyError:
        return {**asked, "places": None, "near": []}
    return {**asked, "places": places, "near": near}


def _origin(copy: WorkingCopy) -> str | None:
    """Return the title of what a new entry comes from, where the person may (still) read that."""
    if copy.source is None or copy.entry is not None:
        return None
    try:
        return sources.read(requests.session(), requests.actor(), copy.source).title
    except KbError:
        return None


def _kind(value: str) -> Kind:
    try:
        return Kind(value)
    except ValueError as error:
        raise InvalidInputError(N_("没有这种类型：%(key)s"), field="kind", key=value) from error
