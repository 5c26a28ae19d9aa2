import pytest

from tests.simulation.maturity import Size, compare, table

SMALL = Size(agents=100, entries=500, experts=20, weeks=6, ratings=12)


@pytest.mark.parametrize("manager", [False, True])
def test_maturity_tells_the_truth_and_colluders_gain_little(manager):
    result = compare(SMALL, manager=manager)
    ours, stars, clicks = result.rows
    assert ours.correlation >= 0.8
    assert ours.correlation > stars.correlation > clicks.correlation
    assert result.raised <= 0.5
    assert ours.lift < stars.lift
    assert result.caught >= 0.9
    assert "maturity M" in table(result)
