"""Whom posts call by name: ``rules.mentions`` with the people there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from kb.forum.rules import candidates, mentions
from kb.people.models import Team, User

_MOST = 4000
"""Different beginnings of names that are looked up at a time, well below what a statement may hold."""


def called(session: Session, text: str) -> list[int]:
    """Return the ids of the active people whom *text* calls, each once, in its order. One statement at most."""
    return list(dict.fromkeys(mention.user_id for mention in mentions(text, known(session, [text]))))


def called_in(session: Session, texts: Sequence[str]) -> Collection[int]:
    """Return the ids of the active people whom any of *texts* calls. One statement at most."""
    names = known(session, texts)
    return {mention.user_id for text in texts for mention in mentions(text, names)}


def known(session: Session, texts: Iterable[str]) -> Mapping[str, Sequence[int]]:
    """Return the names and usernames that *texts* may call, of active people → their ids. One statement at most."""
    wanted = sorted({name for text in texts for name in candidates(text)})[:_MOST]
    if not wanted:
        return {}
    rows = session.execute(
        select(User.id, User.name, User.username).where(
            User.active, or_(User.name.in_(wanted), User.username.in_(wanted))
        )
    )
    found: dict[str, set[int]] = defaultdict(set)
    for user_id, name, username in rows:
        found[name].add(user_id)
        found[username].add(user_id)
    return {name: sorted(ids) for name, ids in found.items()}


@dataclass(frozen=True, slots=True)
class Callee:
    """Somebody who can be called: ``call`` is what to write after the @."""

    call: str
    name: str
    team: str | None


def beginning_with(session: Session, text: str, *, limit: int) -> Sequence[Callee]:
    """Return active people whose name or username begins with *text*, by name. One statement at most.

    Whoever shares a name is called by username.
    """
    if not text:
        return []
    same = aliased(User)
    sharing = select(func.count()).where(same.active, same.name == User.name).scalar_subquery()
    rows = session.execute(
        select(User.name, User.username, Team.name, sharing)
        .outerjoin(User.team)
        .where(
            User.active,
            or_(User.name.startswith(text, autoescape=True), User.username.startswith(text, autoescape=True)),
        )
        .order_by(User.name, User.username)
        .limit(limit)
    )
    return [Callee(name if people == 1 else username, name, team) for name, username, team, people in rows]
