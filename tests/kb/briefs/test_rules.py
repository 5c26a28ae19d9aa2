from datetime import UTC, datetime, timedelta

import pytest

from kb.briefs.rules import FURTHEST, USUAL, since

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)


def ago(**delta):
    return NOW - timedelta(**delta)


@pytest.mark.parametrize(
    ("shifts", "last", "expected"),
    [
        ((), None, NOW - USUAL),
        ((ago(hours=1),), None, NOW - USUAL),
        ((), ago(hours=3), ago(hours=3)),
        ((NOW, ago(days=1)), None, ago(days=1)),
        ((NOW, ago(days=1)), ago(hours=23), ago(days=1)),
        ((NOW, ago(days=1)), ago(days=4), ago(days=4)),
        ((NOW, ago(days=1)), ago(days=90), NOW - FURTHEST),
    ],
)
def test_a_brief_tells_from_the_shift_before_or_the_last_receipt(shifts, last, expected):
    assert since(shifts, last, NOW) == expected
