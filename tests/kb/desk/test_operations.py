from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.desk import operations as desk
from kb.desk import queries
from kb.desk.models import LearnedWording, Outcome, SearchRecord, SearchSummary
from kb.desk.rules import Origin, Reason, WordingState
from kb.desk.searches import store_searches, summarise
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events import queries as event_queries
from kb.events.models import Event, Subject, Verb
from kb.gaps.models import Gap
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.support.tables import dump

SAID = "盒子上冒红光"


def learned(installation, text=SAID):
    with installation.sessions() as session:
        return session.scalar(select(LearnedWording).where(LearnedWording.spelling == factories.words(text).spelling))


def decide(installation, state, *, role=Role.EDITOR, text=SAID):
    with unit_of_work(installation.sessions) as session:
        actor = installation.actors[role]
        wording = queries.wording(session, actor, learned(installation, text).id)
        desk.decide(session, actor, wording, state, now=installation.clock())


def outcomes(installation):
    with installation.sessions() as session:
        return session.scalars(select(Outcome).order_by(Outcome.id)).all()


def verbs(installation, subject):
    with installation.sessions() as session:
        events = event_queries.after(session, 0, limit=1000, kinds=[subject])
    return [event.verb for event in events]


def test_three_different_agents_accept_a_wording(any_installation):
    factories.publish(any_installation, "los")
    first, second, third = factories.agents(any_installation, 3)
    factories.outcome(any_installation, first, "los", SAID)
    proposed = learned(any_installation)
    assert (proposed.state, proposed.origin, proposed.text) == (WordingState.PROPOSED, Origin.CALL, SAID)
    any_installation.clock.advance(days=1)
    factories.outcome(any_installation, first, "los", SAID + "！")
    factories.outcome(any_installation, second, "los", SAID)
    assert learned(any_installation).state is WordingState.PROPOSED  # three outcomes, two agents
    factories.outcome(any_installation, third, "los", SAID)
    accepted = learned(any_installation)
    assert accepted.state is WordingState.ACCEPTED
    assert (accepted.solved, accepted.unsolved, accepted.agents) == (4, 0, 3)
    assert accepted.decided_by_id is None
    assert accepted.decided_at == accepted.last_seen_at == any_installation.clock()
    assert accepted.first_seen_at < accepted.last_seen_at
    assert verbs(any_installation, Subject.ENTRY)[-1] is Verb.WORDING_ACCEPTED
    assert verbs(any_installation, Subject.WORDING) == [Verb.CREATED]
    assert verbs(any_installation, Subject.OUTCOME) == [Verb.RECORDED] * 4


def test_not_solved_counts_against_and_can_take_an_acceptance_back(any_installation):
    factories.publish(any_installation, "los")
    agents = factories.agents(any_installation, 7)
    factories.outcome(any_installation, agents[0], "los", SAID, solved=False)
    assert learned(any_installation) is None  # nothing is proposed by what did not help
    for agent in agents[1:4]:
        factories.outcome(any_installation, agent, "los", SAID)
    assert learned(any_installation).state is WordingState.PROPOSED
    factories.outcome(any_installation, agents[4], "los", SAID)
    assert learned(any_installation).state is WordingState.ACCEPTED
    for agent in (agents[5], agents[6], agents[1]):
        factories.outcome(any_installation, agent, "los", SAID, solved=False)
    again = learned(any_installation)
    assert (again.state, again.solved, again.unsolved, again.agents) == (WordingState.PROPOSED, 3, 4, 3)
    assert again.decided_at is None
    assert verbs(any_installation, Subject.ENTRY)[-1] is Verb.WORDING_REOPENED


def test_a_rejected_wording_never_comes_back(any_installation):
    factories.publish(any_installation, "los")
    agents = factories.agents(any_installation, 6)
    factories.outcome(any_installation, agents[0], "los", SAID)
    decide(any_installation, WordingState.REJECTED)
    for agent in agents[1:]:
        factories.outcome(any_installation, agent, "los", SAID)
    kept = learned(any_installation)
    assert (kept.state, kept.agents) == (WordingState.REJECTED, 6)
    assert kept.decided_by_id == any_installation.actors[Role.EDITOR].user_id
    assert verbs(any_installation, Subject.WORDING) == [Verb.CREATED]


def test_what_an_editor_accepted_stays_whatever_agents_say(installation):
    factories.publish(installation, "los")
    agents = factories.agents(installation, 4)
    factories.outcome(installation, agents[0], "los", SAID)
    decide(installation, WordingState.ACCEPTED)
    for agent in agents[1:]:
        factories.outcome(installation, agent, "los", SAID, solved=False)
    assert learned(installation).state is WordingState.ACCEPTED


def test_one_outcome_counts_per_agent_entry_and_day_and_the_later_one_wins(any_installation):
    factories.publish(any_installation, "los")
    (agent,) = factories.agents(any_installation, 1)
    factories.outcome(any_installation, agent, "los", SAID)
    factories.outcome(any_installation, agent, "los", SAID)  # a double click
    assert verbs(any_installation, Subject.OUTCOME) == [Verb.RECORDED]
    any_installation.clock.advance(minutes=5)
    factories.outcome(any_installation, agent, "los", "另一种说法", solved=False, reason=Reason.WRONG)
    (outcome,) = outcomes(any_installation)
    assert (outcome.solved, outcome.reason, outcome.text) == (False, Reason.WRONG, "另一种说法")
    assert outcome.at == any_installation.clock()
    before = learned(any_installation)
    assert (before.solved, before.agents) == (0, 0)  # what it said earlier that day is taken back
    any_installation.clock.advance(hours=15)  # past midnight in the centre, not yet in UTC
    factories.outcome(any_installation, agent, "los", SAID)
    assert len(outcomes(any_installation)) == 2


def test_the_same_words_are_counted_for_each_entry_apart(installation):
    factories.publish(installation, "los")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal")
    first, second = factories.agents(installation, 2)
    factories.outcome(installation, first, "los", SAID)
    factories.outcome(installation, second, "tv", SAID)
    with installation.sessions() as session:
        assert [row.agents for row in session.scalars(select(LearnedWording))] == [1, 1]


@pytest.mark.parametrize("said", ["光猫LOS红灯", "盒子亮红灯，上不了网。", "", "灯", "13800138000", "我叫王小明，没网"])
def test_known_short_and_private_words_are_not_proposed(installation, said):
    factories.publish(installation, "los")
    (agent,) = factories.agents(installation, 1)
    factories.outcome(installation, agent, "los", said)
    assert len(outcomes(installation)) == 1
    assert verbs(installation, Subject.WORDING) == []


def test_numbers_of_customers_are_not_stored(installation):
    factories.publish(installation, "los")
    (agent,) = factories.agents(installation, 1)
    factories.outcome(installation, agent, "los", "13800138000没网")
    assert outcomes(installation)[0].text == "***没网"


def test_two_clicks_at_once_are_one_outcome_and_two_agents_at_once_are_two(any_installation):
    factories.publish(any_installation, "los")
    first, second = factories.agents(any_installation, 2)
    at_once(
        *(partial(factories.outcome, any_installation, agent, "los", SAID) for agent in (first, first, second, second))
    )
    assert len(outcomes(any_installation)) == 2
    found = learned(any_installation)
    assert (found.solved, found.agents) == (2, 2)


def at_once(*jobs):
    """Do *jobs* at the same moment, each in a thread of its own; what one raises is raised."""
    barrier = Barrier(len(jobs))

    def start(job):
        barrier.wait()
        job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(start, job) for job in jobs]:
            done.result()


def test_a_rejection_holds_against_the_agent_who_would_have_made_it_three(any_installation):
    factories.publish(any_installation, "los")
    first, second, third = factories.agents(any_installation, 3)
    for agent in (first, second):
        factories.outcome(any_installation, agent, "los", SAID)
    at_once(
        lambda: factories.outcome(any_installation, third, "los", SAID),
        lambda: decide(any_installation, WordingState.REJECTED),
    )
    after = learned(any_installation)
    assert (after.state, after.agents) == (WordingState.REJECTED, 3)


def test_two_processes_that_store_the_same_gaps_make_them_once(any_installation):
    searches = [
        factories.searched(any_installation, f"宠物套餐{number}号", total=0, answered=False, is_gap=True)
        for number in range(10)
    ]
    at_once(
        lambda: store(any_installation, *searches),
        lambda: store(any_installation, *reversed(searches)),
        lambda: store(any_installation, *searches),
    )
    with any_installation.sessions() as session:
        found = session.scalars(select(Gap)).all()
        assert [(gap.times, gap.agents) for gap in found] == [(3, 1)] * 10
    assert len(verbs(any_installation, Subject.GAP)) == 10


def test_two_processes_that_sum_up_the_same_day_do_it_once(any_installation):
    store(any_installation, *[factories.searched(any_installation, "红灯")] * 5)
    any_installation.clock.advance(days=91)
    at_once(*[lambda: sum_up(any_installation)] * 3)
    with any_installation.sessions() as session:
        assert session.scalars(select(SearchSummary.searches)).all() == [5]


def test_an_outcome_needs_a_person_a_served_entry_and_a_reason(installation):
    factories.publish(installation, "los")
    factories.publish(installation, "secret", audience=(Role.MANAGER, Role.REVIEWER))
    factories.draft(installation, "draft")
    agent = installation.actors[Role.AGENT]
    before = dump(installation.engine)
    with pytest.raises(PermissionDeniedError):
        factories.outcome(installation, SYSTEM, "los", SAID)
    with pytest.raises(PermissionDeniedError):
        factories.outcome(installation, agent, "secret", SAID)
    with pytest.raises(ConflictError):
        factories.outcome(installation, agent, "draft", SAID)
    with pytest.raises(InvalidInputError) as caught:
        factories.outcome(installation, agent, "los", SAID, solved=False, reason=None)
    assert caught.value.field == "reason"
    assert dump(installation.engine) == before
    with unit_of_work(installation.sessions) as session:
        manager = installation.actors[Role.MANAGER]
        entries.suspend(session, manager, by_key(session, "los"), reason="价格错了", now=installation.clock())
    with pytest.raises(ConflictError):
        factories.outcome(installation, agent, "los", SAID)


def test_decisions_are_those_of_editors_managers_and_the_modules_experts(installation):
    factories.publish(installation, "los")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal")
    (agent,) = factories.agents(installation, 1)
    factories.outcome(installation, agent, "los", SAID)
    factories.outcome(installation, agent, "tv", "电视一片蓝")
    with installation.sessions() as session:
        wordings = {row.text: row for row in session.scalars(select(LearnedWording))}
        for role in Role:
            for text, wording in wordings.items():
                loaded = queries.wording(session, SYSTEM, wording.id)
                may = role in (Role.EDITOR, Role.MANAGER) or (role is Role.EXPERT and text == SAID)
                if may:
                    desk.decide(
                        session, installation.actors[role], loaded, WordingState.ACCEPTED, now=installation.clock()
                    )
                else:
                    with pytest.raises(PermissionDeniedError):
                        desk.decide(
                            session, installation.actors[role], loaded, WordingState.ACCEPTED, now=installation.clock()
                        )


def test_a_decision_can_be_undone_and_the_same_again_changes_nothing(any_installation):
    factories.publish(any_installation, "los")
    (agent,) = factories.agents(any_installation, 1)
    factories.outcome(any_installation, agent, "los", SAID)
    decide(any_installation, WordingState.ACCEPTED)
    decide(any_installation, WordingState.ACCEPTED)
    decide(any_installation, WordingState.PROPOSED)
    opened = learned(any_installation)
    assert (opened.state, opened.decided_by_id, opened.decided_at) == (WordingState.PROPOSED, None, None)
    decide(any_installation, WordingState.PROPOSED)
    decide(any_installation, WordingState.REJECTED)
    assert verbs(any_installation, Subject.ENTRY)[-3:] == [
        Verb.WORDING_ACCEPTED,
        Verb.WORDING_REOPENED,
        Verb.WORDING_REJECTED,
    ]


def store(installation, *searches):
    with unit_of_work(installation.sessions) as session:
        store_searches(session, searches, timezone="Asia/Shanghai")


def test_searches_are_stored_as_they_were(any_installation):
    searched = factories.searched(
        any_installation, "光猫 LOS", region_key="hedong", module_key="fault", top=("los", "tv"), total=7
    )
    store(any_installation, searched)
    store(any_installation)
    with any_installation.sessions() as session:
        (row,) = session.scalars(select(SearchRecord))
        assert (row.text, row.spelling, row.top, row.total) == ("光猫 LOS", "光猫los", ["los", "tv"], 7)
        assert (row.region_key, row.module_key, row.at) == ("hedong", "fault", any_installation.clock())
        assert not session.scalars(select(Event).where(Event.subject_kind == Subject.GAP)).all()


def test_a_gap_is_one_row_a_day_that_counts_searches_and_people(any_installation):
    agent, expert = (any_installation.actors[role].user_id for role in (Role.AGENT, Role.EXPERT))

    def gap(text, **changes):
        return factories.searched(any_installation, text, total=0, answered=False, is_gap=True, **changes)

    store(any_installation, gap("宠物套餐"), gap("宠物 套餐？"), gap("宠物套餐", user_id=expert), gap("？？"))
    any_installation.clock.advance(hours=1)
    store(any_installation, gap("宠物套餐", user_id=agent), gap("鸟语套餐"))
    with any_installation.sessions() as session:
        pets, birds = session.scalars(select(Gap).order_by(Gap.id))
        assert (pets.text, pets.times, pets.agents) == ("宠物套餐", 4, 2)
        assert pets.last_at - pets.first_at == timedelta(hours=1)
        assert (birds.times, birds.agents) == (1, 1)
    any_installation.clock.advance(days=1)
    store(any_installation, gap("宠物套餐"))
    with any_installation.sessions() as session:
        assert session.scalars(select(Gap.times).order_by(Gap.id)).all() == [5, 1]
    assert verbs(any_installation, Subject.GAP) == [Verb.CREATED] * 2


def sum_up(installation, keep_days=90):
    with unit_of_work(installation.sessions) as session:
        return summarise(session, keep_days=keep_days, timezone="Asia/Shanghai", now=installation.clock())


def test_old_searches_are_summed_up_a_day_at_a_time(any_installation):
    expert = any_installation.actors[Role.EXPERT].user_id
    first = factories.searched(any_installation, "红灯")
    for searched in (
        first,
        replace(first, user_id=expert),
        replace(first, answered=False, total=0),
        replace(first, at=first.at + timedelta(hours=15)),  # the next day in the centre
        replace(first, at=first.at + timedelta(days=2)),
    ):
        store(any_installation, searched)
    any_installation.clock.advance(days=90)
    assert sum_up(any_installation) == 0
    any_installation.clock.advance(days=1)
    assert [sum_up(any_installation), sum_up(any_installation)] == [3, 0]
    any_installation.clock.advance(days=1)
    assert [sum_up(any_installation), sum_up(any_installation)] == [1, 0]
    with any_installation.sessions() as session:
        summed = session.scalars(select(SearchSummary).order_by(SearchSummary.day)).all()
        assert [(row.text, row.searches, row.answered, row.people) for row in summed] == [
            ("红灯", 3, 2, 2),
            ("红灯", 1, 1, 1),
        ]
        assert (summed[1].day - summed[0].day).days == 1
        assert len(session.scalars(select(SearchRecord)).all()) == 1
