"""The verbs of review besides the steps themselves: remark, settle a remark, decide, publish what is due."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kb.entries import operations as entries
from kb.entries.models import Approval, Entry, Revision
from kb.entries.rules import State
from kb.errors import ConflictError, NotFoundError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import SYSTEM, Actor
from kb.review import queries
from kb.review.models import Remark
from kb.review.rules import anchored, checked


def remark(
    session: Session, actor: Actor, entry: Entry, revision: Revision, *, text: str, quote: str = "", now: datetime
) -> Remark:
    """Say something about *revision*, or about the words of it that are quoted; return the remark.

    Raises:
        PermissionDeniedError: *actor* neither reviews, verifies nor edits this entry.
        InvalidInputError: no text, too long a one, or a quote that does not stand there.
    """
    _require_a_say(actor, entry, revision)
    made = Remark(
        entry_id=entry.id,
        revision_id=revision.id,
        author_id=actor.user_id,
        at=now,
        quote=quote.strip(),
        part=anchored(revision.content, quote),
        text=checked(text),
    )
    session.add(made)
    session.flush()
    _record(session, actor, made, Verb.COMMENTED, now, entry=entry.id, revision=revision.number)
    return made


def settle(session: Session, actor: Actor, entry: Entry, number: int, *, open_: bool, now: datetime) -> Remark:
    """Say that remark *number* is settled, or that it is not after all (*open_*); return it.

    Raises:
        NotFoundError: *entry* has no such remark.
        PermissionDeniedError: *actor* neither reviews, verifies nor edits this entry.
        ConflictError: it is so already.
    """
    found = queries.remark(session, entry, number)
    if found is None:
        raise NotFoundError(N_("没有这条意见"))
    _require_a_say(actor, entry, found.revision)
    if (found.resolved_at is None) is open_:
        raise ConflictError(N_("别人刚刚处理过这条意见"))
    found.resolved_at, found.resolved_by_id = (None, None) if open_ else (now, actor.user_id)
    session.flush()
    verb = Verb.REOPENED if open_ else Verb.RESOLVED
    _record(session, actor, found, verb, now, entry=entry.id, revision=found.revision.number)
    return found


def approve(session: Session, actor: Actor, entry: Entry, *, publish_at: datetime | None, now: datetime) -> None:
    """Approve the revision in work, to go live by itself from *publish_at* on (``kb.review.rules.publish_at``).

    Raises:
        PermissionDeniedError: *actor* may not review, or wrote any part of what is being approved.
        TransitionError: it is not under review.
    """
    entries.approve(session, actor, entry, publish_at=publish_at, now=now)
    publish_if_due(session, entry, now=now)


def publish_if_due(session: Session, entry: Entry, *, now: datetime) -> bool:
    """Put the approved revision of *entry* live if nothing is waited for any more; return whether it went."""
    revision = entry.work_revision
    if entry.work_state is not State.SCHEDULED or revision is None:
        return False
    approval = session.get(Approval, revision.id)
    if approval is None or approval.publish_at is None or approval.publish_at > now:
        return False
    entries.publish(session, SYSTEM, entry, now=now)
    return True


def publish_due(session: Session, *, now: datetime, limit: int = 50) -> int:
    """Put live whatever was approved to go live by now; return how many entries. Call it until that is 0.

    Two processes at once publish once: the second finds another version of the entry and fails.
    """
    return sum(publish_if_due(session, entry, now=now) for entry in queries.due(session, now=now, limit=limit))


def _require_a_say(actor: Actor, entry: Entry, revision: Revision) -> None:
    if not queries.has_a_say(actor, entry, revision):
        raise PermissionDeniedError()


def _record(session: Session, actor: Actor, made: Remark, verb: Verb, now: datetime, **payload: Any) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.COMMENT,
        subject_id=made.id,
        payload=payload,
    )
