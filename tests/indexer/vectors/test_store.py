import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.vectors import nearest as nearest_module
from indexer.vectors.embedder import unit_length
from indexer.vectors.nearest import Nearest, cosines
from indexer.vectors.store import MISSING, VectorStore, text_key

DIMENSIONS = 32


def vectors(count, seed=1):
    return unit_length(np.random.default_rng(seed).standard_normal((count, DIMENSIONS)).astype(np.float32))


@settings(max_examples=30, deadline=None)
@given(batches=st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=6, unique=True), max_size=6))
def test_what_was_added_is_there_after_opening_again(tmp_path_factory, batches):
    folder = tmp_path_factory.mktemp("store") / "vectors"
    held = {}
    for number, batch in enumerate(batches):
        new = [key for key in batch if key not in held]
        made = vectors(len(new), number)
        VectorStore(folder, DIMENSIONS).add(new, made)
        held.update(zip(new, made, strict=True))
    contents = VectorStore(folder, DIMENSIONS).contents()
    keys = np.array([*held, 7], np.uint64)
    rows = contents.rows(keys)
    assert (rows[:-1] != MISSING).all()
    for key, row in zip(held, rows, strict=False):
        assert cosines(contents, held[key], np.array([row]))[0] == pytest.approx(1, abs=2e-3)
    assert 7 in held or rows[-1] == MISSING


def test_a_reader_sees_what_a_writer_added(tmp_path):
    reader, writer = VectorStore(tmp_path, DIMENSIONS), VectorStore(tmp_path, DIMENSIONS)
    assert reader.contents().manifest.count == 0
    writer.add([1, 2], vectors(2))
    assert reader.contents().rows(np.array([2, 3, 1], np.uint64)).tolist() == [1, MISSING, 0]


def test_the_same_text_in_another_spelling_has_the_same_key():
    assert text_key("寬帶ＷＩＦＩ") == text_key("宽带wifi") != text_key("宽带")


WRITER = """
import sys, numpy as np
from pathlib import Path
from indexer.vectors.store import VectorStore
store = VectorStore(Path(sys.argv[1]), 32)
number = store.manifest().count
while True:
    store.add([number, number + 1], np.full((2, 32), number % 100 + 1, np.float32))
    number += 2
    print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path):
    acknowledged = 0
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(7):
            acknowledged = int(process.stdout.readline())
        process.kill()
        process.wait()
        process.stdout.close()
        contents = VectorStore(tmp_path, DIMENSIONS).contents()
        assert contents.manifest.count >= acknowledged
        assert contents.rows(np.arange(acknowledged, dtype=np.uint64)).tolist() == list(range(acknowledged))
        assert (contents.vectors == 127).all()


def test_the_nearest_are_those_of_plain_arithmetic(tmp_path):
    store, made, asked = VectorStore(tmp_path, DIMENSIONS), vectors(400), vectors(20, 2)
    store.add(range(400), made)
    found = Nearest(store)
    for question in asked:
        rows, values = found.search(question, 5)
        assert values == pytest.approx(np.sort(made @ question)[::-1][:5], abs=0.01)
        within = np.arange(0, 400, 7)
        rows, values = found.search(question, 5, within=within)
        assert set(rows) <= set(within)
        assert values == pytest.approx(np.sort(made[within] @ question)[::-1][:5], abs=0.01)


def test_the_graph_finds_nearly_all_and_what_came_after_it(tmp_path, monkeypatch):
    monkeypatch.setattr(nearest_module, "EXACT", 500)
    store, made = VectorStore(tmp_path, DIMENSIONS), vectors(3000)
    store.add(range(2900), made[:2900])
    found = Nearest(store)
    assert found.extend()
    assert not found.extend()
    store.add(range(2900, 3000), made[2900:])
    shares = []
    for question in vectors(30, 2):
        right = set(np.argsort(-made @ question)[:20])
        shares.append(len(right & set(found.search(question, 20)[0].tolist())) / 20)
    assert np.mean(shares) > 0.9
