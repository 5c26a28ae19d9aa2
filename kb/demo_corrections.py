"""What the demo's agents found wrong, and what was decided of some of it."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.clock import Clock
from kb.corrections import operations
from kb.corrections.models import Correction
from kb.corrections.rules import Report, Severity
from kb.entries import queries as entry_queries
from kb.entries.rules import SERVED
from kb.people import queries as people_queries
from kb.permissions import Actor
from kb.taxonomy import queries as taxonomy_queries

NO_ALARM = timedelta(0)
"""For reports that ask no duty: none here is of the first severity, which would take entries off the demo's desk."""


def add_corrections(session: Session, path: Path, *, clock: Clock) -> int:
    """Report what the file at *path* says is wrong, and decide on what it has a decision of; return how many reports.

    Only where nothing was ever reported: a demo that is started again keeps what became of them. What is not on the
    desk is left out.
    """
    if session.scalar(select(Correction.id).limit(1)) is not None:
        return 0
    taxonomy = taxonomy_queries.load(session)
    everyone = people_queries.actors(session, taxonomy)
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    return sum(_report(session, everyone, item, clock) for item in wanted)


def _report(session: Session, everyone: Mapping[str, Actor], item: Mapping[str, Any], clock: Clock) -> bool:
    entry = entry_queries.by_key(session, item["entry"])
    if entry is None or entry.live_state not in SERVED:
        return False
    given = Report(
        severity=Severity(item["severity"]),
        wrong=item["wrong"],
        **{name: item.get(name, "") for name in ("right", "passage", "evidence")},
    )
    made = operations.report(session, everyone[item["by"]], entry, given, patience=NO_ALARM, now=clock())
    decided = item.get("decided")
    if decided is not None:
        judge, reason = everyone[decided["by"]], decided["reason"]
        if decided["as"] == "refuse":
            operations.refuse(session, judge, made.id, reason=reason, now=clock())
        else:
            operations.uphold(session, judge, made.id, severity=made.severity, reason=reason, now=clock())
    return True
