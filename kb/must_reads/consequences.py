"""What becomes of an entry's must-reads when the entry changes; called by the entry's own verbs, like corrections."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries.models import Entry, Revision
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.must_reads.models import MustRead


def follow(
    session: Session, entry: Entry, verb: Verb, now: datetime, *, revision: Revision | None, material: bool
) -> None:
    """Ask again what *entry* was a must-read for, where other knowledge went live. One statement, else none."""
    if not material or verb not in (Verb.PUBLISHED, Verb.IMPORTED) or revision is None or revision.number == 1:
        return
    for must_read in session.scalars(
        select(MustRead)
        .where(MustRead.entry_id == entry.id, MustRead.withdrawn_at.is_(None))
        .order_by(MustRead.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all():
        must_read.edition += 1
        append(
            session,
            at=now,
            actor_id=None,
            verb=Verb.REVISED,
            subject_kind=Subject.MUST_READ,
            subject_id=must_read.id,
            payload={"entry": entry.id, "edition": must_read.edition},
        )
