"""What readers do in the forum, and what scripts ask while somebody writes: preview, names, what there is already."""

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from indexer.documents import Source
from indexer.engine import Hit, IndexNotReadyError
from kb.forum import mentions, queries, reading
from kb.forum.models import MAX_BODY, MAX_TITLE, ThreadKind
from kb.permissions import Permission, require
from web import requests
from web.forum import presenters
from web.forum.blueprint import blueprint
from web.forum.views import reply_number
from web.requests import writing
from web.search.params import SearchArgs
from web.services import services

SIMILAR = 3
"""Entries, and threads, shown while a title is typed: a glance, not a search."""
NAMES = 8


@blueprint.post("/threads/<key>/votes")
def vote(key: str) -> ResponseReturnValue:
    """Say that a post is useful, or take that back."""
    actor, number = requests.actor(), reply_number()
    with writing() as unit:
        thread = queries.readable(unit, actor, key)
        useful = request.form.get("useful") == "yes"
        reading.vote(unit, actor, thread, number, useful=useful, now=requests.now())
    return redirect(url_for("forum.show", key=key, _anchor=f"reply-{number}"))


@blueprint.post("/threads/<key>/follow")
def follow(key: str) -> ResponseReturnValue:
    """Follow the thread called *key*, or stop."""
    actor, follows = requests.actor(), request.form.get("follows") == "yes"
    with writing() as unit:
        reading.follow(unit, actor, queries.readable(unit, actor, key), follows=follows)
    flash(gettext("关注了，有新回复会提醒你。") if follows else gettext("不再关注。"))
    return redirect(url_for("forum.show", key=key))


@blueprint.post("/threads/preview")
def preview() -> ResponseReturnValue:
    """Answer with what is being written as it will look: a piece of HTML."""
    require(requests.actor(), Permission.THREAD_WRITE)
    body = request.form.get("body", "")[:MAX_BODY]
    return str(presenters.html_of(body, mentions.known(requests.session(), [body])))


@blueprint.get("/threads/names")
def names() -> ResponseReturnValue:
    """Answer with whom somebody may be about to call: ``call`` is what goes after the @."""
    require(requests.actor(), Permission.THREAD_WRITE)
    typed = request.args.get("q", "").strip()[:20]
    found = mentions.beginning_with(requests.session(), typed, limit=NAMES)
    return jsonify([{"call": item.call, "name": item.name, "team": item.team} for item in found])


@blueprint.get("/threads/similar")
def similar() -> ResponseReturnValue:
    """Answer with what there is already about a title: entries first, then threads. No search of the log's.

    While the index is being built there is nothing: whoever writes must not be stopped by that.
    """
    require(requests.actor(), Permission.THREAD_WRITE)
    title = " ".join(request.args.get("title", "").split())[:MAX_TITLE]
    return jsonify(
        entries=[
            {"title": hit.plain_title, "answer": hit.answer.striptags(), "url": url_for("entries.show", key=hit.id)}
            for hit in _hits(title, Source.ENTRY)
        ],
        threads=[_thread(hit) for hit in _hits(title, Source.THREAD)],
    )


def _hits(title: str, source: Source) -> tuple[Hit, ...]:
    if not title:
        return ()
    held = services()
    filters = SearchArgs(source=source).filters
    try:
        found = held.search.run(requests.session(), requests.actor(), title, filters, now=requests.now(), limit=SIMILAR)
    except IndexNotReadyError:
        return ()
    return tuple(hit for hit in found.hits or found.nearest[:1] if hit.bulletin is None)


def _thread(hit: Hit) -> dict[str, Any]:
    return {
        "title": hit.plain_title,
        "kind": gettext(ThreadKind(hit.kind).label),
        "url": url_for("forum.show", key=hit.id),
    }
