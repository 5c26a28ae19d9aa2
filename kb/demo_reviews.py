"""What waits for the demo's reviewers: changes of sample entries that their authors have submitted."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from kb.clock import Clock
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.entries.rules import SERVED
from kb.people import queries as people_queries
from kb.permissions import Actor
from kb.taxonomy import queries as taxonomy_queries


def submit_changes(session: Session, path: Path, *, clock: Clock) -> int:
    """Have the demo's people submit the changes in the file at *path*; return how many.

    Only of entries that nobody has changed yet: a demo that is started again keeps what became of them.
    """
    taxonomy = taxonomy_queries.load(session)
    everyone = {user.username: people_queries.actor(user, taxonomy) for user in people_queries.everyone(session)}
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    return sum(_submit(session, everyone[item["by"]], item, clock) for item in wanted)


def _submit(session: Session, author: Actor, item: Mapping[str, Any], clock: Clock) -> bool:
    entry = entry_queries.by_key(session, item["entry"])
    if entry is None or entry.live_state not in SERVED or entry.work_state is not None:
        return False
    if entry.shown_revision.number != 1:
        return False
    content = entry.shown_revision.content
    wordings = (*content.wordings, *item["wordings_added"])
    changed = replace(content, wordings=wordings, **item.get("changes", {}))
    entries.save(session, author, entry, changed, note=item["note"], now=clock())
    entries.submit(session, author, entry, now=clock())
    return True
