"""Several at once: two who decide, a fix that goes live while somebody decides, the duty and the clock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.corrections import operations as corrections
from kb.corrections.models import Correction
from kb.corrections.rules import OPEN, Hold, Report, Severity, State
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.entries.rules import State as EntryState
from kb.errors import KbError
from kb.events.models import Event, Subject, Verb
from kb.permissions import Role
from tests.support import factories
from tests.support.factories import PATIENCE, content

Job = Callable[[Session], object]


def at_once(installation, *jobs: Job) -> list[object]:
    """Run *jobs* in units of work that begin together; give what each returned, or the error that stopped it."""
    barrier = Barrier(len(jobs))

    def run(job: Job) -> object:
        barrier.wait()
        try:
            with unit_of_work(installation.sessions) as session:
                return job(session)
        except KbError as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def events_of(installation, subject, *verbs) -> list[Verb]:
    with installation.sessions() as session:
        rows = session.scalars(
            select(Event).where(Event.subject_kind == subject, Event.verb.in_(verbs)).order_by(Event.seq)
        )
        return [row.verb for row in rows]


def state_of(installation, number) -> tuple[State, Hold, EntryState]:
    with installation.sessions() as session:
        found = session.get_one(Correction, number)
        return found.state, found.hold, found.entry.live_state


@pytest.mark.parametrize("turn", range(3))
def test_of_two_who_decide_at_once_one_decides(any_installation, turn):
    factories.publish(any_installation, "e")
    number = factories.correction(any_installation, "e", severity=Severity.P1)
    actors, now = any_installation.actors, any_installation.clock()
    answers = at_once(
        any_installation,
        lambda s: corrections.uphold(s, actors[Role.EXPERT], number, severity=Severity.P1, now=now),
        lambda s: corrections.refuse(s, actors[Role.REVIEWER], number, reason="对的", now=now),
    )
    assert sum(isinstance(answer, KbError) for answer in answers) == 1
    assert len(events_of(any_installation, Subject.CORRECTION, Verb.UPHELD, Verb.REFUSED)) == 1
    state, hold, entry = state_of(any_installation, number)
    assert (state is State.UPHELD) is (hold is Hold.HELD) is (entry is EntryState.SUSPENDED)


@pytest.mark.parametrize("turn", range(3))
def test_a_fix_that_goes_live_while_it_is_marked_is_published_once(any_installation, turn):
    """Either the fix is marked first and published by going live, or it is live first and published by the mark."""
    factories.publish(any_installation, "e")
    number = factories.correction(any_installation, "e", severity=Severity.P1)
    actors, now = any_installation.actors, any_installation.clock()
    with unit_of_work(any_installation.sessions) as session:
        corrections.uphold(session, actors[Role.EXPERT], number, severity=Severity.P1, now=now)
        entry = by_key(session, "e")
        revision = entries.save(session, actors[Role.EDITOR], entry, content(answer="对的"), now=now).number
        entries.submit(session, actors[Role.EDITOR], entry, now=now)
        entries.approve(session, actors[Role.REVIEWER], entry, now=now)
    answers = at_once(
        any_installation,
        lambda s: corrections.fix(s, actors[Role.MANAGER], number, revision=revision, now=now),
        lambda s: entries.publish(s, actors[Role.REVIEWER], by_key(s, "e"), now=now),
    )
    assert not any(isinstance(answer, KbError) for answer in answers)
    assert state_of(any_installation, number) == (State.PUBLISHED, Hold.RELEASED, EntryState.PUBLISHED)
    assert events_of(any_installation, Subject.CORRECTION, Verb.PUBLISHED, Verb.TOLD) == [Verb.PUBLISHED, Verb.TOLD]


@pytest.mark.parametrize("turn", range(3))
def test_another_revision_that_goes_live_while_it_is_upheld_does_not_slip_past(any_installation, turn):
    factories.publish(any_installation, "e")
    number = factories.correction(any_installation, "e", severity=Severity.P1)
    actors, now = any_installation.actors, any_installation.clock()
    with unit_of_work(any_installation.sessions) as session:
        corrections.suspend(session, actors[Role.LEADER], number, now=now)
        entry = by_key(session, "e")
        entries.save(session, actors[Role.EDITOR], entry, content(fees="免费"), now=now)
        entries.submit(session, actors[Role.EDITOR], entry, now=now)
        entries.approve(session, actors[Role.REVIEWER], entry, now=now)
    at_once(
        any_installation,
        lambda s: corrections.uphold(s, actors[Role.EXPERT], number, severity=Severity.P1, now=now),
        lambda s: entries.publish(s, actors[Role.REVIEWER], by_key(s, "e"), now=now),
    )
    assert state_of(any_installation, number) == (State.UPHELD, Hold.HELD, EntryState.SUSPENDED)


def test_the_duty_and_the_clock_suspend_once(any_installation):
    factories.publish(any_installation, "e")
    number = factories.correction(any_installation, "e", severity=Severity.P1)
    any_installation.clock.advance(minutes=10)
    actors, now = any_installation.actors, any_installation.clock()
    answers = at_once(
        any_installation,
        lambda s: corrections.suspend_unanswered(s, number, now=now),
        lambda s: corrections.suspend(s, actors[Role.LEADER], number, now=now),
        lambda s: corrections.suspend_unanswered(s, number, now=now),
    )
    assert not any(isinstance(answer, KbError) for answer in answers)
    assert state_of(any_installation, number) == (State.RECEIVED, Hold.HELD, EntryState.SUSPENDED)
    assert events_of(any_installation, Subject.ENTRY, Verb.SUSPENDED) == [Verb.SUSPENDED]


def test_a_report_sent_by_two_tabs_is_one(any_installation):
    factories.publish(any_installation, "e")
    actor, now = any_installation.actors[Role.AGENT], any_installation.clock()
    report = Report(severity=Severity.P2, wrong="错了", token="same")

    def send(session: Session) -> int:
        return corrections.report(session, actor, by_key(session, "e"), report, patience=PATIENCE, now=now).id

    assert len(set(at_once(any_installation, send, send, send))) == 1
    with any_installation.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Correction).where(Correction.state.in_(OPEN))) == 1
