"""An installation with as many entries as wanted, agents to sign in, and questions to ask."""

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from indexer import maintenance
from indexer.bench.generate import Generator
from indexer.bench.questions import queries
from indexer.documents import Document
from indexer.runtime import open_search
from kb import home
from kb.clock import system_clock
from kb.db import make_engine, make_sessions, unit_of_work
from kb.entries import operations as entries
from kb.entries.content import Content, Kind
from kb.maturity import following
from kb.people import operations as people
from kb.permissions import SYSTEM, Role
from kb.settings import Settings
from kb.taxonomy import queries as taxonomy_queries
from web.maturity import keeper

SEED = 1
PASSWORD = "a call every twenty seconds"
QUESTIONS = 2_000
AT_ONCE = 500
"""Entries in one unit of work."""


def fill(settings: Settings, *, count: int, agents: int) -> None:
    """Make the installation of *settings*: *count* entries, *agents* agents, an index with all sentence vectors.

    The questions that agents ask go into ``questions.json`` beside it. Does nothing where they are there already.
    """
    asked = settings.home / "questions.json"
    if asked.exists():
        return
    engine = make_engine(settings.url)
    home.initialise(settings, engine, now=system_clock())
    sessions = make_sessions(engine)
    with unit_of_work(sessions) as session:
        for number in range(1, agents + 1):
            _add_agent(session, f"agent{number:03}")
        tiers = tuple(taxonomy_queries.load(session).tiers)
    search = open_search(settings)
    generator = Generator(settings.content, search.engine.analysis, seed=SEED)
    documents = generator.documents(1, count + 1)
    done = 0
    while batch := list(islice(documents, AT_ONCE)):
        with unit_of_work(sessions) as session:
            for document in batch:
                entries.import_content(session, SYSTEM, _content(document, tiers), key=document.key, now=system_clock())
        done += len(batch)
        _tell(f"entries {done:,} of {count:,}")
    _tell("looking at the maturity of all entries")  # otherwise it is looked at while the agents search
    following.catch_up(sessions, clock=system_clock)
    keeper.nightly(sessions, settings, system_clock, rest=following.no_rest)
    maintenance.rebuild(
        sessions, search.engine, settings.home / "locks", progress=lambda made, of: _tell(f"indexed {made:,} of {of:,}")
    )
    while search.engine.tend():
        pass
    while search.engine.embed_pending(seconds=5):
        status = search.engine.status()
        _tell(f"sentence vectors {status.embedded:,} of {status.embeddable:,}")
    questions = queries(generator, search.engine.analysis, QUESTIONS, of=count, seed=SEED)
    asked.write_text(json.dumps([question.text for question in questions], ensure_ascii=False), encoding="utf-8")
    search.engine.close()
    engine.dispose()
    sys.stderr.write("\n")


def texts(settings: Settings, count: int) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield title and all texts of the same *count* entries."""
    search = open_search(settings)
    for document in Generator(settings.content, search.engine.analysis, seed=SEED).documents(1, count + 1):
        yield document.title, (document.title, *document.wordings, document.answer, *document.passages)


def _add_agent(session: Session, username: str) -> None:
    people.add_user(
        session, SYSTEM, username=username, name=username, roles=[Role.AGENT], now=system_clock(), password=PASSWORD
    )


def _content(document: Document, tiers: Sequence[str]) -> Content:
    script, *rest = document.passages or ("",)
    return Content(
        title=document.title,
        kind=Kind(document.kind),
        module_key=document.modules[0],
        tier_key=document.tier or tiers[0],
        answer=document.answer,
        wordings=document.wordings,
        script=script,
        body="\n\n".join(rest),
        products=document.products,
        regions=document.regions,
    )


def _tell(line: str) -> None:
    sys.stderr.write(f"\r{line}   ")


def settings_for(folder: Path, content: Path) -> Settings:
    """Return the settings of an installation in *folder* that take nothing from the environment."""
    return Settings(home=folder, content=content, demo=False)
