"""Results of an exam as a workbook. Nothing in it can act: every text is a text, whatever it begins with."""

from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kb.exams.models import Exam
from kb.exams.queries import Analysed, Result

_HEAD = PatternFill("solid", fgColor="E2F0ED")
_MAX_CELL = 32_000
Value = str | int | float | datetime | None


def workbook(
    exam: Exam,
    results: Sequence[Result],
    analysed: Sequence[Analysed],
    *,
    zone: ZoneInfo,
    headings: tuple[Sequence[str], Sequence[str]],
    sheets: tuple[str, str],
    name: Callable[[str], str],
    said: Callable[[str], str],
) -> bytes:
    """Return the results and the analysis of *exam* as an .xlsx file, a sheet each.

    Args:
        headings: of the columns of each sheet.
        sheets: their names.
        name: gives a module's name by its key.
        said: translates a label.
    """
    book = Workbook()
    first = book.active
    if not isinstance(first, Worksheet):
        raise AssertionError("a new workbook has a sheet")
    _fill(first, sheets[0], headings[0], [_result(result, zone, said) for result in results])
    _fill(book.create_sheet(), sheets[1], headings[1], [_question(row, name, said) for row in analysed])
    book.properties.title = ILLEGAL_CHARACTERS_RE.sub("", exam.title)
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def _fill(sheet: Worksheet, title: str, headings: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    sheet.title = title[:31]
    for number, row in enumerate([headings, *rows], start=1):
        for column, value in enumerate(row, start=1):
            put(sheet.cell(row=number, column=column), value)
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), _HEAD
    sheet.freeze_panes = "B2"
    for column in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 16


def put(cell: Cell | MergedCell, value: Value) -> None:
    """Put *value* into *cell*; a text as a text that no spreadsheet takes for a formula (OWASP, CSV injection).

    It is stored as a string and the cell says so (``quotePrefix``); what begins like a formula gets an apostrophe in
    front as well, for whoever saves the sheet as CSV.
    """
    if not isinstance(value, str):
        cell.value = value
        return
    text = ILLEGAL_CHARACTERS_RE.sub("", value)[:_MAX_CELL]
    cell.value = f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") or text[:1] in ("\t", "\r", "\n") else text
    cell.data_type = "s"
    cell.quotePrefix = True


def _result(result: Result, zone: ZoneInfo, said: Callable[[str], str]) -> list[Value]:
    attempt = result.attempt
    ended = attempt.submitted_at
    return [
        result.name,
        result.username,
        result.team or "",
        attempt.number,
        _local(attempt.started_at, zone),
        _local(ended, zone) if ended is not None else None,
        said(attempt.ending.label) if attempt.ending is not None else "",
        round(100 * (attempt.score or 0.0), 1),
        said("通过") if attempt.passed else said("未通过"),
    ]


def _question(row: Analysed, name: Callable[[str], str], said: Callable[[str], str]) -> list[Value]:
    figures = row.figures
    return [
        row.question_id,
        name(row.module),
        said(row.item.kind.label),
        row.item.prompt,
        figures.n,
        round(figures.difficulty, 3),
        None if figures.discrimination is None else round(figures.discrimination, 3),
        None if figures.upper_lower is None else round(figures.upper_lower, 3),
        "；".join(said(flaw.label) for flaw in figures.flaws),
    ]


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return *moment* as workbooks know it: local, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None)
