from datetime import timedelta

from sqlalchemy import select

from kb.demo_year import DEMONSTRATION, FakeClock, live
from kb.events.models import Event, Subject, Verb
from kb.maturity import following
from kb.maturity.models import LevelChange, Nomination
from tests.support import factories, maturity


def test_a_lived_year_explains_every_level_and_says_that_it_is_a_demonstration(installation):
    maturity.callers(installation, 8, teams=3)
    maturity.experts(installation, 3)
    for number in range(9):
        factories.publish(installation, f"e{number}", title=f"知识 {number}")
    clock, until = FakeClock(installation.clock()), installation.clock() + timedelta(days=21)
    recorded = live(installation.sessions, learning=factories.LEARNING, clock=clock, until=until, weeks=3)
    assert recorded > 100
    assert clock() == until
    with installation.sessions() as session:
        changes = session.scalars(select(LevelChange)).all()
        told = session.scalars(
            select(Event).where(Event.subject_kind == Subject.MATURITY, Event.verb == Verb.LEVEL_CHANGED)
        ).all()
        earned = [change for change in changes if change.before is not None]
        assert earned
        assert all(change.why for change in earned)
        assert [event.payload["why"] for event in told] == [
            "；".join(str(reason) for reason in change.why) for change in earned
        ]
        assert DEMONSTRATION in session.scalars(select(Nomination)).one().reason
    assert following.recompute(installation.sessions, clock=clock).off == ()
