"""Nominations (最佳经验提名): a colleague puts an entry forward, a panel of independent experts decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from kb.entries.models import Entry
from kb.entries.queries import may_read
from kb.entries.rules import SERVED
from kb.errors import ConflictError, NotFoundError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.maturity import queries
from kb.maturity.models import Nomination, NominationState, PanelVote
from kb.maturity.operations import said
from kb.permissions import Actor, Permission, allowed, require

PANEL = 3
"""Independent experts who decide; the majority of the first so many."""


def nominate(session: Session, actor: Actor, entry: Entry, *, reason: str, now: datetime) -> Nomination:
    """Put *entry* forward as best practice and return the nomination.

    Raises:
        PermissionDeniedError: *actor* may not, or answers for the entry: others nominate.
        ConflictError: it is not being served, or is put forward already.
        InvalidInputError: no reason.
    """
    require(actor, Permission.ENTRY_NOMINATE, entry.target())
    if actor.user_id is None or actor.user_id in entry.target().people:
        raise PermissionDeniedError(N_("不能提名自己写的或自己负责的知识"))
    if entry.live_revision is None or entry.live_state not in SERVED:
        raise ConflictError(N_("这条知识现在不对坐席提供，不能提名"))
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    if open_of(session, entry.id) is not None:
        raise ConflictError(N_("这条知识已经有人提名，正在评审"))
    made = Nomination(entry_id=entry.id, by_id=actor.user_id, reason=said(reason), at=now, state=NominationState.OPEN)
    session.add(made)
    session.flush()
    _record(session, actor, made, Verb.CREATED, now)
    return made


def vote(session: Session, actor: Actor, id_: int, *, approves: bool, reason: str, now: datetime) -> Nomination:
    """Say, as an expert of the panel, whether the nomination *id_* holds; the last of the panel decides it.

    Raises:
        NotFoundError: there is no such nomination, or it is of an entry that *actor* may not read.
        ConflictError: it is decided.
        PermissionDeniedError: it is not of a module of theirs, or they wrote, lead or nominated it.
        InvalidInputError: no reason.
    """
    found = session.get(Nomination, id_, with_for_update=True, populate_existing=True)
    entry = session.get_one(Entry, found.entry_id) if found is not None else None
    if found is None or entry is None or not may_read(actor, entry, now=now):
        raise NotFoundError(N_("没有这条提名"))
    if found.state is not NominationState.OPEN:
        raise ConflictError(N_("这条提名已经有了结果"))
    if not may_vote(session, actor, found, entry) or actor.user_id is None:
        raise PermissionDeniedError(N_("评审要由本模块、与作者和提名人无关的专家来做"))
    cleaned = said(reason)
    session.merge(PanelVote(nomination_id=id_, user_id=actor.user_id, approves=approves, reason=cleaned, at=now))
    session.flush()
    _record(session, actor, found, Verb.VOTED, now)
    votes = session.scalars(select(PanelVote).where(PanelVote.nomination_id == id_)).all()
    if len(votes) >= PANEL:
        accepted = sum(item.approves for item in votes) * 2 > len(votes)
        found.state = NominationState.ACCEPTED if accepted else NominationState.DECLINED
        found.decided_at = now
        _record(session, actor, found, Verb.ACCEPTED if accepted else Verb.DECLINED, now)
    session.flush()
    return found


def may_vote(session: Session, actor: Actor, nomination: Nomination, entry: Entry) -> bool:
    """Return whether *actor* may sit on the panel of *nomination*. One statement."""
    return (
        allowed(actor, Permission.ENTRY_RATE, entry.target())
        and actor.user_id != nomination.by_id
        and queries.is_independent(session, actor, entry)
    )


def open_of(session: Session, entry_id: int) -> Nomination | None:
    """Return the nomination of an entry that is being decided on. One statement."""
    return session.scalar(
        select(Nomination).where(Nomination.entry_id == entry_id, Nomination.state == NominationState.OPEN)
    )


@dataclass(frozen=True, slots=True)
class Nominated:
    """A nomination with its entry and what the panel said so far."""

    nomination: Nomination
    entry: Entry
    votes: Sequence[PanelVote]


def listed(session: Session, state: NominationState, *, limit: int) -> Sequence[Nominated]:
    """Return the newest *limit* nominations in *state*, newest first. Two statements."""
    rows = session.execute(
        select(Nomination, Entry)
        .join(Entry, Entry.id == Nomination.entry_id)
        .join(Entry.live_revision)
        .options(contains_eager(Entry.live_revision))
        .where(Nomination.state == state)
        .order_by(func.coalesce(Nomination.decided_at, Nomination.at).desc(), Nomination.id.desc())
        .limit(limit)
    ).all()
    votes = session.scalars(
        select(PanelVote).where(PanelVote.nomination_id.in_([row[0].id for row in rows])).order_by(PanelVote.at)
    ).all()
    return [Nominated(row[0], row[1], [item for item in votes if item.nomination_id == row[0].id]) for row in rows]


def honoured(session: Session, *, since: datetime, until: datetime) -> Sequence[Entry]:
    """Return the entries that panels made best practice between two moments, the latest first. One statement."""
    return session.scalars(
        select(Entry)
        .join(Nomination, Nomination.entry_id == Entry.id)
        .join(Entry.live_revision)
        .options(contains_eager(Entry.live_revision))
        .where(
            Nomination.state == NominationState.ACCEPTED,
            Nomination.decided_at >= since,
            Nomination.decided_at <= until,
            Entry.live_state.in_(SERVED),
        )
        .order_by(Nomination.decided_at.desc())
    ).all()


def _record(session: Session, actor: Actor, nomination: Nomination, verb: Verb, now: datetime) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.NOMINATION,
        subject_id=nomination.id,
        payload={"entry": nomination.entry_id},
    )
