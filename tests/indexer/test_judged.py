import json
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from indexer import relevance
from indexer.documents import Reference, Source
from indexer.evaluation import NOW, Laboratory, document, evaluate
from indexer.judged import Export, export
from indexer.relevance import JudgedDocument
from kb.entries.rules import State
from kb.errors import ConflictError, InvalidInputError


@dataclass(frozen=True)
class Mark:
    text: str
    entry_key: str
    grade: int = 1


def entry(row, key, title, *wordings, **changes):
    return replace(document(row, JudgedDocument(key, title, "", wordings)), **changes)


ENTRIES = (
    entry(1, "KB-1", "光猫红灯", "盒子亮红灯", "路由器红灯闪", answer="先看尾纤", passages=("重启光猫", "报装维")),
    entry(2, "KB-2", "电子发票", "怎么开发票"),
)


def test_an_export_is_read_back_as_a_set(tmp_path, analysis):
    marks = [Mark("盒子上有个红灯", "KB-1", 2), Mark("发票在哪开", "KB-2"), Mark("发票在哪开", "KB-1")]
    done = export(tmp_path / "set", ENTRIES, marks, now=NOW)
    assert done == Export(documents=2, queries=2, judgements=3, held_out=0)
    loaded = relevance.load(tmp_path / "set")
    assert [(item.text, item.grades) for item in loaded.questions] == [
        ("发票在哪开", {"KB-1": 1, "KB-2": 1}),
        ("盒子上有个红灯", {"KB-1": 2}),
    ]
    assert loaded.documents == (
        JudgedDocument("KB-1", "光猫红灯", "先看尾纤\n重启光猫\n报装维", ("盒子亮红灯", "路由器红灯闪")),
        JudgedDocument("KB-2", "电子发票", "", ("怎么开发票",)),
    )
    with Laboratory(analysis) as laboratory:
        assert evaluate(loaded, laboratory, lambda done, total: None).queries == 2


@pytest.mark.parametrize("typed", ["盒子亮红灯", "盒子亮红燈？", "盒子 亮红灯。"])
def test_a_wording_that_is_the_question_itself_is_held_out(tmp_path, typed):
    done = export(tmp_path / "set", ENTRIES, [Mark(typed, "KB-1")], now=NOW)
    assert done.held_out == 1
    first, second = relevance.load(tmp_path / "set").documents
    assert (first.wordings, second.wordings) == (("路由器红灯闪",), ("怎么开发票",))


def test_a_wording_of_another_entry_stays(tmp_path):
    export(tmp_path / "set", ENTRIES, [Mark("怎么开发票", "KB-1")], now=NOW)
    assert relevance.load(tmp_path / "set").documents[1].wordings == ("怎么开发票",)


def test_spellings_of_one_question_are_one(tmp_path):
    marks = [Mark("ETC怎么办", "KB-1", 1), Mark("ＥＴＣ怎麼辦？", "KB-1", 2), Mark("etc怎么办", "KB-2", 1)]
    done = export(tmp_path / "set", ENTRIES, marks, now=NOW)
    assert (done.queries, done.judgements) == (1, 2)
    (question,) = relevance.load(tmp_path / "set").questions
    assert question.grades == {"KB-1": 2, "KB-2": 1}


@pytest.mark.parametrize(
    "changes",
    [
        {"state": State.SUSPENDED.value},
        {"reference": Reference(Source.THREAD, 9)},
        {"valid_until": NOW},
        {"valid_from": NOW + timedelta(seconds=1)},
    ],
)
def test_only_what_is_served_is_exported(tmp_path, changes):
    documents = [*ENTRIES, entry(9, "KB-9", "旧口径", **changes)]
    done = export(tmp_path / "set", documents, [Mark("旧的", "KB-9"), Mark("红灯", "KB-1")], now=NOW)
    assert (done.documents, done.queries) == (2, 1)


@pytest.mark.parametrize("marks", [[], [Mark("红灯", "KB-1", 0)], [Mark("？？", "KB-1")], [Mark("红灯", "gone")]])
def test_nothing_to_export_is_said_and_leaves_nothing(tmp_path, marks):
    with pytest.raises(InvalidInputError, match="还没有"):
        export(tmp_path / "set", ENTRIES, marks, now=NOW)
    assert not (tmp_path / "set").exists()


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConflictError, match="不是空的"):
        export(tmp_path, ENTRIES, [Mark("红灯", "KB-1")], now=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_export_is_the_same_every_time(tmp_path):
    marks = [Mark("红灯", "KB-1"), Mark("发票", "KB-2"), Mark("红灯", "KB-2")]
    export(tmp_path / "a", ENTRIES, marks, now=NOW)
    export(tmp_path / "b", ENTRIES[::-1], marks[::-1], now=NOW)
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    rows = [json.loads(line) for line in (tmp_path / "a" / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["_id"] for row in rows] == ["q1", "q2"]
