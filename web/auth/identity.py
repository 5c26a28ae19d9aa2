"""Who a request comes from: a session cookie, or an access token where programs ask."""

from datetime import datetime, timedelta

from flask import Request, g, session
from flask_login import login_user

from kb.people.models import User
from kb.people.queries import by_token
from web import requests
from web.extensions import login
from web.services import services

_SIGNED_IN_AT = "signed_in_at"
_TOKEN_BLUEPRINTS = frozenset({"api", "ops"})


class Identity:
    """A person as Flask-Login sees them. The id holds the session epoch, so raising that ends all their sessions.

    Attributes:
        by_token: a program came with an access token: no browser sent it along unasked.
    """

    is_authenticated = True
    is_active = True  # an inactive person never becomes an identity
    is_anonymous = False

    def __init__(self, person: User, *, by_token: bool = False) -> None:
        self.person = person
        self.by_token = by_token

    def get_id(self) -> str:
        """Return what the session remembers."""
        return f"{self.person.id}:{self.person.session_epoch}"


def remember(person: User, *, now: datetime) -> None:
    """Begin a new session for *person*. Nothing of the one before it survives."""
    session.clear()
    g.pop("actor", None)
    session.permanent = True
    session[_SIGNED_IN_AT] = int(now.timestamp())
    login_user(Identity(person))


def _from_session(identity: str) -> Identity | None:
    person_id, _, epoch = identity.partition(":")
    began = session.get(_SIGNED_IN_AT, 0)
    if requests.now().timestamp() - began >= timedelta(hours=services().settings.session_hours).total_seconds():
        return None
    person = requests.session().get(User, int(person_id))
    if person is None or not person.active or str(person.session_epoch) != epoch:
        return None
    return Identity(person)


def _from_token(request: Request) -> Identity | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if request.blueprint not in _TOKEN_BLUEPRINTS or scheme.lower() != "bearer" or not token.strip():
        return None
    person = by_token(requests.session(), token.strip())
    return Identity(person, by_token=True) if person is not None else None


login.user_loader(_from_session)
login.request_loader(_from_token)
