from threading import Event

from sqlalchemy.exc import OperationalError

from kb.corrections.models import Correction
from kb.corrections.rules import Hold, Severity
from kb.entries.queries import by_key
from kb.entries.rules import State as EntryState
from tests.support import factories
from web.corrections import watch


def reported(installation) -> None:
    for number in range(3):
        factories.publish(installation, f"e-{number}")
        factories.correction(installation, f"e-{number}", severity=Severity.P1 if number else Severity.P2)


def states(installation) -> list[EntryState]:
    with installation.sessions() as session:
        return [by_key(session, f"e-{number}").live_state for number in range(3)]


def test_what_nobody_answered_is_suspended_and_nothing_else(any_installation):
    reported(any_installation)
    any_installation.clock.advance(minutes=9)
    assert watch.look(any_installation.sessions, any_installation.clock) == 0
    any_installation.clock.advance(minutes=1)
    assert watch.look(any_installation.sessions, any_installation.clock) == 2
    assert watch.look(any_installation.sessions, any_installation.clock) == 0
    assert states(any_installation) == [EntryState.PUBLISHED, EntryState.SUSPENDED, EntryState.SUSPENDED]
    with any_installation.sessions() as session:
        assert [session.get_one(Correction, n).hold for n in (1, 2, 3)] == [Hold.NONE, Hold.HELD, Hold.HELD]


def test_it_looks_at_once_and_ends_when_told(installation):
    reported(installation)
    installation.clock.advance(hours=1)
    stop, looks = Event(), []

    def clock():
        looks.append(1)
        if len(looks) == 3:  # one look at the queue, and one for each entry
            stop.set()
        return installation.clock()

    watch.run(stop, installation.sessions, clock)
    assert states(installation)[1:] == [EntryState.SUSPENDED] * 2


def test_it_goes_on_after_a_database_that_was_away(installation, caplog):
    stop = Event()

    def clock():
        stop.set()
        raise OperationalError("SELECT", {}, Exception("away"))

    watch.run(stop, installation.sessions, clock)
    assert "could not look" in caplog.text
