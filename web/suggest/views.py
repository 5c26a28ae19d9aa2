"""What the search field offers while somebody types: a list as JSON, for the page's own script."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from indexer.documents import Source
from indexer.engine import IndexNotReadyError, Suggestion, SuggestionKind
from web import requests
from web.search.params import SearchArgs, parse
from web.services import services

blueprint = Blueprint("suggest", __name__)


@blueprint.get("/suggest")
def index() -> ResponseReturnValue:
    """Answer with suggestions for ``q`` within the filters of the search page, best first.

    While the index is being built there are none: whoever types must not be stopped by that.
    """
    args = parse(request.args, requests.taxonomy())
    try:
        found = services().search.suggest(requests.actor(), args.q, args.filters, requests.now())
    except IndexNotReadyError:
        found = ()
    return jsonify([suggestion_json(suggestion, args) for suggestion in found])


def suggestion_json(suggestion: Suggestion, args: SearchArgs) -> dict[str, Any]:
    """Return *suggestion*, made for *args*, as the page's script takes it.

    ``url`` is where it leads. A title or a wording opens its entry, with the suggestion's own words as the search to
    go back to: the half word that was typed would be no search, and nothing to learn from. A question is searched for.
    """
    full = replace(args, q=suggestion.text, page=1)
    if suggestion.kind is SuggestionKind.QUERY or suggestion.entry is None:
        page = url_for("search.index")
    else:
        endpoint = "entries.show" if args.source is Source.ENTRY else "forum.show"
        page = url_for(endpoint, key=suggestion.entry)
    return {
        "text": suggestion.text,
        "kind": suggestion.kind.value,
        "entry": suggestion.entry,
        "title": suggestion.title,
        "url": f"{page}?{urlencode(full.query)}",
    }
