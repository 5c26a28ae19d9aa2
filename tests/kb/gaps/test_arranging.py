import pytest

from kb.db import unit_of_work
from kb.desk.scopes import Scope
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events import queries as event_queries
from kb.events.models import Subject, Verb
from kb.gaps import arranging, operations, queries
from kb.gaps.arranging import Sorted
from kb.gaps.models import Gap
from kb.gaps.rules import DeclineReason, GapState
from kb.permissions import Role
from tests.kb.gaps.support import act, discuss, gap, link, merge, met_by, texts
from tests.support import factories
from tests.support.factories import missed


def phrasing_of(installation, number):
    with installation.sessions() as session:
        return queries.phrasings(session, number)[0].id


def sort_in(installation, *found):
    with unit_of_work(installation.sessions) as session:
        return arranging.sort_in(session, found, now=installation.clock())


@pytest.fixture
def two(any_installation):
    """Two gaps of two agents each, one of whom met both."""
    first, second, third = factories.agents(any_installation, 3)
    one = missed(any_installation, "盒子冒绿光", first)
    missed(any_installation, "盒子冒绿光", second)
    other = missed(any_installation, "绿光从盒子冒出来", second)
    missed(any_installation, "绿光从盒子冒出来", third)
    return any_installation, one, other, [first.user_id, second.user_id, third.user_id]


def test_merging_loses_nobody(two):
    installation, one, other, people = two
    merge(installation, other, one)
    assert met_by(installation, one) == {people[0]: 1, people[1]: 2, people[2]: 1}
    kept, gone = gap(installation, one), gap(installation, other)
    assert (kept.agents, kept.times, kept.text) == (3, 4, "盒子冒绿光")
    assert (gone.state, gone.merged_into_id) == (GapState.MERGED, one)
    assert texts(installation, one) == ["盒子冒绿光", "绿光从盒子冒出来"]
    assert missed(installation, "绿光从盒子冒出来") == one
    with installation.sessions() as session:
        events = event_queries.after(session, 0, limit=99, kinds=[Subject.GAP])
    assert (events[-1].verb, events[-1].payload) == (Verb.MERGED, {"into": one})
    with pytest.raises(ConflictError):
        merge(installation, other, one)
    with pytest.raises(ConflictError):
        merge(installation, one, one)


def test_what_was_merged_twice_is_reached_in_one_step(installation):
    first, second, third = (missed(installation, text) for text in ("甲乙丙", "丁戊己", "庚辛壬"))
    merge(installation, first, second)
    merge(installation, second, third)
    assert gap(installation, first).merged_into_id == third


def test_merging_takes_the_answer_along(installation):
    factories.publish(installation, "los")
    one, other = missed(installation, "甲乙丙"), missed(installation, "丁戊己")
    link(installation, other, "los")
    merge(installation, other, one)
    kept = gap(installation, one)
    assert (kept.state, kept.due) == (GapState.ANSWERED, True)
    assert kept.entry_id is not None


def test_splitting_gives_each_its_own_and_they_stay_apart(two):
    installation, one, other, people = two
    merge(installation, other, one)
    with installation.sessions() as session:
        leaving = [item.id for item in queries.phrasings(session, one) if item.text == "绿光从盒子冒出来"]
    own = act(installation, arranging.split, one, leaving, by=Role.MANAGER).id
    assert met_by(installation, own) == {people[1]: 1, people[2]: 1}
    assert met_by(installation, one) == {people[0]: 1, people[1]: 1}
    assert gap(installation, own).text == "绿光从盒子冒出来"
    with installation.sessions() as session:
        assert queries.new_phrasings(session, limit=9) == []  # what a person took apart is not compared again
    assert missed(installation, "绿光从盒子冒出来") == own


def test_a_split_takes_some_and_leaves_some(installation):
    number = missed(installation, "甲乙丙")
    for wanted in ([], [999], [phrasing_of(installation, number)]):
        with pytest.raises(InvalidInputError):
            act(installation, arranging.split, number, wanted, by=Role.MANAGER)


def test_arranging_is_for_those_who_answer_both(installation):
    one, other = missed(installation, "甲乙丙"), missed(installation, "丁戊己")
    act(installation, operations.place, one, module="fault.broadband", tier=None)
    act(installation, operations.place, other, module="tv.signal", tier=None)
    with pytest.raises(PermissionDeniedError):
        merge(installation, one, other, by=Role.EXPERT)
    with pytest.raises(PermissionDeniedError):
        merge(installation, one, other, by=Role.AGENT)


def test_a_new_phrasing_joins_the_gap_that_means_the_same(any_installation):
    first, second = factories.agents(any_installation, 2)
    one, other = missed(any_installation, "盒子冒绿光", first), missed(any_installation, "绿光从盒子冒", second)
    mine, theirs = phrasing_of(any_installation, one), phrasing_of(any_installation, other)
    assert sort_in(any_installation, Sorted(mine, None, "fault.broadband"), Sorted(theirs, mine, "tv.signal")) == 1
    assert met_by(any_installation, one) == {first.user_id: 1, second.user_id: 1}
    kept = gap(any_installation, one)
    assert (kept.module_key, kept.module_is_guess) == ("fault.broadband", True)
    assert gap(any_installation, other).merged_into_id == one
    assert sort_in(any_installation, Sorted(mine, theirs), Sorted(theirs, mine), Sorted(999, mine)) == 0


def test_a_guessed_module_gives_way_to_what_agents_narrow_to(installation):
    number = missed(installation, "盒子冒绿光")
    sort_in(installation, Sorted(phrasing_of(installation, number), None, "tv.signal"))
    missed(installation, "盒子冒绿光", scope=Scope(module="fault.broadband"))
    found = gap(installation, number)
    assert (found.module_key, found.module_is_guess) == ("fault.broadband", False)


def test_what_people_arranged_or_decided_meanwhile_stays(installation):
    one, other, third = (missed(installation, text) for text in ("甲乙丙", "丁戊己", "庚辛壬"))
    ids = [phrasing_of(installation, number) for number in (one, other, third)]
    merge(installation, other, third)  # now has two phrasings: it moves no more
    act(installation, operations.decline, one, DeclineReason.NO_QUESTION)
    assert sort_in(installation, Sorted(ids[1], ids[0]), Sorted(ids[2], ids[0])) == 0
    assert texts(installation, third) == ["丁戊己", "庚辛壬"]


def test_a_thread_stays_linked_through_a_merge(installation):
    factories.thread(installation, "green")
    one, other = missed(installation, "甲乙丙"), missed(installation, "丁戊己")
    discuss(installation, other, "green")
    merge(installation, other, one)
    with installation.sessions() as session:
        assert session.get_one(Gap, one).thread_id is not None
