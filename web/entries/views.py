"""The page of an entry."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from kb.desk import queries as desk_queries
from kb.desk import rules as desk_rules
from kb.desk.models import LearnedWording, Outcome
from kb.desk.rules import Reason
from kb.entries import queries as entry_queries
from kb.entries.models import Entry, Revision
from kb.entries.rules import SERVED
from kb.errors import InvalidInputError
from kb.forum import queries as forum_queries
from kb.people import queries as people_queries
from kb.permissions import Permission, allowed
from web import requests
from web.desk.service import today
from web.maturity.presenters import maturity_of
from web.search.params import SearchArgs, parse
from web.services import services

blueprint = Blueprint("entries", __name__)

MAX_DERIVED = 10
"""Entries shown that came from this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an entry came from, where the person may see it."""

    endpoint: str
    key: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWording:
    """A customers' wording and what taught it: ``None`` for the author's own."""

    text: str
    learned: LearnedWording | None = None


@blueprint.get("/entries/<key>")
def show(key: str) -> ResponseReturnValue:
    """Show the entry called *key*."""
    session, actor, now = requests.session(), requests.actor(), requests.now()
    entry, revision = entry_queries.readable_revision(session, actor, key, now=now)
    args = _came_from()
    served = entry.live_state in SERVED and entry_queries.valid_at(revision, now)
    return render_template(
        "entries/show.html",
        args=args,
        wordings=_wordings(entry, revision),
        may_see_history=allowed(actor, Permission.ENTRY_READ_UNPUBLISHED, entry.target()),
        may_question=allowed(actor, Permission.QUESTION_WRITE, entry.target()),
        may_decide=allowed(actor, Permission.WORDING_DECIDE, entry.target()),
        asks_outcome=served and bool(args.q) and allowed(actor, Permission.OUTCOME_RECORD, entry.target()),
        outcome=_outcome_today(entry) if args.q else None,
        reasons=list(Reason),
        entry=entry,
        maturity=maturity_of(session, actor, entry, now=now),
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


def _wordings(entry: Entry, revision: Revision) -> list[ShownWording]:
    """Return the author's wordings, then those that calls taught and the author has not taken over."""
    normalise = services().learning.normalise
    learned = desk_queries.accepted(requests.session(), [entry.id]).get(entry.id, ())
    known = {desk_rules.spelling(text, normalise) for text in revision.wordings} if learned else set()
    return [
        *(ShownWording(text=text) for text in revision.wordings),
        *(ShownWording(text=item.text, learned=item) for item in learned if item.spelling not in known),
    ]


def _outcome_today(entry: Entry) -> Outcome | None:
    return desk_queries.outcome_of(requests.session(), entry, requests.person().id, today())


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
