from datetime import timedelta

import pytest
from whoosh.filedb.filestore import FileStorage

from indexer import gathering
from indexer.documents import Source
from indexer.embedded.engine import EmbeddedEngine
from indexer.engine import Changes, Filters, IndexMovedError, IndexNotReadyError
from indexer.query import understand
from kb.permissions import SYSTEM
from tests.support import factories


@pytest.fixture
def engine(installation):
    return installation.search.engine


def keys(installation, text, **filters):
    found = installation.search.engine.search(
        understand(text, installation.analysis), Filters(**filters), SYSTEM, now=installation.clock(), limit=50
    )
    return [hit.id for hit in found.hits]


def test_no_index_is_said_not_guessed(installation, engine):
    assert engine.status().generation is None
    with pytest.raises(IndexNotReadyError):
        keys(installation, "红灯")
    with pytest.raises(IndexNotReadyError):
        engine.apply(Changes((), (), 0, 1))


def test_an_index_of_another_schema_is_not_read(installation, engine, monkeypatch):
    factories.publish(installation, "los-red")
    installation.reindex()
    monkeypatch.setattr("indexer.embedded.cutting.SCHEMA_VERSION", 99)
    newer = EmbeddedEngine(installation.settings.index_path, installation.analysis)
    assert not newer.status().current
    with pytest.raises(IndexNotReadyError):
        newer.search(understand("红灯", installation.analysis), Filters(), SYSTEM, now=installation.clock(), limit=1)


def test_each_wording_is_scored_for_itself(installation):
    """An entry that many have asked for must not lose to one with a single short wording for the length of them all."""
    many = ("猫上面有个灯红了", *(f"第{number}种完全不相干的说法编号{number}" for number in range(40)))
    factories.publish(installation, "asked-often", title="甲", answer="乙", script="", steps="", wordings=many)
    factories.publish(
        installation, "asked-once", title="丙", answer="丁", script="", steps="", wordings=("猫上面有个铃铛",)
    )
    installation.reindex()
    assert keys(installation, "猫上面有个灯红了") == ["asked-often", "asked-once"]


def test_a_phrase_is_found_across_the_segmentation(installation):
    """Within one text only: neither across punctuation, nor from one field's end into the next's beginning."""
    plain = {"answer": "答", "script": "", "steps": "", "wordings": ()}
    factories.publish(installation, "whole", **{**plain, "title": "宽带年费怎么退还"})
    factories.publish(installation, "apart", **{**plain, "title": "年费，怎么退还"})
    factories.publish(installation, "split", **{**plain, "title": "甲", "wordings": ("交了年费", "怎么退")})
    installation.reindex()
    assert keys(installation, "“年费怎么退”") == ["whole"]
    assert keys(installation, "“费怎么”") == ["whole"]


def test_a_new_revision_replaces_the_old_one_with_all_its_wordings(installation):
    factories.publish(installation, "los-red", wordings=("古老的说法",))
    installation.reindex()
    assert keys(installation, "古老的说法") == ["los-red"]
    factories.revise(installation, "los-red", wordings=("崭新的问法",))
    installation.reindex()
    assert keys(installation, "古老") == []
    assert keys(installation, "崭新的问法") == ["los-red"]


def test_facets_count_all_results_not_one_page(installation):
    for number in range(5):
        factories.publish(installation, f"fault-{number}")
    for number in range(3):
        factories.publish(installation, f"tv-{number}", module_key="tv.signal", tier_key="second")
    installation.reindex()
    found = installation.search.engine.search(
        understand("红灯", installation.analysis), Filters(), SYSTEM, now=installation.clock(), limit=2
    )
    assert found.total == 8
    assert len(found.hits) == 2
    assert found.facets["module"] == {"fault.broadband": 5, "tv.signal": 3}
    assert found.facets["tier"] == {"first": 5, "second": 3}
    assert found.facets["level"] == {"2": 8}


def test_pages_do_not_overlap_and_leave_nothing_out(installation):
    for number in range(7):
        factories.publish(installation, f"same-{number}")
    installation.reindex()
    query = understand("红灯", installation.analysis)
    pages = [
        installation.search.engine.search(
            query, Filters(), SYSTEM, now=installation.clock(), limit=3, offset=offset
        ).hits
        for offset in (0, 3, 6, 9)
    ]
    assert sorted(hit.id for page in pages for hit in page) == [f"same-{number}" for number in range(7)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]


def test_changes_from_another_starting_point_are_refused(installation, engine):
    factories.publish(installation, "los-red")
    installation.reindex()
    watermark = engine.status().watermark
    with pytest.raises(IndexMovedError):
        engine.apply(Changes((), (), watermark - 1, watermark + 1))
    assert engine.status().watermark == watermark
    assert keys(installation, "红灯") == ["los-red"]


def test_a_failed_batch_leaves_nothing_and_blocks_nothing(installation, engine, monkeypatch):
    factories.publish(installation, "los-red")
    installation.reindex()
    before = engine.snapshot()
    with installation.sessions() as session:
        (document,) = gathering.everything(session)
    changes = Changes((document,), (), before.watermark, before.watermark + 1)

    def refuse(*args, **kwargs):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("whoosh.writing.SegmentWriter.add_document", refuse)
        with pytest.raises(OSError, match="disk full"):
            engine.apply(changes)
    assert engine.snapshot() == before
    engine.apply(changes)
    assert engine.snapshot().digests == before.digests


def test_files_are_on_disk_before_the_commit_that_names_them(installation, monkeypatch):
    """Whoosh never calls fsync: a table of contents could survive a power cut that its segments did not."""
    synced, order = set(), []
    monkeypatch.setattr("indexer.embedded.storage.sync", lambda path: synced.add(path.name))
    original = FileStorage.rename_file

    def rename(self, old, new, safe=False):
        if new.startswith("_MAIN_") and new.endswith(".toc"):
            present = {name for name in self.list() if name.endswith(".seg")}
            order.append(present <= synced)
        return original(self, old, new, safe=safe)

    monkeypatch.setattr(FileStorage, "rename_file", rename)
    factories.publish(installation, "los-red")
    installation.reindex()
    factories.revise(installation, "los-red", answer="另一句")
    installation.reindex()
    assert len(order) >= 3
    assert all(order)


def test_validity_is_of_the_moment_of_the_search(installation):
    start = installation.clock()
    factories.publish(
        installation, "campaign", valid_from=start + timedelta(hours=1), valid_until=start + timedelta(hours=2)
    )
    installation.reindex()
    seen = []
    for minutes in (59, 60, 119, 120):
        installation.clock.now = start + timedelta(minutes=minutes)
        seen.append(keys(installation, "红灯"))
    assert seen == [[], ["campaign"], ["campaign"], []]


def test_threads_and_entries_are_never_mixed(installation):
    factories.publish(installation, "los-red")
    factories.thread(installation, "los-after-rain")
    installation.reindex()
    assert keys(installation, "红灯") == ["los-red"]
    assert keys(installation, "红灯", source=Source.THREAD) == ["los-after-rain"]
