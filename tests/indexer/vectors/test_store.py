import signal
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.vectors.embedder import unit_length
from indexer.vectors.keys import MISSING, text_key
from indexer.vectors.nearest import cosines
from indexer.vectors.store import VectorStore

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


def test_a_store_from_before_there_were_editions_is_read_and_goes_on(tmp_path):
    made = vectors(5)
    VectorStore(tmp_path, DIMENSIONS).add(range(4), made[:4])
    (tmp_path / "manifest.json").write_text('{"count": 4, "graph": "graph-1.usearch", "graphed": 3}')
    store = VectorStore(tmp_path, DIMENSIONS)
    store.add([4], made[4:])
    assert store.contents().rows(np.arange(5, dtype=np.uint64)).tolist() == [0, 1, 2, 3, 4]


def test_compacting_keeps_what_is_asked_for_and_frees_the_rest(tmp_path):
    made = vectors(100)
    reader, writer = (VectorStore(tmp_path, DIMENSIONS, sketch_from=40) for _ in range(2))
    writer.add(range(100), made)
    before = reader.contents()
    keep = np.arange(0, 120, 2, dtype=np.uint64)  # some of which there never were
    assert writer.compact(keep) == 50
    assert writer.compact(keep) == 0
    after = reader.contents()
    assert after.manifest.edition == before.manifest.edition + 1
    assert after.sketches is not None
    assert after.manifest.count == after.manifest.blocked == 50
    rows = after.rows(np.arange(100, dtype=np.uint64))
    assert (rows[1::2] == MISSING).all()
    for number in range(0, 100, 2):
        assert cosines(after, made[number], rows[number : number + 1])[0] == pytest.approx(1, abs=2e-3)
    # Whoever reads the edition before goes on reading it.
    assert cosines(before, made[99], before.rows(np.array([99], np.uint64)))[0] == pytest.approx(1, abs=2e-3)
    assert {path.name for path in tmp_path.glob("*.bin")} == {
        "keys-1.bin",
        "vectors-1.bin",
        "sketches-1.bin",
        "centre-1.bin",
    }


def test_everything_can_be_dropped_and_something_added_again(tmp_path):
    store = VectorStore(tmp_path, DIMENSIONS)
    store.add(range(10), vectors(10))
    assert store.compact(np.empty(0, np.uint64)) == 10
    assert store.contents().manifest.count == 0
    store.add([7], vectors(1))
    assert store.contents().rows(np.array([7, 8], np.uint64)).tolist() == [0, MISSING]


# Ends itself, as the kernel would, at the given one of the steps that make writing durable or drop files.
DYING = """
import os, signal, sys, numpy as np
from pathlib import Path
from indexer.vectors.store import VectorStore

folder, last = Path(sys.argv[1]), int(sys.argv[2])
steps = 0

def deadly(step):
    def run(*arguments, **named):
        global steps
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*arguments, **named)
    return run

os.fsync, Path.replace, Path.unlink = deadly(os.fsync), deadly(Path.replace), deadly(Path.unlink)
store = VectorStore(folder, 32, sketch_from=20)
store.compact(np.arange(0, 60, 3, dtype=np.uint64))
store.add([1000], np.ones((1, 32), np.float32))
print("done", steps)
"""


def test_a_kill_at_any_step_of_compacting_loses_nothing_that_is_kept(tmp_path):
    made, keep = vectors(60), np.arange(0, 60, 3, dtype=np.uint64)
    seen = set()
    for step in range(1, 100):
        folder = tmp_path / str(step)
        VectorStore(folder, DIMENSIONS, sketch_from=20).add(range(60), made)
        ended = subprocess.run(
            [sys.executable, "-c", DYING, str(folder), str(step)], capture_output=True, text=True, check=False
        )
        store = VectorStore(folder, DIMENSIONS, sketch_from=20)
        contents = store.contents()
        seen.add(contents.manifest.count)
        rows = contents.rows(keep)
        assert (rows != MISSING).all()
        for key, row in zip(keep.tolist(), rows, strict=True):
            assert cosines(contents, made[key], np.array([row]))[0] == pytest.approx(1, abs=2e-3)
        store.compact(keep)
        store.add([2000], vectors(1))
        assert store.contents().rows(np.array([2000], np.uint64))[0] != MISSING
        assert len({path.stem.partition("-")[2] for path in folder.glob("*.bin")}) == 1  # nothing is left lying about
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
    assert ended.stdout.startswith("done")
    assert step > 8
    assert seen == {60, 20, 21}
