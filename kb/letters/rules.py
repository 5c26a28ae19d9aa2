"""When a day's summary is due, and when a letter that did not go is tried again."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LEASE = timedelta(minutes=5)
"""How long a sender may have a letter. A dialogue with a mail server is shorter: its steps have time limits."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 240, 240, 480))
"""After which a letter that did not go is tried again; after the last it is given up, most of a day later."""


CONFIRM_WITHIN = timedelta(days=3)
"""How long a link that confirms an address is good."""

MAX_ASKED = 3
"""Letters that ask for a confirmation in a day, by one person, and to one address: nobody is pestered through us."""
ASKED_WITHIN = timedelta(days=1)


def last_digest(now: datetime, timezone: str, hour: int) -> datetime:
    """Return the last moment before *now* at which it was *hour* o'clock in *timezone*: what is older is summed up."""
    local = now.astimezone(ZoneInfo(timezone))
    moment = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if moment > local:
        moment = (local - timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return moment.astimezone(UTC)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Return when a letter is tried again that did not go for the *attempts*-th time; ``None`` to give it up."""
    return now + PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
