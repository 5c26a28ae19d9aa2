"""The verbs of bulletins: publish, revise, extend, withdraw, and say that one has read one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.bulletins.models import Bulletin, Receipt
from kb.bulletins.queries import concerns
from kb.bulletins.rules import Facts, Standing, checked
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.people.models import Team
from kb.permissions import Actor, Permission, allowed, require
from kb.taxonomy.models import Region


def publish(session: Session, actor: Actor, facts: Facts, *, now: datetime) -> Bulletin:
    """Publish a bulletin and return it. It is in force from its ``valid_from`` on; no one else has to approve it.

    Raises:
        InvalidInputError: *facts* can't be taken, or it would be over already.
        PermissionDeniedError: *actor* may not publish for these regions and teams.
    """
    facts = _checked(session, actor, facts, now)
    bulletin = Bulletin(version=1, author_id=actor.user_id, created_at=now)
    _put(bulletin, actor, facts, now)
    session.add(bulletin)
    session.flush()
    _record(session, actor, bulletin, Verb.PUBLISHED, now)
    return bulletin


def revise(session: Session, actor: Actor, id_: int, facts: Facts, *, version: int, now: datetime) -> Bulletin:
    """Change what the bulletin *id_*, read at *version*, says; whoever had read it is asked to read it again.

    Raises:
        ConflictError: somebody changed it since, or it was withdrawn.
        InvalidInputError: *facts* can't be taken.
        PermissionDeniedError: *actor* may not publish for what it was for, or for what it is for now.
    """
    bulletin = _held(session, actor, id_)
    if bulletin.version != version:
        raise ConflictError(N_("别人刚刚改过这条公告。请重新打开再改，免得盖掉。"))
    facts = _checked(session, actor, facts, now)
    if replace(facts, valid_until=bulletin.valid_until) == bulletin.facts:
        return _put_end(session, actor, bulletin, facts.valid_until, now)
    bulletin.version += 1
    _put(bulletin, actor, facts, now)
    session.flush()
    _record(session, actor, bulletin, Verb.REVISED, now)
    return bulletin


def extend(session: Session, actor: Actor, id_: int, valid_until: datetime, *, now: datetime) -> Bulletin:
    """Move the end of the bulletin *id_*, also to earlier or after it has ended. Nobody is asked to read it again.

    Raises:
        ConflictError: it was withdrawn.
        InvalidInputError: the end is not after now and after its beginning.
        PermissionDeniedError: *actor* may not publish for what it is for.
    """
    bulletin = _held(session, actor, id_)
    if valid_until <= max(now, bulletin.valid_from):
        raise InvalidInputError(N_("结束要晚于现在和开始"), field="valid_until")
    return _put_end(session, actor, bulletin, valid_until, now)


def withdraw(session: Session, actor: Actor, id_: int, *, now: datetime) -> Bulletin:
    """Take the bulletin *id_* back: from this moment on it is in force no more.

    Raises:
        ConflictError: it was withdrawn before.
        PermissionDeniedError: *actor* may not publish for what it is for.
    """
    bulletin = _held(session, actor, id_)
    bulletin.withdrawn_at = bulletin.changed_at = now
    bulletin.changed_by_id = actor.user_id
    session.flush()
    _record(session, actor, bulletin, Verb.WITHDRAWN, now)
    return bulletin


def acknowledge(
    session: Session, actor: Actor, id_: int, *, version: int, choice: int | None, now: datetime
) -> Receipt:
    """Record that *actor* has read the bulletin *id_* at *version*, and return the receipt; the first one stands.

    Args:
        choice: place of the answer to its question; taken no notice of where it asks none.

    Raises:
        NotFoundError: there is no such bulletin that concerns them.
        ConflictError: it says something else by now, or is not in force.
        InvalidInputError: it asks something, and *choice* is none of its options.
        PermissionDeniedError: *actor* is no person.
    """
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才能签收"))
    # One at a time per bulletin: a double click makes one receipt, and a revision waits or is seen.
    bulletin = session.get(Bulletin, id_, with_for_update=True, populate_existing=True)
    if bulletin is None or not concerns(actor, bulletin):
        raise NotFoundError(N_("没有这条公告，或者它与你无关"))
    if bulletin.version != version or bulletin.standing(now) is not Standing.IN_FORCE:
        raise ConflictError(N_("这条公告刚刚变了，请看现在的内容再签收"))
    receipt = session.get(Receipt, (id_, version, actor.user_id))
    if receipt is not None:
        return receipt
    question = bulletin.question
    if question is None:
        choice = None
    elif choice is None or not 0 <= choice < len(question.options):
        raise InvalidInputError(N_("请先选一个答案"), field="choice")
    receipt = Receipt(
        bulletin_id=id_,
        version=version,
        user_id=actor.user_id,
        at=now,
        choice=choice,
        right=None if question is None else choice == question.right,
    )
    session.add(receipt)
    session.flush()
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=Verb.READ,
        subject_kind=Subject.BULLETIN_RECEIPT,
        subject_id=id_,
        payload={"version": version, "right": receipt.right},
    )
    return receipt


def _checked(session: Session, actor: Actor, facts: Facts, now: datetime) -> Facts:
    facts = checked(facts)
    if not allowed(actor, Permission.BULLETIN_PUBLISH, facts.target):
        # Whoever may publish for some is told for whom; whoever may for nobody, that they may not.
        require(actor, Permission.BULLETIN_PUBLISH)
        raise PermissionDeniedError(N_("你只能对自己的班组，或者自己负责的区域发公告；请选好范围"))
    if facts.valid_until <= now:
        raise InvalidInputError(N_("结束的时间已经过了"), field="valid_until")
    known = select(Region.key).where(Region.key.in_(facts.regions), Region.retired.is_(False))
    _all_known(facts.regions, session.scalars(known), "regions", N_("没有这个区域：%(key)s"))
    teams = session.scalars(select(Team.key).where(Team.key.in_(facts.teams)))
    _all_known(facts.teams, teams, "teams", N_("没有这个班组：%(key)s"))
    return facts


def _all_known(keys: Iterable[str], known: Iterable[str], field: str, message: str) -> None:
    found = set(known)
    for key in keys:
        if key not in found:
            raise InvalidInputError(message, field=field, key=key)


def _held(session: Session, actor: Actor, id_: int) -> Bulletin:
    """Return the bulletin, locked, to be changed by *actor*."""
    bulletin = session.get(Bulletin, id_, with_for_update=True, populate_existing=True)
    if bulletin is None:
        raise NotFoundError(N_("没有这条公告，或者它与你无关"))
    require(actor, Permission.BULLETIN_PUBLISH, bulletin.facts.target)
    if bulletin.withdrawn_at is not None:
        raise ConflictError(N_("这条公告已经撤回了"))
    return bulletin


def _put(bulletin: Bulletin, actor: Actor, facts: Facts, now: datetime) -> None:
    for name in ("title", "text", "script", "valid_from", "valid_until", "urgent", "must_read"):
        setattr(bulletin, name, getattr(facts, name))
    for name in ("words", "regions", "teams"):
        setattr(bulletin, name, list(getattr(facts, name)))
    question = facts.question
    bulletin.prompt = question.prompt if question else ""
    bulletin.options = list(question.options) if question else []
    bulletin.right = question.right if question else None
    bulletin.explanation = question.explanation if question else ""
    bulletin.changed_by_id, bulletin.changed_at = actor.user_id, now


def _put_end(session: Session, actor: Actor, bulletin: Bulletin, valid_until: datetime, now: datetime) -> Bulletin:
    if valid_until != bulletin.valid_until:
        before, bulletin.valid_until = bulletin.valid_until, valid_until
        bulletin.changed_by_id, bulletin.changed_at = actor.user_id, now
        session.flush()
        _record(session, actor, bulletin, Verb.EXTENDED, now, before=before.isoformat())
    return bulletin


def _record(session: Session, actor: Actor, bulletin: Bulletin, verb: Verb, now: datetime, **payload: Any) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.BULLETIN,
        subject_id=bulletin.id,
        payload={"version": bulletin.version, "title": bulletin.title, "urgent": bulletin.urgent, **payload},
    )
