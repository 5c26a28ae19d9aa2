"""What one process holds for all its requests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from indexer.search import Results, Search
from kb.clock import Clock
from kb.db import Sessions
from kb.desk.log import SearchLog
from kb.desk.rules import Learning
from kb.settings import Settings
from web.hub import Hub
from web.lately import Lately
from web.metrics import Metrics

_NAME = "zhihui"

RecentQueries = Callable[[Session, int], Sequence[str]]
"""Gives at most so many questions that people really asked, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The installation as one application sees it."""

    settings: Settings
    engine: Engine
    sessions: Sessions
    search: Search
    clock: Clock
    metrics: Metrics
    search_log: SearchLog
    learning: Learning
    recent_queries: RecentQueries
    hub: Hub
    lately: Lately[object, Results] = field(default_factory=Lately)


def install(app: Flask, given: Services) -> None:
    """Make *given* the services of *app*."""
    app.extensions[_NAME] = given


def services(app: Flask | None = None) -> Services:
    """Return the services of *app*, or of the application that is answering now."""
    return cast("Services", (app or current_app).extensions[_NAME])
