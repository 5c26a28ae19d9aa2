"""What monitoring asks."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kb.errors import SetupError
from kb.home import check_ready
from kb.permissions import Permission, require
from web import requests
from web.i18n import message
from web.requests import public
from web.services import services

blueprint = Blueprint("ops", __name__)


@blueprint.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """Say that the process answers. Nothing else is looked at."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Say whether people can be served: the database is there and at the right version, and an index can be searched.

    An index that is behind is still served, so ``lag`` alone makes nobody unready.
    """
    held = services()
    try:
        check_ready(held.engine)
    except SetupError as error:
        return jsonify(status="unavailable", database={"ok": False, "message": message(error)}, index=None), 503
    health = held.search.status(requests.session())
    searchable = health.generation is not None
    body = {
        "status": "ok" if searchable else "unavailable",
        "database": {"ok": True},
        "index": {
            "ok": searchable,
            "generation": health.generation,
            "current": health.current,
            "documents": health.documents,
            "watermark": health.watermark,
            "last_event": health.last_event,
            "lag": health.lag,
            "segments": health.segments,
            "embedded": health.embedded,
            "embeddable": health.embeddable,
        },
    }
    return jsonify(body), 200 if searchable else 503


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Show the process's numbers to Prometheus, which signs in with a token of somebody who may manage the index."""
    require(requests.actor(), Permission.INDEX_MANAGE)
    held = services()
    health = held.search.status(requests.session())
    held.metrics.index_lag.set(health.lag)
    held.metrics.dropped_searches.set(held.search_log.dropped)
    held.metrics.last_event.set(health.last_event)
    held.metrics.embedded.set(health.embedded)
    held.metrics.embeddable.set(health.embeddable)
    return Response(generate_latest(held.metrics.registry), content_type=CONTENT_TYPE_LATEST)
