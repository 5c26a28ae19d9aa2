"""Which call a request of the desk belongs to, and opening one where it begins. Used by the desk's own pages too."""

import secrets
from datetime import timedelta

from sqlalchemy.orm import Session

from kb.calls import operations, queries, rules
from kb.calls.models import Call
from kb.calls.operations import Opening
from kb.desk.models import Outcome
from kb.desk.rules import Words
from kb.permissions import Permission, allowed
from web import requests
from web.desk.params import DeskArgs
from web.services import services


def at_desk(args: DeskArgs) -> Call | None:
    """Return the call that a desk in this state is about; ``None`` before one begins.

    It is the one that the address names, else the one that goes on. A name that the telephone system brings along for
    the first time begins a call, as does a search where none goes on.
    """
    session, person, now = requests.session(), requests.person(), requests.now()
    cti = args.call
    if cti is not None:
        found = queries.named(session, person.id, cti, now=now)
        if found is not None:
            return open_call(args) if found.goes_on(now) and args.q and not found.spelling else found
        if queries.is_reference(session, cti):
            cti = None
    going_on = queries.going_on(session, person.id, now=now) if cti is None else None
    if going_on is not None or not (cti or args.q) or not allowed(requests.actor(), Permission.OUTCOME_RECORD):
        return going_on
    return open_call(args)


def open_call(args: DeskArgs, *, waited: timedelta = timedelta(0)) -> Call:
    """Open the call of a desk in this state, in a unit of work; the one that goes on already, if there is one.

    Args:
        waited: how long ago its first key was pressed.

    Raises:
        PermissionDeniedError: the person may not work the desk.
    """
    held, actor, now = services(), requests.actor(), requests.now()
    opening = Opening(
        reference=rules.reference(secrets.token_bytes(9)),
        cti=args.call,
        scope=args.scope,
        words=Words.of(args.q, held.learning.normalise),
        waited=waited,
    )
    with requests.writing() as unit:
        return operations.open_call(unit, actor, opening, timezone=held.settings.timezone, now=now)


def hang(unit: Session, outcome: Outcome, name: str | None) -> None:
    """Hang *outcome* on the call that the desk calls *name*, else on the one that goes on, if any does.

    A call that ended a while ago takes none: the page stood open, and the customer is another one.
    """
    person, actor, now = requests.person(), requests.actor(), requests.now()
    found = queries.named(unit, person.id, name, now=now) if name is not None else None
    if found is None or now - (found.closed_at or found.last_at) > rules.TIMEOUT:
        found = queries.going_on(unit, person.id, now=now)
    if found is not None:
        operations.take_outcome(unit, actor, found, outcome, now=now)
