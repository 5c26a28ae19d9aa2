"""The verbs about people: add, grant, set a password, sign in, issue a token."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.errors import ConflictError, InvalidInputError, NotFoundError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.people.models import ApiToken, Expertise, RoleGrant, Team, User
from kb.permissions import Actor, Permission, Role, require
from kb.taxonomy.models import Module, Region

MIN_PASSWORD_LENGTH = 10
USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,63}")

_hasher = PasswordHasher()
# Checked when there is no such user, so that the time of an answer does not tell who exists.
_NOBODYS_HASH = _hasher.hash(secrets.token_hex())


def add_user(
    session: Session,
    actor: Actor,
    *,
    username: str,
    name: str,
    roles: Iterable[Role],
    now: datetime,
    password: str | None = None,
    team: Team | None = None,
    region: str | None = None,
    expertise: Iterable[str] = (),
) -> User:
    """Add a person and return them.

    Raises:
        PermissionDeniedError: *actor* may not manage people.
        InvalidInputError: a username that is no username, a short password, an unknown region or module.
        ConflictError: the username is taken.
    """
    require(actor, Permission.PEOPLE_MANAGE)
    if not USERNAME.fullmatch(username):
        raise InvalidInputError(
            N_("用户名 %(username)s 不合要求：小写字母开头，只用小写字母、数字和 . _ -，2–64 位"),
            field="username",
            username=username,
        )
    if session.scalar(select(User.id).where(User.username == username)) is not None:
        raise ConflictError(N_("用户名 %(username)s 已经有人用了"), username=username)
    if region is not None and session.get(Region, region) is None:
        raise InvalidInputError(N_("没有这个区域：%(key)s"), field="region", key=region)
    user = User(
        username=username,
        name=name.strip() or username,
        password_hash=_hash(password) if password is not None else None,
        team=team,
        region_key=region,
        created_at=now,
    )
    session.add(user)
    session.flush()
    _put_roles(session, user, roles, expertise)
    _record(session, actor, user, Verb.CREATED, now, roles=sorted(user.roles))
    return user


def set_roles(
    session: Session,
    actor: Actor,
    user: User,
    *,
    roles: Iterable[Role],
    now: datetime,
    expertise: Iterable[str] = (),
) -> None:
    """Give *user* exactly these *roles* and these modules (keys) of *expertise*.

    Raises:
        PermissionDeniedError: *actor* may not manage people.
        InvalidInputError: a module does not exist.
    """
    require(actor, Permission.PEOPLE_MANAGE)
    _put_roles(session, user, roles, expertise)
    granted = {"roles": sorted(user.roles), "expertise": sorted(item.module_key for item in user.expertise)}
    _record(session, actor, user, Verb.ROLES_CHANGED, now, **granted)


def _put_roles(session: Session, user: User, roles: Iterable[Role], expertise: Iterable[str]) -> None:
    wanted = set(roles)
    user.grants = [grant for grant in user.grants if grant.role in wanted]
    user.grants += [RoleGrant(role=role) for role in sorted(wanted - user.roles)]
    modules = set(expertise)
    for key in sorted(modules):
        if session.get(Module, key) is None:
            raise InvalidInputError(N_("没有这个业务模块：%(key)s"), field="expertise", key=key)
    held = {item.module_key for item in user.expertise}
    user.expertise = [item for item in user.expertise if item.module_key in modules]
    user.expertise += [Expertise(module_key=key) for key in sorted(modules - held)]
    session.flush()


def put_team(session: Session, actor: Actor, *, key: str, name: str, region: str | None) -> Team:
    """Return the team *key*, added or renamed as given."""
    require(actor, Permission.PEOPLE_MANAGE)
    team = session.scalar(select(Team).where(Team.key == key))
    if team is None:
        team = Team(key=key, name=name)
        session.add(team)
    team.name, team.region_key = name, region
    session.flush()
    return team


def set_password(session: Session, actor: Actor, user: User, password: str, *, now: datetime) -> None:
    """Set *user*'s password and sign them out everywhere. People may set their own; admins anybody's.

    Raises:
        PermissionDeniedError: it is neither their own nor theirs to manage.
        InvalidInputError: the password is too short.
    """
    if actor.user_id != user.id:
        require(actor, Permission.PEOPLE_MANAGE)
    user.password_hash = _hash(password)
    user.session_epoch += 1
    _record(session, actor, user, Verb.PASSWORD_CHANGED, now)


def change_password(session: Session, actor: Actor, user: User, *, current: str, new: str, now: datetime) -> None:
    """Set *user*'s password to *new* if *current* is the one they have now.

    Raises:
        InvalidInputError: *current* is wrong, or *new* is too short.
        PermissionDeniedError: it is neither their own nor theirs to manage.
    """
    if not _matches(user.password_hash or _NOBODYS_HASH, current):
        raise InvalidInputError(N_("现在的密码不对"), field="current")
    set_password(session, actor, user, new, now=now)


def choose_locale(session: Session, user: User, locale: str) -> None:
    """Remember the language that *user* reads pages in. No event: it concerns nobody else."""
    user.locale = locale
    session.flush()


def deactivate(session: Session, actor: Actor, user: User, *, now: datetime) -> None:
    """Lock *user* out at once, sessions and tokens included. What they wrote stays."""
    require(actor, Permission.PEOPLE_MANAGE)
    user.active = False
    user.session_epoch += 1
    _record(session, actor, user, Verb.DEACTIVATED, now)


def authenticate(session: Session, username: str, password: str) -> User | None:
    """Return the active person with this *username* and *password*, or ``None``. Reads only.

    Apart from ``sign_in`` because checking a password takes long on purpose, and nobody else can write meanwhile on
    SQLite if it is done inside a unit of work.
    """
    user = session.scalar(select(User).where(User.username == username.strip().lower()))
    known = user is not None and user.active and user.password_hash is not None
    stored = user.password_hash if user is not None and known else None
    matches = _matches(stored or _NOBODYS_HASH, password)
    return user if matches and stored is not None else None


def sign_in(session: Session, user: User, password: str, *, now: datetime) -> None:
    """Record that *user*, who has just been authenticated with *password*, signs in; an old hash is renewed."""
    if user.password_hash is not None and _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    append(session, at=now, actor_id=user.id, verb=Verb.SIGNED_IN, subject_kind=Subject.PERSON, subject_id=user.id)


def issue_token(session: Session, actor: Actor, user: User, *, label: str, now: datetime) -> str:
    """Return a new API token of *user*. It is shown this once; only its digest is stored."""
    if actor.user_id != user.id:
        require(actor, Permission.PEOPLE_MANAGE)
    if not user.active:
        raise NotFoundError(N_("用户 %(username)s 已停用"), username=user.username)
    token = f"zh_{secrets.token_urlsafe(32)}"
    session.add(
        ApiToken(user_id=user.id, digest=hashlib.sha256(token.encode()).hexdigest(), label=label[:80], created_at=now)
    )
    _record(session, actor, user, Verb.TOKEN_ISSUED, now)
    return token


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _hash(password: str) -> str:
    if len(password) < MIN_PASSWORD_LENGTH:
        raise InvalidInputError(N_("密码至少要 %(length)s 位"), field="password", length=MIN_PASSWORD_LENGTH)
    return _hasher.hash(password)


def _record(session: Session, actor: Actor, user: User, verb: Verb, now: datetime, **payload: Any) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.PERSON,
        subject_id=user.id,
        payload={"username": user.username, **payload},
    )
