import pytest

from web.calls.presenters import clock


@pytest.mark.parametrize(
    ("ms", "shown"), [(0, "00:00"), (999, "00:00"), (134_000, "02:14"), (3_599_999, "59:59"), (3_734_000, "1:02:14")]
)
def test_times_look_like_a_clocks(ms, shown):
    assert clock(ms) == shown
