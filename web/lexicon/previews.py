"""Trying a change on questions before it is saved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from indexer.lexicon import LiveLexicon
from indexer.preview import Preview, compare
from web import requests
from web.lexicon import sample
from web.requests import trying
from web.services import services

Tried = Callable[[Session, Any], object]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a change would do, and whether it was tried on questions that callers really asked."""

    preview: Preview
    real: bool


def attempt(lexicon: LiveLexicon, change: Callable[[Session], object]) -> Attempt:
    """Return what *change* would do to the first results of the last questions; nothing of it stays.

    Raises:
        KbError: whatever *change* raises, as when it is saved.
        IndexNotReadyError: there is no index to search.
    """
    with trying() as unit:
        change(unit)
        after = lexicon.as_of(unit)
    session, actor, now = requests.session(), requests.actor(), requests.now()
    before = lexicon.refresh(session)
    held = services()
    questions = sample.take(session, actor, held.recent_queries, now=now, limit=sample.PREVIEWED)
    preview = compare(held.search.engine, session, before, after, questions.questions, actor=actor, now=now)
    return Attempt(preview, questions.real)
