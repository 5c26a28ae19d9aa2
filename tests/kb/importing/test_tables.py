import json
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.importing.columns import ENTRY
from kb.importing.tables import read_csv, read_jsonl, read_xlsx
from tests.kb.importing.conftest import ROW, csv_text, keys, refusals, row, xlsx

HEADER = list(ROW)
CELLS = list(ROW.values())


def from_csv(data, context):
    return list(read_csv(data.encode() if isinstance(data, str) else data, "表.csv", context))


def from_xlsx(rows, context):
    return list(read_xlsx(xlsx(rows), "表.xlsx", context))


def from_jsonl(lines, context):
    return list(read_jsonl("\n".join(lines).encode(), "表.jsonl", context))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimited_text_is_read_in_the_encodings_and_delimiters_of_office_programs(context, encoding, delimiter):
    text = csv_text([row(客户说法="盒子亮红灯,上不了网\n灯一直闪；灯红了", 费用="上门 5 元; 材料另计")], delimiter)
    (record,) = from_csv(text.encode(encoding), context)
    assert record.content.title == "光猫 LOS 红灯"
    assert record.content.wordings == ("盒子亮红灯,上不了网", "灯一直闪", "灯红了")
    assert record.content.fees == "上门 5 元; 材料另计"


def test_english_headers_of_any_case_are_known(context):
    text = csv_text([row()])
    for column in ENTRY:
        text = text.replace(column.header, f" {column.name.upper()} ", 1)
    assert keys(from_csv(text, context)) == ["los-red"]


def test_rows_are_counted_as_a_spreadsheet_shows_them(context):
    text = csv_text([row(话术="一\n二\n三"), row(编号="b", 标题=""), row(编号="c")]).replace("b,", "\r\nb,", 1)
    (_, refused, _) = from_csv(text, context)
    assert refusals([refused]) == [("表.csv:4", "title", "这一栏不能空着")]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ([*HEADER, "备注"], "备注。可以用的有：编号（id）"),
        (HEADER[1:], "必填的栏目：编号（id）"),
        ([*HEADER, "title"], "写了两次"),
        ([], "空的"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused_once_for_its_file(context, header, reason):
    rows = [header, CELLS, CELLS] if header else []
    ((where, _, message),) = refusals(from_xlsx(rows, context))
    assert where == "表.xlsx:1"
    assert reason in message
    text = "\n".join(",".join(cells) for cells in rows)
    assert [message for _, _, message in refusals(from_csv(text, context))] == [message]


def test_a_csv_row_of_another_width_is_refused_with_its_text(context):
    lines = [",".join(HEADER), ",".join(CELLS[:4]), ",".join([*CELLS, "多余"]), ",".join([*CELLS, "", ""])]
    short, long, padded = from_csv("\n".join(lines), context)
    assert refusals([short, long]) == [
        ("表.csv:2", None, "这一行只有 4 格，表头有 6 栏"),
        ("表.csv:3", None, "G 列有内容，但表头没有写栏目"),
    ]
    assert short.raw == {"_original": "\t".join(CELLS[:4])}
    assert padded.key == "los-red"


@pytest.mark.parametrize("broken", ['b,"标题没有引号', 'b,"标题"后面还有,x', '"b'])
@pytest.mark.parametrize("quoting", ["", '"'])
def test_a_quote_that_is_never_closed_costs_its_own_line_only(context, broken, quoting):
    good = [",".join(f"{quoting}{cell}{quoting}" for cell in [key, *CELLS[1:]]) for key in ("a", "c", "d")]
    found = from_csv("\n".join([",".join(HEADER), good[0], broken, *good[1:]]), context)
    assert keys(found) == ["a", "c", "d"]
    ((where, _, message),) = refusals(found)
    assert where == "表.csv:3"
    assert "文件第 3 行" in message


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_bytes_of_no_encoding_cost_their_own_row_only(context, encoding):
    data = csv_text([row(编号=key) for key in "abc"]).encode(encoding).replace(b"b,", b"b,\xff", 1)
    found = from_csv(data, context)
    assert keys(found) == ["a", "c"]
    assert [(where, field) for where, field, _ in refusals(found)] == [("表.csv:3", "title")]


def test_blank_rows_are_skipped(context):
    blank = [""] * len(HEADER)
    assert keys(from_xlsx([blank, HEADER, blank, CELLS, [None, "  "]], context)) == ["los-red"]
    assert keys(from_csv("\n\n" + csv_text([row()]) + "\n,,,\n", context)) == ["los-red"]


def test_a_workbook_gives_dates_numbers_and_codes_as_people_see_them(context):
    header = [*HEADER, "生效日期", "失效日期", "复核日期", "费用", "时限", "话术"]
    cells = [
        *CELLS,
        datetime.combine(date(2026, 1, 1), time()),
        date(2026, 12, 31),
        "2026/11/30",
        10.0,
        0.5,
        "第一行_x000D_\n第二行",
    ]
    cells[0], cells[1] = 10086, 691.0
    (record,) = from_xlsx([header, cells], context)
    assert (record.key, record.content.title) == ("10086", "691")
    assert (record.content.fees, record.content.deadlines) == ("10", "0.5")
    assert record.content.script == "第一行\n第二行"
    assert (record.raw["valid_from"], record.raw["valid_until"]) == ("2026-01-01", "2026-12-31")
    assert record.content.review_due == date(2026, 11, 30)


def test_a_workbook_may_leave_cells_and_rows_out(context):
    rows = [[None, None], [*HEADER, None, "话术"], [], [*CELLS], ["b", "标题"], [*CELLS, "无主", "您好"]]
    found = from_xlsx(rows, context)
    assert keys(found) == ["los-red"]
    assert refusals(found) == [
        ("表.xlsx:5", "kind", "这一栏不能空着"),
        ("表.xlsx:6", None, "G 列有内容，但表头没有写栏目"),
    ]


def test_a_formula_that_failed_is_no_title(context):
    ((where, _, message),) = refusals(from_xlsx([HEADER, ["a", "#REF!", *CELLS[2:]]], context))
    assert where == "表.xlsx:2"
    assert "B 列" in message


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 not really", b"\xd0\xcf\x11\xe0 an old .xls", xlsx([HEADER])[:-200]]
)
def test_what_is_no_workbook_is_refused(context, data):
    ((where, _, message),) = refusals(list(read_xlsx(data, "表.xlsx", context)))
    assert where == "表.xlsx:1"
    assert "打不开" in message


def test_json_lines_hold_entries_and_threads(context):
    thread = {
        "type": "thread",
        "id": "t1",
        "title": "雨后红灯",
        "kind": "question",
        "module": "fault.broadband",
        "author": "wangmin",
        "created": "2026-09-12 09:41",
        "body": "刚接了三个",
        "replies": [{"author": "liuhao", "created": "2026-09-12T09:55:00+08:00", "body": "看分光器"}],
    }
    entry = {**row(), "客户说法": ["灯红了", "红灯|一直闪"], "区域": None}
    found = from_jsonl(["\ufeff" + json.dumps(entry, ensure_ascii=False), "", json.dumps(thread)], context)
    assert keys(found) == ["los-red", "t1"]
    assert found[0].content.wordings == ("灯红了", "红灯|一直闪")
    assert len(found[1].posts) == 2


@pytest.mark.parametrize(
    "line", ["{", "[]", "1", '{"id": 1, "id": 2}', '{"id": NaN}', "[" * 100_000, '{"id": ' + "9" * 5000 + "}"]
)
def test_a_line_that_is_no_object_costs_itself_only(context, line):
    good = json.dumps(row(), ensure_ascii=False)
    found = from_jsonl([line, good], context)
    assert keys(found) == ["los-red"]
    assert [where for where, _, _ in refusals(found)] == ["表.jsonl:1"]


def test_a_line_of_json_in_another_encoding_costs_itself_only(context):
    good = json.dumps(row(), ensure_ascii=False)
    found = list(read_jsonl(good.encode("gb18030") + b"\r\n" + good.encode(), "表.jsonl", context))
    assert keys(found) == ["los-red"]
    assert refusals(found)[0][0] == "表.jsonl:1"


BAD = (
    {"标题": ""},
    {"业务模块": "没有"},
    {"生效日期": "昨天"},
    {"状态": "停用"},
    {"正文": "\ufffd"},
    {"可见角色": "客户"},
)


def as_csv(rows, context):
    return from_csv(csv_text(rows), context)


def as_xlsx(rows, context):
    header = list(dict.fromkeys(name for one in rows for name in one))
    return from_xlsx([header, *([one.get(name) for name in header] for one in rows)], context)


def as_jsonl(rows, context):
    return from_jsonl([json.dumps(one) for one in rows], context)


@pytest.mark.parametrize("read", [as_csv, as_xlsx, as_jsonl])
@settings(deadline=None)
@given(faults=st.lists(st.sampled_from([{}, {}, *BAD]), min_size=1, max_size=12))
def test_bad_rows_never_cost_a_good_one(context, read, faults):
    rows = [row(编号=f"k{number}", **fault) for number, fault in enumerate(faults)]
    found = read(rows, context)
    assert keys(found) == [f"k{number}" for number, fault in enumerate(faults) if not fault]
    assert len(found) == len(rows)
