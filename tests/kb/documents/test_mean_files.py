"""Files as centres have them and nobody would make them for a test: all that is in them arrives, or it is said."""

import io
from datetime import date, datetime

import pytest
from docx.oxml.ns import qn
from openpyxl.workbook import Workbook
from PIL import Image

from kb.documents.pictures import Pictures
from kb.documents.reading import process, sheets
from kb.documents.reading.errors import UnreadableError
from kb.documents.reading.files import read
from tests.support.manual import png
from tests.support.office import paragraph, put, word, workbook, zipped

WHEN = datetime(2026, 5, 1, 13, 30)  # noqa: DTZ001 - cells know no zones
BOX = "<w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:txbxContent>"
NEW_BOX = f"<w:drawing><wp:anchor><wps:wsp><wps:txbx>{BOX}</wps:txbx></wps:wsp></wp:anchor></w:drawing>"
OLD_BOX = f"<w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict>"
FRACTION = (
    "<m:oMath><m:f><m:num><m:r><m:t>月费</m:t></m:r></m:num><m:den><m:r><m:t>天数</m:t></m:r></m:den></m:f></m:oMath>"
)
SQUARE = "<m:oMath><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>"


@pytest.fixture
def pictures(tmp_path):
    return Pictures(tmp_path / "pictures")


def text_of(document):
    return "\n".join(f"{item.heading}\n{item.text}" for item in document.sections)


def told(document):
    return "\n".join(remark.message % remark.params for remark in document.remarks)


def picture(format_, size=(9, 9)):
    data = io.BytesIO()
    Image.new("RGB", size, (200, 9, 9)).save(data, format_)
    return data.getvalue()


def test_what_word_draws_computes_and_hides_arrives_as_text(pictures):
    def fill(document):
        document.add_heading("折算", 1)
        paragraph(document, f"<w:r><w:t>每天</w:t></w:r>{FRACTION}<w:r><w:t>元，</w:t></w:r>{SQUARE}")
        paragraph(document, f"<w:r>{NEW_BOX.format('新式框')}</w:r>")
        both = f"<mc:Choice>{NEW_BOX.format('两式框')}</mc:Choice><mc:Fallback>{OLD_BOX.format('两式框')}</mc:Fallback>"
        paragraph(document, f"<w:r><mc:AlternateContent>{both}</mc:AlternateContent></w:r>")
        paragraph(
            document, "<w:r><w:drawing><wp:inline><a:graphic><c:chart/></a:graphic></wp:inline></w:drawing></w:r>"
        )
        paragraph(document, "<w:fldSimple><w:r><w:t>域里的字</w:t></w:r></w:fldSimple>")
        put(document, "<w:sdt><w:sdtContent><w:p><w:r><w:t>控件里的字</w:t></w:r></w:p></w:sdtContent></w:sdt>")
        paragraph(
            document,
            '<w:ins w:id="1"><w:r><w:t>新加的</w:t></w:r></w:ins>'
            '<w:del w:id="2"><w:r><w:delText>划掉的</w:delText></w:r></w:del>',
        )
        paragraph(document, '<w:moveFrom w:id="3"><w:r><w:t>移走的</w:t></w:r></w:moveFrom>')
        paragraph(document, '<w:moveTo w:id="4"><w:r><w:t>移来的</w:t></w:r></w:moveTo>')

    document = read(word(fill), "a.docx", pictures)
    text = text_of(document)
    for wanted in ("每天(月费)/(天数)元，x^2", "新式框", "域里的字", "控件里的字", "新加的", "移来的"):
        assert wanted in text
    assert text.count("两式框") == 1
    assert "【待填：图表】" in text
    assert not {"划掉的", "移走的"} & set(text.split())
    assert all(said in told(document) for said in ("2 个公式", "1 个图表", "按全部接受"))


def test_headings_are_known_by_their_level_whatever_their_style_is_called(pictures):
    def fill(document):
        document.styles.add_style("章标题", 1).base_style = document.styles["Heading 1"]
        own = document.styles.add_style("公司二级", 1)
        own.element.get_or_add_pPr().append(own.element.makeelement(qn("w:outlineLvl"), {qn("w:val"): "1"}))
        document.add_paragraph("退订", "章标题")
        document.add_paragraph("怎么退", "公司二级")
        document.add_paragraph("发短信。")
        put(document, '<w:p><w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:r><w:t>退不了</w:t></w:r></w:p>')
        table = document.add_table(1, 1)
        table.cell(0, 0).paragraphs[0].text = "格子里"
        table.cell(0, 0).paragraphs[0].style = document.styles["Heading 1"]

    document = read(word(fill), "a.docx", pictures)
    assert [(item.level, item.heading) for item in document.sections] == [(1, "退订"), (2, "怎么退"), (2, "退不了")]
    assert "格子里" in document.sections[-1].text


def test_a_footnote_stays_with_what_it_is_about(pictures):
    def fill(document):
        document.add_heading("甲", 1)
        paragraph(
            document, '<w:r><w:t>十元</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>起</w:t></w:r>'
        )
        document.add_heading("乙", 1)
        document.add_paragraph("别的")

    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    notes = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:footnote w:id="2">'
        "<w:p><w:r><w:t>首月</w:t></w:r></w:p><w:p><w:r><w:t>不含税</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    data = word(
        fill,
        parts={"word/footnotes.xml": notes.encode()},
        change={
            "word/_rels/document.xml.rels": lambda content: content.replace(
                b"</Relationships>",
                f'<Relationship Id="n" Type="{kind}" Target="footnotes.xml"/></Relationships>'.encode(),
            )
        },
    )
    first, second = read(data, "a.docx", pictures).sections
    assert (first.text, second.text) == ("十元（注：首月 不含税）起", "别的")


def test_merged_cells_and_tables_in_cells_keep_prices_in_their_columns(pictures):
    def fill(document):
        table = document.add_table(3, 3)
        for index, label in enumerate(("档位", "月费", "备注")):
            table.cell(0, index).text = label
        table.cell(1, 0).merge(table.cell(2, 0)).text = "融合"
        table.cell(1, 1).text, table.cell(2, 1).text = "59", "79"
        inner = table.cell(2, 2).add_table(1, 2)
        inner.cell(0, 0).text, inner.cell(0, 1).text = "首年", "减 10"

    (section,) = read(word(fill), "a.docx", pictures).sections
    assert section.text.splitlines()[2:] == ["| 融合 | 59 |  |", "| 融合 | 79 | 首年；减 10 |"]
    wide = b"<table><tr><td colspan=2>a<td rowspan=2>r<tr><td>b<td>c</table><p>one<p>two<ul><li>x<li>y</ul>"
    (section,) = read(wide, "a.html", pictures).sections
    assert section.text.split("\n\n") == ["| a | a | r |\n| --- | --- | --- |\n| b | c | r |", "one", "two", "- x\n- y"]


def test_pictures_that_browsers_dont_show_are_converted_or_named(pictures):
    def fill(document):
        for side in (9, 10, 11):
            document.add_picture(io.BytesIO(picture("PNG", (side, side))))

    emf = b"\x01\0\0\0\x6c\0\0\0" + b"\0" * 32 + b" EMF" + b"\0" * 60
    huge = picture("PNG", (9_000, 9_000))
    older = {"image1": picture("BMP"), "image2": picture("TIFF"), "image3": emf}
    change = {f"word/media/{name}.png": lambda _, data=data: data for name, data in older.items()}
    document = read(word(fill, change=change), "a.docx", pictures)
    assert document.sections[0].text.count("![") == 2
    assert "【待填：图片】" in document.sections[0].text
    assert "1 张图片没能带过来" in told(document)
    folder = read(zipped({"a.md": "# 甲\n\n![大](h.png)", "h.png": huge}), "a.zip", pictures)
    assert "【待填：图片 大】" in folder.sections[0].text


def test_a_workbook_gives_what_people_see_in_it(pictures):
    def fill(book: Workbook):
        sheet = book.active
        sheet.title = "常见问题"
        sheet.append(["2026 年常见问题汇总"])
        sheet.append(["分类", "问题", "答案", "日期", "金额", "比例"])
        sheet.append(["宽带", "怎么退", "发短信", WHEN, "=1+2", 0.35])
        sheet.append([None, "怎么办", "去营业厅", date(2026, 5, 2), 12.5, 0.125])
        sheet.merge_cells("A3:A4")
        sheet["F3"].number_format, sheet["F4"].number_format = "0%", "0.0%"
        hidden = book.create_sheet("藏起来的")
        hidden.append(["问题", "答案"])
        hidden.sheet_state = "hidden"
        book.create_sheet("说明").append(["先看这里"])

    document = read(workbook(fill), "a.xlsx", pictures)
    first, second = document.sections
    assert (first.fields["module"], second.fields["module"]) == ("宽带", "宽带")
    assert first.text == "**日期**：2026-05-01 13:30:00\n\n**金额**：=1+2\n\n**比例**：35%"
    assert second.text == "**日期**：2026-05-02\n\n**金额**：12.5\n\n**比例**：12.5%"
    for said in ("藏起来的", "常见问题!E3", "2026 年常见问题汇总", "说明：只有一行，没有读：先看这里"):
        assert said in told(document)


@pytest.mark.parametrize("whole", [0, sheets.WHOLE_BYTES])
def test_a_workbook_that_is_too_long_is_read_as_far_as_it_is_said(pictures, monkeypatch, whole):
    monkeypatch.setattr(sheets, "WHOLE_BYTES", whole)

    def fill(book):
        book.active.append(["问题", "答案"])
        for number in range(5_100):
            book.active.append([f"问题{number}", "答案"])

    document = read(workbook(fill), "a.xlsx", pictures)
    assert len(document.sections) == 5_000
    assert "只读了前 5000 行" in told(document)
    assert ("合并的单元格没有展开" in told(document)) is (not whole)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ('问题;答案\n怎么退;"发;短信"\n'.encode("gb18030"), "a.csv"),
        ("问题\t答案\n怎么退\t发;短信\n".encode("utf-16"), "a.csv"),
        ("问题\t答案\n怎么退\t发;短信\n".encode("utf-16"), "a.txt"),
        ("问题\t答案\n怎么退\t发;短信\n".encode("utf-16-le"), "a.csv"),
        ("问题\t答案\n怎么退\t发;短信\n".encode("utf-16-be"), "a.tsv"),
        ("\ufeffsep=|\n问题|答案\n怎么退|发;短信\n".encode(), "a.csv"),
    ],
)
def test_a_table_may_be_delimited_and_encoded_as_programs_do(pictures, data, name):
    (section,) = read(data, name, pictures).sections
    assert (section.heading, section.fields) == ("怎么退", {"answer": "发;短信"})


PAGE = """# 甲

![一](../img/x.png "标题") ![二](<../img/有 空格.png>) ![三](../img/x(1).png) ![四](C:\\图\\y.png)
![五](../../../etc/passwd)

<img src="../img/x.png" alt="六"> ![[y.png]] ![七][r] [乙](../b.md) [外](https://a.example/) [[丙|那一页]]

`![八](../img/x.png)`

```
![九](../img/x.png)
```

[r]: ../img/y.png
"""


def test_pictures_of_a_folder_are_found_however_they_are_written(pictures):
    images = {"kb/img/x.png": png(1), "kb/img/有 空格.png": png(2), "kb/img/x(1).png": png(3), "kb/img/y.png": png(4)}
    document = read(zipped({"kb/docs/a.md": PAGE, "kb/b.md": "乙", **images}), "a.zip", pictures)
    text = next(item.text for item in document.sections if item.heading == "甲")
    assert text.count("](/imports/pictures/") == 7
    for kept in (
        "【待填：图片 五】",
        "`![八](../img/x.png)`",
        "```\n![九](../img/x.png)\n```",
        "[外](https://a.example/)",
        "那一页",
    ):
        assert kept in text
    assert "](../b.md)" not in text
    assert told(document).startswith("有 1 张图片没能带过来（五）")


def test_a_page_saved_from_word_has_none_of_its_marks(pictures):
    page = (
        '<html xmlns:o="urn:x"><head><meta charset=gb2312><style><!-- p{} --></style>'
        "<!--[if gte mso 9]><xml>秘</xml><![endif]-->"
        "</head><body><h1>1.<span>&nbsp;</span>退订<o:p></o:p></h1><p><![if !supportLists]>1.&nbsp;<![endif]>"
        "先查<o:p>&nbsp;</o:p></p></body></html>"
    )
    (section,) = read(page.encode("gb18030"), "a.htm", pictures).sections
    assert (section.heading, section.text) == ("1. 退订", "1. 先查")


def test_files_of_other_programs_are_not_taken_for_folders(pictures):
    for files in ({"mimetype": "application/vnd.oasis.opendocument.text"}, {"Index/Document.iwa": "x"}):
        with pytest.raises(UnreadableError, match="不能导入这种文件"):
            read(zipped(files), "a.odt", pictures)
    broken = word(
        lambda document: document.add_paragraph("x"), change={"word/document.xml": lambda content: content[:99]}
    )
    with pytest.raises(UnreadableError, match="坏了"):
        read(broken, "a.docx", pictures)
    entity = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'
    with pytest.raises(UnreadableError, match="坏了"):
        read(word(lambda document: None, change={"word/document.xml": lambda content: entity}), "a.docx", pictures)


def test_no_more_files_are_read_at_a_time_than_there_is_memory_for(pictures, monkeypatch):
    held = [process._free.acquire(blocking=False) for _ in range(process.READERS)]
    try:
        with pytest.raises(UnreadableError, match="正在读"):
            process.read_apart(b"# x", "a.md", pictures)
    finally:
        for _ in held:
            process._free.release()
    monkeypatch.setattr(process.subprocess, "run", lambda *args, **named: FailedRun())
    with pytest.raises(UnreadableError, match="读不懂的东西"):
        process.read_apart(b"# x", "a.md", pictures)


class FailedRun:
    returncode = 1
    stdout = b""
    stderr = b"Traceback"
