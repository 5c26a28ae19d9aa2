"""Sense behind the engine: it is filled in behind the words, holds the hard filters, and embeds nothing twice."""

import random

import numpy as np
import pytest

from indexer.embedded import sensing
from indexer.embedded.columns.layout import Unit
from indexer.embedded.engine import EmbeddedEngine
from indexer.engine import Changes, Filters
from indexer.query import understand
from kb.permissions import SYSTEM
from tests.support import corpus
from tests.support.vectors import CharacterEmbedder

BARE = {"answer": "", "wordings": (), "passages": (), "regions": (), "modules": ("billing",)}


@pytest.fixture
def engine(analysis, tmp_path):
    chance = random.Random(1)
    made = EmbeddedEngine(tmp_path, analysis, CharacterEmbedder())
    build = made.build()
    build.add(
        [
            corpus.document(chance, 1, **{**BARE, "title": "宽带慢网"}),
            corpus.document(chance, 2, **{**BARE, "title": "机顶盒亮红灯"}),
            corpus.document(chance, 3, **{**BARE, "title": "带宽网慢", "state": "suspended"}),
        ]
    )
    build.commit(1)
    build.publish()
    return made


def found(engine, text, **filters):
    results = engine.search(understand(text, engine.analysis), Filters(**filters), SYSTEM, now=corpus.AT, limit=10)
    return [hit.id for hit in results.hits]


def fill(engine):
    while engine.embed_pending():
        pass


def test_words_find_while_nothing_is_embedded_yet(engine):
    assert engine.status().embedded == 0
    assert found(engine, "机顶盒亮红灯") == ["e2"]


def test_progress_is_counted_once_until_something_changes(engine, monkeypatch):
    fill(engine)
    assert engine.status().embedded == 3
    with monkeypatch.context() as patch:
        patch.setattr(engine._sensing, "rows", None)  # counting would call it
        assert engine.status().embedded == engine.status().embeddable == 3
    engine.apply(Changes((), ("entry:2",), 1, 2))
    assert engine.status().embedded == 2


def test_what_is_alike_is_found_without_a_word_in_common(engine):
    assert found(engine, "慢带网宽") == []
    fill(engine)
    status = engine.status()
    assert status.embedded == status.embeddable == 3
    assert found(engine, "慢带网宽") == ["e1"]  # never e3: it is suspended, however near


def test_filters_hold_for_sense_too(engine):
    fill(engine)
    assert found(engine, "慢带网宽", modules=("tv",)) == []
    assert found(engine, "慢带网宽", without=frozenset({"e1"})) == []


def test_a_rebuild_embeds_nothing_twice(engine, analysis):
    fill(engine)
    before = list(engine._sensing.embedder.embedded)
    build = engine.build()
    build.add([corpus.document(random.Random(1), 9, **{**BARE, "title": "宽带慢网"})])
    build.commit(2)
    build.publish()
    fill(engine)
    assert engine._sensing.embedder.embedded == before
    assert found(engine, "慢带网宽") == ["e9"]


def test_vectors_of_texts_that_are_gone_are_dropped_when_they_are_many(engine, monkeypatch):
    monkeypatch.setattr(sensing, "FEW_UNUSED", 0)
    fill(engine)
    before = list(engine._sensing.embedder.embedded)
    question = engine._sensing.query("慢带网宽")  # asked before, answered after
    engine.apply(Changes((), ("entry:2",), 1, 2))
    fill(engine)
    assert engine._sensing._store.contents().manifest.count == 2
    assert found(engine, "慢带网宽") == ["e1"]
    assert engine._sensing.embedder.embedded == before
    state = engine._reader.state()
    (part,) = state.view.parts
    for asked in (question, engine._sensing.query("慢带网宽")):
        numbers = np.arange(len(part.segment.owners(Unit.PHRASING)))
        values = asked.cosines(part, Unit.PHRASING, numbers)
        assert values[0] == pytest.approx(1, abs=2e-3)  # the same characters


def test_a_few_unused_vectors_are_kept(engine):
    fill(engine)
    engine.apply(Changes((), ("entry:2",), 1, 2))
    fill(engine)
    assert engine._sensing._store.contents().manifest.count == 3


def test_an_edit_is_embedded_behind_it(engine):
    fill(engine)
    new = corpus.document(random.Random(2), 2, **{**BARE, "title": "退费改套餐"})
    engine.apply(Changes((new,), (), 1, 2))
    assert engine.status().embedded == 2
    fill(engine)
    assert engine.status().embedded == 3
    assert found(engine, "套餐改退费")[0] == "e2"


def test_without_an_embedder_there_is_nothing_to_do(analysis, tmp_path):
    engine = EmbeddedEngine(tmp_path, analysis)
    assert not engine.embed_pending()
