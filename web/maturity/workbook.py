"""The maturity assessment report (知识成熟度评估) as a workbook."""

from collections.abc import Callable, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from kb.entries.rules import Level
from kb.maturity.board import ModuleRow

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD = PatternFill("solid", fgColor="E2F0ED")
_WHOLE, _SHARE, _SCORE = "0", "0%", "0.00"


def workbook(
    rows: Sequence[ModuleRow], *, title: str, period: str, name: Callable[[str], str], headings: Sequence[str]
) -> bytes:
    """Return the report as an .xlsx file.

    Args:
        name: gives a module's name by its key.
        headings: of the columns, as many as ``values`` returns.
    """
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise AssertionError("a new workbook has a sheet")
    sheet.title = title[:31]
    sheet.append([title])
    sheet.append([period])
    sheet.append(list(headings))
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[3]:
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    formats = [
        None,
        *(_WHOLE for _ in range(1 + len(Level) - 1)),
        _SHARE,
        _SCORE,
        _WHOLE,
        _SCORE,
        *(_WHOLE for _ in range(5)),
    ]
    for row in rows:
        sheet.append([_text(name(row.module_key)), *values(row)])
        for cell, form in zip(sheet[sheet.max_row], formats, strict=True):
            if form is not None:
                cell.number_format = form
    sheet.freeze_panes = "B4"
    sheet.column_dimensions["A"].width = 24
    for number in range(2, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 11
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def values(row: ModuleRow) -> list[int | float | None]:
    """Return the figures of a module in the order of the report's columns, the module's name left out."""
    return [
        row.entries,
        *(row.levels[level] for level in Level if level),
        row.mature,
        row.merit,
        row.trials,
        row.wilson if row.trials else None,
        row.raters,
        row.risen,
        row.fallen,
        row.stale,
        row.suspended,
    ]


def _text(value: str) -> str:
    """Return *value* so that no spreadsheet takes it for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@") else value
