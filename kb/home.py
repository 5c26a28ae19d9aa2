"""An installation: its folder, its secret, its database at the newest migration, its taxonomy, its calendar."""

import os
import secrets
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from kb import models  # noqa: F401 - all tables must be known before migrating
from kb.db import make_sessions, unit_of_work
from kb.errors import SetupError
from kb.i18n import N_
from kb.permissions import SYSTEM
from kb.settings import Settings
from kb.taxonomy import operations as taxonomy_operations
from kb.workdays import files as workday_files

NOT_INITIALISED = N_("这里还没有初始化，请先运行 kb init")
MIGRATIONS = Path(__file__).parent / "migrations"


def initialise(settings: Settings, engine: Engine, *, now: datetime) -> None:
    """Make the installation ready, or bring an existing one up to date. Safe to repeat.

    Makes the folder and the secret, migrates the database, brings the taxonomy in step with its file, and takes over
    the calendar of years that are new here.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    _make_secret(settings.secret_path)
    migrate(engine)
    with unit_of_work(make_sessions(engine)) as session:
        taxonomy_operations.load_file(session, SYSTEM, settings.content / "taxonomy.yaml", now=now)
        workday_files.load_file(session, SYSTEM, settings.content / "calendar.yaml", now=now)


def migrate(engine: Engine, revision: str = "head") -> None:
    """Migrate the database to *revision*."""
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def check_ready(engine: Engine) -> None:
    """Return if the database is there and at the newest migration.

    Raises:
        SetupError: it can't be reached, was never initialised, or is of another version.
    """
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file is not None and not Path(file).exists():  # connecting would make an empty one
        raise SetupError(NOT_INITIALISED)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        raise SetupError(N_("连不上数据库：%(reason)s"), reason=str(error.__cause__ or error)) from error
    if current is None:
        raise SetupError(NOT_INITIALISED)
    if current != ScriptDirectory.from_config(alembic_config()).get_current_head():
        raise SetupError(N_("数据库版本和程序不一致，请运行 kb init 升级"))


def secret_key(settings: Settings) -> str:
    """Return the secret that signs cookies.

    Raises:
        SetupError: there is none yet.
    """
    if settings.secret_key:
        return settings.secret_key
    try:
        return settings.secret_path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SetupError(N_("没有密钥文件 %(path)s，请先运行 kb init"), path=settings.secret_path) from error


def _make_secret(path: Path) -> None:
    def private(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    try:
        with open(path, "x", encoding="ascii", opener=private) as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        return


def alembic_config() -> Config:
    """Return Alembic's configuration; a connection goes into its ``attributes``."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
