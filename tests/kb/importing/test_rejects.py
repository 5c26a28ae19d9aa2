import csv
import io
import json

import pytest
from openpyxl import load_workbook

from kb.errors import InvalidInputError
from kb.importing.rejects import write_rejected
from kb.importing.sources import read
from tests.kb.importing.conftest import PAGE, THREAD_PAGE, TIMEZONE, csv_text, keys, refusals, row

SUFFIXES = [".jsonl", ".csv", ".xlsx"]


@pytest.fixture
def rejected(tmp_path, taxonomy):
    """What is refused of a folder with everything that can go wrong."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    rows = [row(编号="date", 生效日期="昨天", 话术="=1+1\n- 第一步"), row(编号="garbage", 标题="\x07\ufffd")]
    lines = [
        {**row(编号="list", 区域="没有"), "客户说法": ["红灯|闪", "灯红了"]},
        {**row(编号="plain", 区域="岚江县"), "客户说法": ["灯红，了", "灯坏了"]},
        {**row(编号="unknown"), "备注": "x"},
        {**row(编号="surrogate"), "标题": "\ud83d"},
        {**row(编号="boolean"), "标题": True},
    ]
    files = {
        "a.csv": csv_text(rows) + '短,行\n"没有结束\n',
        "b.jsonl": "\n".join([*map(json.dumps, lines), "{"]),
        "c.md": PAGE.replace("answer:", "answer: " + "字" * 240),
        "d.md": THREAD_PAGE.replace("reply expert 2026-09-12", "reply expert 2026-19-12"),
        "e.md": "没有栏目",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(read(folder, taxonomy, TIMEZONE))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_was_handed_back_is_refused_again_until_it_is_mended(rejected, tmp_path, taxonomy, suffix):
    path = tmp_path / f"rejected{suffix}"
    assert write_rejected(rejected, path) == len(rejected) - 1 == 12
    again = list(read(path, taxonomy, TIMEZONE))
    assert keys(again) == []
    assert len(again) == 12


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_mended_row_is_taken_with_all_it_had(rejected, tmp_path, taxonomy, suffix):
    path = tmp_path / f"rejected{suffix}"
    write_rejected([item for item in rejected if item.raw is not None and "plain" in item.raw.values()], path)
    mend(path)
    (record,) = read(path, taxonomy, TIMEZONE)
    assert (record.key, record.content.regions) == ("plain", ("jiangyang",))
    assert record.content.wordings == ("灯红，了", "灯坏了")


def mend(path):
    """Replace the unknown region by one there is, as a person would."""
    if path.suffix != ".xlsx":
        path.write_text(path.read_text(encoding="utf-8").replace("岚江县", "江阳区"), encoding="utf-8")
        return
    book = load_workbook(path)
    for (cell,) in book.worksheets[0].iter_cols(min_row=2, max_row=2):
        cell.value = "江阳区" if cell.value == "岚江县" else cell.value
    book.save(path)


def test_every_row_says_where_it_stood_and_why_it_was_refused(rejected, tmp_path):
    write_rejected(rejected, tmp_path / "r.jsonl")
    first = json.loads((tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (first["_where"], first["id"]) == ("a.csv:2", "date")
    assert first["_reason"] == "“昨天”不是日期，要写成 2026-12-31 的样子"
    write_rejected(rejected, tmp_path / "r.csv")
    header, *rows = csv.reader(io.StringIO((tmp_path / "r.csv").read_text(encoding="utf-8-sig")))
    assert (header[0], header[1], header[-1]) == ("拒收原因", "原位置", "原文")
    assert rows[0][:3] == [first["_reason"], "a.csv:2", "date"]
    assert rows[2][-1] == "短\t行"


def test_a_workbook_holds_text_not_formulas(rejected, tmp_path):
    write_rejected(rejected, tmp_path / "r.xlsx")
    cells = [cell for line in load_workbook(tmp_path / "r.xlsx").worksheets[0].iter_rows() for cell in line]
    assert "f" not in {cell.data_type for cell in cells}
    assert "=1+1\n- 第一步" in [cell.value for cell in cells]


def test_a_text_too_long_for_a_cell_is_not_cut(tmp_path, taxonomy):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row(正文="字" * 40_000, 标题="")))
    refused = list(read(path, taxonomy, TIMEZONE))
    with pytest.raises(InvalidInputError, match=r"a\.jsonl:1"):
        write_rejected(refused, tmp_path / "r.xlsx")
    assert not (tmp_path / "r.xlsx").exists()
    assert write_rejected(refused, tmp_path / "r.jsonl") == 1


def test_other_kinds_of_file_are_not_written(tmp_path):
    with pytest.raises(InvalidInputError, match="jsonl"):
        write_rejected([], tmp_path / "r.txt")


def test_reasons_are_plain_sentences(rejected):
    assert [where for where, _, reason in refusals(rejected) if "%" in reason or not reason] == []
