"""What happens to an entry when a revision goes live: its slots, and the level that it starts or goes on with."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries import rules
from kb.entries.material import is_material
from kb.entries.models import Entry, Revision, Verification
from kb.entries.rules import Step


def go_live(
    session: Session, entry: Entry, revision: Revision, *, approved_by_other: bool, now: datetime
) -> dict[str, Any]:
    """Put *revision* live; return what the event tells of it: whether it is other knowledge, and the level before.

    A level earned on calls stays through an edit that is not material, as long as somebody else approved it.
    """
    before, level_before = entry.live_revision, entry.level
    material = before is None or is_material(
        _said_material(session, entry, before, revision), before.content, revision.content
    )
    entry.live_revision, entry.live_state = revision, rules.TRANSITIONS[Step.PUBLISH].target
    entry.work_revision, entry.work_state = None, None
    entry.updated_at, entry.review_due = now, revision.review_due
    level = rules.level_when_published(
        approved_by_other=approved_by_other,
        has_owner=entry.owner_id is not None,
        has_validity=revision.review_due is not None or revision.valid_until is not None,
        regions_verified=not set(revision.regions) - verified_regions(session, revision),
    )
    keeps = not material and level is rules.Level.L2
    entry.level = max(level, level_before) if keeps else level
    return {"material": material, "level_before": None if before is None else level_before, "level": int(entry.level)}


def _said_material(session: Session, entry: Entry, before: Revision, after: Revision) -> bool | None:
    """Return the editors' word on all revisions since *before*: one material step makes the whole way material."""
    said = session.scalars(
        select(Revision.material).where(
            Revision.entry_id == entry.id, Revision.number > before.number, Revision.number <= after.number
        )
    ).all()
    return None if all(word is None for word in said) else any(said)


def verified_regions(session: Session, revision: Revision) -> set[str]:
    """Return the regions that *revision* has been verified for. One statement."""
    return set(session.scalars(select(Verification.region_key).where(Verification.revision_id == revision.id)))
