"""What other pages show of an entry's maturity."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kb.entries.models import Entry
from kb.entries.rules import Level
from kb.errors import ConflictError, PermissionDeniedError
from kb.maturity import operations, queries
from kb.maturity.gates import evidence, next_gate
from kb.maturity.reasons import Reason
from kb.permissions import Actor, Permission, allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMaturity:
    """The line under an entry's badge.

    Attributes:
        evidence: what its level rests on.
        next: the next level and what it takes; ``None`` at the top, and where a manager holds the level.
        may_rate: whether the person may rate it.
    """

    evidence: tuple[Reason, ...]
    next: tuple[Level, tuple[Reason, ...]] | None
    may_rate: bool


def maturity_of(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> ShownMaturity | None:
    """Return what an entry's page says of its maturity; ``None`` while nothing is counted. Six statements at most."""
    standing = queries.standing(session, entry.id, now=now)
    if standing is None:
        return None
    return ShownMaturity(
        evidence=evidence(standing.facts),
        next=next_gate(standing.level, standing.facts) if standing.hold is None else None,
        may_rate=may_rate(session, actor, entry),
    )


def may_rate(session: Session, actor: Actor, entry: Entry) -> bool:
    """Return whether *actor* may rate *entry*. One statement for experts of its module, none for others."""
    if not allowed(actor, Permission.ENTRY_RATE, entry.target()):
        return False
    try:
        operations.check_may_rate(session, actor, entry)
    except (PermissionDeniedError, ConflictError):
        return False
    return True
