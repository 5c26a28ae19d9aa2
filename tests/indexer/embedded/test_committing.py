"""An index made by edits is the index made at once."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.embedded.engine import EmbeddedEngine
from indexer.embedded.ranking import Tuning
from indexer.engine import Changes, Filters
from indexer.query import understand
from kb.permissions import SYSTEM
from tests.support import corpus

QUESTIONS = ("机顶盒亮红灯", "宽带的网络慢", "退费", "jdh", "5g", "光猫", "“宽带网络”")


def built(folder, analysis, documents):
    engine = EmbeddedEngine(folder, analysis)
    build = engine.build()
    build.add(documents)
    build.commit(1)
    build.publish()
    return engine


def answers(engine, analysis, **filters):
    """Return for each question the total, the facets, and the hits with their scores; in order of score, then key."""
    found = []
    for question in QUESTIONS:
        results = engine.search(understand(question, analysis), Filters(**filters), SYSTEM, now=corpus.AT, limit=100)
        hits = results.hits or results.nearest
        found.append((results.total, results.facets, sorted((-hit.score, hit.id) for hit in hits)))
    return found


def expect_same(left, right):
    for (total, facets, hits), (other_total, other_facets, other_hits) in zip(left, right, strict=True):
        assert (total, facets) == (other_total, other_facets)
        assert [key for _, key in sorted(hits, key=lambda hit: hit[1])] == [
            key for _, key in sorted(other_hits, key=lambda hit: hit[1])
        ]
        assert [score for score, _ in hits] == pytest.approx([score for score, _ in other_hits], abs=2e-4)


edits = st.lists(
    st.tuples(
        st.sampled_from(["put", "delete", "rate"]), st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True)
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), edits=edits, tend_every=st.integers(1, 6))
def test_edits_come_to_what_a_build_at_once_does(analysis, tmp_path_factory, seed, edits, tend_every):
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("edits")
    held = {row: corpus.document(chance, row) for row in range(1, 7)}
    engine = built(folder / "edited", analysis, held.values())
    for number, (kind, rows) in enumerate(edits, start=1):
        put = [corpus.document(chance, row) for row in rows] if kind == "put" else []
        rated = {row: chance.random() for row in rows} if kind == "rate" else {}
        gone = [f"entry:{row}" for row in rows] if kind == "delete" else []
        merits = {f"entry:{row}": merit for row, merit in rated.items()}
        engine.apply(Changes(tuple(put), tuple(gone), number, number + 1, merits))
        held.update({row: replace(held[row], maturity=merit) for row, merit in rated.items() if row in held})
        held.update({document.reference.row: document for document in put})
        for row in rows if kind == "delete" else ():
            held.pop(row, None)
        if number % tend_every == 0:
            engine.tend()
    assert engine.snapshot().digests == {document.id: document.digest() for document in held.values()}
    engine.optimise()
    assert engine.snapshot().digests == {document.id: document.digest() for document in held.values()}
    at_once = built(folder / "at-once", analysis, held.values())
    for tuning in (Tuning(maturity=0.0), Tuning()):
        engine.tuning = at_once.tuning = tuning
        expect_same(answers(engine, analysis), answers(at_once, analysis))
        expect_same(answers(engine, analysis, region="wanglan"), answers(at_once, analysis, region="wanglan"))


def test_what_is_deleted_counts_nowhere(analysis, tmp_path):
    """Before anything is merged, too: a term's frequency is counted in what lives."""
    chance = random.Random(7)
    documents = corpus.documents(chance, 60)
    engine = built(tmp_path / "edited", analysis, documents)
    engine.apply(Changes((), tuple(document.id for document in documents[::2]), 1, 2))
    at_once = built(tmp_path / "at-once", analysis, documents)
    before = answers(at_once, analysis)
    assert answers(engine, analysis) != before
    kept = {document.key for document in documents[1::2]}
    assert all(key in kept for _, _, hits in answers(engine, analysis) for _, key in hits)
    assert engine.status().documents == 30


def test_merges_keep_segments_few_and_lose_nothing(analysis, tmp_path):
    chance = random.Random(3)
    engine = built(tmp_path, analysis, corpus.documents(chance, 3))
    for number in range(1, 80):
        engine.apply(Changes((corpus.document(chance, 100 + number),), (), number, number + 1))
        while engine.tend():
            pass
    assert engine.status().documents == 82
    assert engine.status().segments < 20
    assert len(engine.snapshot().digests) == 82


def test_an_edit_during_a_merge_is_not_undone_by_it(analysis, tmp_path, monkeypatch):
    chance = random.Random(5)
    engine = built(tmp_path, analysis, corpus.documents(chance, 4))
    engine.apply(Changes((corpus.document(chance, 9),), (), 1, 2))
    committer = engine._committing()
    entries = committer._ledger.commit().segments
    new = corpus.document(chance, 2, title="改过的宽带")
    original = committer._swap

    def swap_after_an_edit(*arguments, **named):
        engine.apply(Changes((new,), ("entry:3",), 2, 3))
        return original(*arguments, **named)

    monkeypatch.setattr(committer, "_swap", swap_after_an_edit)
    committer.merge(entries)
    digests = engine.snapshot().digests
    assert digests.keys() == {"entry:1", "entry:2", "entry:4", "entry:9"}
    assert digests["entry:2"] == new.digest()


def test_another_m_is_kept_and_no_text_is_cut_for_it(analysis, tmp_path, monkeypatch):
    held = corpus.documents(random.Random(11), 6)
    engine = built(tmp_path / "edited", analysis, held)
    segments = engine.status().segments
    with monkeypatch.context() as cut:
        cut.setattr("indexer.embedded.committing.building.write", None)
        engine.apply(Changes((), (), 1, 2, {"entry:1": 0.25, "entry:3": 0.5, "entry:77": 0.5}))
        engine.apply(Changes((), (), 2, 3, {"entry:1": 0.75}))
    assert (engine.status().segments, engine.watermark()) == (segments, 3)
    assert len(list(engine._committing().folder.glob("*.merits"))) == 1, "what no commit names any more is removed"
    again = EmbeddedEngine(tmp_path / "edited", analysis)
    assert again.snapshot() == engine.snapshot()
    rated = [replace(held[0], maturity=0.75), held[1], replace(held[2], maturity=0.5), *held[3:]]
    assert again.snapshot().maturities == pytest.approx({document.id: document.maturity for document in rated})
    expect_same(answers(again, analysis), answers(built(tmp_path / "at-once", analysis, rated), analysis))


def test_an_m_that_changes_during_a_merge_is_not_undone_by_it(analysis, tmp_path, monkeypatch):
    chance = random.Random(12)
    held = corpus.documents(chance, 4)
    engine = built(tmp_path, analysis, held)
    engine.apply(Changes((corpus.document(chance, 9),), (), 1, 2, {"entry:2": 0.125}))
    committer = engine._committing()
    original = committer._swap

    def swap_after_a_call(*arguments, **named):
        engine.apply(Changes((), ("entry:3",), 2, 3, {"entry:1": 0.875}))
        return original(*arguments, **named)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(committer, "_swap", swap_after_a_call)
        committer.merge(committer._ledger.commit().segments)
    found = engine.snapshot().maturities
    assert found.keys() == {"entry:1", "entry:2", "entry:4", "entry:9"}
    assert (found["entry:1"], found["entry:2"]) == (0.875, 0.125)
    engine.optimise()
    assert engine.snapshot().maturities == found
