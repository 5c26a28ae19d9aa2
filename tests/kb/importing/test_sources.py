import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.errors import NotFoundError
from kb.importing.columns import ENTRY, THREAD
from kb.importing.records import EntryRecord, Rejected, ThreadRecord
from kb.importing.sources import read
from tests.kb.importing.conftest import PAGE, ROW, THREAD_PAGE, TIMEZONE, csv_text, keys, refusals, row


@pytest.fixture
def found(tmp_path, taxonomy):
    """Write files into a folder, and read it or one of them."""

    def write_and_read(files, path="."):
        for name, data in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data.encode() if isinstance(data, str) else data)
        return list(read(tmp_path / path, taxonomy, TIMEZONE))

    return write_and_read


def page(key):
    return PAGE.replace("id: los-red", f"id: {key}")


def test_of_a_content_folder_only_entries_and_threads_are_read(found):
    records = found(
        {
            "entries/fault/b.md": page("b"),
            "entries/a.md": page("a"),
            "threads/t.md": THREAD_PAGE,
            "templates/faq.md": "",
            "README.md": "# Content",
            "taxonomy.yaml": "",
        }
    )
    assert [(str(record.where), record.key) for record in records] == [
        ("entries/a.md:1", "a"),
        ("entries/fault/b.md:1", "b"),
        ("threads/t.md:1", "after-rain"),
    ]


def test_of_another_folder_every_file_is_read(found):
    files = {
        "a.md": page("a"),
        "deep/er/表.csv": csv_text([row(编号="b")]),
        "雨后.md": THREAD_PAGE,
        "more.jsonl": json.dumps(row(编号="c")),
        ".git/x.md": "",
        ".DS_Store": "",
        "~$表.xlsx": "",
        "旧版.docx": "",
    }
    records = found(files)
    assert sorted(keys(records)) == ["a", "after-rain", "b", "c"]
    assert refusals(records) == [("旧版.docx:1", None, "不能导入这种文件，可以导入的有：.md .csv .xlsx .jsonl")]


@pytest.mark.parametrize("name", ["a.md", "A.MD"])
def test_a_single_file_is_read(found, name):
    (record,) = found({name: PAGE}, name)
    assert isinstance(record, EntryRecord)
    assert str(record.where) == f"{name}:1"


def test_a_single_thread_is_known_by_its_folder(found):
    bare = THREAD_PAGE.replace("author: agent\n", "").replace("created: 2026-09-12 09:41\n", "")
    assert refusals(found({"threads/t.md": bare}, "threads/t.md")) == [("t.md:1", "author", "这一栏不能空着")]
    assert refusals(found({"threads/t.md": bare}, "threads")) == [("t.md:1", "author", "这一栏不能空着")]


def test_what_is_wrong_in_a_page_is_told_with_its_line(found):
    records = found(
        {
            "entries/answer.md": PAGE.replace("answer: ", "answer: " + "字" * 240),
            "entries/chinese.md": PAGE.replace("kind: faq", "类型: 随笔"),
            "entries/form.md": PAGE + "## 备注\n",
            "entries/good.md": PAGE,
            "entries/unknown.md": PAGE.replace("tier:", "level:"),
            "threads/reply.md": THREAD_PAGE.replace("--- reply 老王 2026-09-12 10:10", "--- reply 老王"),
        }
    )
    assert keys(records) == ["los-red"]
    assert [(where, field) for where, field, _ in refusals(records)] == [
        ("entries/answer.md:7", "answer"),
        ("entries/chinese.md:4", "kind"),
        ("entries/form.md:11", None),
        ("entries/unknown.md:6", "level"),
        ("threads/reply.md:16", "replies.2"),
    ]


def test_the_second_record_of_an_id_is_refused_wherever_it_stands(found):
    rows = [row(), row(编号="other"), row(标题="另一条")]
    records = found({"entries/a.md": PAGE, "entries/表.csv": csv_text(rows), "threads/los-red.md": THREAD_PAGE})
    assert keys(records) == ["los-red", "other", "after-rain"]
    message = "编号 los-red 在 entries/a.md:1 已经用过了"
    assert refusals(records) == [("entries/表.csv:2", "id", message), ("entries/表.csv:4", "id", message)]


def test_an_id_is_not_used_up_by_a_row_that_was_refused(found):
    assert keys(found({"表.csv": csv_text([row(标题=""), row()])}, "表.csv")) == ["los-red"]


def test_a_thread_and_an_entry_may_share_an_id(found):
    records = found({"a.md": page("after-rain"), "b.md": THREAD_PAGE})
    assert {type(record) for record in records} == {EntryRecord, ThreadRecord}


def test_a_file_that_cannot_be_opened_costs_itself_only(found, monkeypatch):
    from pathlib import Path

    read_bytes = Path.read_bytes

    def refuse(path):
        if path.name == "a.md":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    records = found({"a.md": page("a"), "b.md": page("b")})
    assert keys(records) == ["b"]
    assert refusals(records) == [("a.md:1", None, "读不了这个文件（Permission denied）")]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(list(ROW.values())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["author", "body", "x"]), inner),
    max_leaves=4,
)
NAMES = st.sampled_from([*(column.name for column in (*ENTRY, *THREAD)), *ROW, "type", "_reason", "备注"])
ODD_LINES = """\
replies: x
replies:
type: thread
id: [a]
id:
- a
? b
&a c: *a
title: {
title: |
  x
<<: 1
!!python/none : 1
\ta
```
~~~
##
--- reply"""
LINES = st.sampled_from([*PAGE.splitlines(), *THREAD_PAGE.splitlines(), *ODD_LINES.splitlines()])


@given(
    st.one_of(
        st.tuples(st.just(".md"), st.lists(LINES, max_size=25).map(lambda lines: "\n".join(["---", *lines]).encode())),
        st.tuples(
            st.just(".md"), st.binary(max_size=40).map(lambda data: PAGE.encode()[:60] + data + PAGE.encode()[60:])
        ),
        st.tuples(st.just(".jsonl"), st.dictionaries(NAMES, VALUES).map(lambda raw: json.dumps(raw).encode())),
        st.tuples(st.just(".csv"), st.binary(max_size=80).map(lambda data: csv_text([row()]).encode() + data)),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
def test_nothing_that_stands_in_a_file_stops_an_import(tmp_path, taxonomy, file):
    suffix, data = file
    path = tmp_path / f"x{suffix}"
    path.write_bytes(data)
    for record in read(path, taxonomy, TIMEZONE):
        assert not isinstance(record, Rejected) or str(record.error)


def test_nothing_to_read_is_said_at_once(tmp_path, taxonomy):
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(NotFoundError):
            read(path, taxonomy, TIMEZONE)


def test_the_shipped_content_is_read_without_a_rejection(content_folder, taxonomy):
    records = list(read(content_folder, taxonomy, TIMEZONE))
    assert refusals(records) == []
    assert {EntryRecord, ThreadRecord} == {type(record) for record in records}
    for record in records:
        assert record.where.file.endswith(f"/{record.key}.md")
