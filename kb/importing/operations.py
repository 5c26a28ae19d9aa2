"""Importing: each record in a unit of work of its own, so that a bad one never costs a good one."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from kb.clock import Clock, system_clock
from kb.db import Sessions, unit_of_work
from kb.errors import ConflictError, InvalidInputError, KbError
from kb.i18n import N_
from kb.importing import entries, threads
from kb.importing.entries import Reviewers
from kb.importing.records import EntryRecord, Record, Rejected, Where
from kb.importing.report import Outcome, Report, Stored
from kb.people.models import User
from kb.permissions import Actor, Permission, require

Progress = Callable[[Where, Outcome], None]
"""Called after each record is stored or rejected: where it stands in the files, and what became of it."""


def import_records(
    sessions: Sessions,
    actor: Actor,
    records: Iterable[Record | Rejected],
    *,
    author: Actor | None = None,
    reviewer: Actor | None = None,
    clock: Clock = system_clock,
    progress: Progress | None = None,
) -> Report:
    """Store *records*, as ``kb.importing.sources.read`` returns them, and report what became of each.

    The one operation that commits: every record is a unit of work of its own, opened and closed here. One that is
    refused leaves nothing behind and the ones around it alone; an import that breaks off keeps what it has stored, and
    can simply be run again. A record whose content is that of its last import changes nothing and appends no event.

    Args:
        sessions: where the units of work come from.
        actor: who imports; needs ``ENTRY_IMPORT``.
        records: read as needed, never inside a unit of work.
        author: with *reviewer*, entries go the way people's entries go: saved and submitted by the one, approved and
            published by the other; one that is scoped to regions then awaits its verifiers. Without them, published
            entries are live at once, at level L1.
        reviewer: see *author*.
        clock: tells when it happened.
        progress: is told about each record.

    Raises:
        PermissionDeniedError: *actor* may not import.
        ValueError: only one of *author* and *reviewer* is given.
    """
    require(actor, Permission.ENTRY_IMPORT)
    if (author is None) != (reviewer is None):
        raise ValueError("author and reviewer go together")
    reviewers = Reviewers(author, reviewer) if author is not None and reviewer is not None else None
    people = _people(sessions)
    report = Report()
    for record in records:
        result = (
            record if isinstance(record, Rejected) else _import_one(sessions, actor, record, reviewers, people, clock)
        )
        outcome = report.add(record.where, result)
        if progress is not None:
            progress(record.where, outcome)
    return report


def _import_one(
    sessions: Sessions,
    actor: Actor,
    record: Record,
    reviewers: Reviewers | None,
    people: Mapping[str, int],
    clock: Clock,
) -> Stored | Rejected:
    problem: KbError
    try:
        with unit_of_work(sessions) as session:
            if isinstance(record, EntryRecord):
                owner_id = people.get(record.owner) if record.owner is not None else None
                return entries.store(session, actor, record, owner_id=owner_id, reviewers=reviewers, now=clock())
            return threads.store(session, actor, record, people=people, now=clock())
    except KbError as error:
        problem = error
    except (IntegrityError, StaleDataError):
        problem = ConflictError(N_("导入的同时有人在改它，请再导入一次"))
    except DataError as error:
        problem = InvalidInputError(N_("数据库存不下这条记录（%(reason)s）"), reason=error.orig)
    field = problem.field if isinstance(problem, InvalidInputError) else None
    return Rejected(record.where, field, problem, record.raw)


def _people(sessions: Sessions) -> Mapping[str, int]:
    """Return everybody's id by username. One statement."""
    with sessions() as session:
        return {row.username: row.id for row in session.execute(select(User.username, User.id))}
