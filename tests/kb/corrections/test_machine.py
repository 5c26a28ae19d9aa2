"""No sequence of steps by any people, on entry and corrections, leads where the tables do not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from kb.corrections import operations as corrections
from kb.corrections.models import Correction
from kb.corrections.queries import unanswered
from kb.corrections.rules import OPEN, TRANSITIONS, Hold, Report, Severity, State
from kb.db import make_engine, unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.entries.rules import State as EntryState
from kb.errors import KbError
from kb.events.models import Event, Subject, Verb
from kb.permissions import Role
from tests.support import factories
from tests.support.factories import PATIENCE
from tests.support.installation import Installation, settings_for

ROLES = st.sampled_from([Role.AGENT, Role.EXPERT, Role.EDITOR, Role.REVIEWER, Role.LEADER, Role.MANAGER])
SEVERITIES = st.sampled_from(Severity)
NUMBERS = st.integers(1, 4)
AFTER = {state: {row.target for row in TRANSITIONS.values() if state in row.sources} for state in State}
ENDED = frozenset(State) - OPEN


def reachable(one: State, other: State) -> bool:
    """Whether one operation may lead from one state to the other: by a step, or one and what follows from it."""
    return other == one or other in AFTER[one] or any(other in AFTER[between] for between in AFTER[one])


class Life(RuleBasedStateMachine):
    """An entry with up to four corrections, and people of several roles who do anything in any order."""

    installation: Installation

    def __init__(self) -> None:
        super().__init__()
        self.key = f"e-{self.installation.clock().timestamp()}"
        self.installation.clock.advance(days=1)
        factories.publish(self.installation, self.key)
        self.numbers: list[int] = []
        self.states: dict[int, State] = {}
        self.texts = 0

    def attempt(self, job) -> None:
        """Do *job* in a unit of work of its own, the way a request does; what is refused changes nothing."""
        self.installation.clock.advance(minutes=1)
        try:
            with unit_of_work(self.installation.sessions) as session:
                job(session, self.installation.clock())
        except KbError:
            return

    def on_correction(self, verb, role, index, **fields) -> None:
        if self.numbers:
            number = self.numbers[index % len(self.numbers)]
            self.attempt(lambda s, now: verb(s, self.installation.actors[role], number, now=now, **fields))

    def on_entry(self, verb, role, **fields) -> None:
        self.attempt(lambda s, now: verb(s, self.installation.actors[role], by_key(s, self.key), now=now, **fields))

    @rule(role=ROLES, severity=SEVERITIES)
    def report(self, role, severity):
        if len(self.numbers) == 4:
            return

        def job(session, now):
            actor, given = self.installation.actors[role], Report(severity=severity, wrong="错")
            entry = by_key(session, self.key)
            self.numbers.append(corrections.report(session, actor, entry, given, patience=PATIENCE, now=now).id)

        self.attempt(job)

    @rule(role=ROLES, index=NUMBERS, severity=SEVERITIES)
    def uphold(self, role, index, severity):
        self.on_correction(corrections.uphold, role, index, severity=severity)

    @rule(role=ROLES, index=NUMBERS)
    def refuse(self, role, index):
        self.on_correction(corrections.refuse, role, index, reason="对的")

    @rule(role=ROLES, index=NUMBERS, other=NUMBERS)
    def merge(self, role, index, other):
        if self.numbers:
            self.on_correction(corrections.merge, role, index, into=self.numbers[other % len(self.numbers)])

    @rule(role=ROLES, index=NUMBERS, revision=st.integers(1, 5))
    def fix(self, role, index, revision):
        self.on_correction(corrections.fix, role, index, revision=revision)

    @rule(role=ROLES, index=NUMBERS)
    def suspend(self, role, index):
        self.on_correction(corrections.suspend, role, index)

    @rule(role=ROLES, index=NUMBERS)
    def keep(self, role, index):
        self.on_correction(corrections.keep, role, index)

    @rule(minutes=st.sampled_from([1, 9, 60]))
    def wait(self, minutes):
        self.installation.clock.advance(minutes=minutes)
        with self.installation.sessions() as session:
            due = unanswered(session, now=self.installation.clock())
        for number in due:
            self.attempt(lambda s, now, number=number: corrections.suspend_unanswered(s, number, now=now))

    @rule(role=ROLES)
    def save(self, role):
        self.texts += 1
        answer = f"第 {self.texts} 次改"

        def job(session, now):
            entry = by_key(session, self.key)
            changed = replace(entry.shown_revision.content, answer=answer)
            entries.save(session, self.installation.actors[role], entry, changed, now=now)

        self.attempt(job)

    @rule(role=ROLES, number=st.integers(1, 5))
    def restore(self, role, number):
        self.attempt(
            lambda s, now: entries.restore(s, self.installation.actors[role], by_key(s, self.key), number, now=now)
        )

    @rule()
    def release(self):
        """The usual way onto the desk, as far as it can be gone."""
        self.on_entry(entries.submit, Role.EDITOR)
        self.on_entry(entries.approve, Role.REVIEWER)
        self.on_entry(entries.publish, Role.MANAGER)

    @rule(role=ROLES)
    def resume(self, role):
        self.on_entry(entries.resume, role)

    @rule()
    def retire(self):
        if self.texts > 3:  # seldom: not much happens afterwards
            self.on_entry(entries.retire, Role.MANAGER, reason="下线")

    @invariant()
    def everything_stands_where_it_may(self):
        with self.installation.sessions() as session:
            entry = by_key(session, self.key)
            found = session.scalars(select(Correction).where(Correction.entry_id == entry.id)).all()
            told = {
                row.subject_id
                for row in session.scalars(
                    select(Event).where(Event.verb == Verb.TOLD, Event.subject_kind == Subject.CORRECTION)
                )
            }
            for correction in found:
                before = self.states.get(correction.id, State.RECEIVED)
                assert reachable(before, correction.state), (before, correction.state)
                self.states[correction.id] = correction.state
                self._holds_together(correction, entry, told)
            if any(item.hold is Hold.HELD and item.is_open for item in found):
                assert entry.live_state in (EntryState.SUSPENDED, EntryState.RETIRED)

    def _holds_together(self, correction, entry, told) -> None:
        closed = correction.state in ENDED
        assert closed is (correction.closed_at is not None) is (str(correction.id) in told)
        assert (correction.state is State.FIXED) <= (correction.fixed_revision is not None)
        assert (correction.state is State.DUPLICATE) is (correction.duplicate_of_id is not None)
        assert (correction.state is State.RECEIVED) is (correction.decided_at is None)
        if correction.state is State.FIXED:
            assert correction.fixed_revision.number > entry.live_revision.number
        if closed:
            assert correction.hold not in (Hold.HELD, Hold.PENDING)
        if correction.hold is Hold.PENDING:
            assert correction.state is State.RECEIVED
            assert correction.severity is Severity.P1
            assert entry.live_revision_id == correction.revision_id
            assert self.installation.clock() <= correction.suspend_at + timedelta(minutes=60)
        if correction.duplicate_of_id is not None:
            assert self.states.get(correction.duplicate_of_id) is not State.DUPLICATE


def test_no_sequence_of_steps_leads_elsewhere(installation):
    machine = type("Machine", (Life,), {"installation": installation})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
def test_nor_on_a_server(postgres_url, tmp_path, analysis):
    given = settings_for(tmp_path / "home", postgres_url)
    made = Installation(given, make_engine(given.url), analysis)
    machine = type("Machine", (Life,), {"installation": made})
    quick = settings(max_examples=8, stateful_step_count=20, deadline=None, derandomize=True)
    run_state_machine_as_test(machine, settings=settings(quick, suppress_health_check=list(HealthCheck)))
    made.close()
