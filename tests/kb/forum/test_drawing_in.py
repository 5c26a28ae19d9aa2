from datetime import timedelta

from kb.db import unit_of_work
from kb.forum import drawing_in, moderation
from kb.forum import operations as forum
from kb.forum.queries import by_key
from kb.notices import operations as notices
from kb.notices import queries as notice_queries
from kb.notices.models import NoticeKind
from kb.permissions import Role
from tests.support import factories

PATIENCE = timedelta(hours=4)


def draw_in(installation):
    with unit_of_work(installation.sessions) as session:
        return drawing_in.draw_in(session, patience=PATIENCE, now=installation.clock())


def told(installation, actor):
    with unit_of_work(installation.sessions) as session:
        while notices.deliver(session):
            pass
    with installation.sessions() as session:
        return [(item.kind, item.facts["thread"]) for item in notice_queries.page(session, actor, limit=9)]


def reply(installation, key, role, text="我再补充一句"):
    with unit_of_work(installation.sessions) as session:
        forum.reply(session, installation.actors[role], by_key(session, key), text, now=installation.clock())


def test_experts_are_called_once_when_nobody_has_answered_for_long_enough(any_installation):
    installation = any_installation
    factories.thread(installation, "waiting")
    factories.thread(installation, "answered")
    factories.thread(installation, "case", kind="case")
    factories.thread(installation, "closed")
    reply(installation, "waiting", Role.AGENT)  # whoever asked is no answer
    reply(installation, "answered", Role.LEADER)
    with unit_of_work(installation.sessions) as session:
        closing = by_key(session, "closed")
        moderation.close(session, installation.actors[Role.LEADER], closing, reason="重复", now=installation.clock())
    installation.clock.advance(hours=3, minutes=59)
    assert draw_in(installation) == 0
    installation.clock.advance(minutes=1)
    assert draw_in(installation) == 1
    assert draw_in(installation) == 0
    expert = installation.actors[Role.EXPERT]  # of "fault", and so of "fault.broadband"
    assert told(installation, expert) == [(NoticeKind.EXPERT_WANTED, "waiting")]
    with installation.sessions() as session:
        assert by_key(session, "waiting").drawn_at == installation.clock()


def test_a_module_without_experts_calls_the_managers_and_nobody_their_own_question(installation):
    factories.thread(installation, "tv", module="tv.card")
    with unit_of_work(installation.sessions) as session:
        expert = installation.actors[Role.EXPERT]
        forum.start(
            session, expert, title="谁见过", body="没见过", kind="question", module="fault.broadband", key="own",
            now=installation.clock(),
        )  # fmt: skip
    installation.clock.advance(hours=5)
    assert draw_in(installation) == 2
    assert told(installation, installation.actors[Role.MANAGER]) == [
        (NoticeKind.EXPERT_WANTED, "own"),
        (NoticeKind.EXPERT_WANTED, "tv"),
    ]
    assert told(installation, installation.actors[Role.EXPERT]) == []
