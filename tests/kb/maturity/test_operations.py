import threading

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.entries.rules import Level
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events import queries as events
from kb.events.models import Event, Subject, Verb
from kb.maturity import operations, queries
from kb.maturity.gates import Cause
from kb.maturity.models import Rating
from kb.maturity.rubric import FIRST, Scores
from kb.permissions import Role
from tests.support import factories, maturity
from tests.support.maturity import GOOD


@pytest.fixture
def published(any_installation):
    factories.publish(any_installation, "los")
    maturity.follow(any_installation)
    return any_installation


def levels(installation, key="los"):
    return [(change.before, change.after, change.cause) for change in maturity.changes(installation, key)]


def test_ten_calls_of_five_agents_make_it_mature_and_say_why(published):
    people = maturity.callers(published, 7, teams=3)
    maturity.calls(published, people, "los", solved=12, unsolved=1)
    maturity.follow(published)
    assert maturity.entry_of(published, "los").level == Level.L3
    last = maturity.changes(published, "los")[-1]
    assert str(last.why[0]) == "13 次使用解决了 12 次（7 人、3 个班组）"
    with published.sessions() as session:
        told = session.scalars(
            select(Event).where(Event.subject_kind == Subject.MATURITY, Event.verb == Verb.LEVEL_CHANGED)
        ).all()
    assert "13 次使用解决了 12 次" in told[-1].payload["why"]


def test_the_owner_is_told_until_they_have_seen_it(published):
    maturity.calls(published, maturity.callers(published, 6), "los", solved=12)
    maturity.follow(published)
    owner = published.actors[Role.EDITOR]
    with published.sessions() as session:
        assert queries.count_unseen(session, owner) == 1
        (news,) = queries.unseen(session, owner, limit=5)
        assert (news.entry.key, news.change.after) == ("los", Level.L3)
        assert queries.count_unseen(session, published.actors[Role.AGENT]) == 0
    with unit_of_work(published.sessions) as session:
        operations.see_changes(session, owner, now=published.clock())
    with published.sessions() as session:
        assert queries.unseen(session, owner, limit=5) == []


def test_the_third_independent_rating_lifts_it_to_best_practice(published):
    maturity.calls(published, maturity.callers(published, 12), "los", solved=36)
    maturity.follow(published)
    one, two, three = maturity.experts(published, 3)
    maturity.rate(published, one, "los", Scores(5, 5, 5, 5, 5))
    maturity.rate(published, two, "los", Scores(5, 5, 5, 5, 5))
    assert maturity.entry_of(published, "los").level == Level.L3
    maturity.rate(published, three, "los", Scores(5, 5, 5, 5, 5))
    assert maturity.entry_of(published, "los").level == Level.L4
    assert levels(published)[-1] == (3, 4, Cause.EARNED)
    assert maturity.standing(published, "los").facts.judgement.raters == 3


def test_a_rating_may_be_changed_and_the_old_one_stays(published):
    (expert,) = maturity.experts(published, 1)
    maturity.rate(published, expert, "los", Scores(1, 1, 1, 1, 1))
    maturity.rate(published, expert, "los", GOOD)
    with published.sessions() as session:
        found = queries.ratings(session, maturity.entry_of(published, "los").id)
    assert [(item.overall, item.replaced_at is None) for item in found] == [(4.6, True), (1.0, False)]
    assert maturity.standing(published, "los").standing.raters == 1


def test_who_may_not_rate(published):
    entry = maturity.entry_of(published, "los")
    elsewhere = factories.person(published, "tv-expert", Role.EXPERT, expertise=["tv"])
    for actor in (published.actors[Role.AGENT], published.actors[Role.MANAGER], elsewhere):
        with unit_of_work(published.sessions) as session, pytest.raises(PermissionDeniedError):
            operations.rate(session, actor, entry, GOOD, reason="好", now=published.clock())


def test_neither_the_author_nor_their_leader_rates(published):
    team = maturity.team(published, "writers")
    author = factories.person(published, "author", Role.EXPERT, expertise=["fault"], team=team)
    leader = factories.person(published, "lead", Role.EXPERT, Role.LEADER, expertise=["fault"], team=team)
    colleague = factories.person(published, "colleague", Role.EXPERT, expertise=["fault"], team=team)
    with unit_of_work(published.sessions) as session:
        entry = entries.create(session, author, factories.content(title="断网"), key="own", now=published.clock())
        entries.submit(session, author, entry, now=published.clock())
        entries.approve(session, published.actors[Role.REVIEWER], entry, now=published.clock())
        entries.publish(session, published.actors[Role.REVIEWER], entry, now=published.clock())
    maturity.follow(published)
    for actor in (author, leader):
        with pytest.raises(PermissionDeniedError):
            maturity.rate(published, actor, "own")
    assert maturity.rate(published, colleague, "own").overall == 4.6


def test_whoever_only_wrote_a_later_revision_is_an_author_too(published):
    with unit_of_work(published.sessions) as session:
        entry = entry_queries.by_key(session, "los")
        entries.save(
            session, published.actors[Role.EXPERT], entry, factories.content(script="请稍等。"), now=published.clock()
        )
    factories.release(published, "los")
    maturity.follow(published)
    with pytest.raises(PermissionDeniedError):
        maturity.rate(published, published.actors[Role.EXPERT], "los")


def test_a_rating_needs_a_reason_and_scores_in_range(published):
    (expert,) = maturity.experts(published, 1)
    entry = maturity.entry_of(published, "los")
    with unit_of_work(published.sessions) as session, pytest.raises(InvalidInputError):
        operations.rate(session, expert, entry, GOOD, reason="  ", now=published.clock())
    with pytest.raises(InvalidInputError):
        Scores(0, 1, 1, 1, 1)


def test_what_is_not_served_is_not_rated(published):
    (expert,) = maturity.experts(published, 1)
    with unit_of_work(published.sessions) as session:
        entry = entry_queries.by_key(session, "los")
        entries.suspend(session, published.actors[Role.REVIEWER], entry, reason="资费有变", now=published.clock())
    with pytest.raises(ConflictError):
        maturity.rate(published, expert, "los")


def test_two_experts_at_once_are_both_counted(published):
    actors = maturity.experts(published, 4)
    start, failed = threading.Barrier(4), []

    def work(actor):
        start.wait()
        try:
            maturity.rate(published, actor, "los")
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=work, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert maturity.standing(published, "los").standing.raters == 4
    with published.sessions() as session:
        assert len(session.scalars(select(Rating)).all()) == 4


def test_a_manager_sets_a_level_and_lets_go_of_it(published):
    manager = published.actors[Role.MANAGER]
    with unit_of_work(published.sessions) as session:
        entry = entry_queries.by_key(session, "los")
        operations.hold(session, manager, entry, Level.L4, reason="省里试点，先按最佳经验用", now=published.clock())
        assert entry.level == Level.L4
    maturity.night(published)
    held = maturity.standing(published, "los")
    assert held.level is Level.L4
    assert held.hold.reason == "省里试点，先按最佳经验用"
    with unit_of_work(published.sessions) as session:
        operations.release(session, manager, entry_queries.by_key(session, "los"), now=published.clock())
    assert maturity.entry_of(published, "los").level == Level.L2
    assert levels(published)[-2:] == [(2, 4, Cause.HELD), (4, 2, Cause.HELD)]
    with unit_of_work(published.sessions) as session, pytest.raises(ConflictError):
        operations.release(session, manager, entry_queries.by_key(session, "los"), now=published.clock())


def test_only_managers_set_levels_and_only_with_a_reason(published):
    entry = maturity.entry_of(published, "los")
    with unit_of_work(published.sessions) as session, pytest.raises(PermissionDeniedError):
        operations.hold(session, published.actors[Role.EDITOR], entry, Level.L4, reason="好", now=published.clock())
    with unit_of_work(published.sessions) as session, pytest.raises(InvalidInputError):
        operations.hold(session, published.actors[Role.MANAGER], entry, Level.L4, reason="", now=published.clock())
    with unit_of_work(published.sessions) as session, pytest.raises(InvalidInputError):
        operations.hold(session, published.actors[Role.MANAGER], entry, Level.L0, reason="好", now=published.clock())


def test_a_promotion_does_not_refuse_somebody_s_edit(published):
    with unit_of_work(published.sessions) as session:
        before = entry_queries.by_key(session, "los").version
    maturity.calls(published, maturity.callers(published, 6), "los", solved=12)
    maturity.follow(published)
    entry = maturity.entry_of(published, "los")
    assert (entry.level, entry.version) == (Level.L3, before)


def test_the_rubric_is_versioned_and_ratings_keep_theirs(published):
    (expert, other) = maturity.experts(published, 2)
    first = maturity.rate(published, expert, "los")
    words = {**FIRST, "accuracy": {"1": "错", "3": "大体对", "5": "完全对"}}
    with unit_of_work(published.sessions) as session:
        made = operations.rewrite_rubric(
            session, published.actors[Role.MANAGER], words, note="更短", now=published.clock()
        )
        same = operations.rewrite_rubric(session, published.actors[Role.MANAGER], words, note="", now=published.clock())
        assert same.id == made.id
    second = maturity.rate(published, other, "los")
    assert (first.rubric_id, second.rubric_id) == (made.id - 1, made.id)
    with unit_of_work(published.sessions) as session, pytest.raises(InvalidInputError):
        operations.rewrite_rubric(session, published.actors[Role.MANAGER], {}, note="", now=published.clock())
    with unit_of_work(published.sessions) as session, pytest.raises(PermissionDeniedError):
        operations.rewrite_rubric(session, published.actors[Role.EXPERT], words, note="", now=published.clock())


def test_the_log_does_not_say_how_somebody_rated(published):
    (expert,) = maturity.experts(published, 1)
    rating = maturity.rate(published, expert, "los")
    with published.sessions() as session:
        (event,) = events.history(session, Subject.RATING, rating.id)
    assert set(event.payload) == {"entry"}
