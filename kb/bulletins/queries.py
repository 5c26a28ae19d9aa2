"""Reading bulletins: what is in force for whom at a moment, and who has read what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, literal, select
from sqlalchemy.orm import Session

from kb.bulletins.models import Bulletin, Receipt
from kb.bulletins.rules import Standing
from kb.errors import NotFoundError
from kb.events.models import Subject
from kb.events.queries import last_seq
from kb.i18n import N_
from kb.people.models import Team, User
from kb.permissions import Actor, Permission, Role, Scope, allowed
from kb.taxonomy.queries import Taxonomy


@dataclass(frozen=True, slots=True)
class Notice:
    """A bulletin with this person's receipt for what it says now."""

    bulletin: Bulletin
    receipt: Receipt | None

    @property
    def due(self) -> bool:
        """Whether the person still has to say that they have read it."""
        return self.bulletin.must_read and self.receipt is None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is in force for somebody, and the next moment at which one of theirs begins or ends by itself."""

    notices: Sequence[Notice]
    next_change: datetime | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody a bulletin concerns, their team's name (none: empty), and their receipt for what it says now."""

    user_id: int
    name: str
    team: str
    receipt: Receipt | None


def last_change(session: Session) -> int:
    """Return the number of the last committed event about bulletins, 0 when there is none. One statement."""
    return last_seq(session, kinds=(Subject.BULLETIN,))


def concerns(actor: Actor, bulletin: Bulletin) -> bool:
    """Return whether *bulletin* is for *actor*: for their team, and for a region on the line of theirs.

    What is said of a county concerns whoever works there and whoever works above it, as calls from it reach both; what
    is said of the province concerns everybody. A neighbouring county's does not.
    """
    if actor.is_system:
        return True
    of_team = not bulletin.teams or actor.team in bulletin.teams
    return of_team and (not bulletin.regions or not actor.line.isdisjoint(bulletin.regions))


def outlook(session: Session, actor: Actor, *, now: datetime) -> Outlook:
    """Return what is in force for *actor* at the moment *now*, and when that changes by itself. One statement.

    What is urgent comes first, then what must still be read, then the newest.
    """
    rows = session.execute(
        select(Bulletin, Receipt)
        .outerjoin(Receipt, _receipt_of(actor))
        .where(Bulletin.withdrawn_at.is_(None), Bulletin.valid_until > now)
        .order_by(Bulletin.valid_from.desc(), Bulletin.id.desc())
    )
    found = [Notice(row[0], row[1]) for row in rows if concerns(actor, row[0])]
    begun = [notice for notice in found if notice.bulletin.standing(now) is Standing.IN_FORCE]
    moments = (
        bulletin.valid_from if bulletin.valid_from > now else bulletin.valid_until
        for bulletin in (notice.bulletin for notice in found)
    )
    return Outlook(
        notices=sorted(begun, key=lambda notice: (not notice.bulletin.urgent, not notice.due)),
        next_change=min(moments, default=None),
    )


def in_force(session: Session, actor: Actor, *, now: datetime) -> Sequence[Notice]:
    """Return what is in force for *actor* at the moment *now*, in the order of ``outlook``. One statement."""
    return outlook(session, actor, now=now).notices


def naming(session: Session, actor: Actor, *, now: datetime) -> Sequence[Bulletin]:
    """Return what is in force for *actor* and names words to be found by, the urgent and then the newest first.

    One statement.
    """
    rows = session.scalars(
        select(Bulletin).where(_in_force(now)).order_by(Bulletin.valid_from.desc(), Bulletin.id.desc())
    )
    found = [bulletin for bulletin in rows if bulletin.words and concerns(actor, bulletin)]
    return sorted(found, key=lambda bulletin: not bulletin.urgent)


def to_read(session: Session, actor: Actor, id_: int, *, now: datetime) -> Notice:
    """Return the bulletin *id_* for *actor*: what concerns them once it has begun, or what they may publish.

    One statement.

    Raises:
        NotFoundError: there is none, or none for them; the two can't be told apart.
    """
    row = session.execute(
        select(Bulletin, Receipt).outerjoin(Receipt, _receipt_of(actor)).where(Bulletin.id == id_)
    ).one_or_none()
    if row is not None:
        bulletin: Bulletin = row[0]
        begun = bulletin.standing(now) in (Standing.IN_FORCE, Standing.ENDED)
        if (begun and concerns(actor, bulletin)) or may_change(actor, bulletin):
            return Notice(bulletin, row[1])
    raise NotFoundError(N_("没有这条公告，或者它与你无关"))


def may_change(actor: Actor, bulletin: Bulletin) -> bool:
    """Return whether *actor* may revise, extend and withdraw *bulletin*."""
    return allowed(actor, Permission.BULLETIN_PUBLISH, bulletin.facts.target)


def managed(session: Session, actor: Actor, *, limit: int) -> Sequence[Bulletin]:
    """Return the newest *limit* bulletins that *actor* may change, newest first. One statement."""
    if not allowed(actor, Permission.BULLETIN_PUBLISH):
        return []
    rows = session.scalars(select(Bulletin).order_by(Bulletin.id.desc()))
    found = []
    for bulletin in rows:
        if may_change(actor, bulletin):
            found.append(bulletin)
        if len(found) == limit:
            break
    return found


def past(session: Session, actor: Actor, *, since: datetime, now: datetime) -> Sequence[Bulletin]:
    """Return what concerned *actor*, was in force after *since* and is over, the last to end first. One statement."""
    rows = session.scalars(
        select(Bulletin)
        .where(Bulletin.withdrawn_at.is_(None), Bulletin.valid_until > since, Bulletin.valid_until <= now)
        .order_by(Bulletin.valid_until.desc(), Bulletin.id.desc())
    )
    return [bulletin for bulletin in rows if concerns(actor, bulletin)]


def readers(session: Session, actor: Actor, bulletin: Bulletin, taxonomy: Taxonomy) -> Sequence[Reader]:
    """Return the agents *bulletin* concerns, with their receipts, team by team, those who have not read it first.

    A team leader sees their own team; whoever may publish for everybody sees all. Two statements.
    """
    rows = session.execute(
        select(User, Team.name, Receipt)
        .outerjoin(User.team)
        .outerjoin(
            Receipt,
            and_(
                Receipt.user_id == User.id,
                Receipt.bulletin_id == bulletin.id,
                Receipt.version == bulletin.version,
            ),
        )
        .where(User.active)
        .order_by(Team.name, User.name)
    ).unique()
    whole = Scope.ALL in actor.scopes(Permission.BULLETIN_PUBLISH)
    found = []
    for user, team, receipt in rows:
        reader = reader_of(user, taxonomy)
        theirs = whole or (reader.team is not None and reader.team == actor.team)
        if theirs and Role.AGENT in user.roles and concerns(reader, bulletin):
            found.append(Reader(user.id, user.name, team or "", receipt))
    return sorted(found, key=lambda row: (row.team, row.receipt is not None))


def reader_of(user: User, taxonomy: Taxonomy) -> Actor:
    """Return *user* as far as it matters whom a bulletin is for."""
    return Actor(
        user_id=user.id,
        name=user.name,
        roles=frozenset(),
        team=user.team.key if user.team is not None else None,
        line=taxonomy.regions.line(user.region_key),
    )


def _in_force(now: datetime) -> ColumnElement[bool]:
    return and_(Bulletin.withdrawn_at.is_(None), Bulletin.valid_from <= now, Bulletin.valid_until > now)


def _receipt_of(actor: Actor) -> ColumnElement[bool]:
    return and_(
        Receipt.bulletin_id == Bulletin.id,
        Receipt.version == Bulletin.version,
        Receipt.user_id == literal(actor.user_id if actor.user_id is not None else -1),
    )
