"""Keeping levels up to date: following the event log, looking at every entry once a night, counting all anew.

Work is cut into small units, because SQLite has one writer at a time: whoever records an outcome never waits for long.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.clock import Clock
from kb.db import Sessions, unit_of_work
from kb.entries.models import Entry
from kb.entries.rules import Level
from kb.events import queries as event_queries
from kb.events.models import Event, Subject, Verb
from kb.maturity import assessing, evidence
from kb.maturity.elsewhere import WIRED, Elsewhere
from kb.maturity.evidence import WENT_LIVE, Counts
from kb.maturity.gates import Cause
from kb.maturity.models import LevelChange, Progress, Standing
from kb.maturity.reasons import Code, Reason

WATCHED = frozenset({Subject.ENTRY, Subject.OUTCOME, Subject.RATING, Subject.CORRECTION})
"""What events can change a level. Those about an entry name it as their subject, others in their payload."""
EVENTS = 200
"""Events followed in one unit of work."""
LOOKED_AT = 500
"""Entries looked at, at a time, without a write lock."""
WRITTEN = 10
"""Entries written in one unit of work: some ten milliseconds."""

Rest = Callable[[], None]
"""Waits a moment between two units of work, so that whoever else wants to write gets their turn."""
Advance = Callable[[int, int], None]
"""Called with how many entries are done, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassReport:
    """What a nightly pass did."""

    entries: int
    rescored: int
    risen: int
    fallen: int


@dataclass(frozen=True, slots=True)
class RecountReport:
    """What counting all anew found: how many entries there are, and those whose sums were off."""

    entries: int
    off: tuple[int, ...]


def no_rest() -> None:
    """Go on at once."""


def no_advance(done: int, total: int) -> None:
    """Tell nobody."""


def pending(session: Session) -> bool:
    """Return whether there are events that have not been followed. Two statements, no lock."""
    progress = session.get(Progress, 1)
    followed = progress.seq if progress is not None else 0
    return event_queries.last_seq(session, kinds=WATCHED) > followed


def catch_up(sessions: Sessions, *, clock: Clock, elsewhere: Elsewhere = WIRED) -> int:
    """Follow all events there are, a unit of work for every few; return how many there were."""
    done = 0
    while True:
        with sessions() as session:
            if not pending(session):
                return done
        with unit_of_work(sessions) as session:
            done += follow(session, now=clock(), elsewhere=elsewhere)


def follow(session: Session, *, now: datetime, elsewhere: Elsewhere = WIRED) -> int:
    """Follow the next events: count what they touched anew and assess it; return how many they were.

    Another process that does the same waits for this one's transaction and goes on after it.
    """
    progress = session.get(Progress, 1, with_for_update=True, populate_existing=True)
    if progress is None:
        raise AssertionError("the migration that makes the table makes its row")
    events = event_queries.after(session, progress.seq, limit=EVENTS, kinds=WATCHED)
    if not events:
        return 0
    live = [event for event in events if event.subject_kind is Subject.ENTRY and event.verb in WENT_LIVE]
    evidence.restart(session, {int(event.subject_id) for event in live}, standard=elsewhere.standard)
    owners = [event for event in events if event.subject_kind is Subject.ENTRY and event.verb is Verb.OWNER_CHANGED]
    if owners:
        evidence.measure(session, {int(event.subject_id) for event in owners}, standard=elsewhere.standard)
    for event in live:
        _note_published(session, event)
    touched = _touched(events)
    evidence.recount(session, touched)
    assessing.assess(session, touched, now=now, elsewhere=elsewhere)
    last = events[-1].seq
    if last is None:
        raise AssertionError("a committed event has no number")
    progress.seq = last
    return len(events)


def look_at_all(
    sessions: Sessions,
    *,
    now: datetime,
    rest: Rest = no_rest,
    advance: Advance = no_advance,
    elsewhere: Elsewhere = WIRED,
) -> PassReport:
    """Look at every entry, because time has passed: what fades, what is stale, whom the corpus mean moved.

    What was measured by another version of the writing standard is measured anew.

    Reading and weighing hold no write lock; only what differs is assessed again, a few entries in a unit of work.
    """
    with sessions() as session:
        ids = session.scalars(select(Standing.entry_id).order_by(Standing.entry_id)).all()
        leniency = assessing.raters(session)
    rescored = risen = fallen = done = 0
    for batch in _chunks(ids, LOOKED_AT):
        with sessions() as session:
            weighed = assessing.weigh(session, batch, now=now, leniency=leniency, elsewhere=elsewhere)
            otherwise = set(evidence.measured_otherwise(session, batch, standard=elsewhere.standard))
            due = sorted(otherwise | {item.standing.entry_id for item in weighed if item.differs})
        for few in _chunks(due, WRITTEN):
            with unit_of_work(sessions) as session:
                evidence.measure(session, otherwise.intersection(few), standard=elsewhere.standard)
                changes = assessing.assess(session, few, now=now, leniency=leniency, elsewhere=elsewhere)
            rescored += len(few)
            risen += sum(change.rises for change in changes)
            fallen += sum(not change.rises for change in changes)
            rest()
        done += len(batch)
        advance(done, len(ids))
    with unit_of_work(sessions) as session:
        progress = session.get(Progress, 1, with_for_update=True)
        if progress is not None:
            progress.passed_at = now
    return PassReport(entries=len(ids), rescored=rescored, risen=risen, fallen=fallen)


def recompute(
    sessions: Sessions,
    *,
    clock: Clock,
    rest: Rest = no_rest,
    advance: Advance = no_advance,
    elsewhere: Elsewhere = WIRED,
) -> RecountReport:
    """Count everything anew from events, outcomes and ratings, and say which entries' sums were off."""
    with sessions() as session:
        ids = session.scalars(select(Entry.id).where(Entry.live_revision_id.is_not(None)).order_by(Entry.id)).all()
    off: list[int] = []
    done = 0
    for few in _chunks(ids, WRITTEN):
        with unit_of_work(sessions) as session:
            before = {item.entry_id: _sums(item) for item in evidence.locked(session, few)}
            evidence.restart(session, few, standard=elsewhere.standard)
            evidence.recount(session, few)
            off += [item.entry_id for item in evidence.locked(session, few) if before.get(item.entry_id) != _sums(item)]
            assessing.assess(session, few, now=clock(), elsewhere=elsewhere)
        done += len(few)
        advance(done, len(ids))
        rest()
    return RecountReport(len(ids), tuple(off))


def _sums(standing: Standing) -> tuple[Counts, int, int, float, str]:
    counts = Counts.of(standing)
    return counts, standing.live_revision_id, standing.base_revision_id, standing.checklist, standing.standard


def _touched(events: Sequence[Event]) -> set[int]:
    found = {int(event.subject_id) for event in events if event.subject_kind is Subject.ENTRY}
    return found | {event.payload["entry"] for event in events if "entry" in event.payload}


def _note_published(session: Session, event: Event) -> None:
    """Keep what going live did to the level: publishing set it, and the event tells what it was before."""
    entry_id, payload = int(event.subject_id), event.payload
    if "level" not in payload or (not payload["material"] and payload["level"] == payload["level_before"]):
        return
    material = payload["material"] and payload["level_before"] is not None
    if material:
        for hold in session.scalars(assessing.open_holds([entry_id])):
            hold.ended_at = event.at  # what was held says something else now
    fell = payload["level_before"] is not None and payload["level"] < payload["level_before"]
    session.add(
        LevelChange(
            entry_id=entry_id,
            at=event.at,
            before=payload["level_before"],
            after=int(Level(payload["level"])),
            cause=Cause.MATERIAL_EDIT if material else Cause.PUBLISHED,
            reasons=[Reason.of(Code.EDITED).to_json()] if material else [],
            actor_id=event.actor_id,
            seen_at=None if fell else event.at,
        )
    )


def _chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (ids[at : at + size] for at in range(0, len(ids), size))
