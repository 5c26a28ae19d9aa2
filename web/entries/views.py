"""The page of an entry."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.errors import InvalidInputError
from kb.forum import queries as forum_queries
from kb.people import queries as people_queries
from web import requests
from web.search.params import SearchArgs, parse

blueprint = Blueprint("entries", __name__)

MAX_DERIVED = 10
"""Entries shown that came from this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an entry came from, where the person may see it."""

    endpoint: str
    key: str
    title: str


@blueprint.get("/entries/<key>")
def show(key: str) -> ResponseReturnValue:
    """Show the entry called *key*."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    entry, revision = entry_queries.readable_revision(session, actor, key, now=now)
    return render_template(
        "entries/show.html",
        args=_came_from(),
        entry=entry,
        revision=revision,
        valid=entry_queries.valid_at(revision, now),
        today=now,
        related=entry_queries.titles(session, actor, revision.related, now=now),
        origin=_origin(entry),
        derived=entry_queries.served_to(session, actor, now=now, limit=MAX_DERIVED, derived_from=f"entry:{entry.key}"),
        people=people_queries.bylines(session, [entry.owner_id, revision.author_id]),
    )


def _came_from() -> SearchArgs:
    """Return the search that led here; an unreadable one is none: it must not keep anybody from the answer."""
    try:
        return parse(request.args, requests.taxonomy())
    except InvalidInputError:
        return SearchArgs()


def _origin(entry: Entry) -> Origin | None:
    kind, _, key = (entry.derived_from or "").partition(":")
    session = requests.session()
    if kind == "thread":
        title = forum_queries.titles(session, [key]).get(key)
        return None if title is None else Origin(endpoint="forum.show", key=key, title=title)
    if kind == "entry":
        title = entry_queries.titles(session, requests.actor(), [key], now=requests.now()).get(key)
        return None if title is None else Origin(endpoint="entries.show", key=key, title=title)
    return None
