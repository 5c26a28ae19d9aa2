"""Handing refused records back: a file with the reason beside each, to be mended and imported again."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.importing.columns import ENTRY, NOTES, ORIGINAL, PLACE, REASON, named
from kb.importing.fields import BETWEEN_SENTENCES
from kb.importing.records import Rejected
from kb.importing.templates import MAX_CELL, fill, first_sheet, printable, save


def write_rejected(rejected: Iterable[Rejected], path: Path) -> int:
    """Write *rejected* to *path* (.jsonl, .csv or .xlsx) and return how many it holds.

    What could not be taken apart into fields, such as a whole file that is not UTF-8, is left out: it is mended where
    it is. Reading the file again refuses whatever has not been mended, even a row that no column can hold: that one
    comes back as its original text, with its fields empty.

    Raises:
        InvalidInputError: another kind of file, or a text is too long for a workbook's cell.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InvalidInputError(N_("退回的记录只能写成 %(known)s"), known=" ".join(_WRITERS))
    kept = [item for item in rejected if item.raw is not None]
    path.write_bytes(writer(kept))
    return len(kept)


def _jsonl(rejected: Sequence[Rejected]) -> bytes:
    lines = [
        json.dumps({**(item.raw or {}), REASON: str(item.error), PLACE: str(item.where)}, ensure_ascii=False)
        for item in rejected
    ]
    # What is left of an unpaired surrogate is written as JSON writes it: \\ud800.
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def _csv(rejected: Sequence[Rejected]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([_HEADER, *map(_cells, rejected)])
    return printable(text.getvalue()).encode("utf-8-sig")


def _xlsx(rejected: Sequence[Rejected]) -> bytes:
    rows = [_cells(item) for item in rejected]
    for item, cells in zip(rejected, rows, strict=True):
        if max(map(len, cells)) > MAX_CELL:
            raise InvalidInputError(N_("%(where)s 有一栏太长，写不进 .xlsx，请写成 .jsonl"), where=item.where)
    book = Workbook()
    fill(first_sheet(book), _HEADER, rows)
    return save(book)


_WRITERS: Mapping[str, Callable[[Sequence[Rejected]], bytes]] = {".jsonl": _jsonl, ".csv": _csv, ".xlsx": _xlsx}
_HEADER = [NOTES[REASON], NOTES[PLACE], *(column.header for column in ENTRY), NOTES[ORIGINAL]]


def _cells(item: Rejected) -> list[str]:
    """Return the cells of a row. What would not be the same in cells (a thread, unknown fields) goes in as JSON."""
    raw = item.raw or {}
    original = str(raw.get(ORIGINAL, ""))
    try:
        values = named(raw, ENTRY)
    except InvalidInputError:
        values = None
    if values is None or not all(_fits(values.get(column.name), many=column.many) for column in ENTRY):
        values, original = {}, json.dumps(raw, ensure_ascii=False)
    return [str(item.error), str(item.where), *(_cell(values.get(column.name)) for column in ENTRY), original]


def _fits(value: object, *, many: bool) -> bool:
    if isinstance(value, list) and many:
        return all(_fits(part, many=False) and not BETWEEN_SENTENCES.search(_cell(part)) for part in value)
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _cell(value: object) -> str:
    if value is None:
        return ""
    return "\n".join(map(_cell, value)) if isinstance(value, list) else str(value)
