"""Flags: what the honesty checks found, kept for a manager, and what the manager makes of it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select
from sqlalchemy.orm import Session, aliased

from kb.desk.models import Outcome
from kb.entries.models import Entry, Revision
from kb.entries.queries import meant_for
from kb.errors import NotFoundError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.maturity import assessing, evidence
from kb.maturity.elsewhere import WIRED, Elsewhere
from kb.maturity.honesty import (
    BURST_MARKS,
    MARKED_SOLVED,
    MARKS_EACH_WAY,
    TEAM_MARKS,
    TEAM_SHARE,
    Finding,
    Hour,
    Marked,
    Rated,
    Sums,
    findings,
)
from kb.maturity.models import Flag, FlagState, Rating, SetAside
from kb.maturity.rubric import MAX_REASON
from kb.people.models import User
from kb.permissions import Actor, Permission, require

WINDOW = timedelta(days=84)
"""How far back marks are looked at: twelve weeks."""

_SOLVED = func.sum(case((Outcome.solved, 1), else_=0))
_VERBS = {FlagState.DISMISSED: Verb.DISMISSED, FlagState.UPHELD: Verb.UPHELD, FlagState.OPEN: Verb.REVISED}


def find(session: Session, *, now: datetime, elsewhere: Elsewhere = WIRED) -> list[Finding]:
    """Return what the checks find now. Four statements, and that of *elsewhere*; changes nothing."""
    since = now - WINDOW
    return findings(
        Sums(
            ratings=_ratings(session),
            marks=_marks(session, since),
            hours=_hours(session, since),
            calls=elsewhere.calls(session, since),
        )
    )


def keep(session: Session, found: Sequence[Finding], *, now: datetime) -> int:
    """Keep *found* as flags; return how many are new. One that a manager decided on stays decided. Two statements."""
    held = {(flag.name, flag.key): flag for flag in session.scalars(select(Flag))}
    new = 0
    for finding in found:
        flag = held.get((finding.check, finding.key))
        if flag is None:
            flag = Flag(name=finding.check, key=finding.key, state=FlagState.OPEN, found_at=now)
            session.add(flag)
            new += 1
        if flag.state is FlagState.OPEN:
            flag.entry_ids, flag.user_ids, flag.facts = list(finding.entries), list(finding.users), dict(finding.facts)
            flag.seen_at = now
    session.flush()
    return new


def decide(
    session: Session,
    actor: Actor,
    id_: int,
    state: FlagState,
    *,
    note: str,
    now: datetime,
    elsewhere: Elsewhere = WIRED,
) -> Flag:
    """Decide on a flag, or open it again. Upheld, what its people say of its entries no longer counts.

    Raises:
        PermissionDeniedError: *actor* does not manage maturity.
        NotFoundError: there is no such flag.
    """
    require(actor, Permission.MATURITY_MANAGE)
    flag = session.get(Flag, id_, with_for_update=True, populate_existing=True)
    if flag is None:
        raise NotFoundError(N_("没有这条提示"))
    if flag.state is state:
        return flag
    flag.state, flag.note = state, " ".join(note.split())[:MAX_REASON]
    flag.decided_by_id = None if state is FlagState.OPEN else actor.user_id
    flag.decided_at = None if state is FlagState.OPEN else now
    session.execute(delete(SetAside).where(SetAside.flag_id == id_))
    if state is FlagState.UPHELD:
        session.add_all(
            SetAside(flag_id=id_, entry_id=entry, user_id=user) for entry in flag.entry_ids for user in flag.user_ids
        )
    session.flush()
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=_VERBS[state],
        subject_kind=Subject.MATURITY_FLAG,
        subject_id=id_,
    )
    evidence.recount(session, flag.entry_ids)
    assessing.assess(session, flag.entry_ids, now=now, elsewhere=elsewhere)
    return flag


def listed(session: Session, state: FlagState, *, limit: int, offset: int = 0) -> Sequence[Flag]:
    """Return the flags in *state*, newest first. One statement."""
    return session.scalars(
        select(Flag)
        .where(Flag.state == state)
        .order_by(Flag.found_at.desc(), Flag.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def count_open(session: Session) -> int:
    """Return how many flags nobody has decided on. One statement."""
    return session.scalar(select(func.count()).select_from(Flag).where(Flag.state == FlagState.OPEN)) or 0


def titles(session: Session, actor: Actor, entry_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return key and title of those of these entries that are meant for *actor*. One statement."""
    rows = session.execute(
        select(Entry.id, Entry.key, Revision.title)
        .join(Entry.live_revision)
        .where(Entry.id.in_(entry_ids), meant_for(actor))
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _hour(session: Session) -> ColumnElement[str]:
    """Return the hour of an outcome, in UTC, as text."""
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", Outcome.at), 'YYYY-MM-DD"T"HH24')
    return func.strftime("%Y-%m-%dT%H", Outcome.at)


def _ratings(session: Session) -> list[Rated]:
    rows = session.execute(
        evidence.joined(
            select(Rating.rater_id, Rating.entry_id, Entry.owner_id, Rating.overall).select_from(Rating),
            Rating.entry_id,
        ).where(evidence.counting())
    )
    return [Rated(rater=row[0], entry=row[1], owner=row[2], overall=row[3]) for row in rows]


def _marks(session: Session, since: datetime) -> list[Marked]:
    """Return who marked what since then, as far as it could be odd: there are millions. Two statements."""
    agent, owner = aliased(User), aliased(User)
    recent = and_(Outcome.at >= since, ~evidence.set_aside(Outcome.user_id, Outcome.entry_id))
    pairs = session.execute(
        select(Outcome.user_id, Entry.owner_id)
        .join(Entry, Entry.id == Outcome.entry_id)
        .where(recent, Entry.owner_id.is_not(None), Entry.owner_id != Outcome.user_id)
        .group_by(Outcome.user_id, Entry.owner_id)
        .having(func.count() >= MARKS_EACH_WAY, MARKED_SOLVED * func.count() <= _SOLVED)
    ).all()
    often = {(row[0], row[1]) for row in pairs}
    mutual = sorted({one for one, other in often if (other, one) in often})
    of_one_team = (
        select(Outcome.entry_id)
        .join(agent, agent.id == Outcome.user_id)
        .join(Entry, Entry.id == Outcome.entry_id)
        .join(owner, owner.id == Entry.owner_id)
        .where(recent, Outcome.solved)
        .group_by(Outcome.entry_id)
        .having(
            func.count() >= TEAM_MARKS,
            func.sum(case((agent.team_id == owner.team_id, 1), else_=0)) >= TEAM_SHARE * func.count(),
        )
    )
    rows = session.execute(
        select(Outcome.user_id, agent.team_id, Outcome.entry_id, Entry.owner_id, owner.team_id, _SOLVED, func.count())
        .join(agent, agent.id == Outcome.user_id)
        .join(Entry, Entry.id == Outcome.entry_id)
        .join(owner, owner.id == Entry.owner_id)
        .where(
            recent,
            or_(
                Outcome.entry_id.in_(of_one_team),
                and_(Outcome.user_id.in_(mutual), Entry.owner_id.in_(mutual)),
            ),
        )
        .group_by(Outcome.user_id, agent.team_id, Outcome.entry_id, Entry.owner_id, owner.team_id)
    )
    return [
        Marked(
            agent=row[0],
            team=row[1],
            entry=row[2],
            owner=row[3],
            owner_team=row[4],
            solved=row[5],
            unsolved=row[6] - row[5],
        )
        for row in rows
    ]


def _hours(session: Session, since: datetime) -> list[Hour]:
    """Return the hours in which an entry was marked as solved often. Two statements."""
    hour = _hour(session)
    busy = session.execute(
        select(Outcome.entry_id, hour, func.count())
        .where(Outcome.at >= since, Outcome.solved, ~evidence.set_aside(Outcome.user_id, Outcome.entry_id))
        .group_by(Outcome.entry_id, hour)
        .having(func.count() >= BURST_MARKS)
    ).all()
    if not busy:
        return []
    rows = session.execute(
        select(Outcome.entry_id, hour, Outcome.user_id).where(
            Outcome.entry_id.in_({row[0] for row in busy}), Outcome.at >= since, Outcome.solved
        )
    ).all()
    return [
        Hour(
            entry=entry,
            hour=at,
            marks=marks,
            agents=tuple(sorted(row[2] for row in rows if row[0] == entry and row[1] == at)),
        )
        for entry, at, marks in busy
    ]
