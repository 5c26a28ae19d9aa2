"""The JSON API, version 1. It reads only; a program signs in with ``Authorization: Bearer <token>``."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from web import requests
from web.search import service
from web.search.params import parse, whole_number
from web.search.presenters import results_json

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
MAX_OFFSET = 10_000


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """Answer a search: ``q``, the filters of the search page, ``limit`` and ``offset``."""
    args = parse(request.args, requests.taxonomy())
    limit = whole_number(request.args, "limit", default=DEFAULT_LIMIT, low=1, high=MAX_LIMIT)
    offset = whole_number(request.args, "offset", default=0, low=0, high=MAX_OFFSET)
    return jsonify(results_json(service.run(args, limit=limit, offset=offset)))
