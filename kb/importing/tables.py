"""Reading rows: spreadsheets (.xlsx), delimited text (.csv) and JSON lines (.jsonl).

A spreadsheet's first row names the columns, in English or Chinese (``kb.importing.columns``); a list in a cell is
separated by line breaks, ``|`` or ``；``. Row numbers are those a spreadsheet shows: the header is row 1 and a cell
that holds line breaks is one row. A row that can't be read is refused alone, a header that can't be read with its file.
"""

import csv
import io
import json
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.importing import columns
from kb.importing.columns import ENTRY, ORIGINAL
from kb.importing.fields import Context
from kb.importing.records import Records, Rejected, Where, interpret

DELIMITERS = (",", "\t", ";")
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, RuntimeError),  # no archive, damaged, cut off, encrypted
    *(InvalidFileException, ParseError, KeyError, ValueError, IndexError, TypeError),  # no workbook inside
)
"""What openpyxl raises over a file that is no sound workbook."""
BYTE_ORDER_MARKS: Mapping[bytes, str] = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a spreadsheet: its number, its cells as text, and what made it unreadable."""

    number: int
    cells: Sequence[str]
    error: InvalidInputError | None = None

    @property
    def is_blank(self) -> bool:
        """Return whether there is nothing in it."""
        return self.error is None and not any(cell.strip() for cell in self.cells)


def read_csv(data: bytes, file: str, context: Context) -> Records:
    """Yield the records of delimited text: UTF-8, UTF-16 or GB 18030; comma, tab or semicolon."""
    text = _decode(data)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    return _records(csv_rows(text, delimiter), file, context)


def read_xlsx(data: bytes, file: str, context: Context) -> Records:
    """Yield the records of a workbook's first sheet."""
    try:
        rows = _xlsx_rows(data)
    except UNREADABLE as error:
        problem = InvalidInputError(N_("打不开这个表格（%(reason)s），请用 Excel 另存为 .xlsx 再导入"), reason=error)
        return iter([Rejected(Where(file, 1), None, problem)])
    return _records(rows, file, context)


def read_jsonl(data: bytes, file: str, context: Context) -> Records:
    """Yield the records of JSON lines (UTF-8): an object a line, ``"type": "thread"`` for a thread."""
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        where = Where(file, number)
        try:
            raw = _json_object(line)
        except InvalidInputError as error:
            yield Rejected(where, None, error, {ORIGINAL: line.decode("utf-8", "replace").strip()})
        else:
            yield interpret(raw, where, context)


def _json_object(line: bytes) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise InvalidInputError(N_("“%(name)s”写了两次"), field=name, name=name)
            found[name] = value
        return found

    try:
        raw = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidInputError(N_("不是 UTF-8 编码的文字，请另存为 UTF-8 再导入")) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(N_("这一行不是 JSON（%(reason)s）"), reason=error) from error
    if not isinstance(raw, dict):
        raise InvalidInputError(N_("这一行要是一个 JSON 对象：{…}"))
    return raw


def _records(rows: Iterable[Row], file: str, context: Context) -> Records:
    """Yield the records of *rows*, of which the first that is not blank is the header."""
    filled = (row for row in rows if not row.is_blank)
    header = next(filled, None)
    try:
        names = _header(header)
    except InvalidInputError as error:
        yield Rejected(Where(file, header.number if header is not None else 1), error.field, error)
        return
    for row in filled:
        where = Where(file, row.number)
        try:
            raw = _by_name(row, names)
        except InvalidInputError as error:
            yield Rejected(where, error.field, error, {ORIGINAL: "\t".join(row.cells)})
        else:
            yield interpret(raw, where, context)


def _header(row: Row | None) -> Sequence[str]:
    """Return the name of each column, ``""`` for one that has none.

    Raises:
        InvalidInputError: no header, an unknown or repeated name, or a required column is missing.
    """
    if row is None:
        raise InvalidInputError(N_("文件是空的"))
    if row.error is not None:
        raise row.error
    labels = [label for label in row.cells if label.strip()]
    columns.check(labels, ENTRY)
    names = [columns.canonical(label, ENTRY) or "" for label in row.cells]
    while not names[-1]:
        names.pop()
    missing = [str(column) for column in ENTRY if column.required and column.name not in names]
    if missing:
        raise InvalidInputError(N_("表头少了必填的栏目：%(names)s"), names="、".join(missing))
    return names


def _by_name(row: Row, names: Sequence[str]) -> dict[str, Any]:
    """Return the cells of *row* by column.

    Raises:
        InvalidInputError: it has fewer cells than the header, or something in a cell that is below no name.
    """
    if row.error is not None:
        raise row.error
    if len(row.cells) < len(names):
        raise InvalidInputError(
            N_("这一行只有 %(cells)s 格，表头有 %(columns)s 栏"), cells=len(row.cells), columns=len(names)
        )
    for index, cell in enumerate(row.cells):
        if cell.strip() and (index >= len(names) or not names[index]):
            raise InvalidInputError(N_("%(column)s 列有内容，但表头没有写栏目"), column=get_column_letter(index + 1))
    return {name: cell for name, cell in zip(names, row.cells, strict=False) if name and cell.strip()}


def _decode(data: bytes) -> str:
    """Return *data* as text; bytes that fit no encoding become U+FFFD, so that only the rows that hold it are refused.

    Without a byte order mark, lines vote: Chinese in GB 18030 is hardly ever valid UTF-8.
    """
    encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if data.startswith(mark)), None)
    if encoding is None:
        telling = [line for line in data.splitlines() if not line.isascii()]
        encoding = "utf-8" if 2 * sum(map(_is_utf8, telling)) >= len(telling) else "gb18030"
    return data.decode(encoding, "replace")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    """Yield the rows of *text*. A quote that is never closed swallows no more than its own line."""
    lines = list(io.StringIO(text, newline=""))
    start = number = 0
    while start < len(lines):
        reader = csv.reader(lines[start:], delimiter=delimiter, strict=True)
        base = start
        try:
            for cells in reader:
                number += 1
                start = base + reader.line_num
                yield Row(number, cells)
        except csv.Error as error:
            number += 1
            problem = InvalidInputError(
                N_("这一行的引号没有配对（文件第 %(line)s 行，%(reason)s）"), line=start + 1, reason=error
            )
            yield Row(number, [lines[start].rstrip("\r\n")], problem)
            start += 1


def _xlsx_rows(data: bytes) -> Sequence[Row]:
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        # openpyxl tells about styles and drop-downs that it does not keep; we only read values.
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # some programs write a wrong size, which would cut rows off
        rows = list(sheet.iter_rows())
    width = max(map(len, rows), default=0)  # a row ends with its last filled cell
    return [_xlsx_row(number, cells, width) for number, cells in enumerate(rows, start=1)]


def _xlsx_row(number: int, cells: Sequence[Any], width: int) -> Row:
    texts: list[str] = []
    error: InvalidInputError | None = None
    for index, cell in enumerate(cells, start=1):
        texts.append(cell_text(cell.value))
        if cell.data_type == "e":
            error = InvalidInputError(
                N_("%(column)s 列的公式出错：%(value)s"), column=get_column_letter(index), value=cell.value
            )
    return Row(number, texts + [""] * (width - len(texts)), error)


def cell_text(value: object) -> str:
    """Return a cell's *value* as a person would type it: 691 for 691.0, 2026-12-31 for a date."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unescape(value) if isinstance(value, str) else str(value)
