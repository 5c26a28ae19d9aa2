"""Reading people."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.errors import NotFoundError
from kb.i18n import N_
from kb.people.models import ApiToken, Team, User
from kb.permissions import Actor, Role
from kb.taxonomy.queries import Taxonomy


def by_username(session: Session, username: str) -> User:
    """Return the person called *username*, active or not.

    Raises:
        NotFoundError: nobody is.
    """
    user = session.scalar(select(User).where(User.username == username))
    if user is None:
        raise NotFoundError(N_("没有这个用户：%(username)s"), username=username)
    return user


def everyone(session: Session) -> Sequence[User]:
    """Return all people in order of username. Three statements, however many people there are."""
    return session.scalars(select(User).order_by(User.username)).unique().all()


def actors(session: Session, taxonomy: Taxonomy) -> Mapping[str, Actor]:
    """Return all people as they act, by username. Three statements."""
    return {user.username: actor(user, taxonomy) for user in everyone(session)}


def names(session: Session, ids: Iterable[int | None]) -> Mapping[int, str]:
    """Return the names of the people with these *ids*. One statement."""
    wanted = {user_id for user_id in ids if user_id is not None}
    return {row.id: row.name for row in session.execute(select(User.id, User.name).where(User.id.in_(wanted)))}


def team_names(session: Session) -> Mapping[str, str]:
    """Return the names of the teams by key, in order of name. One statement."""
    return {row.key: row.name for row in session.execute(select(Team.key, Team.name).order_by(Team.name))}


@dataclass(frozen=True, slots=True)
class Byline:
    """How a person is named under what they wrote."""

    name: str
    team: str | None = None


def bylines(session: Session, ids: Iterable[int | None]) -> Mapping[int, Byline]:
    """Return how the people with these *ids* are named. One statement."""
    wanted = {user_id for user_id in ids if user_id is not None}
    rows = session.execute(select(User.id, User.name, Team.name).outerjoin(User.team).where(User.id.in_(wanted)))
    return {row[0]: Byline(row[1], row[2]) for row in rows}


def by_token(session: Session, token: str) -> User | None:
    """Return the active person whose API *token* this is, or ``None``."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    found = session.scalar(select(ApiToken).where(ApiToken.digest == digest, ApiToken.revoked_at.is_(None)))
    return found.user if found is not None and found.user.active else None


def actor(user: User, taxonomy: Taxonomy) -> Actor:
    """Return *user* as an actor, with the modules and regions below theirs filled in."""
    verifies = [user.region_key] if user.region_key and Role.VERIFIER in user.roles else []
    return Actor(
        user_id=user.id,
        name=user.name,
        roles=user.roles,
        modules=taxonomy.modules.below(item.module_key for item in user.expertise),
        regions=taxonomy.regions.below(verifies),
        team=user.team.key if user.team is not None else None,
        area=taxonomy.regions.below([user.region_key] if user.region_key else ()),
        line=taxonomy.regions.line(user.region_key),
        home=user.region_key,
    )
