from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from kb.db import unit_of_work
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events import queries as events
from kb.events.models import Subject, Verb
from kb.forum import moderation, reading
from kb.forum import operations as forum
from kb.forum.queries import View, by_key, page
from kb.permissions import SYSTEM, Role
from tests.support import factories


def act(installation, role, verb, *args, key="rain", **fields):
    with unit_of_work(installation.sessions) as session:
        return verb(session, installation.actors[role], by_key(session, key), *args, **fields)


def reply(installation, role, text="看分光器", key="rain"):
    return act(installation, role, forum.reply, text, key=key, now=installation.clock())


def unread(installation, role, key="rain"):
    with installation.sessions() as session:
        thread = by_key(session, key)
        return thread.id in reading.unread(session, installation.actors[role], [thread.id], now=installation.clock())


@pytest.fixture
def rain(any_installation):
    factories.thread(any_installation, "rain")
    return any_installation


def test_a_thread_is_new_until_it_is_read_and_again_with_each_reply(rain):
    assert not unread(rain, Role.AGENT)  # who wrote it
    assert unread(rain, Role.EXPERT)
    act(rain, Role.EXPERT, reading.saw, 0)
    assert not unread(rain, Role.EXPERT)
    reply(rain, Role.EDITOR)
    assert unread(rain, Role.EXPERT)
    assert unread(rain, Role.AGENT)
    assert not unread(rain, Role.EDITOR)
    act(rain, Role.EXPERT, reading.saw, 1)
    act(rain, Role.EXPERT, reading.saw, 0)  # an older page that comes late takes nothing back
    assert not unread(rain, Role.EXPERT)


def test_what_was_never_opened_is_news_for_two_weeks_only(rain):
    rain.clock.advance(days=15)
    assert not unread(rain, Role.EXPERT)
    reply(rain, Role.EDITOR)
    assert unread(rain, Role.EXPERT)


def test_what_is_hidden_is_no_news(rain):
    act(rain, Role.EXPERT, reading.saw, 0)
    reply(rain, Role.EDITOR)
    act(rain, Role.LEADER, moderation.hide_reply, 1, reason="有号码", now=rain.clock())
    assert not unread(rain, Role.EXPERT)


def followers(installation):
    with installation.sessions() as session:
        return set(reading.followers(session, by_key(session, "rain").id))


def test_whoever_writes_follows_unless_they_said_no(rain):
    ids = {role: actor.user_id for role, actor in rain.actors.items()}
    assert followers(rain) == {ids[Role.AGENT]}
    reply(rain, Role.EXPERT)
    act(rain, Role.REVIEWER, reading.follow, follows=True)
    act(rain, Role.EDITOR, reading.follow, follows=False)
    reply(rain, Role.EDITOR)
    act(rain, Role.AGENT, reading.follow, follows=False)
    assert followers(rain) == {ids[Role.EXPERT], ids[Role.REVIEWER]}
    with rain.sessions() as session:
        followed = page(session, limit=9, view=View.FOLLOWED, actor=rain.actors[Role.REVIEWER])
        assert [thread.key for thread, _ in followed] == ["rain"]
        assert page(session, limit=9, view=View.FOLLOWED, actor=rain.actors[Role.AGENT]) == []
        mine = page(session, limit=9, view=View.MINE, actor=rain.actors[Role.EDITOR])
        assert [thread.key for thread, _ in mine] == ["rain"]
        assert page(session, limit=9, view=View.MINE, actor=rain.actors[Role.REVIEWER]) == []
        assert len(page(session, limit=9, view=View.WAITING)) == 1
        with pytest.raises(PermissionDeniedError):
            reading.follow(session, SYSTEM, by_key(session, "rain"), follows=True)


def test_an_answered_or_closed_question_waits_for_nothing(rain):
    reply(rain, Role.EXPERT)
    act(rain, Role.AGENT, forum.accept, 1, now=rain.clock())
    factories.thread(rain, "closed")
    act(rain, Role.LEADER, moderation.close, key="closed", reason="重复", now=rain.clock())
    factories.thread(rain, "case", kind="case")
    with rain.sessions() as session:
        assert page(session, limit=9, view=View.WAITING) == []


def votes(installation):
    with installation.sessions() as session:
        return {number: len(who) for number, who in reading.votes(session, by_key(session, "rain")).items()}


def test_a_vote_counts_once_and_can_be_taken_back(rain):
    reply(rain, Role.EXPERT)

    def vote(role, number, *, useful=True):
        act(rain, role, reading.vote, number, useful=useful, now=rain.clock())

    vote(Role.AGENT, 1)
    vote(Role.AGENT, 1)
    vote(Role.EDITOR, 1)
    vote(Role.EXPERT, 0)
    assert votes(rain) == {0: 1, 1: 2}
    vote(Role.AGENT, 1, useful=False)
    assert votes(rain) == {0: 1, 1: 1}
    for role, number in ((Role.EXPERT, 1), (Role.AGENT, 0), (Role.ADMIN, 1)):  # their own; nobody of the forum's
        with pytest.raises(PermissionDeniedError):
            vote(role, number)
    with pytest.raises(InvalidInputError):
        vote(Role.AGENT, 2)
    with rain.sessions() as session:
        thread = by_key(session, "rain")
        voted = events.history(session, Subject.POST_VOTE, thread.id)
        assert [(event.verb, event.payload["useful"]) for event in voted][::-1] == [
            (Verb.VOTED, True), (Verb.VOTED, True), (Verb.VOTED, True), (Verb.VOTED, False),
        ]  # fmt: skip
    act(rain, Role.LEADER, moderation.hide, reason="有号码", now=rain.clock() + timedelta(hours=1))
    with pytest.raises(ConflictError):
        vote(Role.LEADER, 1)


def test_two_tabs_at_once_leave_one_mark(rain):
    barrier = Barrier(4)

    def open_tab(_):
        barrier.wait()
        act(rain, Role.EXPERT, reading.saw, 0)
        act(rain, Role.EXPERT, reading.vote, 0, useful=True, now=rain.clock())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(open_tab, range(4)))
    assert not unread(rain, Role.EXPERT)
    assert votes(rain) == {0: 1}
