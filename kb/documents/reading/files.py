"""From a file's bytes to a document: which reader reads it, single pages, and folders of them."""

import posixpath
import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

import yaml

from kb.documents.document import Document, Format, Remark, Section
from kb.documents.pictures import MAX_BYTES, Pictures
from kb.documents.reading.decoding import decode
from kb.documents.reading.errors import UnreadableError
from kb.documents.reading.guarding import SUFFIXES, recognise
from kb.documents.reading.hypertext import Fetch, PictureShelf, sections_of, to_markdown
from kb.documents.reading.references import adopt
from kb.i18n import N_
from kb.importing.columns import ENTRY, canonical

MAX_SECTIONS = 5_000


def read(data: bytes, name: str, pictures: Pictures) -> Document:
    """Return what the file *data*, called *name*, says; its pictures are kept.

    Raises:
        UnreadableError: it can't be taken, and why.
    """
    format_ = recognise(data, name)
    # Loaded when needed: a process begins for each file, and these take longer to load than most files to read.
    match format_:
        case Format.WORD:
            from kb.documents.reading.word import read_word  # noqa: PLC0415

            document = read_word(data, pictures)
        case Format.WORKBOOK | Format.TABLE:
            from kb.documents.reading.sheets import read_table, read_workbook  # noqa: PLC0415

            document = read_workbook(data) if format_ is Format.WORKBOOK else read_table(data)
        case Format.FOLDER:
            document = _read_folder(data, pictures)
        case _:
            text = decode(data)
            if name.lower().endswith(".txt"):
                from kb.documents.reading.sheets import is_table  # noqa: PLC0415

                if is_table(text):
                    return read(data, f"{name}.tsv", pictures)
            shelf = PictureShelf(pictures)
            sections = _read_page(text, name, format_, shelf)
            document = Document(format=format_, sections=sections, remarks=list(shelf.remarks()))
    if not document.sections:
        raise UnreadableError(N_("文件里没有文字"))
    if len(document.sections) > MAX_SECTIONS:
        raise UnreadableError(N_("标题太多（%(count)s 个），请拆成几个文件再上传"), count=len(document.sections))
    return document


def _read_page(text: str, name: str, format_: Format, shelf: PictureShelf, *, below: int = 0) -> Sequence[Section]:
    fields: dict[str, str] = {}
    if format_ is Format.PAGE:
        text = to_markdown(text, shelf)
    else:
        fields, text = _front_matter(text)
        text = adopt(text, shelf.resolve)
    sections = list(sections_of(text, below=below))
    stem = fields.pop("title", "") or PurePosixPath(name).stem
    if not sections or sections[0].level == 0:  # what stands before the first heading needs a title
        first = sections.pop(0).text if sections else ""
        sections.insert(0, Section(level=1, heading=stem, text=first, fields=fields))
    elif fields:
        sections.insert(0, Section(level=1, heading=stem, text="", fields=fields))
    return sections


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return the fields between two lines ``---`` at the start of *text* that an entry has, and the rest."""
    if not text.startswith("---\n") or "\n---\n" not in text:
        return {}, text
    head, _, rest = text[4:].partition("\n---\n")
    try:
        raw: Any = yaml.load(head, Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but text and lists
    except yaml.YAMLError:
        return {}, text
    if not isinstance(raw, dict):
        return {}, text
    fields: dict[str, str] = {}
    for label, value in raw.items():
        name = canonical(str(label), ENTRY)
        if name is not None and value:
            fields[name] = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
    return fields, rest


def _read_folder(data: bytes, pictures: Pictures) -> Document:
    sections: list[Section] = []
    remarks: list[Remark] = []
    skipped: list[str] = []
    lost: list[str] = []
    with zipfile.ZipFile(BytesIO(data)) as archive:
        entries = {_name(entry): entry for entry in archive.infolist() if not entry.is_dir()}
        by_name = {name: entry for name, entry in entries.items() if not _is_hidden(name)}
        for name in sorted(by_name):
            format_ = SUFFIXES.get(PurePosixPath(name).suffix.lower())
            if format_ not in (Format.MARKDOWN, Format.PAGE):
                skipped.append(name)
                continue
            shelf = PictureShelf(pictures, _fetcher(archive, by_name, posixpath.dirname(name)))
            text = decode(_unpack(archive, by_name[name]), place=name)
            sections += _read_page(text, name, format_, shelf)
            lost += shelf.lost
    collected = PictureShelf(pictures)
    collected.lost = lost
    remarks += collected.remarks()
    remarks += _skipped(skipped)
    if not sections:
        raise UnreadableError(N_("压缩包里没有 .md 或 .html 文件"))
    return Document(format=Format.FOLDER, sections=sections, remarks=remarks)


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name of *entry*; Chinese Windows writes it in GB 18030 without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def _is_hidden(name: str) -> bool:
    """Return whether *name* is what systems put beside people's files."""
    return any(part.startswith((".", "__MACOSX", "~$")) for part in PurePosixPath(name).parts)


def _fetcher(archive: zipfile.ZipFile, by_name: dict[str, zipfile.ZipInfo], folder: str) -> Fetch:
    by_end: dict[str, list[zipfile.ZipInfo]] = {}
    for name, entry in by_name.items():
        by_end.setdefault(posixpath.basename(name), []).append(entry)

    def fetch(address: str) -> bytes | None:
        address = address.partition("?")[0].replace("\\", "/")
        entry = by_name.get(posixpath.normpath(posixpath.join(folder, address)))
        if entry is None and len(alone := by_end.get(posixpath.basename(address), [])) == 1:
            (entry,) = alone  # a path of the writer's own disk, or a bare name: there is only one it can mean
        return _unpack(archive, entry) if entry is not None and entry.file_size <= MAX_BYTES else None

    return fetch


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
        raise UnreadableError(N_("文件坏了，打不开（%(reason)s）"), reason=error) from error


def _skipped(names: Sequence[str]) -> Iterator[Remark]:
    """Yield which files were not read; pictures are fetched by the pages that show them."""
    quiet = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".css", ".js")
    others = [name for name in names if not name.lower().endswith(quiet)]
    if others:
        yield Remark(
            N_("压缩包里有 %(count)s 个文件没有读：%(names)s"),
            {"count": str(len(others)), "names": "、".join(others)[:200]},
        )
