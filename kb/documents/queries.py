"""Reading imports. Each is its uploader's own: what is in it has not been reviewed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.documents.document import Format
from kb.documents.models import Import, ImportDraft
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.permissions import Actor, Permission, require


@dataclass(frozen=True, slots=True)
class Listed:
    """An import in a list: without its text."""

    number: int
    name: str
    format: Format
    made_at: datetime
    drafts: int


def own(session: Session, actor: Actor, number: int, *, lock: bool = False) -> Import:
    """Return import *number* of *actor*'s. One statement.

    Raises:
        PermissionDeniedError: *actor* may not import.
        NotFoundError: they have none of that number.
    """
    require(actor, Permission.DRAFT_IMPORT)
    wanted = select(Import).where(Import.id == number, Import.user_id == actor.user_id)
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFoundError(N_("没有这次导入"))
    return found


def drafts(session: Session, found: Import) -> Mapping[int, Entry]:
    """Return what parts of *found* have become, by their starts, with their revisions. Two statements."""
    rows = session.scalars(
        select(ImportDraft).where(ImportDraft.import_id == found.id).order_by(ImportDraft.start)
    ).all()
    entries = {entry.id: entry for entry in entry_queries.by_ids(session, [row.entry_id for row in rows])}
    return {row.start: entries[row.entry_id] for row in rows}


def listed(session: Session, actor: Actor, *, limit: int = 50) -> Sequence[Listed]:
    """Return *actor*'s imports, newest first. One statement.

    Raises:
        PermissionDeniedError: *actor* may not import.
    """
    require(actor, Permission.DRAFT_IMPORT)
    count = select(func.count()).where(ImportDraft.import_id == Import.id).scalar_subquery()
    rows = session.execute(
        select(Import.id, Import.name, Import.format, Import.made_at, count)
        .where(Import.user_id == actor.user_id)
        .order_by(Import.id.desc())
        .limit(limit)
    )
    return [Listed(*row) for row in rows]


def earlier(session: Session, digest: str, *, but: int) -> Import | None:
    """Return the last other import of the same file that has become drafts, or ``None``. One statement."""
    return session.scalar(
        select(Import)
        .where(Import.digest == digest, Import.id != but)
        .where(select(ImportDraft).where(ImportDraft.import_id == Import.id).exists())
        .order_by(Import.id.desc())
        .limit(1)
    )
