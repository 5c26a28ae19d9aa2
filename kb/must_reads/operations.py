"""The verbs of must-reads: ask, withdraw, and the receipt that a right answer gives."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries.models import Entry
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.must_reads.models import MAX_NOTE, MustRead, MustReadReceipt
from kb.people.models import Team, User
from kb.permissions import Actor, Permission, Target, allowed, require
from kb.questions.models import Question
from kb.questions.rules import State


def ask(
    session: Session,
    actor: Actor,
    entry: Entry,
    question: Question,
    *,
    due_at: datetime,
    teams: Sequence[str] = (),
    note: str = "",
    now: datetime,
) -> MustRead:
    """Ask the agents of *teams* (all, where none is named) to read *entry* by *due_at* and answer *question*.

    Raises:
        InvalidInputError: the question is not a live one of this entry, the day is over, or a team is not known.
        ConflictError: the same people are asked already.
        PermissionDeniedError: *actor* may not ask these teams.
    """
    teams, note = sorted(set(teams)), note.strip()
    if not allowed(actor, Permission.MUST_READ_SET, Target(teams=frozenset(teams))):
        require(actor, Permission.MUST_READ_SET)
        raise PermissionDeniedError(N_("你只能让自己的班组必读"))
    if question.entry_id != entry.id or question.state is not State.LIVE:
        raise InvalidInputError(N_("必读要带一道在用的题"), field="question")
    if due_at <= now:
        raise InvalidInputError(N_("截止要晚于现在"), field="due_at")
    if len(note) > MAX_NOTE:
        raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field="note", max=MAX_NOTE)
    known = set(session.scalars(select(Team.key).where(Team.key.in_(teams))))
    for key in teams:
        if key not in known:
            raise InvalidInputError(N_("没有这个班组：%(key)s"), field="teams", key=key)
    # One at a time for an entry: two leaders who ask the same at once ask once.
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    standing = session.scalars(
        select(MustRead).where(MustRead.entry_id == entry.id, MustRead.withdrawn_at.is_(None))
    ).all()
    if any(sorted(other.teams) == teams for other in standing):
        raise ConflictError(N_("这些人已经要必读这条知识了"))
    must_read = MustRead(
        entry_id=entry.id,
        question_id=question.id,
        edition=1,
        teams=teams,
        note=note,
        asked_by_id=actor.user_id,
        asked_at=now,
        due_at=due_at,
    )
    session.add(must_read)
    session.flush()
    _record(session, actor, must_read, Verb.PUBLISHED, now, teams=teams)
    return must_read


def withdraw(session: Session, actor: Actor, id_: int, *, now: datetime) -> MustRead:
    """Ask nobody any more; the receipts stay.

    Raises:
        NotFoundError: there is none.
        ConflictError: it was withdrawn before.
    """
    must_read = session.get(MustRead, id_, with_for_update=True, populate_existing=True)
    if must_read is None:
        raise NotFoundError(N_("没有这条必读"))
    require(actor, Permission.MUST_READ_SET, must_read.target)
    if must_read.withdrawn_at is not None:
        raise ConflictError(N_("这条必读已经撤回了"))
    must_read.withdrawn_at = now
    session.flush()
    _record(session, actor, must_read, Verb.WITHDRAWN, now)
    return must_read


def read(session: Session, actor: Actor, question: Question, *, now: datetime) -> Sequence[MustRead]:
    """Give *actor* the receipts that a right answer to *question* earns; return what for. The first one stands.

    Whoever records the answer calls this, and only where it was right.

    Raises:
        PermissionDeniedError: *actor* is no person.
    """
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才能签收"))
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    found = session.scalars(
        select(MustRead).where(MustRead.question_id == question.id, MustRead.withdrawn_at.is_(None))
    ).all()
    made = []
    for must_read in found:
        if must_read.teams and actor.team not in must_read.teams:
            continue
        if session.get(MustReadReceipt, (must_read.id, must_read.edition, actor.user_id)) is not None:
            continue
        session.add(
            MustReadReceipt(must_read_id=must_read.id, edition=must_read.edition, user_id=actor.user_id, at=now)
        )
        session.flush()
        _record(session, actor, must_read, Verb.READ, now)
        made.append(must_read)
    return made


def _record(session: Session, actor: Actor, must_read: MustRead, verb: Verb, now: datetime, **payload: Any) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.MUST_READ,
        subject_id=must_read.id,
        payload={"entry": must_read.entry_id, "edition": must_read.edition, **payload},
    )
