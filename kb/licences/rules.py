"""Which tier somebody holds, and when a question should go up the funnel (漏斗). Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kb.i18n import N_

MAX_REASON = 300
WARNING = timedelta(days=30)
"""How long before its end a licence is shown as ending soon."""


class Standing(StrEnum):
    """Where a licence stands."""

    VALID = "valid"
    ENDING = "ending"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return STANDING_LABELS[self]


STANDING_LABELS: Mapping[Standing, str] = {
    Standing.VALID: N_("有效"),
    Standing.ENDING: N_("快到期"),
    Standing.EXPIRED: N_("已过期"),
    Standing.REVOKED: N_("已收回"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """A licence as far as rules are concerned."""

    tier: str
    granted_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        """Return where it stands at the moment *now*."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return Standing.REVOKED
        if now >= self.expires_at:
            return Standing.EXPIRED
        return Standing.ENDING if self.expires_at - now <= WARNING else Standing.VALID

    def is_valid(self, now: datetime) -> bool:
        """Return whether it counts at the moment *now*."""
        return self.granted_at <= now and self.standing(now) in (Standing.VALID, Standing.ENDING)


def tier_of(held: Iterable[Held], tiers: Sequence[str], now: datetime) -> str | None:
    """Return the highest tier that *held* are good for at *now*; ``None`` where they are good for none.

    Args:
        tiers: all tiers, the first line first.
    """
    valid = {licence.tier for licence in held if licence.is_valid(now)}
    return next((tier for tier in reversed(tiers) if tier in valid), None)


def is_above(entry_tier: str, own_tier: str | None, tiers: Sequence[str]) -> bool:
    """Return whether an entry of *entry_tier* is for somebody higher than a holder of *own_tier*.

    Everybody at a desk may answer the first tier: without a licence that is where one stands.
    """
    if entry_tier not in tiers:
        return False
    own = tiers.index(own_tier) if own_tier in tiers else 0
    return tiers.index(entry_tier) > own
