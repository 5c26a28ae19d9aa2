from datetime import timedelta

from kb import demo_corrections
from kb.corrections import queries
from kb.corrections.rules import Severity, State, part_of
from kb.db import unit_of_work
from kb.settings import PROJECT

REPORTS = PROJECT / "content" / "demo" / "corrections.yaml"


def add(installation):
    with unit_of_work(installation.sessions) as session:
        return demo_corrections.add_corrections(session, REPORTS, clock=installation.clock)


def test_the_demo_has_corrections_in_every_hand(filled):
    assert (add(filled), add(filled)) == (4, 0)
    manager, now = filled.actor("guoning"), filled.clock()
    with filled.sessions() as session:
        found = [queries.to_read(session, manager, number) for number in (1, 2, 3, 4)]
        # What is quoted stands in the sample entries.
        assert all(part_of(item.revision.content, item.passage) for item in found if item.passage)
        states = [item.state for item in found]
        assert states == [State.RECEIVED, State.RECEIVED, State.UPHELD, State.NOT_UPHELD]
        assert not queries.asking_the_duty(session, manager)
        later = now + timedelta(days=1)
        (week,) = queries.figures(session, manager, weeks=1, timezone="Asia/Shanghai", now=later)
    assert (week.by_severity[Severity.P3].on_time, week.by_severity[Severity.P2].total) == (1, 0)
