"""Reading what a brief tells, and who has read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from kb.briefs import rules
from kb.briefs.models import BriefReceipt, Shift
from kb.bulletins import queries as bulletin_queries
from kb.bulletins.models import Bulletin
from kb.desk.models import Outcome
from kb.desk.rules import Words, may_become_wording
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.events.models import Event, Subject, Verb
from kb.gaps import queries as gap_queries
from kb.maturity import nominating
from kb.people.models import Team, User
from kb.permissions import Actor, Role

WINDOW = 2000
"""How many of the newest events about entries are looked at; a brief that tells more is read by nobody."""
ENTRIES = 30
QUESTIONS = 8

_LIVE = (Verb.PUBLISHED, Verb.IMPORTED)


@dataclass(frozen=True, slots=True)
class Told:
    """An entry that went live, for the first time or again.

    Attributes:
        own: whether it belongs to a module of the person's expertise.
    """

    entry: Entry
    is_new: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Words that found no good answer, and how often."""

    text: str
    searches: int
    agents: int


@dataclass(frozen=True, slots=True)
class Unsolved:
    """An entry that did not solve calls, and how many."""

    entry: Entry
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What changed for somebody between two moments.

    Attributes:
        receipt: when they said that they have read it, ``None`` before.
        bulletins: what is in force, and what ended in between.
        honoured: what panels made best practice in between.
    """

    since: datetime
    until: datetime
    receipt: datetime | None
    entries: Sequence[Told]
    in_force: Sequence[Bulletin]
    ended: Sequence[Bulletin]
    unanswered: Sequence[Unanswered]
    unsolved: Sequence[Unsolved]
    honoured: Sequence[Entry]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        told = (self.entries, self.in_force, self.ended, self.unanswered, self.unsolved, self.honoured)
        return not any(told)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a team, and when they read the brief of this shift."""

    name: str
    at: datetime | None


def shifts(session: Session, team_key: str | None, *, now: datetime) -> Sequence[datetime]:
    """Return when the team's current shift and the one before it began, newest first. One statement."""
    return session.scalars(
        select(Shift.starts_at)
        .join(Team, Team.id == Shift.team_id)
        .where(Team.key == team_key, Shift.starts_at <= now)
        .order_by(Shift.starts_at.desc())
        .limit(2)
    ).all()


def brief(session: Session, actor: Actor, *, now: datetime) -> Brief:
    """Return what changed for *actor* since they and their team were last told. Twelve statements at most."""
    starts = shifts(session, actor.team, now=now)
    current = starts[0] if starts else None
    receipts = _receipts(session, actor, current)
    since = rules.since(starts, receipts[1], now)
    entries = _went_live(session, actor, since, now)
    notices = bulletin_queries.in_force(session, actor, now=now)
    return Brief(
        since=since,
        until=now,
        receipt=receipts[0],
        entries=entries,
        in_force=[notice.bulletin for notice in notices],
        ended=bulletin_queries.past(session, actor, since=since, now=now),
        unanswered=_unanswered(session, since),
        unsolved=_unsolved(session, actor, since, now),
        honoured=[
            entry for entry in nominating.honoured(session, since=since, until=now) if _concerns(actor, entry, now)
        ],
    )


def members(session: Session, team_key: str, *, current: datetime | None) -> Sequence[Member]:
    """Return the agents of a team and when they read the brief of the shift that began at *current*.

    Those who have not read it come first. Two statements.
    """
    wanted = select(BriefReceipt.user_id, func.max(BriefReceipt.at)).group_by(BriefReceipt.user_id)
    if current is not None:
        wanted = wanted.where(BriefReceipt.at >= current)
    read = {row[0]: row[1] for row in session.execute(wanted)}
    users = session.scalars(select(User).join(User.team).where(Team.key == team_key, User.active).order_by(User.name))
    found = [Member(user.name, read.get(user.id)) for user in users.unique() if Role.AGENT in user.roles]
    return sorted(found, key=lambda member: member.at is not None)


def _receipts(session: Session, actor: Actor, current: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Return when *actor* read this shift's brief, and until when they had been told before. One statement."""
    at = BriefReceipt.at
    if current is None:
        last = session.scalar(select(func.max(at)).where(BriefReceipt.user_id == actor.user_id))
        return None, last
    row = session.execute(
        select(func.max(case((at >= current, at))), func.max(case((at < current, at)))).where(
            BriefReceipt.user_id == actor.user_id
        )
    ).one()
    return row[0], row[1]


def _went_live(session: Session, actor: Actor, since: datetime, now: datetime) -> Sequence[Told]:
    newest = (
        select(Event.subject_id, Event.at, Event.verb, Event.seq)
        .where(Event.subject_kind == Subject.ENTRY, Event.seq.is_not(None))
        .order_by(Event.seq.desc())
        .limit(WINDOW)
        .subquery()
    )
    rows = session.execute(
        select(newest.c.subject_id, func.max(newest.c.seq))
        .where(newest.c.at >= since, newest.c.verb.in_(_LIVE))
        .group_by(newest.c.subject_id)
    )
    order = {int(row[0]): row[1] for row in rows}
    if not order:
        return []
    before = set(
        session.scalars(
            select(Event.subject_id).where(
                Event.subject_kind == Subject.ENTRY,
                Event.subject_id.in_([str(id_) for id_ in order]),
                Event.verb.in_(_LIVE),
                Event.at < since,
            )
        )
    )
    found = [
        Told(entry, str(entry.id) not in before, entry.shown_revision.module_key in actor.modules)
        for entry in entry_queries.by_ids(session, order)
        if entry.live_revision is not None and _concerns(actor, entry, now)
    ]
    found.sort(key=lambda told: (not told.own, not told.is_new, -order[told.entry.id]))
    return found[:ENTRIES]


def _unanswered(session: Session, since: datetime) -> Sequence[Unanswered]:
    """Return what was asked most in vain; only words that may stand where everybody reads them."""
    rows = gap_queries.met_since(session, since, limit=5 * QUESTIONS)
    found = [
        Unanswered(row.text, row.times, row.agents) for row in rows if may_become_wording(Words(row.text, row.spelling))
    ]
    return found[:QUESTIONS]


def _unsolved(session: Session, actor: Actor, since: datetime, now: datetime) -> Sequence[Unsolved]:
    rows = session.execute(
        select(Outcome.entry_id, func.count())
        .where(Outcome.at >= since, Outcome.solved.is_(False))
        .group_by(Outcome.entry_id)
        .order_by(func.count().desc(), Outcome.entry_id)
        .limit(5 * QUESTIONS)
    )
    counts = {row[0]: row[1] for row in rows}
    entries = entry_queries.by_ids(session, counts) if counts else ()
    found = [Unsolved(entry, counts[entry.id]) for entry in entries if _concerns(actor, entry, now)]
    return sorted(found, key=lambda item: (-item.count, item.entry.id))[:QUESTIONS]


def _concerns(actor: Actor, entry: Entry, now: datetime) -> bool:
    """Return whether *actor* is served *entry* and it is of use where they work."""
    live = entry.live_revision
    if live is None or not entry_queries.valid_at(live, now) or not entry_queries.may_read(actor, entry, now=now):
        return False
    return actor.is_system or not live.regions or not actor.line.isdisjoint(live.regions)
