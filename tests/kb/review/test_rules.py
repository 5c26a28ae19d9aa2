from datetime import UTC, datetime, timedelta

import pytest

from kb.errors import InvalidInputError
from kb.review.rules import FARTHEST, MAX_QUOTE, MAX_REMARK, Release, anchored, checked, publish_at
from tests.support.factories import content

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_when_it_goes_live():
    assert publish_at(Release.AT_ONCE, None, NOW) == NOW
    assert publish_at(Release.BY_HAND, NOW + HOUR, NOW) is None
    assert publish_at(Release.AT, NOW + HOUR, NOW) == NOW + HOUR


@pytest.mark.parametrize("wanted", [None, NOW, NOW - HOUR, NOW + FARTHEST + HOUR])
def test_a_set_time_is_to_come_and_within_a_year(wanted):
    with pytest.raises(InvalidInputError) as refused:
        publish_at(Release.AT, wanted, NOW)
    assert refused.value.field == "publish_at"


def test_a_quote_stands_where_it_was_marked():
    shown = content(steps="1. **插紧**尾纤\n2. 重启", fees="上门 30 元")
    assert anchored(shown, "插紧尾纤") == "steps"  # as it is read, not as it is written
    assert anchored(shown, " 上门30元 ") == "fees"
    assert anchored(shown, "") is None
    for quote in ("上门 50 元", "字" * (MAX_QUOTE + 1)):
        with pytest.raises(InvalidInputError):
            anchored(shown, quote)


@pytest.mark.parametrize("text", ["", " ", "字" * (MAX_REMARK + 1)])
def test_a_remark_says_something(text):
    with pytest.raises(InvalidInputError):
        checked(text)
