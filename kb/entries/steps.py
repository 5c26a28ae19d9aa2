"""One step along the transition table: may it be taken, what it leads to, and the event that tells of it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kb.corrections import consequences
from kb.entries import rules
from kb.entries.models import Entry, Revision
from kb.entries.rules import Slot, Step
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.must_reads import consequences as must_read_consequences
from kb.permissions import Actor, Permission, require
from kb.questions import consequences as question_consequences


def start(entry: Entry, step: Step, actor: Actor) -> Revision:
    """Check that *actor* may take *step* now; return the revision it is about."""
    slot = rules.TRANSITIONS[step].slot
    state = entry.work_state if slot is Slot.WORK else entry.live_state
    revision = entry.work_revision if slot is Slot.WORK else entry.live_revision
    target = entry.target(revision)
    if step is Step.SAVE and entry.live_revision is not None:
        # Who may edit what is live must not change with what an unpublished draft says.
        require(actor, Permission.ENTRY_EDIT, entry.target(entry.live_revision))
    require(actor, rules.TRANSITIONS[step].permission, target)
    rules.check(step, state)
    return revision if revision is not None else entry.shown_revision


def finish(
    session: Session,
    actor: Actor,
    entry: Entry,
    step: Step,
    verb: Verb,
    now: datetime,
    revision: Revision | None,
    **payload: Any,
) -> None:
    """Move *entry* to where *step* leads, and record it as *verb*."""
    transition = rules.TRANSITIONS[step]
    if transition.slot is Slot.WORK:
        entry.work_state = transition.target
    else:
        entry.live_state = transition.target
    entry.updated_at = now
    record(session, actor, entry, verb, now, revision, **payload)


def work(entry: Entry) -> Revision:
    """Return the revision in work, where the state says that there is one."""
    if entry.work_revision is None:
        raise AssertionError(f"entry {entry.id}: work state without a revision")
    return entry.work_revision


def record(
    session: Session,
    actor: Actor,
    entry: Entry,
    verb: Verb,
    now: datetime,
    revision: Revision | None,
    **payload: Any,
) -> None:
    """Append the event *verb*, and let what hangs on the entry follow."""
    if revision is not None:
        payload["revision"] = revision.number
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.ENTRY,
        subject_id=entry.id,
        payload=payload,
    )
    consequences.follow(session, actor, entry, verb, now, revision=revision, restored=payload.get("restored"))
    material = bool(payload.get("material", False))
    question_consequences.follow(session, entry, verb, now, revision=revision, material=material)
    must_read_consequences.follow(session, entry, verb, now, revision=revision, material=material)
