from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.desk.models import LearnedWording
from kb.desk.rules import Origin, WordingState
from kb.desk.scopes import Scope
from kb.desk.searches import store_searches
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events import queries as event_queries
from kb.events.models import Subject, Verb
from kb.gaps import operations, queries
from kb.gaps.models import MAX_NOTE, Ask, Gap, Phrasing
from kb.gaps.rules import AskOrigin, DeclineReason, GapState
from kb.permissions import SYSTEM, Role
from tests.kb.gaps.support import act, discuss, findings, gap, link, merge, met_by, texts
from tests.support import factories
from tests.support.factories import LEARNING, missed

SAID = "盒子上冒绿光"


def verbs(installation):
    with installation.sessions() as session:
        return [event.verb for event in event_queries.after(session, 0, limit=999, kinds=[Subject.GAP])]


def test_the_same_words_are_one_gap_with_everybody_who_asked(any_installation):
    first, second = factories.agents(any_installation, 2)
    scope = Scope(region="jiangyang", module="fault.broadband", product="broadband")
    number = missed(any_installation, SAID, first, scope, note=" 灯绿绿的  一闪 ")
    assert missed(any_installation, SAID + "！", first, scope) == number
    any_installation.clock.advance(days=1)
    assert missed(any_installation, SAID, second) == number
    found = gap(any_installation, number)
    assert (found.text, found.state, found.agents, found.times) == (SAID, GapState.OPEN, 2, 3)
    assert (found.module_key, found.module_is_guess) == ("fault.broadband", False)
    assert texts(any_installation, number) == [SAID]
    with any_installation.sessions() as session:
        newest, oldest = [ask for ask, _ in queries.asks(session, number, limit=9)]
    assert (oldest.times, oldest.note, oldest.origin) == (2, "灯绿绿的 一闪", AskOrigin.REPORT)
    assert (oldest.region_key, oldest.module_key, oldest.product_key) == ("jiangyang", "fault.broadband", "broadband")
    assert (newest.times, newest.region_key, newest.user_id) == (1, None, second.user_id)
    assert verbs(any_installation) == [Verb.CREATED]


def test_the_phrasing_of_most_agents_names_the_gap_and_more_agents_come_first(installation):
    agents = factories.agents(installation, 3)
    often = missed(installation, "鸟语套餐", agents[0])
    for _ in range(9):
        missed(installation, "鸟语套餐", agents[0])
    for agent in agents:
        wide = missed(installation, "宠物套餐", agent)
    with installation.sessions() as session:
        assert [row.id for row in queries.page(session, {GapState.OPEN}, limit=9)] == [wide, often]


def test_a_report_needs_a_person_and_a_note_of_bearable_length(installation):
    with pytest.raises(PermissionDeniedError):
        missed(installation, SAID, SYSTEM)
    with pytest.raises(InvalidInputError):
        missed(installation, SAID, note="长" * (MAX_NOTE + 1))
    with unit_of_work(installation.sessions) as session:
        agent = installation.actors[Role.AGENT]
        asked = operations.report(
            session, agent, factories.words("？？"), Scope(), timezone="Asia/Shanghai", now=installation.clock()
        )
    assert asked is None
    with installation.sessions() as session:
        assert session.scalars(select(Gap)).all() == []


def at_once(count, work):
    """Run *work* with 0, 1, … in as many threads at the same moment; return what they return."""
    barrier = Barrier(count)

    def run(number):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_the_same_gap_reported_at_once_by_many_is_one(any_installation):
    agents = factories.agents(any_installation, 6)
    numbers = at_once(6, lambda number: missed(any_installation, SAID, agents[number]))
    assert len(set(numbers)) == 1
    assert met_by(any_installation, numbers[0]) == {agent.user_id: 1 for agent in agents}
    found = gap(any_installation, numbers[0])
    assert (found.agents, found.times) == (6, 6)
    with any_installation.sessions() as session:
        assert len(session.scalars(select(Phrasing)).all()) == 1
    assert verbs(any_installation) == [Verb.CREATED]


def test_batches_of_the_same_gaps_stored_at_once_lose_nothing(any_installation):
    agents = factories.agents(any_installation, 3)

    def store(number):
        said = [f"没有的套餐{place}" for place in range(8)]
        order = said if number % 2 else said[::-1]
        searches = [
            factories.searched(
                any_installation, text, user_id=agents[number].user_id, total=0, answered=False, is_gap=True
            )
            for text in order
        ]
        with unit_of_work(any_installation.sessions) as session:
            store_searches(session, searches, timezone="Asia/Shanghai")

    at_once(3, store)
    with any_installation.sessions() as session:
        assert [(row.agents, row.times) for row in session.scalars(select(Gap))] == [(3, 3)] * 8
        assert {ask.origin for ask in session.scalars(select(Ask))} == {AskOrigin.SEARCH}


def test_a_gap_is_placed_with_the_experts_of_a_module(installation):
    number = missed(installation, SAID)
    act(installation, operations.place, number, module="fault.broadband", tier="expert")
    placed = gap(installation, number)
    assert (placed.module_key, placed.tier_key, placed.module_is_guess) == ("fault.broadband", "expert", False)
    before = placed.standing
    act(installation, operations.place, number, by=Role.EXPERT, module="fault.broadband", tier="first")
    assert gap(installation, number).standing > before
    for fields in ({"module": "nowhere", "tier": None}, {"module": "tv", "tier": "nobody"}):
        with pytest.raises(InvalidInputError):
            act(installation, operations.place, number, **fields)
    act(installation, operations.place, number, module="tv.signal", tier=None)
    with pytest.raises(PermissionDeniedError):
        act(installation, operations.place, number, by=Role.EXPERT, module="fault", tier=None)
    missed(installation, SAID, scope=Scope(module="billing.bill"))
    assert gap(installation, number).module_key == "tv.signal"  # a person's word stands


def test_only_those_who_answer_may_do_something(installation):
    number = missed(installation, SAID)
    for role in (Role.AGENT, Role.REVIEWER, Role.LEADER, Role.ADMIN):
        with pytest.raises(PermissionDeniedError):
            act(installation, operations.decline, number, DeclineReason.NOT_OURS, by=role)
    with installation.sessions() as session, pytest.raises(NotFoundError):
        queries.gap(session, installation.actors[Role.AGENT], number)
    act(installation, operations.decline, number, DeclineReason.NOT_OURS, by=Role.EXPERT)  # no module yet: anybody's
    assert gap(installation, number).state is GapState.DECLINED


def test_a_gap_is_closed_only_when_its_words_find_the_entry(any_installation):
    factories.publish(any_installation, "los")
    agents = factories.agents(any_installation, 5)
    for agent in agents[:4]:
        number = missed(any_installation, SAID, agent)
    with pytest.raises(ConflictError):
        act(any_installation, operations.close, number, findings(any_installation, number, 1), entry_key="los")
    link(any_installation, number, "los")
    assert gap(any_installation, number).state is GapState.ANSWERED
    assert not act(
        any_installation, operations.close, number, findings(any_installation, number, None), entry_key="los"
    )
    tried = gap(any_installation, number)
    assert (tried.state, tried.share_found, tried.checked_at) == (GapState.ANSWERED, 0.0, any_installation.clock())
    with any_installation.sessions() as session:
        assert [phrasing.found for phrasing in queries.phrasings(session, number)] == [False]
    assert act(any_installation, operations.close, number, findings(any_installation, number, 3), entry_key="los")
    closed = gap(any_installation, number)
    assert (closed.state, closed.share_found) == (GapState.CLOSED, 1.0)
    assert closed.decided_by_id == any_installation.actors[Role.EDITOR].user_id
    assert verbs(any_installation) == [Verb.CREATED, Verb.LINKED, Verb.CLOSED]
    with pytest.raises(ConflictError):
        act(any_installation, operations.close, number, findings(any_installation, number, 3), entry_key="los")


def test_words_that_joined_while_it_was_tried_keep_a_gap_open(installation):
    factories.publish(installation, "los")
    number, other = missed(installation, SAID), missed(installation, "绿光在盒子上冒")
    link(installation, number, "los")
    tried = findings(installation, number, 1)
    merge(installation, other, number)
    assert not act(installation, operations.close, number, tried, entry_key="los")
    assert gap(installation, number).due


def test_what_was_found_of_another_entry_closes_nothing(installation):
    factories.publish(installation, "los")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal")
    number = missed(installation, SAID)
    link(installation, number, "los")
    link(installation, number, "tv")  # while somebody was trying the first one
    assert not act(installation, operations.close, number, findings(installation, number, 1), entry_key="los")
    found = gap(installation, number)
    assert (found.state, found.due, found.checked_at) == (GapState.ANSWERED, True, None)


def test_a_draft_can_be_linked_and_closes_nothing(installation):
    factories.draft(installation, "draft")
    number = missed(installation, SAID)
    link(installation, number, "draft")
    with pytest.raises(ConflictError):
        act(installation, operations.close, number, findings(installation, number, 1), entry_key="los")
    factories.draft(installation, "secret", audience=(Role.MANAGER,))
    with pytest.raises(NotFoundError):  # what one may not read one can't link
        link(installation, number, "secret", by=Role.EXPERT)


def test_words_that_fail_after_it_was_closed_open_it_again(any_installation):
    factories.publish(any_installation, "los")
    number = missed(any_installation, SAID)
    link(any_installation, number, "los")
    act(any_installation, operations.close, number, findings(any_installation, number, 1), entry_key="los")
    missed(any_installation, SAID)  # at the same moment: it was on its way
    assert gap(any_installation, number).state is GapState.CLOSED
    any_installation.clock.advance(minutes=1)
    assert missed(any_installation, SAID) == number
    again = gap(any_installation, number)
    assert (again.state, again.decided_at) == (GapState.ANSWERED, None)
    assert verbs(any_installation)[-1] is Verb.REOPENED


def test_what_was_declined_stays_so_and_can_be_taken_back(installation):
    number = missed(installation, SAID)
    act(installation, operations.decline, number, DeclineReason.NO_QUESTION)
    installation.clock.advance(days=1)
    missed(installation, SAID)
    declined = gap(installation, number)
    assert (declined.state, declined.times) == (GapState.DECLINED, 2)
    assert declined.decline_reason is DeclineReason.NO_QUESTION
    act(installation, operations.reopen, number)
    assert gap(installation, number).state is GapState.OPEN
    with pytest.raises(ConflictError):
        act(installation, operations.reopen, number)


def test_a_thread_says_where_the_answer_is_looked_for(installation):
    number = missed(installation, SAID)
    factories.thread(installation, "green")
    discuss(installation, number, "green")
    assert gap(installation, number).state is GapState.ANSWERED
    assert verbs(installation)[-1] is Verb.LINKED


def test_words_that_fail_become_proposed_wordings_once(any_installation):
    factories.publish(any_installation, "los")
    number = missed(any_installation, SAID)
    link(any_installation, number, "los")
    act(any_installation, operations.close, number, findings(any_installation, number, None), entry_key="los")
    for _ in range(2):
        (made,) = act(any_installation, operations.propose_wordings, number, by=Role.EXPERT, learning=LEARNING)
    assert (made.text, made.origin, made.state) == (SAID, Origin.GAP, WordingState.PROPOSED)
    with any_installation.sessions() as session:
        assert len(session.scalars(select(LearnedWording)).all()) == 1


def test_words_with_a_number_or_that_the_entry_has_are_not_proposed(installation):
    factories.publish(installation, "los", wordings=("盒子上冒红光",))
    private, known = missed(installation, "13800138000 上不了网"), missed(installation, "盒子上冒红光。")
    for number in (private, known):
        link(installation, number, "los")
        assert act(installation, operations.propose_wordings, number, learning=LEARNING) == []
