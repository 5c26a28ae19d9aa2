"""The JSON API, version 1: search and its outcome. A program signs in with ``Authorization: Bearer <token>``."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from kb.desk.models import Door
from kb.errors import InvalidInputError
from kb.i18n import N_
from web import requests
from web.desk.service import parse_reason, record_outcome
from web.extensions import csrf
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
    results = service.run(args, limit=limit, offset=offset)
    if offset == 0:
        service.note(args, results, Door.API, unanswered=not results.answered and not args.narrowing)
    return jsonify(results_json(results))


@blueprint.post("/outcomes")
def outcomes() -> ResponseReturnValue:
    """Record whether an entry solved a call.

    Takes ``entry`` (its key), ``query`` (the words that were searched), ``solved`` (true or false) and, when it is
    false, ``reason`` (a value of ``kb.desk.rules.Reason``). One outcome per person, entry and day counts.
    """
    if not current_user.by_token:
        csrf.protect()  # a browser's session: the page that asks sends its token in X-CSRFToken
    given = _json_object()
    recorded = record_outcome(
        _text(given, "entry"),
        _text(given, "query"),
        solved=_yes_or_no(given, "solved"),
        reason=parse_reason(_text(given, "reason")),
    )
    body = {
        "entry": _text(given, "entry"),
        "query": recorded.text,
        "solved": recorded.solved,
        "reason": recorded.reason,
        "day": recorded.day.isoformat(),
    }
    return jsonify(body), 201


csrf.exempt(outcomes)


def _json_object() -> Mapping[str, Any]:
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise InvalidInputError(N_("请求的内容要是一个 JSON 对象"))
    return given


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInputError(N_("%(name)s 要是文字"), field=name, name=name)
    return value


def _yes_or_no(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name)
    if not isinstance(value, bool):
        raise InvalidInputError(N_("%(name)s 要是 true 或 false"), field=name, name=name)
    return value
