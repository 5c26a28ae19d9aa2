"""What waits for the demo's reviewers: changes of sample entries that their authors have submitted."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from kb.clock import Clock
from kb.demo import untouched
from kb.entries import operations as entries
from kb.people import queries as people_queries
from kb.permissions import Actor
from kb.taxonomy import queries as taxonomy_queries


def submit_changes(session: Session, path: Path, *, clock: Clock) -> int:
    """Have the demo's people submit the changes in the file at *path*; return how many.

    Only of entries that nobody has changed yet: a demo that is started again keeps what became of them.
    """
    taxonomy = taxonomy_queries.load(session)
    everyone = people_queries.actors(session, taxonomy)
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    return sum(_submit(session, everyone[item["by"]], item, clock) for item in wanted)


def _submit(session: Session, author: Actor, item: Mapping[str, Any], clock: Clock) -> bool:
    entry = untouched(session, item["entry"])
    if entry is None or entry.shown_revision.number != 1:
        return False
    content = entry.shown_revision.content
    wordings = (*content.wordings, *item["wordings_added"])
    changed = replace(content, wordings=wordings, **item.get("changes", {}))
    entries.save(session, author, entry, changed, note=item["note"], now=clock())
    entries.submit(session, author, entry, now=clock())
    return True
