"""What fields offer while somebody types: lists as JSON, for the pages' own scripts."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from indexer.documents import Source
from indexer.engine import Filters, IndexNotReadyError, Suggestion, SuggestionKind
from indexer.suggest.marking import mark
from kb.entries import queries as entry_queries
from kb.forum import queries as forum_queries
from web import requests
from web.entry_keys import key_in
from web.search.params import SearchArgs, parse
from web.services import services

blueprint = Blueprint("suggest", __name__)

OFFERED = 6
"""Entries offered to a form's field."""


@blueprint.get("/suggest")
def index() -> ResponseReturnValue:
    """Answer with suggestions for ``q`` within the filters of the search page, best first.

    While the index is being built there are none: whoever types must not be stopped by that. What the database has
    taken back is left out, even while the index has yet to hear of it.
    """
    args = parse(request.args, requests.taxonomy())
    try:
        found = services().search.suggest(requests.actor(), args.q, args.filters, requests.now())
    except IndexNotReadyError:
        found = ()
    readable = _readable(args.source, {item.entry for item in found if item.entry is not None})
    shown = [item for item in found if item.entry is None or item.entry in readable]
    return jsonify([suggestion_json(item, args) for item in shown])


@blueprint.get("/suggest/entries")
def entries() -> ResponseReturnValue:
    """Answer with the entries that a form's field may mean by ``q``: found as agents find them, or named by address.

    ``nearest`` are offered too: here somebody knows that there is an entry, and looks at it before choosing it.
    """
    session, actor, now, text = requests.session(), requests.actor(), requests.now(), request.args.get("q", "").strip()
    key = key_in(text)
    named = entry_queries.titles(session, actor, [key], now=now)
    found = {key: {"key": key, "title": title, "answer": ""} for key, title in named.items()}
    try:
        results = services().search.run(session, actor, text, Filters(), now=now, limit=OFFERED)
    except IndexNotReadyError:
        return jsonify(list(found.values()))
    for hit in (*results.hits, *results.nearest):
        if hit.bulletin is None:
            found.setdefault(hit.id, {"key": hit.id, "title": hit.plain_title, "answer": hit.answer.striptags()})
    return jsonify(list(found.values())[:OFFERED])


def _readable(source: Source, keys: set[str]) -> Collection[str]:
    """Return those of *keys* that the person may read now. One statement at most."""
    if not keys:
        return ()
    session, actor = requests.session(), requests.actor()
    if source is Source.THREAD:
        return forum_queries.readable_keys(session, actor, keys)
    return entry_queries.titles(session, actor, keys, now=requests.now())


def suggestion_json(suggestion: Suggestion, args: SearchArgs) -> dict[str, Any]:
    """Return *suggestion*, made for *args*, as the page's script takes it.

    ``url`` is where it leads. A title or a wording opens its entry, with the suggestion's own words as the search to
    go back to: the half word that was typed would be no search, and nothing to learn from. A question is searched for.
    ``mark`` is from where to where in ``text``, in characters, that which was typed stands.
    """
    full = replace(args, q=suggestion.text, page=1)
    if suggestion.kind is SuggestionKind.QUERY or suggestion.entry is None:
        page = url_for("search.index")
    else:
        endpoint = "entries.show" if args.source is Source.ENTRY else "forum.show"
        page = url_for(endpoint, key=suggestion.entry)
    found = mark(suggestion.text, args.q)
    return {
        "text": suggestion.text,
        "mark": None if found is None else [found.start, found.end],
        "kind": suggestion.kind.value,
        "entry": suggestion.entry,
        "title": suggestion.title,
        "url": f"{page}?{urlencode(full.query)}",
    }
