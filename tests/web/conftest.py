"""The application over a test's own installation, and visitors of it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from indexer.locks import exclusive
from indexer.text import Analysis
from kb.db import make_engine
from kb.permissions import Role
from tests.support.demo import make_demo
from tests.support.installation import Installation, settings_for
from tests.web.visitor import Visitor
from web.app import create_app
from web.services import services


@pytest.fixture(scope="session")
def compiled_templates(shared_folder: Path) -> FileSystemBytecodeCache:
    """Every test has an application of its own; their templates are compiled once."""
    folder = shared_folder / "templates"
    folder.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


@pytest.fixture
def app(installation: Installation, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    made = create_app(installation.settings, clock=installation.clock, search=installation.search)
    made.testing = True
    made.jinja_env.bytecode_cache = compiled_templates
    yield made
    services(made).hub.close()
    services(made).search_log.close()
    services(made).engine.dispose()


@pytest.fixture
def visitor(app: Flask, installation: Installation) -> Visitor:
    """Somebody who has not signed in."""
    return Visitor(app, installation)


@pytest.fixture
def visit_as(app: Flask, installation: Installation) -> Callable[[Role], Visitor]:
    """Make a visitor who is signed in as the person of a role."""
    return lambda role: Visitor(app, installation).become(role.value)


@pytest.fixture
def agent(visit_as: Callable[[Role], Visitor]) -> Visitor:
    return visit_as(Role.AGENT)


@pytest.fixture(scope="session")
def demo_home(shared_folder: Path, analysis: Analysis) -> Path:
    """The demo's data, made once for all workers, to be copied."""
    folder = shared_folder / "demo"
    with exclusive(shared_folder / "demo.lock", wait=True):
        if not folder.exists():
            making = shared_folder / "demo-in-the-making"
            make_demo(making, analysis)
            making.rename(folder)
    return folder


@pytest.fixture
def filled(demo_home: Path, tmp_path: Path, analysis: Analysis) -> Iterator[Installation]:
    """An installation of the demo."""
    shutil.copytree(demo_home, tmp_path / "home")
    settings = settings_for(tmp_path / "home")
    made = Installation(settings, make_engine(settings.url), analysis)
    yield made
    made.close()
