"""Counting evidence: outcomes and ratings in sums, always anew from the rows, so that figures can't drift.

What counts: outcomes and current ratings of revisions since the last material edit, one outcome per agent, entry and
day, nobody's for their own entry, and nothing a manager set aside.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from kb.desk.models import Outcome
from kb.entries.models import Entry, Revision
from kb.entries.standard import Standard, share_met
from kb.events.models import Event, Subject, Verb
from kb.maturity.models import Rating, SetAside, Standing
from kb.people.models import User

WENT_LIVE = (Verb.PUBLISHED, Verb.IMPORTED)
_LIVE = aliased(Revision)
Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True)
class Counts:
    """The sums of a standing."""

    solved: int = 0
    unsolved: int = 0
    agents: int = 0
    teams: int = 0
    raters: int = 0
    rater_teams: int = 0

    @classmethod
    def of(cls, standing: Standing) -> "Counts":
        """Return the sums that *standing* holds."""
        return cls(*(getattr(standing, name) for name in cls.__slots__))


def joined(wanted: Select[*Columns], entry_id: InstrumentedAttribute[int]) -> Select[*Columns]:
    """Return *wanted* joined to the entry, its standing, and the live revision it was counted for."""
    return (
        wanted.join(Standing, Standing.entry_id == entry_id)
        .join(Entry, Entry.id == entry_id)
        .join(_LIVE, _LIVE.id == Standing.live_revision_id)
    )


def own(user_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that *user_id* wrote or owns the entry (``joined``)."""
    return or_(
        *(
            and_(column.is_not(None), column == user_id)
            for column in (Entry.owner_id, Entry.created_by_id, _LIVE.author_id)
        )
    )


def set_aside(user_id: InstrumentedAttribute[int], entry_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that a manager set aside what *user_id* says of *entry_id*."""
    return exists().where(SetAside.user_id == user_id, SetAside.entry_id == entry_id)


def count(session: Session, entry_ids: Collection[int]) -> Mapping[int, Counts]:
    """Return the sums of these entries' evidence as the rows say now, of those that have a standing. Three statements.

    Teams of agents are those they belong to now; a rater's is that of the day they rated.
    """
    known = session.scalars(select(Standing.entry_id).where(Standing.entry_id.in_(entry_ids))).all()
    outcomes = session.execute(
        joined(
            select(
                Outcome.entry_id,
                func.sum(case((Outcome.solved, 1), else_=0)),
                func.sum(case((Outcome.solved, 0), else_=1)),
                func.count(Outcome.user_id.distinct()),
                func.count(User.team_id.distinct()),
            ),
            Outcome.entry_id,
        )
        .join(User, User.id == Outcome.user_id)
        .where(
            Outcome.entry_id.in_(entry_ids),
            Outcome.revision_id >= Standing.base_revision_id,
            ~own(Outcome.user_id),
            ~set_aside(Outcome.user_id, Outcome.entry_id),
        )
        .group_by(Outcome.entry_id)
    ).all()
    ratings = session.execute(
        joined(
            select(Rating.entry_id, func.count(), func.count(Rating.team_id.distinct())),
            Rating.entry_id,
        )
        .where(Rating.entry_id.in_(entry_ids), counting())
        .group_by(Rating.entry_id)
    ).all()
    found = {id_: Counts() for id_ in known}
    for id_, solved, unsolved, agents, teams in outcomes:
        found[id_] = Counts(solved, unsolved, agents, teams)
    for id_, raters, rater_teams in ratings:
        found[id_] = replace(found[id_], raters=raters, rater_teams=rater_teams)
    return found


def counting() -> ColumnElement[bool]:
    """Return the condition that a rating counts (``joined``)."""
    return and_(
        Rating.replaced_at.is_(None),
        Rating.revision_id >= Standing.base_revision_id,
        ~own(Rating.rater_id),
        ~set_aside(Rating.rater_id, Rating.entry_id),
    )


def recount(session: Session, entry_ids: Collection[int]) -> int:
    """Bring the sums of these entries up to date, their standings locked; return how many were off. Four statements."""
    standings = locked(session, entry_ids)
    counts = count(session, entry_ids)
    changed = 0
    for standing in standings:
        now = counts[standing.entry_id]
        if Counts.of(standing) != now:
            changed += 1
            for name in Counts.__slots__:
                setattr(standing, name, getattr(now, name))
    session.flush()
    return changed


def locked(session: Session, entry_ids: Collection[int]) -> list[Standing]:
    """Return the standings of these entries, locked in one order, read anew. One statement."""
    return list(
        session.scalars(
            select(Standing)
            .where(Standing.entry_id.in_(entry_ids))
            .order_by(Standing.entry_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def restart(session: Session, entry_ids: Collection[int], *, standard: Standard) -> None:
    """Bring standings in step with what is live: the revision, how much of *standard* it meets, where evidence begins.

    Where it begins is what the event log says last was other knowledge. A standing that is missing is made. Four
    statements.
    """
    entries = {row.id: row for row in session.execute(_live_of(entry_ids))}
    if not entries:
        return
    bases = _bases(session, entries)
    live = _revisions(session, [row.live_revision_id for row in entries.values()])
    held = {standing.entry_id: standing for standing in locked(session, list(entries))}
    for id_, row in entries.items():
        standing = held.get(id_)
        if standing is None:
            standing = Standing(entry_id=id_, merit=0.0)
            session.add(standing)
        standing.live_revision_id = row.live_revision_id
        standing.base_revision_id = bases.get(id_, row.live_revision_id)
        _measure(standing, live[row.live_revision_id], standard, has_owner=row.owner_id is not None)
    session.flush()


def measure(session: Session, entry_ids: Collection[int], *, standard: Standard) -> None:
    """Count anew how much of *standard* these entries meet, of those that have a standing. Three statements."""
    live = {row.id: row for row in session.execute(_live_of(entry_ids))}
    standings = locked(session, list(live))
    revisions = _revisions(session, [standing.live_revision_id for standing in standings])
    for standing in standings:
        has_owner = live[standing.entry_id].owner_id is not None
        _measure(standing, revisions[standing.live_revision_id], standard, has_owner=has_owner)
    session.flush()


def measured_otherwise(session: Session, entry_ids: Collection[int], *, standard: Standard) -> Collection[int]:
    """Return which of these entries' standings were measured by another version of the standard. One statement."""
    return session.scalars(
        select(Standing.entry_id).where(Standing.entry_id.in_(entry_ids), Standing.standard != standard.version)
    ).all()


def is_outdated(session: Session, *, standard: Standard) -> bool:
    """Return whether any standing was measured by another version of the standard. One statement."""
    return bool(session.scalar(select(exists().where(Standing.standard != standard.version))))


def _measure(standing: Standing, revision: Revision, standard: Standard, *, has_owner: bool) -> None:
    standing.checklist = share_met(standard.check(revision.content, has_owner=has_owner))
    standing.standard = standard.version


def _live_of(entry_ids: Collection[int]) -> Select[int, int | None, int | None]:
    return select(Entry.id, Entry.live_revision_id, Entry.owner_id).where(
        Entry.id.in_(entry_ids), Entry.live_revision_id.is_not(None)
    )


def _revisions(session: Session, ids: Collection[int]) -> Mapping[int, Revision]:
    return {item.id: item for item in session.scalars(select(Revision).where(Revision.id.in_(ids)))}


def _bases(session: Session, entry_ids: Collection[int]) -> Mapping[int, int]:
    """Return the revision that evidence of each entry begins with, from the event log. Two statements."""
    events = session.execute(
        select(Event.subject_id, Event.payload)
        .where(
            Event.subject_kind == Subject.ENTRY,
            Event.subject_id.in_([str(id_) for id_ in entry_ids]),
            Event.verb.in_(WENT_LIVE),
        )
        .order_by(Event.id)
    )
    numbers = {
        int(subject): payload["revision"]
        for subject, payload in events
        # Events of the time before materiality was told made evidence begin, too.
        if payload.get("material", True) and "revision" in payload
    }
    rows = session.execute(
        select(Revision.entry_id, Revision.number, Revision.id).where(Revision.entry_id.in_(numbers))
    )
    return {entry: id_ for entry, number, id_ in rows if numbers[entry] == number}
