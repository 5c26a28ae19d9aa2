"""What corrections do to an entry: locking both in one order, taking the entry off the desk and giving it back.

No permission to decide is checked here; ``operations`` has the verbs.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.corrections.models import Correction
from kb.corrections.rules import OPEN, Hold
from kb.corrections.telling import record
from kb.entries import operations as entries
from kb.entries.models import Entry
from kb.entries.rules import State as EntryState
from kb.errors import NotFoundError
from kb.events.models import Verb
from kb.i18n import N_
from kb.permissions import Actor, Permission, require


def lock_entry(session: Session, entry_id: int) -> Entry:
    """Return the entry, locked and as it is now: whoever touches its corrections comes by here first."""
    entry = session.get(Entry, entry_id, with_for_update=True, populate_existing=True)
    if entry is None:
        raise AssertionError(f"no entry {entry_id}")
    return entry


def locked(session: Session, number: int) -> tuple[Correction, Entry]:
    """Return correction *number* and its entry, both locked and as they are now: the entry first, as everywhere."""
    entry_id = session.scalar(select(Correction.entry_id).where(Correction.id == number))
    if entry_id is None:
        raise NotFoundError(N_("没有这条纠错，或者你没有权限看它"))
    entry = lock_entry(session, entry_id)
    correction = session.get(Correction, number, with_for_update=True, populate_existing=True)
    if correction is None:
        raise NotFoundError(N_("没有这条纠错，或者你没有权限看它"))
    return correction, entry


def suspend_entry(session: Session, actor: Actor, correction: Correction, entry: Entry, now: datetime) -> None:
    """Suspend the entry in *actor*'s name; *correction* holds it from now on.

    Raises:
        TransitionError: the entry is not on the desk.
    """
    reason = N_("一级纠错：%(wrong)s") % {"wrong": correction.wrong[:100]}
    # The duty's or the decider's permission has been checked: it stands in for that to suspend entries, for this step.
    entries.suspend(session, replace(actor, is_system=True), entry, reason=reason, now=now)
    correction.hold, correction.held_by_id, correction.held_at = Hold.HELD, actor.user_id, now
    session.flush()
    record(session, actor.user_id, correction, Verb.SUSPENDED, now)


def join_hold(session: Session, correction: Correction, entry: Entry) -> None:
    """Let *correction* hold an entry that another one has suspended: giving that one up must not give it back."""
    others = select(Correction.id).where(Correction.entry_id == entry.id, Correction.hold == Hold.HELD)
    if entry.live_state is EntryState.SUSPENDED and session.scalar(others.limit(1)) is not None:
        correction.hold = Hold.HELD


def release(session: Session, actor: Actor, correction: Correction, entry: Entry, now: datetime) -> None:
    """End *correction*'s hold; the entry goes back to the desk when no other holds it and no person suspended it.

    Raises:
        PermissionDeniedError: it is suspended, and *actor* is not on duty for it.
    """
    if correction.hold is Hold.PENDING:
        correction.hold = Hold.NONE
    if correction.hold is not Hold.HELD:
        return
    require(actor, Permission.CORRECTION_DUTY, entry.target(correction.revision))
    correction.hold = Hold.RELEASED
    session.flush()
    others = select(Correction.id).where(
        Correction.entry_id == entry.id, Correction.hold == Hold.HELD, Correction.state.in_(OPEN)
    )
    if entry.live_state is EntryState.SUSPENDED and session.scalar(others.limit(1)) is None:
        entries.resume(session, replace(actor, is_system=True), entry, now=now)
    record(session, actor.user_id, correction, Verb.RELEASED, now)
