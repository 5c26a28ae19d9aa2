"""The demo's questions: drafted from the sample entries, published by their editor, and one entry that must be read."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.clock import Clock
from kb.demo import EDITOR
from kb.entries.models import Entry
from kb.entries.rules import SERVED, Level
from kb.must_reads import operations as must_reads
from kb.people import queries as people_queries
from kb.permissions import Actor
from kb.questions import operations, queries
from kb.questions.models import Question
from kb.questions.rules import Kind
from kb.taxonomy import queries as taxonomy_queries

MANAGER = "guoning"
ASKED_ABOUT = 24
"""Entries with questions: enough for a few days of study."""
NEEDS_NO_EYE = frozenset({Kind.ORDER, Kind.WHICH_ENTRY})
"""Kinds whose drafts hold as they are; the others wait for the editor, as in any centre."""


def add_questions(session: Session, *, clock: Clock) -> int:
    """Draft questions about the first entries, publish what holds as it is; return how many were published.

    Nothing where there are questions already.
    """
    if session.scalar(select(Question.id).limit(1)) is not None:
        return 0
    editor, manager = _person(session, EDITOR), _person(session, MANAGER)
    wanted = select(Entry).where(Entry.live_state.in_(SERVED), Entry.level >= Level.L2).order_by(Entry.key)
    published: list[Question] = []
    for entry in session.scalars(wanted.limit(ASKED_ABOUT)).all():
        near = queries.near(session, editor, entry, now=clock())
        published += [
            operations.publish(session, editor, draft.id, version=draft.version, now=clock())
            for draft in operations.propose(session, editor, entry, near, now=clock())
            if draft.kind in NEEDS_NO_EYE
        ]
    if published:
        first = published[0]
        due_at = clock() + timedelta(days=7)
        must_reads.ask(session, manager, first.entry, first, due_at=due_at, note="上周来电最多的问题", now=clock())
    return len(published)


def _person(session: Session, username: str) -> Actor:
    return people_queries.actor(people_queries.by_username(session, username), taxonomy_queries.load(session))
