"""From a path to records: which files to read, and by what."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kb.errors import ConflictError, InvalidInputError, NotFoundError
from kb.i18n import N_
from kb.importing import markdown, tables
from kb.importing.fields import Context
from kb.importing.records import FormatError, Records, Rejected, Where, interpret
from kb.taxonomy.queries import Taxonomy

TABLES = {".csv": tables.read_csv, ".xlsx": tables.read_xlsx, ".jsonl": tables.read_jsonl}
MARKDOWN = ".md"
SUFFIXES = (MARKDOWN, *TABLES)
CONTENT_FOLDERS = ("entries", "threads")


def read(path: Path, taxonomy: Taxonomy, timezone: str) -> Records:
    """Return the records of the file or folder at *path*, read one file at a time, and what is no record.

    A folder that has ``entries`` or ``threads`` in it is a content folder: only those two are read. Of any other folder
    every file is. Hidden files are left alone; of two records with one id, the second is rejected.

    Args:
        path: a folder, or a file of one of ``SUFFIXES``.
        taxonomy: the centre's lists; modules, regions … are known by key or name.
        timezone: whose midnights the dates mean, an IANA name.

    Raises:
        NotFoundError: there is nothing at *path*, or nothing to import in it.
    """
    if not path.exists():
        raise NotFoundError(N_("没有这个文件或文件夹：%(path)s"), path=path)
    files = _files(path)
    if not files:
        raise NotFoundError(N_("文件夹 %(path)s 里没有可以导入的文件"), path=path)
    context = Context(taxonomy, timezone)
    root = path if path.is_dir() else path.parent
    return _each_once(record for file in files for record in _read(file, root, context))


def _files(path: Path) -> Sequence[Path]:
    if path.is_file():
        return [path]
    folders = [path / name for name in CONTENT_FOLDERS if (path / name).is_dir()] or [path]
    found = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
    return [file for file in found if not _is_hidden(file.relative_to(path))]


def _is_hidden(relative: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in relative.parts)  # "~$…" is Excel's mark of an open workbook


def _read(file: Path, root: Path, context: Context) -> Records:
    name = file.relative_to(root).as_posix()
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        problem = InvalidInputError(N_("不能导入这种文件，可以导入的有：%(known)s"), known=" ".join(SUFFIXES))
        yield Rejected(Where(name, 1), None, problem)
        return
    try:
        data = file.read_bytes()
    except OSError as error:
        problem = InvalidInputError(N_("读不了这个文件（%(reason)s）"), reason=error.strerror)
        yield Rejected(Where(name, 1), None, problem)
        return
    if suffix == MARKDOWN:
        yield from _read_page(data, name, file, root, context)
    else:
        yield from TABLES[suffix](data, name, context)


def _read_page(data: bytes, name: str, file: Path, root: Path, context: Context) -> Records:
    in_threads = "threads" in (root.name, *file.relative_to(root).parts[:-1])
    try:
        page = markdown.parse(data, stem=file.stem, in_threads=in_threads)
    except FormatError as error:
        yield Rejected(Where(name, error.line), error.field, error)
        return
    result = interpret(page.raw, Where(name, 1), context)
    if isinstance(result, Rejected):
        result = replace(result, where=Where(name, page.line(result.field)))
    yield result


def _each_once(records: Records) -> Records:
    """Pass *records* on, with the second one of an id rejected."""
    seen: dict[tuple[type, str], Where] = {}
    for record in records:
        if isinstance(record, Rejected):
            yield record
            continue
        first = seen.setdefault((type(record), record.key), record.where)
        if first is record.where:
            yield record
        else:
            problem = ConflictError(N_("编号 %(key)s 在 %(where)s 已经用过了"), key=record.key, where=first)
            yield Rejected(record.where, "id", problem, record.raw)
