import csv
import io
import zipfile

import pytest
from docx import Document as WordDocument
from openpyxl import Workbook

from kb.documents import drafting, rules
from kb.documents.document import Document, Format
from kb.documents.drafting import Choice
from kb.documents.pictures import Pictures
from kb.documents.reading import process
from kb.documents.reading.errors import UnreadableError
from kb.documents.reading.files import read
from kb.entries.content import Kind
from kb.markup import render
from tests.support.manual import manual, png

CHOICE = Choice(kind=Kind.FAQ, module_key="billing", tier_key="first")


@pytest.fixture
def pictures(tmp_path):
    return Pictures(tmp_path / "pictures")


def zipped(**files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def word(fill):
    document = WordDocument()
    fill(document)
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def outline(document):
    return [(item.level, item.heading) for item in document.sections]


def contents(document, level=None):
    cuts = rules.at_level(document.sections, level or rules.sensible_level(document.sections))
    parts = [part for part in rules.parts(document.sections, cuts) if not part.is_empty]
    return [drafting.content_of(part, drafting.title_of(part), CHOICE) for part in parts]


@pytest.mark.slow
def test_a_manual_of_200_pages_becomes_entries_with_its_pictures_and_tables(pictures):
    made = manual()
    document = process.read_apart(made.data, "手册.docx", pictures)
    assert Document.of_json(document.as_json()) == document
    found = contents(document)
    assert len(found) == made.entries + 1  # and what stands before the first chapter
    assert sum(item.steps.count("](/imports/pictures/") for item in found) == made.pictures
    assert len(list(pictures.folder.glob("*/*"))) == made.pictures
    tables = [item.steps for item in found if "| --- |" in item.steps]
    assert len(tables) == made.tables
    html = render(tables[0])
    assert html.count("<tr>") == 4
    assert "含 | 线<br>两行" in html
    assert html.count("<img ") == tables[0].count("![")
    fourth = found[4]
    assert (fourth.title, fourth.answer) == ("账单与缴费常见问题一", "第 4 条：账单与缴费的事由坐席当场答复。")
    assert fourth.steps.startswith("1. ")
    assert document.remarks == []


def test_what_office_and_browsers_write_is_kept_and_what_runs_is_not(pictures):
    def fill(document):
        document.add_heading("一、退订", 1)
        run = document.add_paragraph("可以退订，").add_run("当月有效")
        run.bold = True
        document.add_heading("处理时限", 2)
        document.add_paragraph("两小时内")
        document.add_paragraph("第一层", style="List Bullet")

    (content,) = contents(read(word(fill), "a.docx", pictures))
    assert (content.title, content.answer, content.deadlines) == ("退订", "可以退订，当月有效", "两小时内\n\n- 第一层")
    page = """<html><head><title>x</title><style>p{}</style></head><body><div><h1>退订</h1>
        <p onclick="alert(1)">可以<b>退订</b>。<a href="javascript:alert(1)">点我</a> <a href="https://a.example/">看</a></p>
        <script>alert(1)</script><img src="https://elsewhere.example/x.png" alt="外站">
        <table><tr><td>档位</td><td>月费</td></tr><tr><td>甲<br>乙</td><td>10</td></tr></table></div></body></html>"""
    document = read(page.encode(), "a.html", pictures)
    (content,) = contents(document)
    assert "alert" not in content.body
    assert "[看](https://a.example/)" in content.body
    assert "【待填：图片 外站】" in content.body
    assert "甲<br>乙" in render(content.body)
    assert "外站" in document.remarks[0].params["names"]


def test_a_folder_of_pages_keeps_its_pictures_and_reads_front_matter(pictures):
    data = zipped(
        **{
            "kb/a.md": "---\ntitle: 甲\nmodule: billing\nwordings: [怎么退, 退不了]\nfoo: bar\n---\n"
            "可以退。\n\n![图](img/x.png) ![没有](y.png)",
            "kb/img/x.png": png(1),
            "kb/b.html": "<h1>乙</h1><p>不能退。</p><h2>例外</h2><p>老人可以</p>",
            "kb/notes.pdf": b"%PDF-1.4",
            "__MACOSX/kb/._a.md": b"\0",
        }
    )
    with pytest.raises(UnreadableError, match=r"kb/c\.md 不是文字"):
        read(zipped(**_files(data), **{"kb/c.md": b"\0"}), "a.zip", pictures)
    document = read(data, "a.zip", pictures)
    assert outline(document) == [(1, "甲"), (1, "乙"), (2, "例外")]
    first, second = contents(document, 1)
    assert first.wordings == ("怎么退", "退不了")
    assert "](/imports/pictures/" in first.body
    assert "【待填：图片 没有】" in first.body
    assert (second.answer, second.exceptions) == ("不能退。", "老人可以")
    assert [item.params.get("names") for item in document.remarks] == ["没有", "kb/notes.pdf"]


def _files(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


ROWS = (
    ("问题", "答案", "相似问法", "业务分类", "渠道"),
    ("怎么退订", "发短信退订。", "退不了\n不要了", "billing", "微信"),
)


@pytest.mark.parametrize("kind", ["xlsx", "gb18030", "utf-8-sig"])
def test_a_row_of_any_table_is_an_entry(pictures, kind):
    if kind == "xlsx":
        data = workbook(*ROWS, ("", None), ("只有问题",))
    else:
        text = io.StringIO()
        csv.writer(text).writerows([*ROWS, ("只有问题", "", "", "", "")])
        data = text.getvalue().encode(kind)
    document = read(data, "a.xlsx" if kind == "xlsx" else "a.csv", pictures)
    first, second = (drafting.content_of(part, part.title, CHOICE) for part in rules.parts(document.sections, (0, 1)))
    assert (first.title, first.answer, first.wordings) == ("怎么退订", "发短信退订。", ("退不了", "不要了"))
    assert first.body == "**渠道**：微信"
    assert second.answer == drafting.NO_ANSWER
    assert document.sections[0].fields["module"] == "billing"
    assert "业务分类→业务模块" in document.remarks[0].params["columns"]


def test_text_is_read_in_utf8_and_gb18030_and_nothing_else_passes_for_it(pictures):
    text = "# 退订\n\n可以退订，当月有效。\n"
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        (content,) = contents(read(text.encode(encoding), "a.md", pictures))
        assert content.answer == "可以退订，当月有效。"
    broken = text.encode() + b"\xff\xfe\x80"
    for data, said in (
        (broken, "第 4 行的文字坏了：不是完整的 UTF-8"),
        (text.encode("gb18030") + b"\x81", "不是完整的 GB18030"),
        (bytes(range(256)) * 9, "坏了|不是文字"),
        ("é à ü ô ñ".encode("latin-1") * 50, "坏了|不是文字"),
    ):
        with pytest.raises(UnreadableError, match=said):
            read(data, "a.md", pictures)


def macro():
    return zipped(**_files(word(lambda document: document.add_paragraph("x"))), **{"word/vbaProject.bin": b"x"})


def encrypted():
    data = bytearray(zipped(**{"a.md": "# 甲"}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


BAD = {
    "empty": (lambda: b" \n", "a.md", "空的"),
    "old": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "a.doc", "旧版"),
    "pdf": (lambda: b"%PDF-1.7 x", "a.pdf", "PDF"),
    "program": (lambda: b"MZ\x90\x00", "a.exe", "不能导入这种文件"),
    "renamed": (lambda: b"plain text", "a.docx", "内容却不是"),
    "cut off": (lambda: manual(chapters=1, paragraphs=1).data[:9000], "a.docx", "坏了"),
    "macro": (macro, "a.docm", "宏"),
    "encrypted": (encrypted, "a.zip", "密码"),
    "bomb": (lambda: zipped(**{"a.md": b"0" * 50_000_000}), "a.zip", "压缩炸弹"),
    "many": (lambda: zipped(**{f"{number}.md": "" for number in range(5_001)}), "a.zip", "压缩炸弹"),
    "no pages": (lambda: zipped(**{"a.png": png(1)}), "a.zip", "没有 .md 或 .html"),
    "no document": (lambda: zipped(**{"word/document.xml": "<a>"}), "a.docx", "坏了"),
    "no workbook": (lambda: zipped(**{"xl/workbook.xml": "<a>"}), "a.xlsx", "打不开"),
    "only a header": (lambda: workbook(ROWS[0]), "a.xlsx", "没有能看懂的行"),
    "quotes": ('问题,答案\n"怎么,退\n'.encode, "a.csv", "引号没有配对"),
    "no text": (lambda: word(lambda document: None), "a.docx", "没有文字"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_and_says_why(pictures, name):
    make, called, said = BAD[name]
    with pytest.raises(UnreadableError, match=said):
        read(make(), called, pictures)


def test_reading_is_bounded_in_time_and_memory(pictures):
    data = manual(chapters=1, paragraphs=1).data
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = zipped(
        **{"word/document.xml": f'<!DOCTYPE a [<!ENTITY l0 "lol">{laughs}]><a>&l9;</a>', "[Content_Types].xml": "<a/>"}
    )
    for refused in (
        lambda: process.read_apart(data, "a.docx", pictures, wall_seconds=0.01),
        lambda: process.read_apart(data, "a.docx", pictures, memory_bytes=40_000_000),
        lambda: process.read_apart(bomb, "a.docx", pictures),
    ):
        with pytest.raises(UnreadableError):
            refused()
    with pytest.raises(UnreadableError, match="PDF 里没有标题"):
        process.read_apart(b"%PDF-1.7", "a.pdf", pictures)
    assert process.read_apart(data, "a.docx", pictures).format is Format.WORD
