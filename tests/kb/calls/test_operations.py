from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from kb.calls import operations as calls
from kb.calls import queries
from kb.calls.models import Call, CallStep
from kb.calls.rules import ContactRecord, Ending, Step, StepKind, Topic
from kb.db import unit_of_work
from kb.desk.rules import Reason
from kb.desk.scopes import Scope
from kb.entries.queries import by_key
from kb.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.queries import after
from kb.permissions import SYSTEM, Actor, Role
from tests.kb.desk.test_operations import at_once
from tests.support import factories
from tests.support.factories import step
from tests.support.statements import counted
from tests.support.tables import dump

OPENED, COPIED, OUTCOME = StepKind.OPENED, StepKind.COPIED, StepKind.OUTCOME
RECORD = ContactRecord(topic=Topic.FAULT, ticket="GD20261102", note="约晚上回拨")


def every_call(installation):
    with installation.sessions() as session:
        return session.scalars(select(Call).order_by(Call.id)).all()


def the_call(installation):
    (found,) = every_call(installation)
    return found


def events(installation):
    with installation.sessions() as session:
        return [(event.verb, event.payload) for event in after(session, 0, limit=1000, kinds=[Subject.CALL])]


def act(installation, actor, reference, act, *args):
    with unit_of_work(installation.sessions) as session:
        act(session, actor, queries.own(session, actor, reference), *args, now=installation.clock())


def say(installation, actor, reference, *, key="los", text="盒子亮红灯", solved=True, **fields):
    outcome = factories.outcome(installation, actor, key, text, solved=solved, **fields)
    act(installation, actor, reference, calls.take_outcome, outcome)


@pytest.fixture
def agent(any_installation) -> Actor:
    factories.publish(any_installation, "los")
    return factories.person(any_installation, "wang", Role.AGENT, region="jiangyang")


def test_a_call_is_opened_by_its_first_search_and_the_next_ones_belong_to_it(any_installation, agent):
    opened = factories.call(
        any_installation, agent, scope=Scope(module="fault", product="tv"), waited=timedelta(seconds=3)
    )
    any_installation.clock.advance(minutes=2)
    again = factories.call(any_installation, agent, text="还是红灯", scope=Scope(region="yunxi"))
    assert again.reference == opened.reference
    found = the_call(any_installation)
    assert (found.text, found.region_key, found.module_key, found.product_key) == (
        "盒子亮红灯",
        "jiangyang",
        "fault",
        "tv",
    )
    assert found.last_at - found.opened_at == timedelta(minutes=2, seconds=3)
    assert (found.is_open, found.first_key_ms, found.solved) == (True, 0, None)
    assert found.week.isoformat() == "2026-11-02"
    assert events(any_installation) == [(Verb.CREATED, {"cti": False})]


def test_the_telephone_systems_name_means_the_same_call_for_a_day(any_installation, agent):
    first = factories.call(any_installation, agent, cti="A-1", text="")
    any_installation.clock.advance(minutes=1)
    assert factories.call(any_installation, agent, cti="A-1").id == first.id
    assert the_call(any_installation).text == "盒子亮红灯"  # the first search came later
    act(any_installation, agent, first.reference, calls.close_call)
    assert factories.call(any_installation, agent, cti="A-1").id == first.id
    assert factories.call(any_installation, agent, cti=first.reference).id == first.id
    any_installation.clock.advance(hours=24)
    assert factories.call(any_installation, agent, cti="A-1").id != first.id


def test_the_next_call_of_the_telephone_system_ends_the_one_before(any_installation, agent):
    first = factories.call(any_installation, agent)
    any_installation.clock.advance(minutes=3)
    second = factories.call(any_installation, agent, cti="A-2")
    before, now = every_call(any_installation)
    assert (before.id, before.ending, before.closed_at) == (first.id, Ending.NEXT, any_installation.clock())
    assert (now.id, now.is_open, now.first_key_ms) == (second.id, True, None)


def test_nobody_takes_over_somebody_elses_call(any_installation, agent):
    other = factories.person(any_installation, "li", Role.AGENT)
    first = factories.call(any_installation, agent, cti="A-1")
    put_through = factories.call(any_installation, other, cti="A-1")
    assert put_through.id != first.id
    lent = factories.call(any_installation, other, cti=first.reference)
    assert lent.id == put_through.id  # no name of the system's: the call that goes on
    for name, job in {
        "close": lambda session, call: calls.close_call(session, other, call, now=any_installation.clock()),
        "record": lambda session, call: calls.keep_record(session, other, call, RECORD, now=any_installation.clock()),
        "steps": lambda session, call: calls.add_steps(
            session, other, call, [step(1)], first_key_ms=0, now=any_installation.clock()
        ),
    }.items():
        before = dump(any_installation.engine)
        with pytest.raises(NotFoundError), unit_of_work(any_installation.sessions) as session:
            job(session, session.get(Call, first.id))
        assert dump(any_installation.engine) == before, name


def test_a_call_of_which_nothing_is_heard_ends_and_a_search_begins_another(any_installation, agent):
    first = factories.call(any_installation, agent)
    any_installation.clock.advance(minutes=20)
    factories.steps(any_installation, agent, first.reference, step(1))
    heard = any_installation.clock()
    any_installation.clock.advance(minutes=31)
    second = factories.call(any_installation, agent)
    before, _ = every_call(any_installation)
    assert second.id != first.id
    assert (before.ending, before.closed_at) == (Ending.TIMEOUT, heard)


def test_neither_a_late_step_nor_its_link_prolongs_a_call_whose_time_is_over(any_installation, agent):
    call = factories.call(any_installation, agent, cti="A-1")
    heard = any_installation.clock()
    any_installation.clock.advance(minutes=31)
    factories.steps(any_installation, agent, call.reference, step(1))
    assert the_call(any_installation).last_at == heard
    assert factories.call(any_installation, agent, cti="A-1").id == call.id
    found = the_call(any_installation)
    assert (found.ending, found.closed_at, found.searches) == (Ending.TIMEOUT, heard, 1)


def test_only_people_have_calls(any_installation):
    for actor in (SYSTEM, Actor(None, "x", frozenset({Role.AGENT})), Actor(1, "x", frozenset())):
        with pytest.raises(PermissionDeniedError):
            factories.call(any_installation, actor)


def test_solved_ends_the_call_and_is_what_was_told(any_installation, agent):
    call = factories.call(any_installation, agent)
    any_installation.clock.advance(seconds=95)
    say(any_installation, agent, call.reference, solved=False, reason=Reason.UNCLEAR)
    tried = the_call(any_installation)
    assert (tried.is_open, tried.solved, tried.unsolved_reason) == (True, False, Reason.UNCLEAR)
    any_installation.clock.advance(seconds=5)
    say(any_installation, agent, call.reference)
    done = the_call(any_installation)
    assert (done.solved, done.unsolved_reason, done.ending, done.outcome_ms) == (True, None, Ending.OUTCOME, 100_000)
    with any_installation.sessions() as session:
        entry = by_key(session, "los")
        assert (done.entry_id, done.revision_id) == (entry.id, entry.live_revision_id)
    assert factories.call(any_installation, agent).id != call.id


def test_two_calls_of_a_day_keep_what_was_said_on_each(any_installation, agent):
    first = factories.call(any_installation, agent)
    say(any_installation, agent, first.reference)
    second = factories.call(any_installation, agent)
    factories.revise(any_installation, "los", answer="先重启光猫，仍红就报修。")
    say(any_installation, agent, second.reference, solved=False)
    before, now = every_call(any_installation)
    assert (before.solved, now.solved) == (True, False)
    assert before.entry_id == now.entry_id
    assert before.revision_id < now.revision_id


def test_a_contact_record_is_an_event_without_the_tickets_number(any_installation, agent):
    call = factories.call(any_installation, agent)
    act(any_installation, agent, call.reference, calls.keep_record, RECORD)
    act(any_installation, agent, call.reference, calls.keep_record, RECORD)
    act(any_installation, agent, call.reference, calls.close_call)
    act(any_installation, agent, call.reference, calls.close_call)
    act(any_installation, agent, call.reference, calls.keep_record, ContactRecord(topic=Topic.CHASE))
    found = the_call(any_installation)
    assert (found.record, found.ending) == (ContactRecord(topic=Topic.CHASE), Ending.AGENT)
    assert events(any_installation) == [
        (Verb.CREATED, {"cti": False}),
        (Verb.RECORDED, {"topic": "fault", "ticket": True}),
        (Verb.RECORDED, {"topic": "chase", "ticket": False}),
    ]


def test_steps_are_measured_as_they_arrive_even_after_the_end(any_installation, agent):
    call = factories.call(any_installation, agent, cti="A-1")
    factories.steps(any_installation, agent, call.reference, step(3, COPIED), step(2, OPENED, position=4))
    act(any_installation, agent, call.reference, calls.close_call)
    before = the_call(any_installation)
    assert (before.searches, before.first_card_ms, before.position, before.copied) == (0, 2000, 4, True)
    any_installation.clock.advance(hours=3)
    factories.steps(any_installation, agent, call.reference, step(1, total=0), first_key_ms=400)
    after_all = the_call(any_installation)
    assert (after_all.searches, after_all.empty, after_all.first_card_ms) == (1, 1, 1600)
    assert after_all.closed_at == before.closed_at
    assert after_all.entry_id is not None


def test_telling_twice_is_telling_once_and_two_tabs_count_apart(any_installation, agent):
    call = factories.call(any_installation, agent)
    factories.steps(any_installation, agent, call.reference, step(1), step(2, OPENED))
    factories.steps(any_installation, agent, call.reference, step(1, total=0), step(2, OPENED), step(3))
    factories.steps(any_installation, agent, call.reference, step(1, page="other"))
    assert (the_call(any_installation).searches, the_call(any_installation).empty) == (3, 0)


def test_steps_about_what_there_is_not_are_left_out(any_installation, agent):
    call = factories.call(any_installation, agent)
    factories.steps(
        any_installation, agent, call.reference, step(1, OPENED, entry="missing"), step(2, OPENED, revision=99)
    )
    with any_installation.sessions() as session:
        (kept,) = session.scalars(select(CallStep))
        assert (kept.number, kept.revision_id) == (2, None)
    assert the_call(any_installation).entry_id is None


def test_too_many_steps_at_once_are_refused(any_installation, agent):
    call = factories.call(any_installation, agent)
    with pytest.raises(InvalidInputError):
        factories.steps(any_installation, agent, call.reference, *(step(number) for number in range(1, 102)))


def test_numbers_of_customers_are_not_stored(any_installation, agent):
    call = factories.call(any_installation, agent, text="13800138000没网")
    factories.steps(any_installation, agent, call.reference, step(1, words=factories.words("查13800138000")))
    assert "138" not in str(dump(any_installation.engine)["calls"])
    assert "138" not in str(dump(any_installation.engine)["call_steps"])


def test_steps_cost_few_statements_however_many_they_are(any_installation, agent):
    call = factories.call(any_installation, agent)
    factories.publish(any_installation, "tv", title="电视没信号", module_key="tv.signal")
    told = [step(number, OPENED, entry="los" if number % 2 else "tv") for number in range(1, 101)]
    with unit_of_work(any_installation.sessions) as session:
        found = queries.own(session, agent, call.reference)
        with counted(any_installation.engine) as statements:
            calls.add_steps(session, agent, found, told, first_key_ms=0, now=any_installation.clock())
    assert len(statements) <= 6


def test_two_tabs_that_search_at_once_are_on_one_call(any_installation, agent):
    at_once(*[partial(factories.call, any_installation, agent)] * 4)
    assert len(every_call(any_installation)) == 1


def test_the_same_link_opened_twice_at_once_is_one_call(any_installation, agent):
    factories.call(any_installation, agent)
    at_once(*[partial(factories.call, any_installation, agent, cti="A-1")] * 4)
    before, now = every_call(any_installation)
    assert (before.ending, now.cti) == (Ending.NEXT, "A-1")


def test_steps_an_outcome_and_the_end_at_once_all_count(any_installation, agent):
    call = factories.call(any_installation, agent)
    at_once(
        partial(factories.steps, any_installation, agent, call.reference, step(1), step(2, OPENED)),
        partial(factories.steps, any_installation, agent, call.reference, step(2, OPENED), step(1)),
        partial(factories.steps, any_installation, agent, call.reference, step(1, page="other", total=0)),
        partial(say, any_installation, agent, call.reference),
        partial(act, any_installation, agent, call.reference, calls.keep_record, RECORD),
        partial(act, any_installation, agent, call.reference, calls.close_call),
    )
    found = the_call(any_installation)
    assert (found.searches, found.empty, found.first_card_ms, found.solved) == (2, 1, 2000, True)
    assert found.record == RECORD
    assert found.ending in (Ending.OUTCOME, Ending.AGENT)


TOLD = (
    step(1, total=0),
    step(2),
    step(3, OPENED, position=2),
    step(4, COPIED),
    step(5, OPENED, entry="tv", position=1),
    step(1, page="other", ms=2500),
    step(2, OPENED, page="other", ms=2600),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(TOLD), max_size=5).flatmap(
        lambda twice: st.permutations([*TOLD, *twice]).flatmap(
            lambda order: st.integers(0, len(order)).map(lambda cut: (order[:cut], order[cut:]))
        )
    )
)
def test_any_order_any_batches_and_any_repeats_come_to_the_same(any_installation, batches):
    with any_installation.sessions() as session:
        if by_key(session, "tv") is None:
            session.close()
            factories.publish(any_installation, "los")
            factories.publish(any_installation, "tv", title="电视没信号", module_key="tv.signal")
    agent = any_installation.actors[Role.AGENT]
    call = factories.call(any_installation, agent)
    for batch in batches:
        factories.steps(any_installation, agent, call.reference, *batch, first_key_ms=100)
    act(any_installation, agent, call.reference, calls.close_call)
    with any_installation.sessions() as session:
        found = queries.own(session, agent, call.reference)
        count = session.scalar(select(func.count()).select_from(CallStep).where(CallStep.call_id == found.id))
        assert count == len(TOLD)
        assert (found.searches, found.empty, found.first_card_ms, found.position) == (3, 1, 2600, 1)
        assert found.entry_id == by_key(session, "los").id
        assert found.copied


def test_a_step_is_what_a_desk_tells():
    assert Step(page="a", number=1, kind=StepKind.SEARCHED, ms=0).words.spelling == ""
