"""What pages and the API share about the desk: recording an outcome."""

from datetime import date

from kb.clock import local_day
from kb.desk import operations
from kb.desk.models import Outcome
from kb.desk.rules import Reason, Words
from kb.entries import queries as entry_queries
from kb.errors import InvalidInputError
from kb.i18n import N_
from web import requests
from web.calls import service as calls
from web.services import services


def record_outcome(key: str, typed: str, *, solved: bool, reason: Reason | None, call: str | None = None) -> Outcome:
    """Record, in a unit of work, what the person says about the entry *key* that *typed* led to, and on which call.

    Args:
        call: how the desk calls it; without a name it is said on the one that goes on, if any does.

    Raises:
        NotFoundError: there is no such entry that they may read.
        ConflictError: it is not being served.
        InvalidInputError: not solved, and no reason.
    """
    actor, now, learning = requests.actor(), requests.now(), services().learning
    with requests.writing() as unit:
        entry, _ = entry_queries.readable_revision(unit, actor, key, now=now)
        words = Words.of(typed, learning.normalise)
        outcome = operations.record_outcome(
            unit, actor, entry, words, solved=solved, reason=reason, learning=learning, now=now
        )
        calls.hang(unit, outcome, call)
    return outcome


def today() -> date:
    """Return the centre's day of this request."""
    return local_day(requests.now(), services().settings.timezone)


def parse_reason(value: str) -> Reason | None:
    """Return the reason that *value* names; ``None`` for none.

    Raises:
        InvalidInputError: there is no such reason.
    """
    if not value:
        return None
    try:
        return Reason(value)
    except ValueError as error:
        raise InvalidInputError(N_("没有这个原因：%(key)s"), field="reason", key=value) from error
