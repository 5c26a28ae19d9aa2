"""Reading must-reads: what somebody still has to read, and who of a team has not. Never how they answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, and_, cast, or_, select
from sqlalchemy.orm import Session, contains_eager

from kb.entries.models import Entry
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.must_reads.models import MustRead, MustReadReceipt
from kb.people.models import RoleGrant, Team, User
from kb.permissions import Actor, Permission, Role, Scope, allowed, require
from kb.questions.models import Question
from kb.questions.queries import may_be_asked
from kb.questions.rules import State


@dataclass(frozen=True, slots=True)
class Progress:
    """A must-read as whoever asked sees it.

    Attributes:
        asked: whether people are asked now: its question is live. Otherwise somebody has to look at the question.
        read, people: how many agents that it is for have read its present edition, of how many.
    """

    must_read: MustRead
    title: str
    asked: bool
    read: int
    people: int


@dataclass(frozen=True, slots=True)
class Reader:
    """An agent that a must-read is for, and when they read its present edition; the team's name is empty for none."""

    user_id: int
    name: str
    team: str
    at: datetime | None


def unread(session: Session, actor: Actor, *, now: datetime, limit: int) -> Sequence[MustRead]:
    """Return what *actor* still has to read, with entry and question, what is due first. One statement.

    Only what can be answered: the entry is served to them and the question is live.
    """
    teams = cast(MustRead.teams, Text)
    rows = session.scalars(
        select(MustRead)
        .join(MustRead.question)
        .join(Question.entry)
        .join(Entry.live_revision)
        .outerjoin(
            MustReadReceipt,
            and_(
                MustReadReceipt.must_read_id == MustRead.id,
                MustReadReceipt.edition == MustRead.edition,
                MustReadReceipt.user_id == (actor.user_id if actor.user_id is not None else -1),
            ),
        )
        .where(
            MustRead.withdrawn_at.is_(None),
            MustReadReceipt.at.is_(None),
            or_(
                teams == "[]",
                teams.contains(f'"{actor.team or ""}"', autoescape=True),
            ),
            may_be_asked(actor, now=now),
        )
        .options(contains_eager(MustRead.question).contains_eager(Question.entry).contains_eager(Entry.live_revision))
        .order_by(MustRead.due_at, MustRead.id)
        .limit(limit)
    )
    return rows.unique().all()


def standing(session: Session, actor: Actor) -> Sequence[Progress]:
    """Return the must-reads that *actor* may ask for, what is due first. Three statements.

    Raises:
        PermissionDeniedError: *actor* may ask nobody.
    """
    require(actor, Permission.MUST_READ_SET)
    found = [
        must_read
        for must_read in session.scalars(
            select(MustRead)
            .join(MustRead.question)
            .join(Question.entry)
            .join(Entry.live_revision)
            .where(MustRead.withdrawn_at.is_(None))
            .options(
                contains_eager(MustRead.question).contains_eager(Question.entry).contains_eager(Entry.live_revision)
            )
            .order_by(MustRead.due_at, MustRead.id)
        ).unique()
        if _may_see(actor, must_read)
    ]
    agents = _agents(session, actor)
    receipts = _receipts(session, [must_read.id for must_read in found])
    progress = []
    for must_read in found:
        people = [user_id for user_id, _, team, _ in agents if _is_for(must_read, team)]
        read = sum((must_read.id, must_read.edition, user_id) in receipts for user_id in people)
        progress.append(
            Progress(
                must_read,
                must_read.question.entry.shown_revision.title,
                must_read.question.state is State.LIVE,
                read,
                len(people),
            )
        )
    return progress


def readers(session: Session, actor: Actor, id_: int) -> tuple[MustRead, Sequence[Reader]]:
    """Return the must-read *id_* and the agents it is for, team by team, who has not read it first. Three statements.

    A leader sees their own team. How anybody answered is not in here.

    Raises:
        NotFoundError: there is none that *actor* may see.
    """
    require(actor, Permission.MUST_READ_SET)
    must_read = session.scalar(
        select(MustRead)
        .join(MustRead.question)
        .join(Question.entry)
        .join(Entry.live_revision)
        .where(MustRead.id == id_)
        .options(contains_eager(MustRead.question).contains_eager(Question.entry).contains_eager(Entry.live_revision))
    )
    if must_read is None or not _may_see(actor, must_read):
        raise NotFoundError(N_("没有这条必读"))
    receipts = _receipts(session, [id_])
    found = [
        Reader(user_id, name, team_name or "", receipts.get((id_, must_read.edition, user_id)))
        for user_id, name, team, team_name in _agents(session, actor)
        if _is_for(must_read, team)
    ]
    return must_read, sorted(found, key=lambda row: (row.team, row.at is not None, row.name))


def _may_see(actor: Actor, must_read: MustRead) -> bool:
    """Return whether *actor* asked it or could have, or it is also for their own team."""
    concerns = Scope.TEAM in actor.scopes(Permission.MUST_READ_SET) and _is_for(must_read, actor.team)
    return concerns or allowed(actor, Permission.MUST_READ_SET, must_read.target)


def _is_for(must_read: MustRead, team: str | None) -> bool:
    return not must_read.teams or team in must_read.teams


def _agents(session: Session, actor: Actor) -> Sequence[tuple[int, str, str | None, str | None]]:
    """Return the agents that *actor* answers for: id, name, key and name of their team. One statement."""
    wanted = (
        select(User.id, User.name, Team.key, Team.name)
        .join(RoleGrant, and_(RoleGrant.user_id == User.id, RoleGrant.role == Role.AGENT))
        .outerjoin(Team, Team.id == User.team_id)
        .where(User.active)
        .order_by(User.id)
    )
    if Scope.ALL not in actor.scopes(Permission.MUST_READ_SET):
        wanted = wanted.where(Team.key == actor.team)
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(wanted)]


def _receipts(session: Session, ids: Sequence[int]) -> dict[tuple[int, int, int], datetime]:
    rows = session.scalars(select(MustReadReceipt).where(MustReadReceipt.must_read_id.in_(ids)))
    return {(row.must_read_id, row.edition, row.user_id): row.at for row in rows}
