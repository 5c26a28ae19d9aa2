from datetime import timedelta

import pytest

from kb.briefs import operations, queries
from kb.db import unit_of_work
from kb.desk.searches import store_searches
from kb.errors import InvalidInputError, PermissionDeniedError
from kb.people import operations as people
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.support.statements import counted


@pytest.fixture
def team(any_installation):
    """A team with a leader and two agents in Lanzhou."""
    with unit_of_work(any_installation.sessions) as session:
        ours = people.put_team(session, SYSTEM, key="ours", name="一组", region="lanzhou")
    return {
        name: factories.person(any_installation, name, role, team=ours, region="lanzhou")
        for name, role in (("boss", Role.LEADER), ("ann", Role.AGENT), ("ben", Role.AGENT))
    }


def run(installation, verb, actor, *arguments, **options):
    with unit_of_work(installation.sessions) as session:
        return verb(session, actor, *arguments, now=installation.clock(), **options)


def brief(installation, actor):
    with installation.sessions() as session:
        return queries.brief(session, actor, now=installation.clock())


def told(installation, actor):
    return [(item.entry.key, item.is_new) for item in brief(installation, actor).entries]


def search_in_vain(installation, *texts):
    with unit_of_work(installation.sessions) as session:
        searches = [factories.searched(installation, text, answered=False, total=0, is_gap=True) for text in texts]
        store_searches(session, searches, timezone="Asia/Shanghai")


def test_a_brief_tells_what_changed_since_the_shift_before(any_installation, team):
    factories.publish(any_installation, "old")
    any_installation.clock.advance(hours=30)
    run(any_installation, operations.set_shift, team["boss"], "ours", any_installation.clock())
    factories.publish(any_installation, "new")
    factories.publish(any_installation, "wanglan", regions=("wanglan",))
    any_installation.clock.advance(hours=10)
    factories.revise(any_installation, "old", answer="新的答案。")
    factories.bulletin(any_installation, title="断网")
    any_installation.clock.advance(hours=14)
    run(any_installation, operations.set_shift, team["boss"], "ours", any_installation.clock())
    found = brief(any_installation, team["ann"])
    assert found.since == any_installation.clock() - timedelta(hours=24)
    assert told(any_installation, team["ann"]) == [("new", True), ("old", False)]
    assert [bulletin.title for bulletin in found.ended] == ["断网"]
    assert found.receipt is None


def test_entries_that_are_no_longer_served_are_not_told(any_installation, team):
    now = any_installation.clock()
    factories.publish(any_installation, "short", valid_until=now + timedelta(hours=1))
    factories.publish(any_installation, "secret", audience=(Role.EXPERT, Role.EDITOR, Role.REVIEWER))
    assert told(any_installation, team["ann"]) == [("short", True)]
    any_installation.clock.advance(hours=1)
    assert told(any_installation, team["ann"]) == []


def test_a_brief_tells_what_found_no_answer_and_what_did_not_help(any_installation, team):
    factories.publish(any_installation, "los")
    factories.outcome(any_installation, team["ben"], "los", "红灯", solved=False)
    search_in_vain(any_installation, "电视盒子开机广告怎么关", "13912345678 的机主是谁")
    found = brief(any_installation, team["ann"])
    assert [(item.text, item.searches) for item in found.unanswered] == [("电视盒子开机广告怎么关", 1)]
    assert [(item.entry.key, item.count) for item in found.unsolved] == [("los", 1)]


def test_a_receipt_belongs_to_the_shift_it_was_given_in(any_installation, team):
    now = any_installation.clock()
    run(any_installation, operations.set_shift, team["boss"], "ours", now)
    any_installation.clock.advance(minutes=5)
    run(any_installation, operations.acknowledge, team["ann"], since=now)
    assert brief(any_installation, team["ann"]).receipt == any_installation.clock()
    with any_installation.sessions() as session:
        found = queries.members(session, "ours", current=now)
    assert [(member.name, member.at is not None) for member in found] == [("ben", False), ("ann", True)]
    any_installation.clock.advance(hours=20)
    run(any_installation, operations.set_shift, team["boss"], "ours", any_installation.clock())
    assert brief(any_installation, team["ann"]).receipt is None


def test_only_the_teams_leader_sets_its_shift_and_not_for_next_week(any_installation, team):
    now = any_installation.clock()
    for name in ("ann", "ben"):
        with pytest.raises(PermissionDeniedError):
            run(any_installation, operations.set_shift, team[name], "ours", now)
    with pytest.raises(PermissionDeniedError):
        run(any_installation, operations.set_shift, team["boss"], "theirs", now)
    with pytest.raises(InvalidInputError):
        run(any_installation, operations.set_shift, team["boss"], "ours", now + timedelta(days=7))
    with pytest.raises(InvalidInputError):
        run(any_installation, operations.set_shift, any_installation.actors[Role.MANAGER], "nobody", now)
    first = run(any_installation, operations.set_shift, team["boss"], "ours", now)
    assert run(any_installation, operations.set_shift, team["boss"], "ours", now).id == first.id


def test_a_brief_is_eleven_statements_whatever_it_tells(any_installation, team):
    for key in ("a", "b", "c"):
        factories.publish(any_installation, key)
        factories.outcome(any_installation, team["ben"], key, "红灯", solved=False)
        factories.bulletin(any_installation, title=key)
    run(any_installation, operations.set_shift, team["boss"], "ours", any_installation.clock())
    with any_installation.sessions() as session, counted(any_installation.engine) as statements:
        assert len(queries.brief(session, team["ann"], now=any_installation.clock()).entries) == 3
    assert len(statements) <= 11
