import math

import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import relevance
from indexer.relevance import MEASURES, JudgedQuestion
from kb.errors import InvalidInputError
from tests.support.relevance import write_set

DOCUMENTS = [f"d{number}" for number in range(30)]
TREC_NAMES = {
    "mrr@10": "recip_rank",
    "recall@1": "recall_1",
    "recall@5": "recall_5",
    "recall@10": "recall_10",
    "success@3": "success_3",
    "ndcg@10": "ndcg_cut_10",
}


def question(grades, itself=None, name="q"):
    return JudgedQuestion(name, "问", grades, itself)


def measured(grades, ranking, itself=None):
    """Return the measures of one question by name."""
    found = relevance.measure([question(grades, itself)], {"q": ranking})
    return {name: values.tolist()[0] for name, values in found.items()}


@given(
    st.dictionaries(
        st.sampled_from([f"q{number}" for number in range(6)]),
        st.tuples(
            st.dictionaries(st.sampled_from(DOCUMENTS), st.integers(1, 3), min_size=1),
            # Few different scores, so that many documents tie.
            st.none() | st.dictionaries(st.sampled_from(DOCUMENTS), st.integers(1, 5)),
        ),
        min_size=1,
    )
)
@settings(max_examples=300)
def test_measures_are_those_of_trec_eval(judged):
    questions = [question(grades, name=name) for name, (grades, _) in judged.items()]
    # trec_eval puts ties in falling order of their ids; recip_rank has no cut of its own.
    rankings = {
        name: sorted(run, key=lambda key: (run[key], key), reverse=True)
        for name, (_, run) in judged.items()
        if run is not None
    }
    evaluator = pytrec_eval.RelevanceEvaluator(
        {name: grades for name, (grades, _) in judged.items()},
        {"recip_rank", "recall.1,5,10", "success.3", "ndcg_cut.10"},
    )
    theirs = evaluator.evaluate(
        {name: {key: judged[name][1][key] for key in ranking[:10]} for name, ranking in rankings.items()}
    )
    ours = relevance.measure(questions, rankings)
    assert set(ours) == set(TREC_NAMES) == set(MEASURES)
    for name, values in ours.items():
        # It leaves out questions that have no results; nothing found is nothing right.
        expected = [theirs.get(item.id, {}).get(TREC_NAMES[name], 0.0) for item in questions]
        assert values.tolist() == pytest.approx(expected, abs=1e-9), name


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
    measures = measured({"a": 1}, ranking)
    assert (measures["mrr@10"], measures["success@3"]) == (mrr, success)


def test_recall_counts_all_that_is_right():
    measures = measured({"a": 1, "b": 2, "c": 1, "d": 1}, ["a", "x", "b", "y", "z", "c"])
    assert (measures["recall@1"], measures["recall@5"], measures["recall@10"]) == (0.25, 0.5, 0.75)


def test_ndcg_by_hand():
    grades = {"a": 2, "b": 1}
    ideal = 2 + 1 / math.log2(3)
    assert relevance.ndcg(["b", "x", "a"], grades) == pytest.approx((1 + 2 / 2) / ideal)
    assert relevance.ndcg(["a", "b"], grades) == pytest.approx(1.0)
    assert relevance.ndcg([], grades) == 0.0
    assert relevance.ndcg(["a"], {}) == 0.0


def test_a_question_does_not_find_itself():
    measures = measured({"a": 1, "own": 1}, ["own", "a"], itself="own")
    assert set(measures.values()) == {1.0}


def test_a_set_is_read(tmp_path):
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
        [("q1", "d1", 1), ("q2", "d2", 2), ("q1", "d2", 0)],
    )
    loaded = relevance.load(folder)
    assert loaded.name == "tiny"
    assert [(item.id, item.grades, item.itself) for item in loaded.questions] == [
        ("q1", {"d1": 1}, None),
        ("q2", {"d2": 2}, "d2"),
    ]
    assert [item.wordings for item in loaded.documents] == [("盒子亮红灯",), ()]


def test_a_set_in_which_nothing_is_judged_is_said_plainly(tmp_path):
    write_set(tmp_path / "set", [{"_id": "d"}], [{"_id": "q", "text": "乙"}], [("q", "d", 0)])
    with pytest.raises(InvalidInputError, match="没有一个标了答案的问题"):
        relevance.load(tmp_path / "set")


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
