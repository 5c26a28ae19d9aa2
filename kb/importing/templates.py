"""Spreadsheets to fill in, with the centre's own lists to choose from."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from kb.entries.content import FRESHNESS_LABELS, KIND_LABELS, Kind
from kb.entries.rules import State
from kb.importing.columns import ENTRY
from kb.importing.records import IMPORTED_STATES
from kb.permissions import ROLE_LABELS
from kb.taxonomy.queries import Taxonomy, Term

MAX_CELL = 32_767
"""Characters that a cell of a workbook holds."""

SHEET, HELP_SHEET, CHOICES_SHEET = "知识", "填写说明", "可选值"
DROP_DOWNS = ("kind", "module", "tier", "freshness", "state")
"""Columns that take one value of a list; a cell that takes several can't have a drop-down."""
ROWS = 5000

_WIDE = {"title": 30, "answer": 40, "wordings": 40, "script": 50, "steps": 50, "internal_note": 40, "body": 40}
_HEADING, _REQUIRED = PatternFill("solid", fgColor="DCE6F1"), PatternFill("solid", fgColor="FCE4D6")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def template_workbook(taxonomy: Taxonomy) -> bytes:
    """Return an .xlsx to fill in: the columns with drop-downs and an example, what each column means, all choices."""
    book = Workbook()
    sheet = first_sheet(book)
    labels = choices(taxonomy)
    fill(sheet, [column.header for column in ENTRY], [_example(taxonomy)])
    for number, column in enumerate(ENTRY, start=1):
        if column.required:
            sheet.cell(1, number).fill = _REQUIRED
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = _WIDE.get(column.name, 14)
        if column.name in ("id", "owner", "related"):
            dimension.number_format = "@"  # keeps the zeros of 00123
    _describe(book, labels)
    _list_choices(book, sheet, labels)
    return save(book)


def template_csv(taxonomy: Taxonomy) -> str:
    """Return the header and an example row as comma-separated text; write it as ``utf-8-sig`` for Excel to read it."""
    text = io.StringIO()
    csv.writer(text).writerows([[column.header for column in ENTRY], _example(taxonomy)])
    return text.getvalue()


def choices(taxonomy: Taxonomy) -> Mapping[str, Sequence[str]]:
    """Return what may be written into each column that has a fixed list."""

    def names(terms: Mapping[str, Term]) -> list[str]:
        return [term.name for term in terms.values() if not term.retired]

    return {
        "kind": [*KIND_LABELS.values()],
        "module": names(taxonomy.modules),
        "tier": names(taxonomy.tiers),
        "products": names(taxonomy.products),
        "regions": names(taxonomy.regions),
        "freshness": [*FRESHNESS_LABELS.values()],
        "audience": [*ROLE_LABELS.values()],
        "state": [*IMPORTED_STATES.values()],
    }


def first_sheet(book: Workbook) -> Worksheet:
    """Return the sheet that *book* starts with, under the name ours has."""
    sheet = book.worksheets[0]
    sheet.title = SHEET
    return sheet


def fill(sheet: Worksheet, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write *header* and *rows* to *sheet* as plain text: what looks like a formula is none."""
    for number, values in enumerate([header, *rows], start=1):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(number, column, printable(value))
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number in range(1, len(header) + 1):
        heading = sheet.cell(1, number)
        heading.font, heading.fill = Font(bold=True), _HEADING
    sheet.freeze_panes = "A2"


def printable(text: str) -> str:
    """Return *text* with what no spreadsheet can hold replaced by U+FFFD, which an import refuses."""
    return _UNPRINTABLE.sub("\ufffd", text)


def save(book: Workbook) -> bytes:
    """Return *book* as a file."""
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _describe(book: Workbook, labels: Mapping[str, Sequence[str]]) -> None:
    sheet = book.create_sheet(HELP_SHEET)
    rows = [
        (
            column.header,
            column.name,
            "必填" if column.required else "",
            column.help,
            "、".join(labels.get(column.name, ())),
        )
        for column in ENTRY
    ]
    fill(sheet, ["栏目", "英文名", "必填", "怎么填", "可以填的值"], rows)
    for letter, width in zip("ABCDE", (14, 16, 8, 60, 80), strict=True):
        sheet.column_dimensions[letter].width = width


def _list_choices(book: Workbook, sheet: Worksheet, labels: Mapping[str, Sequence[str]]) -> None:
    """Add the sheet of choices and make the cells of *sheet* offer them. A list in a formula is limited to 255."""
    lists = book.create_sheet(CHOICES_SHEET)
    headers = {column.name: column.header for column in ENTRY}
    longest = max(map(len, labels.values()))
    rows = [[values[index] if index < len(values) else "" for values in labels.values()] for index in range(longest)]
    fill(lists, [headers[name] for name in labels], rows)
    for name in DROP_DOWNS:
        source = get_column_letter(list(labels).index(name) + 1)
        target = get_column_letter(list(headers).index(name) + 1)
        rule = DataValidation(
            type="list",
            formula1=f"'{CHOICES_SHEET}'!${source}$2:${source}${max(len(labels[name]), 1) + 1}",
            allow_blank=True,
            showErrorMessage=True,
            errorStyle="warning",  # keys are taken as well as names
        )
        rule.add(f"{target}2:{target}{ROWS}")
        sheet.add_data_validation(rule)


def _example(taxonomy: Taxonomy) -> list[str]:
    parents = {term.parent for term in taxonomy.modules.values()}
    modules = [term.name for term in taxonomy.modules.values() if not term.retired and term.key not in parents]
    values = {
        "id": "example-bill-higher",
        "title": "（示例，导入前请删除）这个月账单比上个月多",
        "kind": KIND_LABELS[Kind.FAQ],
        "module": modules[0] if modules else "",
        "tier": next((term.name for term in taxonomy.tiers.values()), ""),
        "answer": "先看账单里比上月多出来的是哪一项，再按那一项解释。",
        "wordings": "这个月怎么扣了这么多\n话费突然贵了\n我没用什么怎么多了几十块",
        "script": "您好，我马上帮您看一下，多出来的是哪一项。",
        "steps": "1. 打开最近两个月的账单，逐项比较。\n2. 找到多出来的一项，按对应的知识解释。",
        "fees": "不收费",
        "deadlines": "【待填：退费到账时限】",
        "valid_from": "2026-01-01",
        "review_due": "2026-12-31",
        "state": IMPORTED_STATES[State.DRAFT],
    }
    return [values.get(column.name, "") for column in ENTRY]
