"""The application over a test's own installation, and visitors of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from kb.permissions import Role
from tests.support.installation import Installation
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
