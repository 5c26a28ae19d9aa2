from datetime import timedelta
from threading import Thread as Worker

import pytest
from sqlalchemy import func, select

from kb.db import unit_of_work
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events import queries as events
from kb.events.models import Subject, Verb
from kb.forum import moderation
from kb.forum import operations as forum
from kb.forum.models import MAX_BODY, MAX_TITLE, THREAD_KIND_LABELS, Reply, Thread, ThreadKind, ThreadState
from kb.forum.operations import ImportedPost
from kb.forum.queries import by_key
from kb.permissions import SYSTEM, Role
from tests.support.factories import person, thread
from tests.support.installation import START
from tests.support.tables import dump

LATER = START + timedelta(hours=1)


def reply(installation, key, *bodies):
    with unit_of_work(installation.sessions) as session:
        for body in bodies:
            forum.reply(session, installation.actors[Role.EXPERT], by_key(session, key), body, now=LATER)


def put(installation, key, state):
    with unit_of_work(installation.sessions) as session:
        by_key(session, key).state = state


def start(session, actor=SYSTEM, **fields):
    given = {"title": "标题", "body": "正文", "kind": ThreadKind.CASE, "module": "tv.card", "now": START, **fields}
    return forum.start(session, actor, **given)


def take_over(session, *, thread=None, **fields):
    given = {"key": "t", "title": "标题", "kind": ThreadKind.CASE, "module": "tv.card", "region": None, **fields}
    return forum.import_thread(session, SYSTEM, accepted=given.pop("accepted", None), now=START, thread=thread, **given)


def test_replies_are_numbered_in_their_thread(any_installation):
    thread(any_installation, "a")
    thread(any_installation, "b")
    reply(any_installation, "a", "一", "二")
    reply(any_installation, "b", "甲")
    reply(any_installation, "a", "三")
    with any_installation.sessions() as session:
        found = by_key(session, "a")
        assert [(item.number, item.body) for item in found.replies] == [(1, "一"), (2, "二"), (3, "三")]
        assert [item.number for item in by_key(session, "b").replies] == [1]
        assert (found.created_at, found.active_at) == (START, LATER)
        newest = events.history(session, Subject.THREAD, found.id)[0]
    assert (newest.verb, newest.payload) == (Verb.REPLIED, {"reply": 3})


def test_two_who_reply_at_once_both_get_a_number(any_installation):
    thread(any_installation, "t")
    with any_installation.sessions() as session:
        known = by_key(session, "t")

    def reply_too():
        with unit_of_work(any_installation.sessions) as session:
            forum.reply(session, SYSTEM, session.merge(known, load=False), "乙", now=LATER)

    other = Worker(target=reply_too)
    with unit_of_work(any_installation.sessions) as session:
        forum.reply(session, SYSTEM, by_key(session, "t"), "甲", now=LATER)
        session.flush()
        other.start()
    other.join()
    with any_installation.sessions() as session:
        assert [(item.number, item.body) for item in by_key(session, "t").replies] == [(1, "甲"), (2, "乙")]


def test_what_is_sent_twice_is_there_once(any_installation):
    thread(any_installation, "t")
    agent, expert = any_installation.actors[Role.AGENT], any_installation.actors[Role.EXPERT]
    numbers = []
    for actor, body, now in (
        (agent, "甲", START), (agent, "甲", START + forum.AGAIN / 2), (agent, "甲", LATER), (expert, "甲", LATER),
        (agent, "甲", LATER),
    ):  # fmt: skip
        with unit_of_work(any_installation.sessions) as session:
            numbers.append(forum.reply(session, actor, by_key(session, "t"), body, now=now).number)
    assert numbers == [1, 1, 2, 3, 4]
    with unit_of_work(any_installation.sessions) as session:
        made = by_key(session, "t")
        words = {"title": made.title, "body": made.body}
        author = any_installation.actors[Role.AGENT]
        moment = made.created_at + forum.AGAIN / 2
        assert forum.started_before(session, author, **words, now=moment) is made
        assert forum.started_before(session, expert, **words, now=moment) is None
        assert forum.started_before(session, author, **words, now=moment + forum.AGAIN) is None


@pytest.mark.parametrize("state", [ThreadState.CLOSED, ThreadState.HIDDEN])
def test_a_thread_that_is_not_open_takes_no_reply(installation, state):
    thread(installation, "t")
    put(installation, "t", state)
    before = dump(installation.engine)
    with pytest.raises(ConflictError, match="关闭"):
        reply(installation, "t", "来晚了")
    assert dump(installation.engine) == before


def who_may_accept(installation, key):
    may = set()
    for role, actor in installation.actors.items():
        with installation.sessions() as session:
            try:
                forum.accept(session, actor, by_key(session, key), 1, now=LATER)
            except PermissionDeniedError:
                continue
            may.add(role)
    return may


def test_whoever_asked_the_modules_experts_and_editors_accept_an_answer(installation):
    thread(installation, "own")
    thread(installation, "elsewhere", module="tv.card")
    reply(installation, "own", "插紧尾纤")
    reply(installation, "elsewhere", "换卡")
    always = {Role.EDITOR, Role.MANAGER}
    assert who_may_accept(installation, "own") == always | {Role.AGENT, Role.EXPERT}
    assert who_may_accept(installation, "elsewhere") == always | {Role.AGENT}
    stranger = person(installation, "stranger", Role.AGENT)
    with installation.sessions() as session, pytest.raises(PermissionDeniedError):
        forum.accept(session, stranger, by_key(session, "own"), 1, now=LATER)


def test_only_a_reply_that_is_there_can_be_accepted_and_another_later(installation):
    thread(installation, "t")
    reply(installation, "t", "一", "二")
    with unit_of_work(installation.sessions) as session:
        found = by_key(session, "t")
        for number in (0, 3, -1):
            with pytest.raises(InvalidInputError) as refused:
                forum.accept(session, SYSTEM, found, number, now=LATER)
            assert refused.value.field == "number"
        assert found.accepted_number is None
        for number in (1, 2):
            forum.accept(session, SYSTEM, found, number, now=LATER)
            assert found.accepted_number == number
    with installation.sessions() as session:
        assert events.history(session, Subject.THREAD, found.id)[0].payload == {"reply": 2}


def test_moderators_hide_a_thread_and_say_why(installation):
    thread(installation, "t")
    may = []
    for role, actor in installation.actors.items():
        with installation.sessions() as session:
            found = by_key(session, "t")
            try:
                moderation.hide(session, actor, found, reason=" 有客户号码 ", now=LATER)
            except PermissionDeniedError:
                continue
            assert found.state is ThreadState.HIDDEN
            may.append(role)
    assert may == [Role.EDITOR, Role.LEADER, Role.MANAGER]
    with unit_of_work(installation.sessions) as session:
        found = by_key(session, "t")
        with pytest.raises(InvalidInputError):
            moderation.hide(session, SYSTEM, found, reason=" ", now=LATER)
        moderation.hide(session, SYSTEM, found, reason=" 有客户号码 ", now=LATER)
    with installation.sessions() as session:
        newest = events.history(session, Subject.THREAD, found.id)[0]
    assert (newest.verb, newest.payload) == (Verb.HIDDEN, {"reason": "有客户号码"})


def test_a_thread_has_its_author_and_a_key_of_its_own(installation):
    agent = installation.actors[Role.AGENT]
    with unit_of_work(installation.sessions) as session:
        made = [start(session, agent, title=" 标题 ", region="hedong") for _ in range(2)]
        with pytest.raises(ConflictError):
            start(session, agent, key=made[0].key)
    assert made[0].key != made[1].key
    assert (made[0].title, made[0].author_id, made[0].state) == ("标题", agent.user_id, ThreadState.OPEN)
    assert (made[0].target.module, made[0].target.regions) == ("tv.card", {"hedong"})
    with installation.sessions() as session:
        assert [event.verb for event in events.history(session, Subject.THREAD, made[0].id)] == [Verb.CREATED]


def test_everybody_but_admins_writes_in_the_forum(installation):
    may = set()
    for role, actor in installation.actors.items():
        with installation.sessions() as session:
            try:
                forum.reply(session, actor, start(session, actor), "回复", now=START)
            except PermissionDeniedError:
                continue
            may.add(role)
    assert may == set(Role) - {Role.ADMIN}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": "\n"}),
        ("title", {"title": "长" * (MAX_TITLE + 1)}),
        ("body", {"body": " "}),
        ("body", {"body": "长" * (MAX_BODY + 1)}),
        ("module", {"module": "nowhere"}),
        ("region", {"region": "atlantis"}),
    ],
)
def test_what_can_not_be_stored_is_named(installation, field, changes):
    before = dump(installation.engine)
    post = ImportedPost(body=changes.get("body", "正文"), created_at=START)
    imported = {name: value for name, value in changes.items() if name != "body"}
    with unit_of_work(installation.sessions) as session:
        for attempt in (lambda: start(session, **changes), lambda: take_over(session, posts=[post], **imported)):
            with pytest.raises(InvalidInputError) as refused:
                attempt()
            assert refused.value.field == field
    assert dump(installation.engine) == before


def test_an_import_replaces_what_was_there(any_installation):
    expert = any_installation.actors[Role.EXPERT].user_id
    posts = [ImportedPost(body=body, created_at=START + timedelta(hours=at)) for at, body in enumerate("甲乙丙丁")]
    with unit_of_work(any_installation.sessions) as session:
        first = take_over(session, posts=posts, accepted=3)
    signed = ImportedPost(body="戊", created_at=LATER, author_name="老李")
    with unit_of_work(any_installation.sessions) as session:
        known = ImportedPost(body="新", created_at=START, author_id=expert)
        take_over(session, thread=by_key(session, "t"), title="新标题", posts=[known, signed], region="hedong")
    with any_installation.sessions() as session:
        found = by_key(session, "t")
        assert (found.id, found.title, found.body, found.author_id) == (first.id, "新标题", "新", expert)
        assert (found.accepted_number, found.active_at, found.region_key) == (None, LATER, "hedong")
        assert [(item.number, item.body, item.author_name) for item in found.replies] == [(1, "戊", "老李")]
        assert session.scalar(select(func.count(Reply.id))) == 1
        assert session.scalar(select(func.count(Thread.id))) == 1
        assert [event.verb for event in events.history(session, Subject.THREAD, found.id)] == [Verb.IMPORTED] * 2


@pytest.mark.parametrize(
    ("posts", "accepted", "field"),
    [([], None, "body"), (["甲", " "], None, "body"), (["甲", "乙"], 2, "accepted"), (["甲"], 0, "accepted")],
)
def test_an_import_that_does_not_hold_together_is_refused(installation, posts, accepted, field):
    written = [ImportedPost(body=body, created_at=START) for body in posts]
    with installation.sessions() as session, pytest.raises(InvalidInputError) as refused:
        take_over(session, posts=written, accepted=accepted)
    assert refused.value.field == field


def test_importing_threads_belongs_to_managers(installation):
    posts = [ImportedPost(body="正文", created_at=START)]
    given = {"title": "标题", "kind": ThreadKind.CASE, "module": "tv.card", "region": None, "accepted": None}
    for role, actor in installation.actors.items():
        with installation.sessions() as session:
            if role is Role.MANAGER:
                forum.import_thread(session, actor, key="t", posts=posts, now=START, **given)
                continue
            with pytest.raises(PermissionDeniedError):
                forum.import_thread(session, actor, key="t", posts=posts, now=START, **given)


def test_nothing_lasts_without_a_commit(installation):
    thread(installation, "t")
    before = dump(installation.engine)
    with installation.sessions() as session:
        found = by_key(session, "t")
        forum.reply(session, SYSTEM, found, "一", now=LATER)
        forum.accept(session, SYSTEM, found, 1, now=LATER)
        moderation.hide(session, SYSTEM, found, reason="重复", now=LATER)
        start(session)
        take_over(session, thread=found, posts=[ImportedPost(body="新", created_at=START)])
        session.flush()
        session.rollback()
    assert dump(installation.engine) == before


def test_every_kind_has_a_name():
    assert set(THREAD_KIND_LABELS) == set(ThreadKind)
