import numpy as np
import pytest

from indexer.vectors.embedder import unit_length
from indexer.vectors.nearest import nearest
from indexer.vectors.store import VectorStore

DIMENSIONS = 64


def vectors(count, seed=1):
    return unit_length(np.random.default_rng(seed).standard_normal((count, DIMENSIONS)).astype(np.float32))


def clustered(count, seed):
    """Vectors as texts have them: in bundles, and all somewhat to one side."""
    chance = np.random.default_rng(seed)
    bundles = np.random.default_rng(9).standard_normal((200, DIMENSIONS)) + 0.5
    noise = chance.standard_normal((count, DIMENSIONS)) * 0.5
    return unit_length((bundles[chance.integers(0, 200, count)] + noise).astype(np.float32))


@pytest.fixture
def filled(tmp_path):
    """Return the contents of a store of so many vectors."""

    def fill(made, sketch_from):
        store = VectorStore(tmp_path / str(sketch_from), made.shape[1], sketch_from=sketch_from)
        for start in range(0, len(made), 700):
            store.add(range(start, min(start + 700, len(made))), made[start : start + 700])
        return store.contents()

    return fill


@pytest.mark.parametrize("sketch_from", [100, 10_000])
@pytest.mark.parametrize("every", [None, 1, 7])
def test_few_are_compared_as_by_plain_arithmetic(filled, sketch_from, every):
    made = vectors(400)
    contents = filled(made, sketch_from)
    within = None if every is None else np.arange(0, 400, every)
    for question in vectors(20, 2):
        rows, values = nearest(contents, question, 5, within=within)
        assert within is None or set(rows) <= set(within)
        assert values == pytest.approx(np.sort(made[:: every or 1] @ question)[::-1][:5], abs=0.01)
        assert values == pytest.approx(made[rows] @ question, abs=0.01)


@pytest.mark.parametrize("every", [None, 2])
def test_sketches_find_nearly_all_of_many_and_only_what_is_allowed(filled, every):
    made = clustered(14_000, 1)
    contents = filled(made, 1000)
    assert contents.sketches is not None
    assert contents.manifest.blocked == 14_000
    within = None if every is None else np.arange(0, 14_000, every)
    allowed = np.arange(14_000) if within is None else within
    shares = []
    for question in clustered(30, 2):
        right = allowed[np.argsort(-(made[allowed] @ question))[:20]]
        rows, values = nearest(contents, question, 20, within=within)
        assert (np.diff(values) <= 0).all()
        assert set(rows) <= set(allowed)
        shares.append(len(set(right) & set(rows)) / 20)
    assert np.mean(shares) > 0.95


def test_nothing_is_near_in_an_empty_store(filled, tmp_path):
    contents = VectorStore(tmp_path / "none", DIMENSIONS).contents()
    assert [len(found) for found in nearest(contents, vectors(1)[0], 5)] == [0, 0]
    contents = filled(vectors(400), 100)
    assert [len(found) for found in nearest(contents, vectors(1)[0], 5, within=np.empty(0, np.int64))] == [0, 0]


def test_more_may_be_asked_for_than_there_are(filled):
    rows, _ = nearest(filled(vectors(400), 100), vectors(1)[0], 1000)
    assert sorted(rows.tolist()) == list(range(400))
