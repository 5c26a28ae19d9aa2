"""Putting the parts together as the settings say."""

from indexer import dictionary
from indexer.embedded.engine import WhooshEngine
from indexer.follower import Follower
from indexer.lexicon import LiveLexicon
from indexer.search import Search
from indexer.text import Analysis
from kb.db import Sessions
from kb.settings import Settings


def open_search(settings: Settings) -> Search:
    """Return the search of this installation. Loading the dictionary takes about a second: once per process."""
    files = dictionary.read(settings.dictionary_path)
    engine = WhooshEngine(settings.index_path, Analysis(files.dictionary(), cache=settings.home / "cache"))
    return Search(engine, LiveLexicon(files, engine))


def open_follower(settings: Settings, sessions: Sessions, search: Search) -> Follower:
    """Return the follower that keeps *search*'s index up to date with the database behind *sessions*."""
    return Follower(sessions, search.engine, settings.home / "locks", search.lexicon)
