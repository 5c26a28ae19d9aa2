"""Tables: a row is an entry. Which column is what is guessed from its header; what is not known goes into the text."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from kb.documents.document import Document, Format, Remark, Section
from kb.documents.reading.decoding import decode
from kb.documents.reading.errors import UnreadableError
from kb.i18n import N_
from kb.importing.columns import ENTRY, canonical
from kb.importing.tables import DELIMITERS, UNREADABLE, cell_text, csv_rows

MAX_ROWS = 5_000
WHOLE_BYTES = 30 * 1024 * 1024
"""Of unpacked sheets: above, only rows are read, which costs little, and it is not known what is merged."""
FIRST_ROWS = 10
"""Among which the header is looked for."""
MAX_NAMED = 8
MAX_TEXT = 200
_SEPARATOR = re.compile(r"\"?sep=(?P<sign>[,;\t|])\"?\n", re.IGNORECASE)

ALSO: Mapping[str, Sequence[str]] = {
    "title": ("问题", "标准问题", "标准问", "题目", "主题", "名称", "知识标题", "知识点", "question", "subject"),
    "answer": ("答案", "回答", "标准答案", "解答", "答复", "简答", "一句话"),
    "wordings": ("相似问", "相似问题", "相似问法", "客户问法", "问法", "扩展问", "其他问法"),
    "script": ("标准话术", "应答话术", "客服话术"),
    "steps": ("操作步骤", "处理步骤", "处理流程", "流程"),
    "internal_note": ("内部说明", "备注", "注意事项"),
    "body": ("内容", "详细内容", "说明", "详情", "content"),
    "module": ("模块", "分类", "业务", "业务分类", "类别"),
    "regions": ("适用区域", "地区", "区县"),
    "kind": ("知识类型",),
}
"""What centres call their columns beside our own names."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it stands in the file: its name, empty for the only one, and its rows of equal or unequal length."""

    title: str
    rows: Sequence[list[str]]


def read_workbook(data: bytes) -> Document:
    """Return what a .xlsx says: each sheet that has a header and rows.

    Raises:
        UnreadableError: it is broken, or has no rows.
    """
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            sheets, remarks = _sheets(data)
    except UNREADABLE as error:
        raise UnreadableError(
            N_("打不开这个表格（%(reason)s），请用 Excel 另存为 .xlsx 再导入"), reason=error
        ) from error
    return _document(Format.WORKBOOK, sheets, remarks)


def _sheets(data: bytes) -> tuple[Sequence[Sheet], Sequence[Remark]]:
    """Return what stands in each sheet that people see, and what they should know."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist() if entry.filename.startswith("xl/worksheets/"))
    whole = unpacked <= WHOLE_BYTES
    book = load_workbook(io.BytesIO(data), read_only=not whole, data_only=True)
    formulas = load_workbook(io.BytesIO(data), read_only=True)
    sheets: list[Sheet] = []
    hidden: list[str] = []
    never: list[str] = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
            continue
        if not whole:
            sheet.reset_dimensions()
        last = min(sheet.max_row, MAX_ROWS + 1) if whole else MAX_ROWS + 1
        rows = [[_shown(cell) for cell in row] for row in sheet.iter_rows(max_row=last)]
        if whole:
            _fill_merged(rows, sheet.merged_cells.ranges)
        never += _never_computed(rows, sheet.title, formulas[sheet.title])
        sheets.append(Sheet(sheet.title, rows))
    remarks = []
    if hidden:
        remarks.append(Remark(N_("隐藏的工作表没有读：%(names)s"), {"names": "、".join(hidden)[:200]}))
    if never:
        places = "、".join(never[:MAX_NAMED]) + ("…" if len(never) > MAX_NAMED else "")
        remarks.append(
            Remark(
                N_("有 %(count)s 个公式没有算好的结果，原样留着（%(places)s）：请用 Excel 打开，保存一次再上传"),
                {"count": str(len(never)), "places": places},
            )
        )
    if not whole:
        remarks.append(Remark(N_("表格很大，合并的单元格没有展开：下面几行的分类可能要补")))
    return sheets, remarks


def _shown(cell: Any) -> str:
    """Return a cell as people see it: a share in per cent where it is written so."""
    value, format_ = cell.value, str(getattr(cell, "number_format", "") or "")
    if isinstance(value, int | float) and not isinstance(value, bool) and format_.rstrip().endswith("%"):
        return f"{round(value * 100, 6):g}%"
    return cell_text(value)


def _fill_merged(rows: Sequence[list[str]], ranges: Iterable[Any]) -> None:
    """Write what a merged cell says into each row that it covers, in its first column: it is true of all of them."""
    for area in ranges:
        column = area.min_col - 1
        for number in range(area.min_row, min(area.max_row, len(rows))):
            if column < len(rows[number]):
                rows[number][column] = rows[area.min_row - 1][column]


def _never_computed(rows: Sequence[list[str]], title: str, formulas: Any) -> Iterator[str]:
    """Yield where a formula has no result, as in files that a program wrote; the formula itself takes its place."""
    formulas.reset_dimensions()
    for number, cells in enumerate(formulas.iter_rows(max_row=len(rows))):
        for column, cell in enumerate(cells):
            if cell.data_type == "f" and column < len(rows[number]) and not rows[number][column]:
                rows[number][column] = str(cell.value)
                yield f"{title}!{get_column_letter(column + 1)}{number + 1}"


def read_table(data: bytes) -> Document:
    """Return what delimited text says.

    Raises:
        UnreadableError: its encoding or a quotation mark is wrong, or it has no rows.
    """
    text = decode(data).lstrip("\n")
    told = _SEPARATOR.match(text)
    if told is not None:  # a line that Excel reads and does not show
        text = text[told.end() :]
    first = text.partition("\n")[0]
    rows = []
    for row in csv_rows(text, told["sign"] if told is not None else max(DELIMITERS, key=first.count)):
        if row.error is not None:
            raise UnreadableError(row.error.message, **row.error.params)
        rows.append(list(row.cells))
        if len(rows) > MAX_ROWS:
            break
    return _document(Format.TABLE, [Sheet("", rows)], [])


def is_table(text: str) -> bool:
    """Return whether *text* is a table with tabs, as Excel saves "Unicode text": as many in each of its first lines."""
    counts = {line.count("\t") for line in text.split("\n")[:FIRST_ROWS] if line.strip()}
    return len(counts) == 1 and counts != {0} and "\n" in text.strip()


def _document(format_: Format, tables: Iterable[Sheet], told: Sequence[Remark]) -> Document:
    sections: list[Section] = []
    remarks: list[Remark] = []
    for table in tables:
        filled = [row for row in table.rows if any(cell.strip() for cell in row)]
        first = _header_at(filled)
        header = filled[first] if filled else []
        sheet = f"{table.title}：" if table.title else ""
        before = "；".join(cell.strip() for row in filled[:first] for cell in row if cell.strip())
        if before:
            remarks.append(
                Remark(N_("%(sheet)s表头上面的字没有读：%(text)s"), {"sheet": sheet, "text": before[:MAX_TEXT]})
            )
        if len(filled) < first + 2:
            if header:
                text = "；".join(cell.strip() for cell in header if cell.strip())
                remarks.append(
                    Remark(N_("%(sheet)s只有一行，没有读：%(text)s"), {"sheet": sheet, "text": text[:MAX_TEXT]})
                )
            continue
        names = _names(header)
        remarks += _remarks(sheet, header, names, cut_off=len(table.rows) > MAX_ROWS)
        sections += [section for row in filled[first + 1 :] if (section := _section(row, header, names)) is not None]
    if not sections:
        raise UnreadableError(N_("表格里没有能看懂的行：第一行要写栏目名，下面一行一条"))
    return Document(format=format_, sections=sections, remarks=[*told, *remarks])


def _header_at(rows: Sequence[Sequence[str]]) -> int:
    """Return which of *rows* names the columns: above it there may be a title, and who is to fill in what."""

    def known(row: Sequence[str]) -> int:
        return sum(_field(cell) is not None for cell in row if cell.strip())

    best = max(range(min(len(rows), FIRST_ROWS)), key=lambda index: (known(rows[index]), -index), default=0)
    return best if rows and known(rows[best]) > max(known(rows[0]), 1) else 0


def _names(header: Sequence[str]) -> Sequence[str | None]:
    """Return the entry's field of each column, ``None`` for what goes into the text; each field once."""
    names: list[str | None] = []
    for label in header:
        name = _field(label)
        names.append(name if name not in names else None)
    if "title" not in names:
        free = next((index for index, name in enumerate(names) if name is None and header[index].strip()), None)
        if free is None:
            free = next((index for index, name in enumerate(names) if name is not None), 0)
        names[free] = "title"
    return names


def _field(label: str) -> str | None:
    known = canonical(label, ENTRY)
    if known is not None:
        return known if known in {column.name for column in ENTRY} else None
    plain = label.strip().lower()
    return next((name for name, others in ALSO.items() if plain in others), None)


def _remarks(sheet: str, header: Sequence[str], names: Sequence[str | None], *, cut_off: bool) -> Iterator[Remark]:
    headers = {column.name: column.header for column in ENTRY}
    read = "、".join(
        f"{label.strip()}→{headers[name] if name else '正文'}"
        for label, name in zip(header, names, strict=True)
        if label.strip()
    )
    yield Remark(N_("%(sheet)s各栏这样理解：%(columns)s"), {"sheet": sheet, "columns": read[:400]})
    if cut_off:
        yield Remark(N_("只读了前 %(rows)s 行，其余的请另存为一个文件再上传"), {"rows": str(MAX_ROWS)})


def _section(row: Sequence[str], header: Sequence[str], names: Sequence[str | None]) -> Section | None:
    fields: dict[str, str] = {}
    rest: list[str] = []
    for index, cell in enumerate(row):
        value = cell.replace("\r\n", "\n").strip()
        if not value:
            continue
        name = names[index] if index < len(names) else None
        if name is not None:
            fields[name] = value
        else:
            label = header[index].strip() if index < len(header) else ""
            rest.append(f"**{label}**：{value}" if label else value)
    title = fields.pop("title", "")
    if not title and not fields and not rest:
        return None
    return Section(level=1, heading=" ".join(title.split()), text="\n\n".join(rest), fields=fields)
