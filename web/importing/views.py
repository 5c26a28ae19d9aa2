"""The pages of imports: uploading, deciding about the parts, and the pictures."""

from typing import cast

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.documents import drafting, operations, queries, rules
from kb.documents.drafting import Choice
from kb.documents.operations import PartError
from kb.documents.reading.guarding import MAX_BYTES
from kb.entries.content import KIND_LABELS, Kind
from kb.errors import ConflictError, InvalidInputError, KbError, NotFoundError
from kb.i18n import N_
from kb.permissions import Permission, require
from web import requests
from web.extensions import csrf
from web.importing import forms, service
from web.importing.forms import Form
from web.requests import writing
from web.search.facets import module_counts, regions_in_order

blueprint = Blueprint("importing", __name__, url_prefix="/imports")

FORM_BYTES = 64 * 1024
"""Beside the file."""
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
NUMBER = "<int(max=999999999):number>"


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Show what the person has uploaded, and where to upload."""
    return _index()


@blueprint.post("")
def upload() -> ResponseReturnValue:
    """Read a file and lead to what was understood.

    This request may be longer than others, which has to be said before anything reads it: so the token is checked here.
    """
    request.max_content_length = MAX_BYTES + FORM_BYTES
    csrf.protect()
    require(requests.actor(), Permission.DRAFT_IMPORT)
    try:
        number = service.receive(request.files.get("file"))
    except InvalidInputError as problem:
        return _index(problem), 400
    return redirect(url_for("importing.show", number=number))


csrf.exempt(upload)


@blueprint.get(f"/{NUMBER}")
def show(number: int) -> ResponseReturnValue:
    """Show what was understood, for somebody to decide about."""
    return _show(number, Form())


@blueprint.post(f"/{NUMBER}")
def decide(number: int) -> ResponseReturnValue:
    """Cut the document otherwise, or make drafts of what was chosen, as the button says."""
    form = cast("Form", request.form)
    verb, _, value = form.get("do", "").partition(":")
    try:
        if verb == "take":
            return _take(number, form)
        found = queries.own(requests.session(), requests.actor(), number)
        document, _ = service.parts_of(found)
        place = int(value) if value.isascii() and value.isdigit() and len(value) < 6 else -1
        if not 0 <= place < len(document.sections) + rules.DEEPEST:
            raise InvalidInputError(N_("看不懂要做什么"))
        cuts = {
            "level": lambda: rules.at_level(document.sections, place),
            "join": lambda: rules.joined(found.cuts, place),
            "part": lambda: rules.parted(found.cuts, place),
        }.get(verb)
        if cuts is None:
            raise InvalidInputError(N_("看不懂要做什么"))
        with writing() as unit:
            operations.cut(unit, requests.actor(), number, cuts())
    except (InvalidInputError, ConflictError) as problem:
        return _show(number, form, problem), 409 if isinstance(problem, ConflictError) else 400
    return _show(number, form)


@blueprint.get(f"/{NUMBER}/parts/<int(max=99999):start>")
def part(number: int, start: int) -> ResponseReturnValue:
    """Show what one part would become: in a page of its own, or for the list."""
    session = requests.session()
    found = queries.own(session, requests.actor(), number)
    _, parts = service.parts_of(found)
    wanted = next((item for item in parts if item.start == start), None)
    if wanted is None:
        raise NotFoundError(N_("没有这一条"))
    choice = drafting.choice_of(wanted, Choice(kind=Kind.ARTICLE, module_key="", tier_key=""), requests.taxonomy())
    return render_template(
        "importing/_part.html" if requests.asked_by_script() else "importing/part.html",
        found=found,
        part=wanted,
        content=drafting.content_of(wanted, drafting.title_of(wanted), choice),
        inner=[(wanted.start + index, item) for index, item in enumerate(wanted.sections) if index and item.level],
        open=not queries.drafts(session, found),
    )


@blueprint.post(f"/{NUMBER}/discard")
def discard(number: int) -> ResponseReturnValue:
    """Throw an import away."""
    with writing() as unit:
        operations.discard(unit, requests.actor(), number, now=requests.now())
    flash(gettext("这次导入已删掉，已经转成的草稿还在。"))
    return redirect(url_for("importing.index"))


@blueprint.get("/pictures/<digest>")
def picture(digest: str) -> ResponseReturnValue:
    """Send a picture of a document to anybody who is signed in and has its address, which nobody can guess."""
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise NotFoundError(N_("没有这张图片"))
    data, media_type = service.pictures().read(digest)
    answer = Response(data, content_type=media_type)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


def _index(problem: InvalidInputError | None = None) -> str:
    return render_template(
        "importing/index.html",
        imports=queries.listed(requests.session(), requests.actor()),
        problem=problem,
        max_megabytes=MAX_BYTES // 1024 // 1024,
    )


def _take(number: int, form: Form) -> ResponseReturnValue:
    session, actor = requests.session(), requests.actor()
    found = queries.own(session, actor, number)
    _, parts = service.parts_of(found)
    rows = forms.rows(parts, form, {}, queries.drafts(session, found))
    contents = forms.contents(rows, form, requests.taxonomy())
    with writing() as unit:
        made = operations.take(unit, actor, number, contents, now=requests.now())
    flash(gettext("%(count)s 条已转成草稿，可以接着改、再提交审核。", count=len(made)))
    return redirect(url_for("importing.show", number=number))


def _show(number: int, form: Form, problem: KbError | None = None) -> str:
    session, actor, taxonomy = requests.session(), requests.actor(), requests.taxonomy()
    found = queries.own(session, actor, number)
    document, parts = service.parts_of(found)
    drafts = queries.drafts(session, found)
    before = queries.earlier(session, found.digest, but=found.id)
    rows = forms.rows(parts, form, service.alike_to(found, parts), drafts)
    by_level = {level: rules.at_level(document.sections, level) for level in rules.levels(document.sections)}
    # A level at which nothing more begins than at the one above is no choice.
    levels = {cuts: level for level, cuts in reversed(by_level.items()) if level <= rules.DEEPEST}
    return render_template(
        "importing/show.html",
        found=found,
        document=document,
        rows=rows,
        levels=sorted((level, len(cuts)) for cuts, level in levels.items()),
        cut_at=levels.get(tuple(found.cuts)),
        form=form,
        problem=problem,
        problem_at=problem.start if isinstance(problem, PartError) else None,
        before=before,
        drafted=len(drafts),
        kinds=KIND_LABELS,
        modules=module_counts(taxonomy.modules, {}, empty=True),
        regions=regions_in_order(taxonomy),
        tiers=taxonomy.tiers,
    )
