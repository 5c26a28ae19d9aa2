import pytest

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.forum import editing, moderation
from kb.forum import operations as forum
from kb.forum.queries import by_key
from kb.importing.entries import IMPORT_NOTE
from kb.notices import operations, queries
from kb.notices.models import MODERATED_LABELS, NoticeKind
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support import factories


def act(installation, role, verb, *args, **fields):
    with unit_of_work(installation.sessions) as session:
        return verb(
            session, installation.actors[role], by_key(session, "rain"), *args, now=installation.clock(), **fields
        )


@pytest.fixture
def told(installation):
    """Deliver, and return what everybody was told since the last time, by role."""
    seen = set()

    def look():
        with unit_of_work(installation.sessions) as session:
            while operations.deliver(session):
                pass
        found = {}
        with installation.sessions() as session:
            for role, actor in installation.actors.items():
                new = [item for item in queries.page(session, actor, limit=99) if item.id not in seen]
                seen.update(item.id for item in new)
                if new:
                    found[role] = [item.kind for item in new]
        return found

    return look


def test_who_is_called_is_told_so_and_who_follows_of_replies_and_nobody_twice(installation, told):
    with unit_of_work(installation.sessions) as session:
        people.deactivate(session, SYSTEM, by_username(session, "verifier"), now=installation.clock())
    factories.thread(installation, "rain", body="@专家 看看，@区县核实 也看看，@坐席")
    assert told() == {Role.EXPERT: [NoticeKind.MENTIONED]}  # not who is gone, nor who wrote it
    act(installation, Role.EXPERT, forum.reply, "看分光器，@采编")
    assert told() == {Role.AGENT: [NoticeKind.THREAD_REPLIED], Role.EDITOR: [NoticeKind.MENTIONED]}
    act(installation, Role.LEADER, forum.reply, "@专家 对")
    assert told() == {Role.AGENT: [NoticeKind.THREAD_REPLIED], Role.EXPERT: [NoticeKind.MENTIONED]}
    act(installation, Role.AGENT, forum.accept, 1)
    assert told() == {Role.EXPERT: [NoticeKind.REPLY_ACCEPTED], Role.LEADER: [NoticeKind.THREAD_ANSWERED]}


def test_a_change_tells_who_is_called_for_the_first_time_and_who_accepted(installation, told):
    factories.thread(installation, "rain")
    act(installation, Role.LEADER, forum.reply, "看分光器，@采编")
    told()
    act(installation, Role.LEADER, editing.edit, 1, body="看尾纤，@采编 @审核", version=0)
    assert told() == {Role.REVIEWER: [NoticeKind.MENTIONED]}
    act(installation, Role.EXPERT, forum.accept, 1)
    told()
    act(installation, Role.LEADER, editing.edit, 1, body="看尾纤，@采编 @坐席", version=1)
    assert told() == {Role.AGENT: [NoticeKind.MENTIONED], Role.EXPERT: [NoticeKind.ANSWER_EDITED]}
    act(installation, Role.LEADER, editing.edit, 1, body="再看尾纤", version=2)
    assert told() == {Role.AGENT: [NoticeKind.ANSWER_EDITED], Role.EXPERT: [NoticeKind.ANSWER_EDITED]}


def test_authors_hear_what_moderators_did_and_why(installation, told):
    factories.thread(installation, "rain")
    act(installation, Role.EXPERT, forum.reply, "看分光器")
    told()
    for verb, fields in (
        (moderation.move, {"module": "tv.card", "region": None}),
        (moderation.close, {"reason": "重复"}),
        (moderation.reopen, {}),
        (moderation.hide, {"reason": "写了号码"}),
        (moderation.show, {}),
    ):
        act(installation, Role.LEADER, verb, **fields)
        assert told() == {Role.AGENT: [NoticeKind.THREAD_MODERATED]}
    act(installation, Role.LEADER, moderation.hide_reply, 1, reason="写了号码")
    assert told() == {Role.EXPERT: [NoticeKind.THREAD_MODERATED]}
    with installation.sessions() as session:
        facts = queries.page(session, installation.actors[Role.EXPERT], limit=1)[0].facts
    assert (facts["verb"], facts["reason"], facts["reply"]) == ("hidden", "写了号码", 1)
    assert facts["verb"] in MODERATED_LABELS


def test_who_gave_is_told_when_it_becomes_knowledge_once(installation, told):
    factories.thread(installation, "rain")
    act(installation, Role.EXPERT, forum.reply, "看分光器")
    act(installation, Role.AGENT, forum.accept, 1)
    with unit_of_work(installation.sessions) as session:
        editor = installation.actors[Role.EDITOR]
        content = factories.content()
        entries.create(session, editor, content, key="los", derived_from="thread:rain", now=installation.clock())
    told()
    factories.release(installation, "los")
    assert told() == {
        Role.AGENT: [NoticeKind.BECAME_KNOWLEDGE],
        Role.EXPERT: [NoticeKind.BECAME_KNOWLEDGE],
        Role.EDITOR: [NoticeKind.ENTRY_PUBLISHED],
    }
    factories.revise(installation, "los", answer="先看分光器，再重启。")
    assert told() == {Role.EDITOR: [NoticeKind.ENTRY_PUBLISHED]}
    with unit_of_work(installation.sessions) as session:
        editor = installation.actors[Role.EDITOR]
        entries.create(session, editor, factories.content(), key="tv", note=IMPORT_NOTE, now=installation.clock())
    factories.release(installation, "tv")
    assert told() == {}  # a file brings hundreds: who imports sees what became of them
