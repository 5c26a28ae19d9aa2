from datetime import UTC, datetime, timedelta

import pytest

from kb.licences.rules import WARNING, Held, Standing, is_above, tier_of

NOW = datetime(2026, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)
TIERS = ["first", "second", "expert"]


def held(tier="second", days=100, **fields):
    return Held(tier, NOW - DAY, NOW + days * DAY, **fields)


@pytest.mark.parametrize(
    ("licence", "standing"),
    [
        (held(), Standing.VALID),
        (held(days=WARNING.days), Standing.ENDING),
        (held(days=0), Standing.EXPIRED),
        (held(revoked_at=NOW), Standing.REVOKED),
        (held(revoked_at=NOW + DAY), Standing.VALID),
    ],
)
def test_where_a_licence_stands(licence, standing):
    assert licence.standing(NOW) is standing
    assert licence.is_valid(NOW) is (standing in (Standing.VALID, Standing.ENDING))


def test_the_highest_valid_tier_counts():
    assert tier_of([held("first"), held("expert", days=0), held("second")], TIERS, NOW) == "second"
    assert tier_of([held("expert", revoked_at=NOW)], TIERS, NOW) is None
    assert tier_of([held()], TIERS, NOW - 2 * DAY) is None, "not before it was granted"


@pytest.mark.parametrize(
    ("entry", "own", "above"),
    [
        ("first", None, False),
        ("second", None, True),
        ("second", "first", True),
        ("second", "second", False),
        ("expert", "second", True),
        ("second", "expert", False),
        ("unknown", None, False),
    ],
)
def test_an_entry_above_ones_tier_goes_up(entry, own, above):
    assert is_above(entry, own, TIERS) is above
