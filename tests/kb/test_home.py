import stat

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from kb import home
from kb.db import Base, make_engine
from kb.errors import SetupError
from tests.support.installation import START, settings_for


def test_models_and_migrations_agree(any_installation):
    with any_installation.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_go_down_and_up_again(any_installation):
    with any_installation.engine.begin() as connection:
        config = home.alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    home.migrate(any_installation.engine)
    home.check_ready(any_installation.engine)


def test_initialise_twice_changes_nothing(installation):
    secret = installation.settings.secret_path.read_text()
    with installation.engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM events").scalar()
    home.initialise(installation.settings, installation.engine, now=START)
    assert installation.settings.secret_path.read_text() == secret
    with installation.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == before


def test_the_secret_is_long_and_private(installation):
    path = installation.settings.secret_path
    assert len(home.secret_key(installation.settings)) >= 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_empty_folder_says_what_to_do(tmp_path):
    settings = settings_for(tmp_path / "nothing")
    with pytest.raises(SetupError, match="kb init"):
        home.secret_key(settings)
    (tmp_path / "nothing").mkdir()
    engine = make_engine(settings.url)
    with pytest.raises(SetupError, match="kb init"):
        home.check_ready(engine)
    engine.dispose()


def test_an_unreachable_database_is_named(tmp_path):
    engine = make_engine("postgresql+psycopg://nobody@127.0.0.1:9/none")
    with pytest.raises(SetupError, match="连不上数据库"):
        home.check_ready(engine)
    engine.dispose()
