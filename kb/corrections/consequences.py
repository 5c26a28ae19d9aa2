"""What becomes of an entry's corrections when something happens to the entry itself.

``kb.entries.operations`` calls this in the transaction of each verb, so a correction is published with its fix and not
some time after. This module knows the tables only, so that entries may call it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kb.corrections.models import Correction
from kb.corrections.rules import OPEN, TRANSITIONS, Hold, State, Step, check
from kb.corrections.telling import record, tell
from kb.entries.models import Entry, Revision
from kb.entries.rules import State as EntryState
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import Actor

_FOLLOWED = frozenset({Verb.PUBLISHED, Verb.IMPORTED, Verb.REVISED, Verb.RESUMED, Verb.RETIRED})

STILL_WRONG = N_("还有一级纠错没有改好")
"""Why an entry stays suspended although a new revision of it went live."""


def follow(
    session: Session,
    actor: Actor,
    entry: Entry,
    verb: Verb,
    now: datetime,
    *,
    revision: Revision | None,
    restored: int | None = None,
) -> None:
    """Bring the open corrections of *entry* into line after *verb*. One statement, none for most verbs.

    Args:
        revision: what the verb was about.
        restored: number of the revision that *revision* is a copy of.
    """
    first = verb is Verb.IMPORTED and revision is not None and revision.number == 1
    if verb not in _FOLLOWED or first or (verb is Verb.REVISED and restored is None):
        return  # an import of thousands of new entries asks nothing
    found = _open(session, entry)
    if verb is Verb.REVISED and restored is not None:
        _overtake(session, actor, found, now, after=restored)
    elif verb is Verb.IMPORTED:
        _overtake(session, actor, found, now, after=0)
    if verb in (Verb.PUBLISHED, Verb.IMPORTED) and revision is not None and entry.live_revision is revision:
        _went_live(session, actor, entry, revision, found, now)
    elif verb is Verb.RESUMED:
        for correction in found:
            if correction.hold is Hold.HELD:
                correction.hold, correction.held_by_id, correction.held_at = Hold.KEPT, actor.user_id, now
    elif verb is Verb.RETIRED:
        _retired(session, actor, found, now)


def publish(session: Session, actor: Actor, correction: Correction, now: datetime) -> None:
    """Say that what *correction* asked for is on the desk, and tell everybody who reported it."""
    correction.state = check(Step.PUBLISH, correction.state).target
    close(session, actor, correction, Verb.PUBLISHED, now)


def close(session: Session, actor: Actor, correction: Correction, verb: Verb, now: datetime) -> None:
    """Close *correction*, whose state says how; tell its reporter, and those whose own was found to be the same."""
    correction.closed_at = now
    record(session, actor.user_id, correction, verb, now)
    tell(session, correction, now=now)
    for same in session.scalars(select(Correction).where(Correction.duplicate_of_id == correction.id)):
        tell(session, same, now=now)


def _open(session: Session, entry: Entry) -> Sequence[Correction]:
    """Return the corrections of *entry* that are open or hold it, locked.

    The entry was changed by the verb: flushing locks its row before theirs, in the order that everybody keeps.
    """
    session.flush()
    return session.scalars(
        select(Correction)
        .where(
            Correction.entry_id == entry.id,
            or_(Correction.state.in_(OPEN), Correction.hold.in_((Hold.PENDING, Hold.HELD))),
        )
        .order_by(Correction.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _went_live(
    session: Session, actor: Actor, entry: Entry, revision: Revision, found: Sequence[Correction], now: datetime
) -> None:
    """Publish the corrections that *revision* fixes. One that still holds the entry keeps it off the desk."""
    held = False
    for correction in found:
        fixed = correction.fixed_revision
        if correction.state is State.FIXED and fixed is not None and fixed.number <= revision.number:
            if correction.hold is Hold.HELD:
                correction.hold = Hold.RELEASED
            publish(session, actor, correction, now)
        elif correction.hold is Hold.HELD:
            held = True
        if correction.hold is Hold.PENDING:
            # What the duty was asked about is not on the desk any more: a person has to compare, no clock.
            correction.hold = Hold.NONE
    if held and entry.live_state is not EntryState.SUSPENDED:
        entry.live_state = EntryState.SUSPENDED
        session.flush()
        append(
            session,
            at=now,
            actor_id=None,
            verb=Verb.SUSPENDED,
            subject_kind=Subject.ENTRY,
            subject_id=entry.id,
            payload={"reason": STILL_WRONG, "revision": revision.number},
        )


def _overtake(session: Session, actor: Actor, found: Sequence[Correction], now: datetime, *, after: int) -> None:
    """Take back that corrections are fixed by revisions after number *after*: what follows does not build on those."""
    for correction in found:
        fixed = correction.fixed_revision
        if correction.state is State.FIXED and fixed is not None and fixed.number > after:
            correction.state = check(Step.LOSE_FIX, correction.state).target
            correction.fixed_revision_id, correction.fixed_by_id, correction.fixed_at = None, None, None
            session.flush()
            record(session, actor.user_id, correction, Verb.FIX_LOST, now, revision=fixed.number)


def _retired(session: Session, actor: Actor, found: Sequence[Correction], now: datetime) -> None:
    """Nobody is told the wrong thing by an entry that is off the desk for good: what was upheld is answered."""
    for correction in found:
        if correction.hold is Hold.HELD:
            correction.hold = Hold.RELEASED
        elif correction.hold is Hold.PENDING:
            correction.hold = Hold.NONE
        if correction.state in TRANSITIONS[Step.CLEAR].sources:
            correction.state = check(Step.CLEAR, correction.state).target
            close(session, actor, correction, Verb.PUBLISHED, now)
