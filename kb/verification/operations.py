"""The verbs of regional verification: confirm, say what is otherwise in a region, take that back, remind.

Nothing here moves an entry without a person's word: silence is not consent.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries import operations as entries
from kb.entries.models import Entry, Revision
from kb.entries.rules import SERVED, State
from kb.entries.steps import record
from kb.errors import ConflictError, InvalidInputError, TransitionError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import SYSTEM, Actor, Permission, Target, require
from kb.review.operations import publish_if_due
from kb.taxonomy import queries as taxonomy_queries
from kb.verification import queries
from kb.verification.models import Overlay, VerificationNudge
from kb.verification.rules import Nudge, checked, deadlines, in_force, may_differ
from kb.workdays.rules import Calendar

_VERBS = {Nudge.REMINDED: Verb.REMINDED, Nudge.ESCALATED: Verb.ESCALATED}


def confirm(session: Session, actor: Actor, entry: Entry, *, region: str, now: datetime) -> None:
    """Confirm the revision in work for *region*. With the last region it goes live, if its time has come.

    Raises:
        PermissionDeniedError: *actor* does not speak for *region*, or wrote a part of the revision.
        InvalidInputError: the revision is not scoped to *region*.
        TransitionError: it does not wait for regions.
    """
    entries.verify(session, actor, entry, region=region, now=now)
    publish_if_due(session, entry, now=now)


def overlay(session: Session, actor: Actor, entry: Entry, *, region: str, text: str, now: datetime) -> Overlay:
    """Say what is otherwise in *region*; what was said before for it is replaced. Return the overlay.

    While a revision waits for regions it is about that one, and holds when that is live; else it holds at once.

    Raises:
        PermissionDeniedError: *actor* does not speak for *region*.
        InvalidInputError: no text, or the entry does not reach *region*.
        TransitionError: the entry is neither on the desk nor waits for regions.
    """
    require(actor, Permission.ENTRY_VERIFY, Target(regions=frozenset({region})))
    text = checked(text)
    about = _about(entry)
    if not may_differ(about.regions, region, taxonomy_queries.load(session).regions):
        raise InvalidInputError(N_("这条知识不涉及区域 %(key)s"), field="region", key=region)
    for before in queries.of_revision(session, entry, about.number):
        if before.region_key == region:
            if before.text == text:
                raise ConflictError(N_("这里的地方口径已经是这样写的"))
            _end(before, actor, about.number, now)
    made = Overlay(
        entry_id=entry.id,
        region_key=region,
        text=text,
        author_id=actor.user_id,
        created_at=now,
        since=about.number,
    )
    session.add(made)
    entry.updated_at = now
    session.flush()
    record(session, actor, entry, Verb.OVERLAID, now, about, region=region, overlay=made.id)
    return made


def withdraw(session: Session, actor: Actor, entry: Entry, made: Overlay, *, now: datetime) -> None:
    """Take back what *made* says: at once, on the desk and for the revision that waits for regions.

    What is wrong in a region must not stay on the desk until a revision replaces it, which may be sent back.

    Raises:
        PermissionDeniedError: *actor* does not speak for its region.
        ConflictError: it does not hold any more.
        TransitionError: the entry is neither on the desk nor waits for regions.
    """
    require(actor, Permission.ENTRY_VERIFY, Target(regions=frozenset({made.region_key})))
    about = _about(entry)
    shown = entry.live_revision or about
    if not any(in_force(made.since, made.until, number) for number in (shown.number, about.number)):
        raise ConflictError(N_("这条地方口径已经撤下了"))
    _end(made, actor, shown.number, now)
    entry.updated_at = now
    session.flush()
    record(session, actor, entry, Verb.OVERLAY_WITHDRAWN, now, about, region=made.region_key, overlay=made.id)


def nudge(session: Session, calendar: Calendar, *, now: datetime) -> int:
    """Remind the verifiers of regions that are silent, and tell the managers later; return how many of both.

    The row that says so is its own key: two processes at once do it once. Two statements, and those of what is due.
    """
    waiting = queries.waiting(session, SYSTEM, calendar)
    revisions = [item.revision.id for item in waiting]
    rows = session.scalars(select(VerificationNudge).where(VerificationNudge.revision_id.in_(revisions)))
    done = {(row.revision_id, row.region_key, row.kind): row.at for row in rows}
    count = 0
    for item in waiting:
        for standing in item.open:
            for kind, moment in deadlines(standing.asked_at, calendar).items():
                at = done.get((item.revision.id, standing.region, kind))
                # One that was sent back and approved once more is asked about anew.
                if now < moment or (at is not None and at > standing.asked_at):
                    continue
                session.merge(
                    VerificationNudge(revision_id=item.revision.id, region_key=standing.region, kind=kind, at=now)
                )
                append(
                    session,
                    at=now,
                    actor_id=None,
                    verb=_VERBS[kind],
                    subject_kind=Subject.VERIFICATION,
                    subject_id=item.entry.id,
                    payload={"region": standing.region, "revision": item.revision.number},
                )
                count += 1
    session.flush()
    return count


def _about(entry: Entry) -> Revision:
    """Return the revision that a verifier speaks about."""
    if entry.work_state is State.VERIFYING and entry.work_revision is not None:
        return entry.work_revision
    if entry.live_state in SERVED and entry.live_revision is not None:
        return entry.live_revision
    raise TransitionError(N_("这条知识现在不在核实，也不在台上"))


def _end(overlay: Overlay, actor: Actor, number: int, now: datetime) -> None:
    overlay.until, overlay.ended_by_id, overlay.ended_at = number, actor.user_id, now
