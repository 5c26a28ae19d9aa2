import pytest
from sqlalchemy import select

from kb.db import unit_of_work
from kb.entries.models import Entry
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events import queries as events
from kb.events.models import Subject, Verb
from kb.forum import moderation, reading
from kb.forum import operations as forum
from kb.forum.models import ThreadState
from kb.forum.queries import by_key, merged_into, page, readable
from kb.gaps import operations as gaps
from kb.gaps import queries as gap_queries
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.support.tables import dump


def act(installation, role, verb, *args, key="rain", **fields):
    with unit_of_work(installation.sessions) as session:
        return verb(session, installation.actors[role], by_key(session, key), *args, now=installation.clock(), **fields)


@pytest.fixture
def rain(any_installation):
    factories.thread(any_installation, "rain")
    act(any_installation, Role.EXPERT, forum.reply, "看分光器")
    act(any_installation, Role.EDITOR, forum.reply, "再看公告")
    return any_installation


STEPS = [
    (moderation.move, {"module": "tv.card", "region": "hedong"}),
    (moderation.close, {"reason": "重复"}),
    (moderation.reopen, {}),
    (moderation.hide, {"reason": "有号码"}),
    (moderation.show, {}),
    (moderation.hide_reply, {"number": 1, "reason": "有号码"}),
    (moderation.show_reply, {"number": 1}),
]


def test_moderating_is_the_moderators(rain):
    before = dump(rain.engine)
    for role in set(Role) - {Role.EDITOR, Role.LEADER, Role.MANAGER}:
        for verb, fields in STEPS:
            if role is Role.AGENT and verb is moderation.close:  # their own question
                continue
            with pytest.raises(PermissionDeniedError):
                act(rain, role, verb, **fields)
    assert dump(rain.engine) == before


def test_each_step_says_what_was_done_and_why(rain):
    for verb, fields in STEPS:
        act(rain, Role.LEADER, verb, **fields)
    with rain.sessions() as session:
        thread = by_key(session, "rain")
        told = [(event.verb, event.payload) for event in events.history(session, Subject.THREAD, thread.id)[:7]]
        assert (thread.state, thread.state_reason) == (ThreadState.OPEN, None)
        assert (thread.module_key, thread.region_key) == ("tv.card", "hedong")
    assert told[::-1] == [
        (Verb.MOVED, {"module": "tv.card", "region": "hedong"}),
        (Verb.CLOSED, {"reason": "重复"}),
        (Verb.REOPENED, {}),
        (Verb.HIDDEN, {"reason": "有号码"}),
        (Verb.SHOWN, {}),
        (Verb.HIDDEN, {"reply": 1, "reason": "有号码"}),
        (Verb.SHOWN, {"reply": 1}),
    ]


@pytest.mark.parametrize(
    ("verb", "fields", "error"),
    [
        (moderation.close, {"reason": " "}, InvalidInputError),
        (moderation.hide, {"reason": "长" * 301}, InvalidInputError),
        (moderation.move, {"module": "nowhere", "region": None}, InvalidInputError),
        (moderation.move, {"module": "tv.card", "region": "atlantis"}, InvalidInputError),
        (moderation.hide_reply, {"number": 9, "reason": "有号码"}, InvalidInputError),
        (moderation.reopen, {}, ConflictError),
        (moderation.show, {}, ConflictError),
        (moderation.show_reply, {"number": 1}, ConflictError),
    ],
)
def test_what_can_not_be_is_refused(rain, verb, fields, error):
    with pytest.raises(error):
        act(rain, Role.EDITOR, verb, **fields)


def test_whoever_asked_closes_their_question_and_no_other(rain):
    act(rain, Role.AGENT, moderation.close, reason="解决了")
    with pytest.raises(ConflictError):
        act(rain, Role.AGENT, moderation.close, reason="解决了")
    other = factories.person(rain, "other", Role.AGENT)
    factories.thread(rain, "two")
    with rain.sessions() as session, pytest.raises(PermissionDeniedError):
        moderation.close(session, other, by_key(session, "two"), reason="解决了", now=rain.clock())


def test_an_accepted_answer_that_is_hidden_is_none(rain):
    act(rain, Role.AGENT, forum.accept, 1)
    act(rain, Role.EDITOR, moderation.hide_reply, 1, reason="有号码")
    with rain.sessions() as session:
        assert by_key(session, "rain").accepted_number is None
        assert page(session, limit=9)[0][1] == 1  # replies that are shown
    with pytest.raises(InvalidInputError):
        act(rain, Role.AGENT, forum.accept, 1)


@pytest.fixture
def two(rain):
    """A second thread about the same, with a reply that was accepted and voted for, a gap and an entry."""
    number = factories.missed(rain, "咕噜咕噜转圈圈")
    rain.clock.advance(hours=1)
    factories.thread(rain, "flood", title="暴雨后红灯", body="又接了两个")
    act(rain, Role.LEADER, forum.reply, "我这里也是", key="flood")
    act(rain, Role.AGENT, forum.accept, 1, key="flood")
    with unit_of_work(rain.sessions) as session:
        flood = by_key(session, "flood")
        reading.vote(session, rain.actors[Role.EXPERT], flood, 1, useful=True, now=rain.clock())
        reading.vote(session, rain.actors[Role.EXPERT], flood, 0, useful=True, now=rain.clock())
        reading.follow(session, rain.actors[Role.VERIFIER], flood, follows=True)
        gaps.link_thread(session, SYSTEM, gap_queries.gap(session, SYSTEM, number), flood, now=rain.clock())
    factories.draft(rain, "los")
    with unit_of_work(rain.sessions) as session:
        session.scalars(select(Entry)).one().derived_from = "thread:flood"
    return rain, number


def merge(installation, source="flood", target="rain", role=Role.EDITOR, reason="同一件事"):
    with unit_of_work(installation.sessions) as session:
        threads = by_key(session, source), by_key(session, target)
        moderation.merge(session, installation.actors[role], *threads, reason=reason, now=installation.clock())


def test_merging_takes_everything_along_and_leads_on(two):
    installation, number = two
    merge(installation)
    actors = installation.actors
    with installation.sessions() as session:
        found = readable(session, actors[Role.AGENT], "flood")
        assert found.key == "rain"
        posts = [(item.number, item.author_id, item.body) for item in found.replies]
        assert posts[2:] == [
            (3, actors[Role.AGENT].user_id, "**暴雨后红灯**\n\n又接了两个"),
            (4, actors[Role.LEADER].user_id, "我这里也是"),
        ]
        assert found.accepted_number == 4
        voted = {post: len(who) for post, who in reading.votes(session, found).items()}
        assert voted == {3: 1, 4: 1}
        assert actors[Role.VERIFIER].user_id in reading.followers(session, found.id)
        assert gap_queries.gap(session, SYSTEM, number).thread_id == found.id
        assert session.scalars(select(Entry)).one().derived_from == "thread:rain"
        assert [item.title for item in merged_into(session, "rain")] == ["暴雨后红灯"]
        assert [thread.key for thread, _ in page(session, limit=9)] == ["rain"]
        flood = by_key(session, "flood")
        assert (flood.state, flood.replies) == (ThreadState.MERGED, [])
        merged = events.history(session, Subject.THREAD, flood.id)[0]
        assert (merged.verb, merged.payload) == (Verb.MERGED, {"into": "rain", "reason": "同一件事"})


def test_what_was_merged_twice_leads_to_the_end(two):
    installation, _ = two
    merge(installation)
    factories.thread(installation, "all")
    merge(installation, "rain", "all")
    with installation.sessions() as session:
        assert readable(session, installation.actors[Role.AGENT], "flood").key == "all"
        assert len(by_key(session, "all").replies) == 5
    act(installation, Role.EDITOR, moderation.hide, key="all", reason="有号码")
    with installation.sessions() as session, pytest.raises(NotFoundError):
        readable(session, installation.actors[Role.AGENT], "flood")


def test_what_can_not_be_merged(two):
    installation, _ = two
    for fields, error in (
        ({"role": Role.EXPERT}, PermissionDeniedError),
        ({"target": "flood"}, InvalidInputError),
        ({"reason": ""}, InvalidInputError),
    ):
        with pytest.raises(error):
            merge(installation, **fields)
    merge(installation)
    with pytest.raises(ConflictError):
        merge(installation)
    for verb, fields in ((moderation.hide, {"reason": "x"}), (moderation.reopen, {})):
        with pytest.raises(ConflictError):
            act(installation, Role.EDITOR, verb, key="flood", **fields)
