"""The forum's pages: the list, a thread, and what people write there."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from kb.errors import InvalidInputError
from kb.forum import mentions, operations, queries, reading
from kb.forum.models import MAX_BODY, MAX_TITLE, Thread, ThreadKind, ThreadState
from kb.forum.queries import View
from kb.gaps import operations as gap_operations
from kb.gaps import queries as gap_queries
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import Permission, require
from kb.provenance import queries as provenance
from web import requests
from web.attachments import service as attachments
from web.forum import presenters
from web.forum.blueprint import blueprint
from web.forum.listing import list_args
from web.requests import takes_files, writing
from web.search.facets import module_counts, regions_in_order
from web.search.params import PAGE_SIZE, SearchArgs, parse, whole_number
from web.search.presenters import Pages


@blueprint.get("/threads")
def index() -> ResponseReturnValue:
    """List threads, newest activity first."""
    actor = requests.actor()
    require(actor, Permission.THREAD_READ)
    session, taxonomy = requests.session(), requests.taxonomy()
    wanted = list_args(request.args, taxonomy)
    args = wanted.search
    narrowing = wanted.narrowing(taxonomy)
    counts = queries.count_by_module(session, view=wanted.view, actor=actor, narrowing=narrowing)
    total = sum(count for key, count in counts.items() if narrowing.modules is None or key in narrowing.modules)
    rows = queries.page(
        session, narrowing=narrowing, limit=PAGE_SIZE, offset=args.offset, view=wanted.view, actor=actor
    )
    return render_template(
        "forum/index.html",
        args=args,
        list_args=wanted,
        views=list(View),
        kinds=list(ThreadKind),
        regions=regions_in_order(taxonomy),
        total=total,
        pages=Pages.of(total, args.page),
        rows=rows,
        written_up=provenance.written_up(session, actor, [thread.key for thread, _ in rows], now=requests.now()),
        unread=reading.unread(session, actor, [thread.id for thread, _ in rows], now=requests.now()),
        people=people_queries.bylines(session, [thread.author_id for thread, _ in rows]),
        modules=module_counts(taxonomy.modules, counts, empty=True),
    )


@blueprint.get("/threads/<key>")
def show(key: str) -> ResponseReturnValue:
    """Show the thread called *key*, and take it as read from then on. One that was merged leads on."""
    actor = requests.actor()
    thread = queries.readable(requests.session(), actor, key)
    if thread.key != key:
        return redirect(url_for("forum.show", key=thread.key))
    last = thread.replies[-1].number if thread.replies else 0
    mark = reading.mark_of(requests.session(), actor, thread)
    shown = _thread_page(thread)
    if mark is None or mark.read_number is None or mark.read_number < last:
        with writing() as unit:
            reading.saw(unit, actor, thread, last)
    return shown


@blueprint.get("/threads/new")
def new() -> ResponseReturnValue:
    """Show the form for a new thread."""
    require(requests.actor(), Permission.THREAD_WRITE)
    given = {name: request.args.get(name, "") for name in ("title", "module", "gap")}
    return _new_page({**given, "title": given["title"][:MAX_TITLE]}, fresh=True)


@blueprint.post("/threads")
@takes_files
def start() -> ResponseReturnValue:
    """Start a thread; where it looks for the answer to a gap, link it to that."""
    form, actor = request.form, requests.actor()
    try:
        body = body_with_files()
        if "preview" in form:
            return _new_page({**form.to_dict(), "body": body}, preview=previewed(body))
        kind = _kind(form.get("kind", ""))
        number = whole_number(form, "gap", default=0, low=1, high=999_999_999)
        title = form.get("title", "")
        with writing() as unit:
            thread = operations.started_before(unit, actor, title=title, body=body, now=requests.now())
            made = thread is None
            if thread is None:
                thread = operations.start(
                    unit,
                    actor,
                    title=title,
                    body=body,
                    kind=kind,
                    module=form.get("module", ""),
                    region=form.get("region") or None,
                    now=requests.now(),
                    derived_from=f"gap:{number}" if number else None,
                )
            if number and made:
                gap_operations.link_thread(
                    unit, actor, gap_queries.gap(unit, actor, number), thread, now=requests.now()
                )
    except InvalidInputError as problem:
        return _new_page(form.to_dict(), problem), 400
    flash(gettext("已经发出去了。"))
    return redirect(url_for("forum.show", key=thread.key, sent=sent()))


@blueprint.post("/threads/<key>/replies")
@takes_files
def reply(key: str) -> ResponseReturnValue:
    """Reply to the thread called *key*."""
    actor = requests.actor()
    shown = queries.readable(requests.session(), actor, key)  # before files are kept for what they may not know of
    try:
        body = body_with_files()
        if "preview" in request.form:
            return _thread_page(shown, body=body, preview=previewed(body))
        with writing() as unit:
            thread = queries.readable(unit, actor, key)
            added = operations.reply(unit, actor, thread, body, now=requests.now())
    except InvalidInputError as problem:
        thread = queries.readable(requests.session(), actor, key)
        return _thread_page(thread, body=request.form.get("body", ""), problem=problem), 400
    return redirect(url_for("forum.show", key=thread.key, sent=sent(), _anchor=f"reply-{added.number}"))


@blueprint.post("/threads/<key>/accept")
def accept(key: str) -> ResponseReturnValue:
    """Mark the reply that answers the thread called *key*."""
    actor, number = requests.actor(), reply_number()
    with writing() as unit:
        thread = queries.readable(unit, actor, key)
        operations.accept(
            unit, actor, thread, number, now=requests.now(), read_at=_moment(request.form.get("read", ""))
        )
    flash(gettext("已采纳为答案。"))
    return redirect(url_for("forum.show", key=key, _anchor=f"reply-{number}"))


def sent() -> str | None:
    """Return what tells the page where a form leads to that it arrived: then nobody has to keep it any more.

    ``None`` where no script asked for that.
    """
    return "1" if request.form.get("kept") == "1" else None


def reply_number() -> int:
    """Return the number of the reply that a form is about.

    Raises:
        InvalidInputError: it is none.
    """
    number = request.form.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) <= 6):
        raise InvalidInputError(N_("没有第 %(number)s 条回复"), field="number", number=number)
    return int(number)


def body_with_files() -> str:
    """Return what was written, with the files that came with it kept and referred to."""
    require(requests.actor(), Permission.THREAD_WRITE)
    files = attachments.read(request.files.getlist("file"))
    written = request.form.get("body", "").replace("\r\n", "\n")
    if not files:
        return written
    with writing() as unit:
        references = attachments.keep(unit, files)
    return attachments.with_files(written, references)


def previewed(body: str) -> Markup:
    """Return *body* as it will look."""
    return presenters.html_of(body, mentions.known(requests.session(), [body]))


def _thread_page(
    thread: Thread, *, body: str = "", problem: InvalidInputError | None = None, preview: Markup | None = None
) -> str:
    session, actor = requests.session(), requests.actor()
    page = presenters.page_of(session, actor, thread)
    taxonomy = requests.taxonomy()
    return render_template(
        "forum/show.html",
        args=_came_from(),
        page=page,
        read=requests.now().isoformat(),
        thread=thread,
        people=people_queries.bylines(session, page.people),
        origin=provenance.origin_of_thread(session, actor, thread),
        written_up=provenance.written_up(session, actor, [thread.key], now=requests.now()).get(thread.key),
        hidden=thread.state is ThreadState.HIDDEN,
        modules=module_counts(taxonomy.modules, {}, empty=True) if page.may_moderate else (),
        regions=regions_in_order(taxonomy) if page.may_moderate else (),
        body=body,
        problem=problem,
        preview=preview,
        max_body=MAX_BODY,
    )


def _new_page(
    values: dict[str, str],
    problem: InvalidInputError | None = None,
    *,
    preview: Markup | None = None,
    fresh: bool = False,
) -> str:
    taxonomy = requests.taxonomy()
    return render_template(
        "forum/new.html",
        args=SearchArgs(),
        values=values,
        fresh=fresh,
        problem=problem,
        preview=preview,
        kinds=list(ThreadKind),
        modules=module_counts(taxonomy.modules, {}, empty=True),
        regions=regions_in_order(taxonomy),
        max_title=MAX_TITLE,
        max_body=MAX_BODY,
    )


def _came_from() -> SearchArgs:
    try:
        return parse({"source": "thread", **request.args}, requests.taxonomy())
    except InvalidInputError:
        return SearchArgs()


def _moment(text: str) -> datetime | None:
    """Return the moment that a form was made; ``None`` where it does not say one."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _kind(value: str) -> ThreadKind:
    try:
        return ThreadKind(value)
    except ValueError as error:
        raise InvalidInputError(N_("没有这种类型：%(key)s"), field="kind", key=value) from error
