"""Experts are drawn in where nobody has answered: a question must not be forgotten because nobody felt meant."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kb.events.models import Verb
from kb.forum.models import Reply, Thread, ThreadKind, ThreadState
from kb.forum.operations import record
from kb.people.models import Expertise, RoleGrant, User
from kb.permissions import SYSTEM, Role
from kb.taxonomy import queries as taxonomy_queries

BATCH = 100


def draw_in(session: Session, *, patience: timedelta, now: datetime, limit: int = BATCH) -> int:
    """Draw the experts in on the open questions that nobody but who asked has answered for *patience*; return how many.

    Once for each question: the event names whom it calls, and notices are made from it. Where a module has no experts
    but who asked, the knowledge managers are called. Three statements, and two for each question.
    """
    answered = (
        select(Reply.id)
        .where(
            Reply.thread_id == Thread.id,
            Reply.hidden_reason.is_(None),
            or_(Thread.author_id.is_(None), Reply.author_id.is_(None), Reply.author_id != Thread.author_id),
        )
        .exists()
    )
    waiting = session.scalars(
        select(Thread)
        .where(
            Thread.kind == ThreadKind.QUESTION,
            Thread.state == ThreadState.OPEN,
            Thread.accepted_number.is_(None),
            Thread.drawn_at.is_(None),
            Thread.created_at <= now - patience,
            ~answered,
        )
        .order_by(Thread.created_at)
        .limit(limit)
        .with_for_update()
    ).all()
    if not waiting:
        return 0
    modules = taxonomy_queries.load(session).modules
    for thread in waiting:
        others = set(_experts(session, modules.above(thread.module_key))) - {thread.author_id}
        thread.drawn_at = now
        record(session, SYSTEM, thread, Verb.DRAWN_IN, now, experts=sorted(others or _managers(session)))
    session.flush()
    return len(waiting)


def _experts(session: Session, modules: Collection[str]) -> Collection[int]:
    """Return the active experts of one of *modules*: a thread's own and all above it."""
    return session.scalars(
        select(User.id).join(User.expertise).where(User.active, Expertise.module_key.in_(modules)).distinct()
    ).all()


def _managers(session: Session) -> Collection[int]:
    return session.scalars(select(User.id).join(User.grants).where(User.active, RoleGrant.role == Role.MANAGER)).all()
