"""Rows of entries and their revisions. Permission and state are the verbs' business."""

import secrets
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.attachments import operations as attachments
from kb.entries import rules
from kb.entries.content import TEXT_FIELDS, Content, problems
from kb.entries.models import Entry, Revision
from kb.errors import ConflictError
from kb.events.models import Subject
from kb.i18n import N_
from kb.permissions import Actor
from kb.taxonomy import queries as taxonomy_queries


def add_entry(
    session: Session, actor: Actor, key: str | None, *, owner_id: int | None, derived_from: str | None, now: datetime
) -> Entry:
    """Add an entry without a revision.

    Raises:
        ConflictError: *key* is taken.
    """
    key = key or f"e-{secrets.token_hex(5)}"
    if session.scalar(select(Entry.id).where(Entry.key == key)) is not None:
        raise ConflictError(N_("编号 %(key)s 已经有了"), key=key)
    entry = Entry(
        key=key,
        created_at=now,
        updated_at=now,
        created_by_id=actor.user_id,
        owner_id=owner_id if owner_id is not None else actor.user_id,
        level=rules.Level.L1,
        derived_from=derived_from,
    )
    session.add(entry)
    session.flush()
    return entry


def add_revision(
    session: Session,
    actor: Actor,
    entry: Entry,
    content: Content,
    *,
    note: str,
    now: datetime,
    material: bool | None = None,
) -> Revision:
    """Add *content* as the newest revision of *entry*."""
    # Whoever else is writing to this entry gets to commit first; its version is then stale and nobody's work is lost.
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    last = session.scalar(select(func.max(Revision.number)).where(Revision.entry_id == entry.id)) or 0
    fields = asdict(content)
    for name in ("products", "regions", "wordings", "audience", "related"):
        fields[name] = list(fields[name])
    revision = Revision(
        entry_id=entry.id,
        number=last + 1,
        author_id=actor.user_id,
        created_at=now,
        note=note[:500],
        material=material,
        **fields,
    )
    session.add(revision)
    session.flush()
    texts = [getattr(content, name) for name in TEXT_FIELDS]
    attachments.use(session, actor, Subject.ENTRY, entry.id, *texts, now=now)
    return revision


def check_content(session: Session, content: Content) -> None:
    """Return if *content* can be stored.

    Raises:
        InvalidInputError: something in it can't.
    """
    for problem in problems(content, taxonomy_queries.load(session)):
        raise problem
