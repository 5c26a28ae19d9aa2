"""Database plumbing: the declarative base, column types, engines and the unit of work.

Operations flush at most; whoever opened the unit of work commits it, once, at the edge.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

Sessions = sessionmaker[Session]

SQLITE_BUSY_SECONDS = 30
"""How long a SQLite writer waits for the one before it."""


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database; SQLite has no time zones of its own.

    Raises:
        ValueError: on binding a naive datetime, which would silently mean another moment.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return *value* in UTC, as the database stores it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored *value* as an aware datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


PortableJSON = JSON().with_variant(JSONB(), "postgresql")


def enum_type(enum: type[StrEnum]) -> Enum:
    """Return a column type that stores *enum* by value as text, so that adding a member needs no migration."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda e: [member.value for member in e],
    )


class Base(DeclarativeBase):
    """Base of all models: named constraints (migrations need them) and our column types."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UTCDateTime(),
        dict[str, Any]: PortableJSON,
        list[str]: PortableJSON,
        list[int]: PortableJSON,
    }


def make_engine(url: str, *, echo: bool = False) -> Engine:
    """Return an engine for *url*, with SQLite set up so that an acknowledged commit survives a power cut.

    SQLite runs in WAL mode with ``synchronous=FULL``; a unit of work starts with ``BEGIN IMMEDIATE``, because a
    deferred transaction that turns into a writer fails at once with "database is locked" instead of waiting.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, echo=echo, pool_pre_ping=True)
    engine = create_engine(url, echo=echo, connect_args={"timeout": SQLITE_BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def make_sessions(engine: Engine) -> Sessions:
    """Return the session factory for *engine*. Objects stay readable after commit."""
    return sessionmaker(engine, expire_on_commit=False)


def begin_write(session: Session) -> None:
    """Tell *session*, before its first statement, that it will write: on SQLite it queues for the write lock now."""
    session.connection(execution_options={"write": True})


@contextmanager
def unit_of_work(sessions: Sessions) -> Iterator[Session]:
    """One writing transaction: commit when the block ends, roll back when it raises.

    Use it at the edge (a request, a command, a test), never inside an operation: operations compose into one unit.
    Group what must be true together; split long work (an import of thousands of rows) into several units, since
    SQLite has one writer at a time.
    """
    with sessions() as session:
        begin_write(session)
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
