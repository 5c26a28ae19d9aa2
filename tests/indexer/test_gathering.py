from datetime import timedelta

from indexer import gathering
from indexer.documents import Reference, Source
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.forum import operations as forum
from kb.forum import queries as forum_queries
from kb.permissions import Role
from tests.support import factories
from tests.support.statements import counted


def only(installation):
    with installation.sessions() as session:
        (document,) = gathering.everything(session)
    return document


def test_an_entry_is_found_by_everything_that_was_written(installation):
    factories.publish(
        installation,
        "los-red",
        regions=("hedong",),
        steps="1. **插紧**尾纤",
        fees="【待填：检修费】",
        internal_note="不要承诺时间",
        valid_until=installation.clock() + timedelta(days=3),
    )
    document = only(installation)
    assert document.reference.source is Source.ENTRY
    assert document.key == "los-red"
    assert document.modules == ("fault.broadband", "fault")
    assert document.regions == ("hedong",)
    assert document.reach == ("hedong", "lanjiang", "wanglan")
    assert document.state == "published"
    assert "插紧尾纤" in "".join(document.passages)
    assert "**" not in "".join(document.passages)
    assert "不要承诺时间" in document.passages
    assert document.verified_at == installation.clock()


def test_a_draft_of_a_published_entry_is_not_in_its_document(installation):
    factories.publish(installation, "los-red")
    before = only(installation)
    with unit_of_work(installation.sessions) as session:
        entry = entry_queries.by_key(session, "los-red")
        entries.save(
            session,
            installation.actors[Role.EDITOR],
            entry,
            factories.content(title="还没审的新标题"),
            now=installation.clock(),
        )
    assert only(installation).title == before.title


def test_a_thread_is_found_by_its_replies(installation):
    factories.thread(installation, "los-rain")
    with unit_of_work(installation.sessions) as session:
        thread = forum_queries.by_key(session, "los-rain")
        forum.reply(session, installation.actors[Role.EXPERT], thread, "看**分光器**", now=installation.clock())
    document = only(installation)
    assert document.level == 0
    assert document.passages == ("刚接了三个", "看分光器")


def test_building_takes_the_same_statements_for_one_and_for_many(installation):
    for number in range(12):
        factories.publish(installation, f"entry-{number}")
        factories.thread(installation, f"thread-{number}")
    counts = []
    for size in (1, 12):
        wanted = [Reference(source, row) for source in Source for row in range(1, size + 1)]
        with installation.sessions() as session, counted(installation.engine) as seen:
            assert len(gathering.build(session, wanted)) == 2 * size
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_nothing_is_built_for_what_is_gone(installation):
    with installation.sessions() as session:
        assert gathering.build(session, [Reference(Source.ENTRY, 404)]) == ()
        assert gathering.build(session, []) == ()
