"""Tables about people."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.db import Base, enum_type
from kb.permissions import Role


class Team(Base):
    """A team (班组). Its leaders are its members with the leader role."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    region_key: Mapped[str | None] = mapped_column(ForeignKey("regions.key"))


class User(Base):
    """A person. Never deleted, only deactivated: what they wrote keeps its name.

    Attributes:
        password_hash: argon2 hash; ``None`` for somebody who can't sign in with a password.
        region_key: where they work; prefills the region of a search, and is what a verifier verifies.
        session_epoch: part of the session cookie; raising it signs them out everywhere.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str | None] = mapped_column(String(256))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    region_key: Mapped[str | None] = mapped_column(ForeignKey("regions.key"))
    locale: Mapped[str | None] = mapped_column(String(8))
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    team: Mapped[Team | None] = relationship(lazy="joined")
    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="user", lazy="selectin", cascade="all, delete-orphan"
    )
    expertise: Mapped[list["Expertise"]] = relationship(
        back_populates="user", lazy="selectin", cascade="all, delete-orphan"
    )

    @property
    def roles(self) -> frozenset[Role]:
        """Return the person's roles."""
        return frozenset(grant.role for grant in self.grants)


class RoleGrant(Base):
    """That a person has a role."""

    __tablename__ = "role_grants"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(enum_type(Role), primary_key=True)

    user: Mapped[User] = relationship(back_populates="grants")


class Expertise(Base):
    """That a person is an expert of a module."""

    __tablename__ = "expertise"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    module_key: Mapped[str] = mapped_column(ForeignKey("modules.key"), primary_key=True)

    user: Mapped[User] = relationship(back_populates="expertise")


class ApiToken(Base):
    """A secret that lets a program act as a person. Only its SHA-256 is kept: it is random and long."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")
