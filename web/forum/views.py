"""The forum's pages: the list, a thread, and what people write there."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.entries import queries as entry_queries
from kb.errors import InvalidInputError
from kb.forum import operations, queries
from kb.forum.models import MAX_BODY, MAX_TITLE, Thread, ThreadKind, ThreadState
from kb.gaps import operations as gap_operations
from kb.gaps import queries as gap_queries
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.permissions import Permission, allowed, require
from web import requests
from web.requests import writing
from web.search.facets import module_counts, regions_in_order
from web.search.params import PAGE_SIZE, SearchArgs, parse, whole_number
from web.search.presenters import Pages

blueprint = Blueprint("forum", __name__)

MAX_DERIVED = 10
"""Entries shown that came from a thread."""


@blueprint.get("/threads")
def index() -> ResponseReturnValue:
    """List threads, newest activity first."""
    require(requests.actor(), Permission.THREAD_READ)
    session, taxonomy = requests.session(), requests.taxonomy()
    args = parse({"source": "thread", **request.args}, taxonomy)
    modules = None if args.module is None else taxonomy.modules.below([args.module])
    counts = queries.count_by_module(session)
    total = sum(count for key, count in counts.items() if modules is None or key in modules)
    rows = queries.page(session, modules=modules, limit=PAGE_SIZE, offset=args.offset)
    return render_template(
        "forum/index.html",
        args=args,
        total=total,
        pages=Pages.of(total, args.page),
        rows=rows,
        people=people_queries.bylines(session, [thread.author_id for thread, _ in rows]),
        modules=module_counts(taxonomy.modules, counts, empty=True),
    )


@blueprint.get("/threads/<key>")
def show(key: str) -> ResponseReturnValue:
    """Show the thread called *key*."""
    return _thread_page(queries.readable(requests.session(), requests.actor(), key))


@blueprint.get("/threads/new")
def new() -> ResponseReturnValue:
    """Show the form for a new thread."""
    require(requests.actor(), Permission.THREAD_WRITE)
    given = {name: request.args.get(name, "") for name in ("title", "module", "gap")}
    return _new_page({**given, "title": given["title"][:MAX_TITLE]})


@blueprint.post("/threads")
def start() -> ResponseReturnValue:
    """Start a thread; where it looks for the answer to a gap, link it to that."""
    form, actor = request.form, requests.actor()
    try:
        kind = _kind(form.get("kind", ""))
        with writing() as unit:
            thread = operations.start(
                unit,
                actor,
                title=form.get("title", ""),
                body=form.get("body", ""),
                kind=kind,
                module=form.get("module", ""),
                region=form.get("region") or None,
                now=requests.now(),
            )
            number = whole_number(form, "gap", default=0, low=1, high=999_999_999)
            if number:
                gap_operations.link_thread(
                    unit, actor, gap_queries.gap(unit, actor, number), thread, now=requests.now()
                )
    except InvalidInputError as problem:
        return _new_page(form.to_dict(), problem), 400
    flash(gettext("已经发出去了。"))
    return redirect(url_for("forum.show", key=thread.key))


@blueprint.post("/threads/<key>/replies")
def reply(key: str) -> ResponseReturnValue:
    """Reply to the thread called *key*."""
    actor, body = requests.actor(), request.form.get("body", "")
    try:
        with writing() as unit:
            added = operations.reply(unit, actor, queries.readable(unit, actor, key), body, now=requests.now())
    except InvalidInputError as problem:
        thread = queries.readable(requests.session(), actor, key)
        return _thread_page(thread, body=body, problem=problem), 400
    return redirect(url_for("forum.show", key=key, _anchor=f"reply-{added.number}"))


@blueprint.post("/threads/<key>/accept")
def accept(key: str) -> ResponseReturnValue:
    """Mark the reply that answers the thread called *key*."""
    actor, number = requests.actor(), request.form.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) <= 6):
        raise InvalidInputError(N_("没有第 %(number)s 条回复"), field="number", number=number)
    with writing() as unit:
        operations.accept(unit, actor, queries.readable(unit, actor, key), int(number), now=requests.now())
    flash(gettext("已采纳为答案。"))
    return redirect(url_for("forum.show", key=key, _anchor=f"reply-{number}"))


def _thread_page(thread: Thread, *, body: str = "", problem: InvalidInputError | None = None) -> str:
    session, actor = requests.session(), requests.actor()
    accepted = next((item for item in thread.replies if item.number == thread.accepted_number), None)
    return render_template(
        "forum/show.html",
        args=_came_from(),
        thread=thread,
        accepted=accepted,
        people=people_queries.bylines(session, [thread.author_id, *(item.author_id for item in thread.replies)]),
        derived=entry_queries.served_to(
            session, actor, now=requests.now(), limit=MAX_DERIVED, derived_from=f"thread:{thread.key}"
        ),
        may_reply=thread.state is ThreadState.OPEN and allowed(actor, Permission.THREAD_WRITE),
        may_accept=allowed(actor, Permission.THREAD_ACCEPT, thread.target),
        hidden=thread.state is ThreadState.HIDDEN,
        body=body,
        problem=problem,
        max_body=MAX_BODY,
    )


def _new_page(values: dict[str, str], problem: InvalidInputError | None = None) -> str:
    taxonomy = requests.taxonomy()
    return render_template(
        "forum/new.html",
        args=SearchArgs(),
        values=values,
        problem=problem,
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


def _kind(value: str) -> ThreadKind:
    try:
        return ThreadKind(value)
    except ValueError as error:
        raise InvalidInputError(N_("没有这种类型：%(key)s"), field="kind", key=value) from error
