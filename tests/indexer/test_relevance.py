import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import relevance
from indexer.evaluation import evaluate
from indexer.relevance import JudgedQuestion
from kb.errors import InvalidInputError


def question(grades, itself=None):
    return JudgedQuestion("q", "问", grades, itself)


def write_set(folder, documents, questions, qrels):
    (folder / "qrels").mkdir(parents=True)
    for name, rows in (("corpus", documents), ("queries", questions)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in qrels)]
    (folder / "qrels" / "test.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("ranking", "mrr", "success"),
    [
        (["a"], 1.0, 1.0),
        (["x", "a"], 0.5, 1.0),
        (["x", "y", "z", "a"], 0.25, 0.0),
        ([*"123456789", "a"], 0.1, 0.0),
        ([*"1234567890", "a"], 0.0, 0.0),
        ([], 0.0, 0.0),
    ],
)
def test_reciprocal_rank_and_success(ranking, mrr, success):
    measures = relevance.measure([question({"a": 1})], {"q": ranking})
    assert (measures.mrr, measures.success) == (mrr, success)
    assert measures.empty == (not ranking)


def test_ndcg_by_hand():
    grades = {"a": 2, "b": 1}
    ideal = 3 + 1 / math.log2(3)
    assert relevance.ndcg(["b", "x", "a"], grades) == pytest.approx((1 + 3 / 2) / ideal)
    assert relevance.ndcg(["a", "b"], grades) == pytest.approx(1.0)
    assert relevance.ndcg([], grades) == 0.0
    assert relevance.ndcg(["a"], {}) == 0.0


@given(
    st.lists(st.sampled_from("abcdefghijklmno"), unique=True),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 3)),
)
def test_measures_stay_between_nothing_and_everything(ranking, grades):
    assert 0 <= relevance.ndcg(ranking, grades) <= 1 + 1e-9
    assert 0 <= relevance.reciprocal_rank(ranking, grades) <= 1


def test_a_question_does_not_find_itself():
    measures = relevance.measure([question({"a": 1}, itself="own")], {"q": ["own", "a"]})
    assert measures.mrr == 1.0


def test_a_set_is_read_and_measured_on_a_real_index(tmp_path, analysis):
    folder = write_set(
        tmp_path / "tiny",
        [
            {"_id": "d1", "title": "光猫红灯", "text": "", "metadata": {"aliases": ["盒子亮红灯"]}},
            {"_id": "d2", "title": "电子发票", "text": "怎么开发票"},
        ],
        [
            {"_id": "q1", "text": "盒子亮红灯了"},
            {"_id": "q2", "text": "开发票", "metadata": {"self": "d2"}},
            {"_id": "unjudged", "text": "没人评过"},
        ],
        [("q1", "d1", 1), ("q2", "d2", 1), ("q1", "d2", 0)],
    )
    loaded = relevance.load(folder)
    assert [item.id for item in loaded.questions] == ["q1", "q2"]
    assert loaded.documents[0].wordings == ("盒子亮红灯",)
    found = evaluate(loaded, analysis)
    assert (found.name, found.measures.questions) == ("tiny", 2)
    assert found.measures.mrr == 0.5
    assert len(found.milliseconds) == 2


@pytest.mark.parametrize("broken", ["nothing", "no qrels", "bad json"])
def test_a_folder_that_is_no_set_is_said_plainly(tmp_path, broken):
    folder = tmp_path / "set"
    if broken != "nothing":
        write_set(folder, [{"_id": "d", "title": "甲"}], [{"_id": "q", "text": "乙"}], [("q", "d", 1)])
    if broken == "no qrels":
        (folder / "qrels" / "test.tsv").unlink()
    if broken == "bad json":
        (folder / "corpus.jsonl").write_text("{")
    with pytest.raises(InvalidInputError, match="BEIR"):
        relevance.load(folder)
