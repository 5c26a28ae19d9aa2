"""Who answers for an entry, and handing all of a person's over when they leave (交接)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from kb.entries.models import Entry
from kb.entries.rules import State
from kb.errors import ConflictError, InvalidInputError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.people.models import User
from kb.permissions import Actor, Permission, Role, require

MAX_REASON = 200


def hand_over(
    session: Session,
    actor: Actor,
    giver: User,
    taker: User,
    *,
    keys: Collection[str] | None = None,
    reason: str = "",
    now: datetime,
) -> int:
    """Make *taker* the owner of what *giver* owns, in one go or not at all; return of how many entries.

    Each entry has an event of its own in its history, and the two people one together, which tells the taker. What is
    live, in work or shelved changes hands alike; what the giver wrote stays theirs in the history.

    Args:
        keys: only these of the giver's entries.
        reason: why; said in the events.

    Raises:
        PermissionDeniedError: *actor* may not hand entries over.
        InvalidInputError: the taker is the giver, has left, or may not write entries; the reason is too long.
        ConflictError: the giver owns none of them.
    """
    require(actor, Permission.OWNERSHIP_TRANSFER)
    if len(reason) > MAX_REASON:
        raise InvalidInputError(N_("原因最多 %(max)s 个字"), field="reason", max=MAX_REASON)
    if giver.id == taker.id:
        raise InvalidInputError(N_("不能交给本人"), field="taker")
    if not taker.active:
        raise InvalidInputError(N_("%(name)s 已经离开了，不能接手"), field="taker", name=taker.name)
    if not may_own(taker.roles):
        raise InvalidInputError(N_("%(name)s 不能写知识，不能接手"), field="taker", name=taker.name)
    wanted = select(Entry).where(Entry.owner_id == giver.id).order_by(Entry.id).with_for_update(of=Entry)
    if keys is not None:
        wanted = wanted.where(Entry.key.in_(keys))
    wanted = wanted.options(joinedload(Entry.live_revision), joinedload(Entry.work_revision))
    entries = session.scalars(wanted).all()
    if not entries:
        raise ConflictError(N_("没有可以交接的知识"))
    for entry in entries:
        entry.owner_id, entry.updated_at = taker.id, now
        told = {"from": giver.id, "to": taker.id, "reason": reason, "revision": entry.shown_revision.number}
        _record(session, actor, Subject.ENTRY, entry.id, now, told)
    facts = {"from": giver.id, "to": taker.id, "count": len(entries), "reason": reason}
    _record(session, actor, Subject.PERSON, giver.id, now, facts)
    session.flush()
    return len(entries)


def may_own(roles: Collection[Role]) -> bool:
    """Return whether somebody with *roles* can answer for an entry: who may not write one can't mend it either."""
    return bool(Actor(user_id=None, name="", roles=frozenset(roles)).scopes(Permission.ENTRY_CREATE))


def owned_by(session: Session, owner_id: int) -> Sequence[Entry]:
    """Return what a person owns but for the archive, by its module, then the latest change first. One statement."""
    found = session.scalars(
        select(Entry)
        .options(joinedload(Entry.live_revision), joinedload(Entry.work_revision))
        .where(Entry.owner_id == owner_id)
        .order_by(Entry.updated_at.desc(), Entry.id.desc())
    ).all()
    kept = [entry for entry in found if entry.state is not State.ARCHIVED]
    return sorted(kept, key=lambda entry: entry.shown_revision.module_key)


def count_owned(session: Session) -> Mapping[int, int]:
    """Return how many entries each person owns, by their id. One statement."""
    rows = session.execute(
        select(Entry.owner_id, func.count()).where(Entry.owner_id.is_not(None)).group_by(Entry.owner_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def _record(
    session: Session, actor: Actor, kind: Subject, subject_id: int, now: datetime, payload: dict[str, object]
) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=Verb.OWNER_CHANGED,
        subject_kind=kind,
        subject_id=subject_id,
        payload=payload,
    )
