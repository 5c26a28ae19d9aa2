"""One application over one world for all walls. Nothing that a request does is kept, so they can come in any order."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session

from indexer.locks import exclusive
from indexer.text import Analysis
from kb.db import Sessions, begin_write, make_engine, unit_of_work
from kb.lexicon import operations as lexicon
from kb.lexicon.rules import WordFacts
from kb.permissions import SYSTEM, Role
from tests.support.installation import Installation, initialise, settings_for
from tests.web.visitor import Visitor
from tests.web.walls import world as making
from tests.web.walls import world_more as more
from tests.web.walls.world import World
from web import requests
from web.app import create_app
from web.extensions import csrf
from web.services import services


class Kept:
    """Counts the units of work that came to their end."""

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def unit_of_work(self, sessions: Sessions) -> Iterator[Session]:
        """Do what ``kb.db.unit_of_work`` does up to the commit, and roll back instead; what was read stays readable."""
        with sessions() as session:
            begin_write(session)
            try:
                yield session
                session.flush()
                self.count += 1
                session.expunge_all()
            finally:
                session.rollback()


@pytest.fixture(scope="session")
def _walls_home(shared_folder: Path, analysis: Analysis) -> Path:
    """The world's data, made once for all workers, to be copied."""
    folder = shared_folder / "walls"
    with exclusive(shared_folder / "walls.lock", wait=True):
        if not folder.exists():
            making_folder = shared_folder / "walls-in-the-making"
            settings = settings_for(making_folder)
            initialise(settings)
            made = Installation(settings, make_engine(settings.url), analysis)
            with unit_of_work(made.sessions) as session:
                lexicon.add_word(session, SYSTEM, WordFacts(text="白瓜"), now=made.clock())
            making.build(made)
            more.build(made)
            made.close()
            making_folder.rename(folder)
    return folder


@pytest.fixture(scope="session")
def _walled(_walls_home: Path, tmp_path_factory: pytest.TempPathFactory, analysis: Analysis) -> Iterator[Installation]:
    home = tmp_path_factory.mktemp("walls") / "home"
    shutil.copytree(_walls_home, home)
    settings = settings_for(home)
    made = Installation(settings, make_engine(settings.url), analysis)
    made.clock.advance(hours=2)
    yield made
    made.close()


@pytest.fixture(scope="session")
def world(_walled: Installation) -> World:
    return World(_walled, {**making.KINDS, **more.KINDS})


@pytest.fixture(scope="session")
def kept() -> Kept:
    return Kept()


@pytest.fixture(scope="session")
def walls_app(_walled: Installation, kept: Kept, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    made = create_app(_walled.settings, clock=_walled.clock, search=_walled.search)
    made.testing = True
    made.config["WTF_CSRF_ENABLED"] = False  # forms and their tokens have tests of their own
    made.jinja_env.bytecode_cache = compiled_templates
    yield made
    services(made).hub.close()
    services(made).search_log.close()
    services(made).engine.dispose()


@pytest.fixture(autouse=True)
def _nothing_is_kept(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """For these tests alone: the worker that runs them runs others too."""
    monkeypatch.setattr(requests, "unit_of_work", kept.unit_of_work)
    monkeypatch.setattr(csrf, "protect", lambda: None)  # an upload asks for its token itself


@pytest.fixture
def visitors(walls_app: Flask, _walled: Installation) -> dict[Role, Visitor]:
    """One visitor of every role, signed in."""
    return {role: Visitor(walls_app, _walled).become(role.value) for role in Role}
