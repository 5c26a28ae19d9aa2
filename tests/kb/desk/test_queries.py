from datetime import timedelta

import pytest

from kb.db import unit_of_work
from kb.desk import operations as desk
from kb.desk import queries
from kb.desk.queries import FrequentQuery, Judged
from kb.desk.rules import WordingState
from kb.desk.searches import store_searches
from kb.errors import NotFoundError
from kb.permissions import Role
from tests.support import factories
from tests.support.statements import counted


def store(installation, *searches):
    with unit_of_work(installation.sessions) as session:
        store_searches(session, searches, timezone="Asia/Shanghai")


@pytest.fixture
def taught(any_installation):
    """Two entries; three agents and what they said."""
    installation = any_installation
    factories.publish(installation, "los")
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal")
    first, second, third = factories.agents(installation, 3)
    factories.outcome(installation, first, "los", "盒子冒红光")
    factories.outcome(installation, second, "los", "盒子冒红光")
    factories.outcome(installation, third, "los", "猫在闪")
    factories.outcome(installation, first, "tv", "盒子冒红光")
    factories.outcome(installation, second, "tv", "盒子冒红光", solved=False)
    factories.outcome(installation, third, "tv", "电视一片蓝")
    return installation


def test_judged_queries_are_what_helped_with_how_surely(taught):
    with taught.sessions() as session, counted(taught.engine) as statements:
        found = queries.judged(session)
    assert found == [
        Judged("猫在闪", "猫在闪", "los", 1, 1),
        Judged("电视一片蓝", "电视一片蓝", "tv", 1, 1),
        Judged("盒子冒红光", "盒子冒红光", "los", 2, 2),
    ]
    assert len(statements) == 1


def test_judged_queries_hold_nothing_private(installation):
    factories.publish(installation, "los")
    first, second, third = factories.agents(installation, 3)
    factories.outcome(installation, first, "los", "13800138000没网")
    factories.outcome(installation, second, "los", "王女士家没网")
    factories.outcome(installation, third, "los", "")
    with installation.sessions() as session:
        assert queries.judged(session) == []


def test_frequent_queries_are_those_that_were_solved(taught):
    now = taught.clock()
    searches = [
        factories.searched(taught, text)
        for text in ("盒子冒红光", "盒子，冒红光", "猫在闪", "没人解决的", "没人解决的")
    ]
    old = factories.searched(taught, "猫在闪", at=now - timedelta(days=40))
    store(taught, *searches, *[old] * 5)
    with taught.sessions() as session, counted(taught.engine) as statements:
        found = queries.frequent_queries(session, since=now - timedelta(days=30), limit=10)
        assert len(statements) == 1
        assert [(item.spelling, item.count, item.entry_id) for item in found] == [
            ("盒子冒红光", 2, 1),
            ("猫在闪", 1, 1),
        ]
        assert queries.frequent_queries(session, since=now - timedelta(days=60), limit=1) == [
            FrequentQuery("猫在闪", "猫在闪", 6, 1)
        ]


def test_recent_queries_are_the_newest_different_ones(any_installation):
    store(any_installation, *(factories.searched(any_installation, text) for text in ("甲", "乙", "甲", "丙", "？")))
    with any_installation.sessions() as session, counted(any_installation.engine) as statements:
        assert queries.recent_queries(session, 2) == ["丙", "甲"]
        assert len(statements) == 1
        assert queries.recent_queries(session, 9) == ["丙", "甲", "乙"]


def test_proposals_are_those_a_person_may_decide_on_the_best_first(taught):
    expect = {
        Role.EDITOR: ["盒子冒红光", "猫在闪", "电视一片蓝", "盒子冒红光"],
        Role.MANAGER: ["盒子冒红光", "猫在闪", "电视一片蓝", "盒子冒红光"],
        Role.EXPERT: ["盒子冒红光", "猫在闪"],
        Role.AGENT: [],
        Role.ADMIN: [],
    }
    for role, texts in expect.items():
        actor = taught.actors[role]
        with taught.sessions() as session, counted(taught.engine) as statements:
            found = queries.proposals(session, actor, WordingState.PROPOSED, limit=10)
            assert [item.text for item in found] == texts, role
            assert all(item.entry.live_revision.title for item in found)
            assert len(statements) == 1
            counts = queries.count_proposals(session, actor)
            assert counts == {
                WordingState.PROPOSED: len(texts),
                WordingState.ACCEPTED: 0,
                WordingState.REJECTED: 0,
            }
            assert len(statements) == 2


def test_pages_of_proposals_do_not_overlap(taught):
    editor = taught.actors[Role.EDITOR]
    with taught.sessions() as session:
        pages = [queries.proposals(session, editor, WordingState.PROPOSED, limit=2, offset=n) for n in (0, 2)]
        assert len({item.id for page in pages for item in page}) == 4


def test_a_wording_is_there_only_for_who_may_decide_on_it(taught):
    with taught.sessions() as session:
        editor, agent = taught.actors[Role.EDITOR], taught.actors[Role.AGENT]
        one = queries.proposals(session, editor, WordingState.PROPOSED, limit=1)[0]
        assert queries.wording(session, editor, one.id) is one
        for actor, number in ((agent, one.id), (editor, 404)):
            with pytest.raises(NotFoundError):
                queries.wording(session, actor, number)


def test_accepted_wordings_come_by_entry(taught):
    editor = taught.actors[Role.EDITOR]
    with unit_of_work(taught.sessions) as session:
        for item in queries.proposals(session, editor, WordingState.PROPOSED, limit=2):
            desk.decide(session, editor, item, WordingState.ACCEPTED, now=taught.clock())
    with taught.sessions() as session, counted(taught.engine) as statements:
        found = queries.accepted(session, [1, 2])
        assert {key: [item.text for item in items] for key, items in found.items()} == {1: ["盒子冒红光", "猫在闪"]}
        assert len(statements) == 1
