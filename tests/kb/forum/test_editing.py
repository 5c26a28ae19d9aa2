from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events import queries as events
from kb.events.models import Subject, Verb
from kb.forum import editing, moderation
from kb.forum import operations as forum
from kb.forum.editing import EditedMeanwhileError
from kb.forum.models import PostEdit
from kb.forum.queries import by_key
from kb.permissions import SYSTEM, Role
from tests.support import factories


def act(installation, role, verb, *args, key="rain", **fields):
    installation.clock.advance(minutes=1)
    with unit_of_work(installation.sessions) as session:
        return verb(session, installation.actors[role], by_key(session, key), *args, now=installation.clock(), **fields)


def change(installation, number=1, body="先看尾纤", version=0, by=Role.EXPERT, **fields):
    return act(installation, by, editing.edit, number, body=body, version=version, **fields)


def said(installation, number=1, key="rain"):
    with installation.sessions() as session:
        return [(text.title, text.body) for text in editing.history(session, by_key(session, key), number)]


@pytest.fixture
def rain(any_installation):
    factories.thread(any_installation, "rain", title="红灯", body="刚接了三个")
    act(any_installation, Role.EXPERT, forum.reply, "看分光器")
    return any_installation


def test_what_was_said_before_is_kept_and_the_log_tells(rain):
    assert change(rain)
    assert not change(rain, version=1)  # the same once more is no change, whatever version it began from
    assert change(rain, body="先看尾纤，@采编", version=1)
    assert change(rain, number=0, title=" 亮红灯 ", body="刚接了四个", by=Role.AGENT)
    assert said(rain) == [(None, "看分光器"), (None, "先看尾纤"), (None, "先看尾纤，@采编")]
    assert said(rain, 0) == [("红灯", "刚接了三个"), ("亮红灯", "刚接了四个")]
    with rain.sessions() as session:
        thread = by_key(session, "rain")
        reply = thread.replies[0]
        assert reply.created_at < reply.edited_at < thread.edited_at
        assert thread.active_at == reply.created_at  # nothing new to read
        log = [event for event in events.history(session, Subject.THREAD, thread.id) if event.verb is Verb.EDITED]
        editor = rain.actors[Role.EDITOR].user_id
        assert [event.payload for event in log[::-1]] == [
            {"version": 1, "reply": 1, "accepted": False},
            {"version": 2, "reply": 1, "accepted": False, "mentions": [editor]},
            {"version": 1},
        ]


def test_somebody_who_was_called_before_is_not_called_again(rain):
    change(rain, body="@采编 看")
    change(rain, body="看", version=1)
    change(rain, body="@采编 @组长 看", version=2)
    with rain.sessions() as session:
        thread = by_key(session, "rain")
        last = events.history(session, Subject.THREAD, thread.id)[0]
        assert last.payload["mentions"] == [rain.actors[Role.LEADER].user_id]


@pytest.mark.parametrize("by", [role for role in Role if role is not Role.EXPERT])
def test_nobody_changes_what_others_wrote(installation, by):
    factories.thread(installation, "rain")
    act(installation, Role.EXPERT, forum.reply, "看分光器")
    with pytest.raises(PermissionDeniedError):
        change(installation, by=by)
    if by is not Role.AGENT:
        with pytest.raises(PermissionDeniedError):
            change(installation, number=0, by=by)
    with installation.sessions() as session, pytest.raises(PermissionDeniedError):
        editing.edit(session, SYSTEM, by_key(session, "rain"), 1, body="x", version=0, now=installation.clock())


def test_what_is_closed_or_hidden_stays_as_it_is(rain):
    for shut, again, args in (
        (moderation.hide_reply, moderation.show_reply, (1,)),
        (moderation.close, moderation.reopen, ()),
        (moderation.hide, moderation.show, ()),
    ):
        act(rain, Role.LEADER, shut, *args, reason="号码")
        with pytest.raises(ConflictError):
            change(rain)
        act(rain, Role.LEADER, again, *args)
    assert change(rain)


@pytest.mark.parametrize(
    ("number", "fields", "field"),
    [(1, {"body": " "}, "body"), (0, {"title": " "}, "title"), (0, {"title": "长" * 121}, "title"), (9, {}, "number")],
)
def test_what_can_not_be_stored_is_named(rain, number, fields, field):
    with pytest.raises(InvalidInputError) as refused:
        change(rain, number=number, by=Role.EXPERT if number else Role.AGENT, **{"body": "好", **fields})
    assert refused.value.field == field


def test_of_two_windows_the_second_is_told(rain):
    """Both began from the first text: one is kept, the other is told, whoever is first; nothing is lost."""
    both, outcomes = Barrier(2), []

    def write(body):
        both.wait()
        try:
            outcomes.append(change(rain, body=body))
        except EditedMeanwhileError:
            outcomes.append(body)

    windows = [Thread(target=write, args=(body,)) for body in ("甲", "乙")]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    (lost,) = [outcome for outcome in outcomes if outcome is not True]
    kept = {"甲": "乙", "乙": "甲"}[lost]
    assert said(rain) == [(None, "看分光器"), (None, kept)]
    assert change(rain, body=lost, version=1)
    assert said(rain)[-1] == (None, lost)


def test_nobody_accepts_what_they_have_not_read(rain):
    read = rain.clock()
    change(rain)
    with pytest.raises(ConflictError):
        act(rain, Role.AGENT, forum.accept, 1, read_at=read)
    act(rain, Role.AGENT, forum.accept, 1, read_at=rain.clock())
    with rain.sessions() as session:
        assert by_key(session, "rain").accepted_at == rain.clock()


def test_merging_takes_the_history_along_and_an_import_anew_none(rain):
    factories.thread(rain, "flood", title="暴雨", body="两个")
    act(rain, Role.EXPERT, forum.reply, "我也是", key="flood")
    change(rain, key="flood", body="我们也是")
    change(rain, number=0, key="flood", title="大暴雨", body="三个", by=Role.AGENT)
    with unit_of_work(rain.sessions) as session:
        flood, target = by_key(session, "flood"), by_key(session, "rain")
        moderation.merge(session, SYSTEM, flood, target, reason="同一件事", now=rain.clock())
    assert said(rain, 2) == [(None, "**暴雨**\n\n两个"), (None, "**大暴雨**\n\n三个")]
    assert said(rain, 3) == [(None, "我也是"), (None, "我们也是")]
    assert change(rain, number=3, body="我们都是", version=1)
    with unit_of_work(rain.sessions) as session:
        forum.import_thread(
            session, SYSTEM, key="rain", title="红灯", kind="question", module="fault.broadband", region=None,
            posts=[forum.ImportedPost(body="问", created_at=rain.clock())], accepted=None, now=rain.clock(),
            thread=by_key(session, "rain"),
        )  # fmt: skip
        assert session.scalars(select(PostEdit)).all() == []
