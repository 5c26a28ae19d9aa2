"""Reading attachments, as far as what they hang on may be read."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.attachments.models import Attachment, Use
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.errors import NotFoundError
from kb.events.models import Subject
from kb.forum import queries as forum_queries
from kb.i18n import N_
from kb.permissions import Actor


def readable(session: Session, actor: Actor, key: str, *, now: datetime) -> Attachment:
    """Return the attachment called *key*. At most four statements.

    Raises:
        NotFoundError: there is none that *actor* may see; the two can't be told apart.
    """
    found = session.scalar(select(Attachment).where(Attachment.key == key))
    if found is not None and may_read(session, actor, found, now=now):
        return found
    raise NotFoundError(N_("没有这个附件，或者你没有权限看它"))


def may_read(session: Session, actor: Actor, attachment: Attachment, *, now: datetime) -> bool:
    """Return whether *actor* may see *attachment*: one of its uses, or their own while it hangs on nothing."""
    uses = session.execute(select(Use.subject_kind, Use.subject_id).where(Use.attachment_id == attachment.id)).all()
    if not uses:
        return actor.is_system or (actor.user_id is not None and attachment.uploader_id == actor.user_id)
    threads = [row for kind, row in uses if kind is Subject.THREAD]
    if threads and forum_queries.readable_ids(session, actor, threads):
        return True
    return _reads_an_entry(session, actor, [row for kind, row in uses if kind is Subject.ENTRY], now)


def _reads_an_entry(session: Session, actor: Actor, rows: Collection[int], now: datetime) -> bool:
    if not rows:
        return False
    entries = session.scalars(select(Entry).where(Entry.id.in_(rows)))
    return any(entry_queries.may_read(actor, entry, now=now) for entry in entries)
