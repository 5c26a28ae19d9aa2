"""What the demo's counties say: overlays on the desk, and a revision that still waits for one of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.clock import Clock
from kb.demo import EDITOR, REVIEWER, untouched
from kb.entries import operations as entries
from kb.entries.models import Entry
from kb.people import queries as people_queries
from kb.permissions import Actor
from kb.review import operations as review
from kb.taxonomy import queries as taxonomy_queries
from kb.verification import operations as verification
from kb.verification.models import Overlay


def add_overlays(session: Session, path: Path, *, clock: Clock) -> int:
    """Have the demo's verifiers say what the file at *path* has of their counties; return how many overlays.

    Only where no overlay was ever written: a demo that is started again keeps what became of them. What was taken off
    the desk, or is being rewritten, is left alone.
    """
    if session.scalar(select(Overlay.id).limit(1)) is not None:
        return 0
    taxonomy = taxonomy_queries.load(session)
    everyone = people_queries.actors(session, taxonomy)
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    count = 0
    for item in wanted["overlays"]:
        entry = untouched(session, item["entry"])
        if entry is not None:
            _say(session, everyone[item["by"]], entry, item, clock)
            count += 1
    for item in wanted["waiting"]:
        entry = untouched(session, item["entry"])
        if entry is not None:
            count += _ask(session, everyone, entry, item, clock)
    return count


def _say(session: Session, verifier: Actor, entry: Entry, item: Mapping[str, Any], clock: Clock) -> None:
    verification.overlay(session, verifier, entry, region=item["region"], text=item["text"], now=clock())


def _ask(session: Session, everyone: Mapping[str, Actor], entry: Entry, item: Mapping[str, Any], clock: Clock) -> int:
    """Take a revision as far as its regions, and have some of them confirm it; return how many overlays."""
    changes: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in item["changes"].items()
    }
    content = replace(entry.shown_revision.content, **changes)
    entries.save(session, everyone[EDITOR], entry, content, note=item["note"], now=clock())
    entries.submit(session, everyone[EDITOR], entry, now=clock())
    review.approve(session, everyone[REVIEWER], entry, publish_at=clock(), now=clock())
    for said in item["confirmed"]:
        _say(session, everyone[said["by"]], entry, said, clock)
        verification.confirm(session, everyone[said["by"]], entry, region=said["region"], now=clock())
    return len(item["confirmed"])
