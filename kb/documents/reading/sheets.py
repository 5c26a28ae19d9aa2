"""Tables: a row is an entry. Which column is what is guessed from its header; what is not known goes into the text."""

import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence

from openpyxl import load_workbook

from kb.documents.document import Document, Format, Remark, Section
from kb.documents.reading.decoding import decode
from kb.documents.reading.errors import UnreadableError
from kb.i18n import N_
from kb.importing.columns import ENTRY, canonical
from kb.importing.tables import DELIMITERS, UNREADABLE, cell_text, csv_rows

MAX_ROWS = 5_000

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


def read_workbook(data: bytes) -> Document:
    """Return what a .xlsx says: each sheet that has a header and rows.

    Raises:
        UnreadableError: it is broken, or has no rows.
    """
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            tables = []
            for sheet in book.worksheets:
                if sheet.sheet_state != "visible":
                    continue
                sheet.reset_dimensions()
                rows = [[cell_text(cell.value) for cell in row] for row in sheet.iter_rows(max_row=MAX_ROWS + 1)]
                tables.append((sheet.title, rows))
    except UNREADABLE as error:
        raise UnreadableError(
            N_("打不开这个表格（%(reason)s），请用 Excel 另存为 .xlsx 再导入"), reason=error
        ) from error
    return _document(Format.WORKBOOK, tables)


def read_table(data: bytes) -> Document:
    """Return what delimited text says.

    Raises:
        UnreadableError: its encoding or a quotation mark is wrong, or it has no rows.
    """
    text = decode(data)
    first = text.lstrip("\n").partition("\n")[0]
    rows = []
    for row in csv_rows(text, max(DELIMITERS, key=first.count)):
        if row.error is not None:
            raise UnreadableError(row.error.message, **row.error.params)
        rows.append(row.cells)
        if len(rows) > MAX_ROWS:
            break
    return _document(Format.TABLE, [("", rows)])


def _document(format_: Format, tables: Iterable[tuple[str, Sequence[Sequence[str]]]]) -> Document:
    sections: list[Section] = []
    remarks: list[Remark] = []
    for name, rows in tables:
        filled = [row for row in rows if any(cell.strip() for cell in row)]
        if len(filled) < 2:
            continue
        names = _names(filled[0])
        remarks += _remarks(name, filled[0], names, cut_off=len(rows) > MAX_ROWS)
        sections += [section for row in filled[1:] if (section := _section(row, filled[0], names)) is not None]
    if not sections:
        raise UnreadableError(N_("表格里没有能看懂的行：第一行要写栏目名，下面一行一条"))
    return Document(format=format_, sections=sections, remarks=remarks)


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
    yield Remark(
        N_("%(sheet)s各栏这样理解：%(columns)s"), {"sheet": f"{sheet}：" if sheet else "", "columns": read[:400]}
    )
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
