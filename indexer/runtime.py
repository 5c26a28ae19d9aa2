"""Putting the parts together as the settings say."""

from indexer import dictionary
from indexer.embedded.engine import EmbeddedEngine
from indexer.follower import Follower
from indexer.lexicon import LiveLexicon
from indexer.search import Search
from indexer.text import Analysis
from indexer.vectors.embedder import open_embedder
from kb.db import Sessions
from kb.settings import Settings


def open_search(settings: Settings) -> Search:
    """Return the search of this installation. Loading dictionary and vectors takes seconds: once per process."""
    files = dictionary.read(settings.dictionary_path)
    analysis = Analysis(files.dictionary(), cache=settings.home / "cache")
    engine = EmbeddedEngine(settings.index_path, analysis, open_embedder(settings.embedder, settings.home / "cache"))
    return Search(engine, LiveLexicon(files, engine))


def open_follower(settings: Settings, sessions: Sessions, search: Search) -> Follower:
    """Return the follower that keeps *search*'s index up to date with the database behind *sessions*."""
    return Follower(sessions, search.engine, settings.home / "locks", search.lexicon)
