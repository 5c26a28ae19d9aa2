import pytest

from kb.maturity import board, queries
from kb.permissions import SYSTEM, Role
from tests.support import factories, maturity
from tests.support.statements import counted


@pytest.fixture
def used(any_installation):
    for key in ("los", "other"):
        factories.publish(any_installation, key)
    people = maturity.callers(any_installation, 6)
    for key in ("los", "other"):
        maturity.calls(any_installation, people, key, solved=12)
    maturity.follow(any_installation)
    maturity.rate(any_installation, maturity.experts(any_installation, 1)[0], "los")
    return any_installation


def cost(installation, read):
    with installation.sessions() as session:
        session.connection()
        with counted(installation.engine) as statements:
            read(session)
        return len(statements)


def test_reads_cost_as_many_statements_as_they_say(used):
    now, expert = used.clock(), used.actors[Role.EXPERT]
    entry = maturity.entry_of(used, "los").id
    assert cost(used, lambda session: queries.standing(session, entry, now=now)) <= 5
    assert cost(used, lambda session: queries.ripe(session, expert, now=now, limit=9)) == 1
    assert cost(used, lambda session: queries.count_ripe(session, expert, now=now)) == 1
    assert cost(used, lambda session: queries.merits(session, [entry])) == 1
    assert cost(used, lambda session: board.report(session, since=now, now=now)) == 4


def test_the_queue_leaves_out_what_the_expert_rated_or_may_not_rate(used):
    now = used.clock()
    with used.sessions() as session:
        (rater,) = [used.actor("expert-0")]
        assert [item.entry.key for item in queries.ripe(session, rater, now=now, limit=9)] == ["other"]
        fresh = used.actors[Role.EXPERT]
        found = queries.ripe(session, fresh, now=now, limit=9)
        assert {item.entry.key: item.missing for item in found} == {"los": 2, "other": 3}
        assert queries.ripe(session, used.actors[Role.MANAGER], now=now, limit=9) == []
        assert len(queries.ripe_for_anybody(session, SYSTEM, now=now, limit=9)) == 2


def test_the_report_sums_up_and_rolls_up(used):
    now = used.clock()
    with used.sessions() as session:
        (row,) = board.report(session, since=now.replace(year=2020), now=now)
    assert (row.module_key, row.entries, row.trials, row.solved, row.raters) == ("fault.broadband", 2, 24, 24, 1)
    assert (row.risen, row.fallen, row.mature) == (2, 0, 1.0)
    (whole,) = board.rolled_up([row, row], {"fault.broadband": "fault"})
    assert (whole.module_key, whole.entries, whole.trials) == ("fault", 4, 48)
    assert whole.merit == pytest.approx(row.merit)
