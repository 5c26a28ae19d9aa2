"""Since when a brief tells: a pure function."""

from collections.abc import Sequence
from datetime import datetime, timedelta

USUAL = timedelta(days=1)
"""How far back somebody is told who was never told before and whose team has no shifts."""
FURTHEST = timedelta(days=14)
"""Nobody is told more than this, after however long a leave."""


def since(shifts: Sequence[datetime], last_receipt: datetime | None, now: datetime) -> datetime:
    """Return the moment from which on a brief at *now* tells what changed.

    That is the start of the team's shift before the current one: what changed during a shift was told to nobody on it.
    Without two shifts it is when the person was last told, else a day ago. Whoever missed shifts is told from their own
    last receipt on.

    Args:
        shifts: starts of the team's current shift and of the one before it, newest first.
        last_receipt: until when the person was told before the current shift.
    """
    starts = [moment for moment in (shifts[1] if len(shifts) > 1 else None, last_receipt) if moment is not None]
    return max(min(starts, default=now - USUAL), now - FURTHEST)
