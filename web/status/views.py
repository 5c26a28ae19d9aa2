"""How far the index, sense and the search log are, for those who run the knowledge base. Numbers are ``kb``'s own."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from indexer.documents import INDEXED
from kb.events import queries as event_queries
from kb.permissions import Permission, require
from web import requests
from web.search.params import SearchArgs
from web.services import services

blueprint = Blueprint("status", __name__)


@blueprint.get("/status")
def index() -> ResponseReturnValue:
    """Show how far everything behind the search is, and since when it is behind."""
    require(requests.actor(), Permission.INDEX_MANAGE)
    held, session = services(), requests.session()
    health = held.search.status(session)
    late = event_queries.after(session, health.watermark, limit=1, kinds=INDEXED) if health.lag else ()
    return render_template(
        "status/index.html",
        args=SearchArgs(),
        health=health,
        behind_since=late[0].at if late else None,
        waiting=held.search_log.waiting(),
        dropped=held.search_log.dropped,
    )
