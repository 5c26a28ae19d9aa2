from indexer import documents, gathering
from indexer.documents import Reference, Source
from kb.events import queries as event_queries
from tests.support import factories


def only(installation):
    with installation.sessions() as session:
        (document,) = gathering.everything(session)
    return document


def test_the_digest_changes_with_anything_and_only_then(installation):
    factories.publish(installation, "los-red")
    first = only(installation)
    assert only(installation).digest() == first.digest()
    factories.revise(installation, "los-red", deadlines="24 小时")
    assert only(installation).digest() != first.digest()


def test_events_come_down_to_each_document_once(installation):
    factories.publish(installation, "a")
    factories.thread(installation, "b")
    with installation.sessions() as session:
        events = event_queries.after(session, 0, limit=1000)
        assert documents.references(events) == (Reference(Source.ENTRY, 1), Reference(Source.THREAD, 1))
