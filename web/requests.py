"""What handlers need from their request: a session to read with, a unit of work, who asks, the taxonomy, the time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from kb.attachments.rules import MAX_BYTES, MAX_FILES
from kb.db import begin_write, unit_of_work
from kb.errors import KbError
from kb.i18n import N_
from kb.people import queries as people_queries
from kb.people.models import User
from kb.permissions import Actor
from kb.taxonomy import queries as taxonomy_queries
from kb.taxonomy.queries import Taxonomy
from web.services import services

View = TypeVar("View", bound=Callable[..., object])

_OPEN_ENDPOINTS = frozenset({"static", "bootstrap.static"})


class NotSignedInError(KbError):
    """A program asked without a session or a token."""

    code = "not_signed_in"

    def __init__(self) -> None:
        super().__init__(N_("请先登录，或在 Authorization 头里带上访问令牌"))


def init_app(app: Flask) -> None:
    """Close what requests of *app* open, and let nobody in who has not signed in."""
    app.before_request(_require_sign_in)
    app.before_request(_make_room)
    app.teardown_appcontext(lambda error: end_reading())


def public(view: View) -> View:
    """Mark *view* as open to people who have not signed in. Every other view is closed."""
    view.public = True  # type: ignore[attr-defined]  # a mark on the function, read by _require_sign_in
    return view


def takes_files(view: View) -> View:
    """Mark *view* as one that files are posted to. Every other takes no more than a long text."""
    view.takes_files = True  # type: ignore[attr-defined]  # a mark on the function, read by _make_room
    return view


def session() -> Session:
    """Return this request's session for reading."""
    if "session" not in g:
        g.session = services().sessions()
    return cast("Session", g.session)


def end_reading() -> None:
    """Close this request's session for reading, if it has one."""
    opened = g.pop("session", None)
    if opened is not None:
        opened.close()


@contextmanager
def writing() -> Iterator[Session]:
    """One unit of work for a handler that changes something.

    The reading session is closed first: a request holds one connection at a time, so that the pool is never emptied
    by requests that wait for each other.
    """
    end_reading()
    with unit_of_work(services().sessions) as opened:
        yield opened


@contextmanager
def trying() -> Iterator[Session]:
    """A unit of work that comes to nothing: what is done in the block can be looked at, and is rolled back."""
    end_reading()
    with services().sessions() as opened:
        begin_write(opened)
        try:
            yield opened
        finally:
            opened.rollback()


def person() -> User:
    """Return who has signed in. Their columns, team and roles are loaded, also after the session was closed."""
    return cast("User", current_user.person)


def actor() -> Actor:
    """Return who has signed in as permissions see them."""
    if "actor" not in g:
        g.actor = people_queries.actor(person(), taxonomy())
    return cast("Actor", g.actor)


def taxonomy() -> Taxonomy:
    """Return the taxonomy as of this request."""
    if "taxonomy" not in g:
        g.taxonomy = taxonomy_queries.load(session())
    return cast("Taxonomy", g.taxonomy)


def asked_by_script() -> bool:
    """Return whether a script of ours asks, which wants a part of the page and not the page."""
    return request.headers.get("X-Requested-With") == "fetch"


def now() -> datetime:
    """Return the moment of this request: the same at every call."""
    if "now" not in g:
        g.now = services().clock()
    return cast("datetime", g.now)


def safe_address(target: str | None) -> str:
    """Return *target* if it is an address of this site, else the first page.

    Browsers drop control characters and read a backslash as a slash: neither may hide a second slash in front.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return url_for("search.index")
    if "\\" in target or any(ord(character) < 32 for character in target):
        return url_for("search.index")
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else url_for("search.index")


def _make_room() -> None:
    """Let a request to a view that takes files be longer; before anything reads it."""
    if getattr(current_app.view_functions.get(request.endpoint or ""), "takes_files", False):
        request.max_content_length = MAX_BYTES * MAX_FILES + (current_app.config["MAX_CONTENT_LENGTH"] or 0)


def _require_sign_in() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint in _OPEN_ENDPOINTS:
        return None
    if getattr(current_app.view_functions.get(endpoint), "public", False) or current_user.is_authenticated:
        return None
    if request.blueprint in ("api", "ops", "suggest"):
        raise NotSignedInError
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("auth.sign_in", next=wanted if wanted != "/" else None))
