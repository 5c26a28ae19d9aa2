"""What pages and the API share about the desk: recording an outcome, reporting a gap."""

from datetime import date

from kb.clock import local_day
from kb.desk import operations
from kb.desk.models import Outcome
from kb.desk.rules import Reason, Words
from kb.entries import queries as entry_queries
from kb.errors import InvalidInputError
from kb.gaps import operations as gap_operations
from kb.i18n import N_
from web import requests
from web.calls import service as calls
from web.desk.params import DeskArgs
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


def report_gap(args: DeskArgs, *, note: str, only_note: bool) -> None:
    """Record, in a unit of work, that the person found no answer on their desk: it is kept when this returns.

    Args:
        note: how the caller put it.
        only_note: whether the gap was reported already and only the note is new.

    Raises:
        InvalidInputError: the note is too long.
    """
    actor, now, held = requests.actor(), requests.now(), services()
    words = Words.of(args.q, held.learning.normalise)
    with requests.writing() as unit:
        gap_operations.report(
            unit,
            actor,
            words,
            args.scope,
            note=note,
            only_note=only_note,
            timezone=held.settings.timezone,
            now=now,
        )


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
