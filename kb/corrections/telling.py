"""What of a correction goes into the event log, and telling the reporter what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kb.corrections.models import Correction
from kb.events.models import Subject, Verb
from kb.events.operations import append


def record(
    session: Session, actor_id: int | None, correction: Correction, verb: Verb, now: datetime, **payload: Any
) -> None:
    """Append an event about *correction*: ``entry`` is the entry's row, ``reporter`` the person's."""
    append(
        session,
        at=now,
        actor_id=actor_id,
        verb=verb,
        subject_kind=Subject.CORRECTION,
        subject_id=correction.id,
        payload={
            "entry": correction.entry_id,
            "severity": correction.severity,
            "state": correction.state,
            "reporter": correction.reporter_id,
            **payload,
        },
    )


def tell(session: Session, correction: Correction, *, now: datetime) -> None:
    """Tell the reporter what became of *correction*: the event ``told`` is what their notice is made from.

    It is appended in the transaction that answers the correction, so nobody is told of what was rolled back and nobody
    is forgotten.
    """
    correction.told_at = now
    record(session, None, correction, Verb.TOLD, now)
