from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from kb.bulletins import operations, queries
from kb.bulletins.models import Bulletin, Receipt
from kb.bulletins.rules import Question, Standing
from kb.db import unit_of_work
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Event, Subject
from kb.people import operations as people
from kb.permissions import SYSTEM, Role
from kb.taxonomy import queries as taxonomy_queries
from tests.support import factories

QUESTION = Question(prompt="几点恢复？", options=("下午", "明天"), right=0, explanation="预计 16:30。")


def with_team(installation, key):
    with unit_of_work(installation.sessions) as session:
        return people.put_team(session, SYSTEM, key=key, name=key, region=None)


def run(installation, verb, actor, *arguments, **options):
    with unit_of_work(installation.sessions) as session:
        return verb(session, actor, *arguments, now=installation.clock(), **options)


def notices(installation, actor):
    with installation.sessions() as session:
        return queries.in_force(session, actor, now=installation.clock())


def titles(installation, actor):
    return [notice.bulletin.title for notice in notices(installation, actor)]


def verbs(installation, kind=Subject.BULLETIN):
    with installation.sessions() as session:
        return [event.verb.value for event in session.scalars(select(Event).where(Event.subject_kind == kind))]


def facts_of(installation, number):
    with installation.sessions() as session:
        return session.get(Bulletin, number).facts


def test_a_bulletin_is_in_force_from_its_beginning_until_the_moment_it_ends(any_installation):
    agent, now = any_installation.actors[Role.AGENT], any_installation.clock()
    number = factories.bulletin(
        any_installation, valid_from=now + timedelta(minutes=5), valid_until=now + timedelta(minutes=10)
    )
    assert titles(any_installation, agent) == []
    with any_installation.sessions() as session, pytest.raises(NotFoundError):
        queries.to_read(session, agent, number, now=now)
    any_installation.clock.advance(minutes=5)
    assert titles(any_installation, agent) == ["江阳区主干光缆中断"]
    any_installation.clock.advance(minutes=5, microseconds=-1)
    assert titles(any_installation, agent) == ["江阳区主干光缆中断"]
    any_installation.clock.advance(microseconds=1)
    assert titles(any_installation, agent) == []
    with any_installation.sessions() as session:
        bulletin = session.get(Bulletin, number)
        assert bulletin.standing(any_installation.clock()) is Standing.ENDED
        assert [b.id for b in queries.past(session, agent, since=now, now=any_installation.clock())] == [number]


def test_a_bulletin_concerns_the_line_of_its_region_and_no_neighbour(any_installation):
    where = {
        name: factories.person(any_installation, name, Role.AGENT, region=name)
        for name in ("jiangyang", "yunxi", "lanzhou", "lanjiang", "wanglan")
    }
    homeless = factories.person(any_installation, "homeless", Role.AGENT)
    factories.bulletin(any_installation, title="区", regions=("jiangyang",))
    factories.bulletin(any_installation, title="市", regions=("lanzhou",))
    factories.bulletin(any_installation, title="省")
    assert set(titles(any_installation, where["jiangyang"])) == {"区", "市", "省"}
    assert set(titles(any_installation, where["yunxi"])) == {"市", "省"}
    assert set(titles(any_installation, where["lanzhou"])) == {"区", "市", "省"}
    assert set(titles(any_installation, where["lanjiang"])) == {"区", "市", "省"}
    assert set(titles(any_installation, where["wanglan"])) == {"省"}
    assert set(titles(any_installation, homeless)) == {"区", "市", "省"}


def test_a_leader_publishes_for_their_own_team_and_where_they_work_only(any_installation):
    ours, theirs = with_team(any_installation, "ours"), with_team(any_installation, "theirs")
    leader = factories.person(any_installation, "boss", Role.LEADER, team=ours, region="lanzhou")
    mate = factories.person(any_installation, "mate", Role.AGENT, team=ours, region="wanglan")
    factories.person(any_installation, "other", Role.AGENT, team=theirs, region="lanzhou")
    number = factories.bulletin(any_installation, leader, title="组里", teams=("ours",))
    factories.bulletin(any_installation, leader, title="区里", regions=("jiangyang", "yunxi"))
    for scope in ({}, {"teams": ("theirs",)}, {"teams": ("ours", "theirs")}, {"regions": ("wanglan",)}):
        with pytest.raises(PermissionDeniedError):
            factories.bulletin(any_installation, leader, **scope)
    for role in Role:
        if role not in (Role.LEADER, Role.MANAGER):
            with pytest.raises(PermissionDeniedError):
                factories.bulletin(any_installation, role)
    assert titles(any_installation, mate) == ["组里"]
    assert titles(any_installation, any_installation.actor("other")) == ["区里"]
    stranger = factories.person(any_installation, "boss2", Role.LEADER, team=theirs, region="lanzhou")
    with pytest.raises(PermissionDeniedError):
        run(any_installation, operations.withdraw, stranger, number)
    with any_installation.sessions() as session:
        assert [b.title for b in queries.managed(session, leader, limit=9)] == ["区里", "组里"]
        assert [b.title for b in queries.managed(session, stranger, limit=9)] == ["区里"]
        assert queries.managed(session, mate, limit=9) == []


def test_withdrawing_and_extending_work_at_once_and_are_in_the_log(any_installation):
    agent, manager = any_installation.actors[Role.AGENT], any_installation.actors[Role.MANAGER]
    number = factories.bulletin(any_installation, must_read=True)
    run(any_installation, operations.acknowledge, agent, number, version=1, choice=None)
    any_installation.clock.advance(hours=3)
    assert titles(any_installation, agent) == []
    later = any_installation.clock() + timedelta(hours=1)
    run(any_installation, operations.extend, manager, number, later)
    assert [notice.due for notice in notices(any_installation, agent)] == [False], "the same words stay read"
    run(any_installation, operations.withdraw, manager, number)
    assert titles(any_installation, agent) == []
    with pytest.raises(ConflictError):
        run(any_installation, operations.extend, manager, number, later)
    assert verbs(any_installation) == ["published", "extended", "withdrawn"]
    assert verbs(any_installation, Subject.BULLETIN_RECEIPT) == ["read"]


def test_changed_words_ask_for_another_receipt_and_two_editors_do_not_overwrite(any_installation):
    agent, manager = any_installation.actors[Role.AGENT], any_installation.actors[Role.MANAGER]
    number = factories.bulletin(any_installation, must_read=True)
    run(any_installation, operations.acknowledge, agent, number, version=1, choice=None)
    facts = facts_of(any_installation, number)
    run(any_installation, operations.revise, manager, number, facts, version=1)
    assert facts_of(any_installation, number) == facts
    assert verbs(any_installation) == ["published"]
    changed = replace(facts, title="江阳区光缆已抢通一半")
    run(any_installation, operations.revise, manager, number, changed, version=1)
    assert [notice.due for notice in notices(any_installation, agent)] == [True]
    for verb, arguments in ((operations.revise, (number, facts)), (operations.acknowledge, (number,))):
        actor = manager if verb is operations.revise else agent
        options = {"version": 1} | ({} if verb is operations.revise else {"choice": None})
        with pytest.raises(ConflictError):
            run(any_installation, verb, actor, *arguments, **options)


def test_one_receipt_per_person_and_version_and_the_first_answer_counts(any_installation):
    agent = any_installation.actors[Role.AGENT]
    number = factories.bulletin(any_installation, must_read=True, question=QUESTION)
    for choice in (None, -1, 2):
        with pytest.raises(InvalidInputError) as raised:
            run(any_installation, operations.acknowledge, agent, number, version=1, choice=choice)
        assert raised.value.field == "choice"
    for choice in (1, 0):
        receipt = run(any_installation, operations.acknowledge, agent, number, version=1, choice=choice)
        assert (receipt.choice, receipt.right) == (1, False)
    with any_installation.sessions() as session:
        assert len(session.scalars(select(Receipt)).all()) == 1


def test_nobody_signs_for_what_does_not_concern_them_or_is_over(any_installation):
    neighbour = factories.person(any_installation, "neighbour", Role.AGENT, region="wanglan")
    agent = any_installation.actors[Role.AGENT]
    number = factories.bulletin(any_installation, must_read=True, regions=("jiangyang",))
    for missing in (number, 99):
        with pytest.raises(NotFoundError):
            run(any_installation, operations.acknowledge, neighbour, missing, version=1, choice=None)
    with pytest.raises(PermissionDeniedError):
        run(any_installation, operations.acknowledge, SYSTEM, number, version=1, choice=None)
    any_installation.clock.advance(hours=2)
    with pytest.raises(ConflictError):
        run(any_installation, operations.acknowledge, agent, number, version=1, choice=None)


def test_a_leader_sees_who_of_their_team_has_read_and_a_manager_everybody(any_installation):
    ours, theirs = with_team(any_installation, "ours"), with_team(any_installation, "theirs")
    leader = factories.person(any_installation, "boss", Role.LEADER, team=ours, region="lanzhou")
    reader = factories.person(any_installation, "reader", Role.AGENT, team=ours, region="lanzhou")
    factories.person(any_installation, "lazy", Role.AGENT, team=ours, region="jiangyang")
    factories.person(any_installation, "elsewhere", Role.AGENT, team=ours, region="wanglan")
    factories.person(any_installation, "other", Role.AGENT, team=theirs, region="lanzhou")
    number = factories.bulletin(any_installation, leader, regions=("lanzhou",), must_read=True)
    run(any_installation, operations.acknowledge, reader, number, version=1, choice=None)
    with any_installation.sessions() as session:
        taxonomy, bulletin = taxonomy_queries.load(session), session.get(Bulletin, number)
        rows = queries.readers(session, leader, bulletin, taxonomy)
        assert [(row.name, row.receipt is not None) for row in rows] == [("lazy", False), ("reader", True)]
        everybody = queries.readers(session, any_installation.actors[Role.MANAGER], bulletin, taxonomy)
        assert {row.name for row in everybody} == {"坐席", "lazy", "reader", "other"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"words": ("网",)}, "words"),
        ({"script": ""}, "script"),
        ({"regions": ("nowhere",)}, "regions"),
        ({"teams": ("nobody",)}, "teams"),
        ({"question": QUESTION}, "prompt"),
        ({"must_read": True, "question": replace(QUESTION, options=("下午",))}, "options"),
        ({"must_read": True, "question": replace(QUESTION, options=("下午", "下午"))}, "options"),
        ({"must_read": True, "question": replace(QUESTION, right=2)}, "right"),
        ({"must_read": True, "question": replace(QUESTION, prompt="")}, "prompt"),
    ],
)
def test_what_cannot_be_published_says_which_part_is_wrong(installation, changes, field):
    with pytest.raises(InvalidInputError) as raised:
        factories.bulletin(installation, **changes)
    assert raised.value.field == field


def test_a_bulletin_ends_after_it_begins_and_not_before_now(installation):
    now = installation.clock()
    for start, end in ((now, now), (now - timedelta(hours=2), now)):
        with pytest.raises(InvalidInputError):
            factories.bulletin(installation, valid_from=start, valid_until=end)
