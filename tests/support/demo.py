"""An installation with the demo's data: people, entries and threads, the way all knowledge goes, and its index."""

from pathlib import Path

from indexer.text import Analysis
from kb import demo, home
from kb.db import make_engine, unit_of_work
from kb.settings import PROJECT
from tests.support.installation import START, Installation, SettableClock, settings_for
from web.demo_people import DEMO_PASSWORD


def make_demo(folder: Path, analysis: Analysis) -> None:
    """Fill *folder* with an installation of the demo. Takes some seconds: make it once and copy it."""
    settings = settings_for(folder)
    clock = SettableClock(START)
    installation = Installation(settings, make_engine(settings.url), analysis, clock)
    home.initialise(settings, installation.engine, now=START)
    with unit_of_work(installation.sessions) as session:
        people_file = PROJECT / "content" / "demo" / "people.yaml"
        demo.add_people(session, people_file, password=DEMO_PASSWORD, clock=clock)
    assert demo.fill(installation.sessions, settings.content, timezone=settings.timezone, clock=clock).ok
    installation.reindex()
    installation.close()
