"""An installation for tests: a real database and a real index in a folder of its own, with a clock that can be set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from indexer import dictionary
from indexer.embedded.engine import EmbeddedEngine
from indexer.follower import Follower
from indexer.lexicon import LiveLexicon
from indexer.search import Search
from indexer.text import Analysis
from kb import home
from kb.db import Sessions, make_engine, make_sessions, unit_of_work
from kb.people import operations as people
from kb.people import queries as people_queries
from kb.permissions import SYSTEM, Actor, Role
from kb.settings import PROJECT, Settings
from kb.taxonomy import queries as taxonomy_queries

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # nine in the morning in the centre's time zone
PASSWORD = "correct horse battery"


class SettableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class Installation:
    """Everything a test needs of one installation."""

    settings: Settings
    engine: Engine
    analysis: Analysis
    clock: SettableClock = field(default_factory=SettableClock)

    @cached_property
    def sessions(self) -> Sessions:
        return make_sessions(self.engine)

    @cached_property
    def search(self) -> Search:
        engine = EmbeddedEngine(self.settings.index_path, self.analysis)
        return Search(engine, LiveLexicon(dictionary.read(self.settings.dictionary_path), engine))

    @cached_property
    def follower(self) -> Follower:
        return Follower(self.sessions, self.search.engine, self.settings.home / "locks", self.search.lexicon)

    @cached_property
    def actors(self) -> Mapping[Role, Actor]:
        """One person of every role; the username is the role."""
        with self.sessions() as session:
            taxonomy = taxonomy_queries.load(session)
            return {
                role: people_queries.actor(people_queries.by_username(session, role.value), taxonomy) for role in Role
            }

    def actor(self, username: str) -> Actor:
        with self.sessions() as session:
            return people_queries.actor(people_queries.by_username(session, username), taxonomy_queries.load(session))

    def reindex(self) -> None:
        """Bring the index up to date now, with all that could wait."""
        self.follower.settle()

    def close(self) -> None:
        if "search" in self.__dict__:
            self.search.engine.close()
        self.engine.dispose()


def settings_for(folder: Path, database_url: str | None = None) -> Settings:
    """Return settings for *folder* that take nothing from this machine's environment."""
    return Settings(home=folder, database_url=database_url, content=PROJECT / "content", demo=False)


def initialise(settings: Settings) -> None:
    """Make a database with the shipped taxonomy and one person of every role."""
    engine = make_engine(settings.url)
    home.initialise(settings, engine, now=START)
    with unit_of_work(make_sessions(engine)) as session:
        add_people(session)
    engine.dispose()


def add_people(session: Session) -> None:
    regions = {Role.VERIFIER: "wanglan"}
    expertise = {Role.EXPERT: ["fault"]}
    for role in Role:
        people.add_user(
            session,
            SYSTEM,
            username=role.value,
            name=role.label,
            roles=[role],
            now=START,
            password=None if role is not Role.AGENT else PASSWORD,
            region=regions.get(role, "lanjiang"),
            expertise=expertise.get(role, ()),
        )


def load_analysis(cache: Path) -> Analysis:
    """Return the analysis with the shipped dictionary."""
    return Analysis(dictionary.load(PROJECT / "content" / "dictionary"), cache=cache)
