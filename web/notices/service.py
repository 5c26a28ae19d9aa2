"""How many notices the person of this request has not read: for the badge on every page."""

from typing import cast

from flask import g

from kb.notices import queries
from web import requests


def unread() -> int:
    """Return how many there are; read once for a request. One statement."""
    if "unread_notices" not in g:
        g.unread_notices = queries.unread(requests.session(), requests.actor())
    return cast("int", g.unread_notices)
