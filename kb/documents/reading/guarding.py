"""What a file is, by its content, and whether it may be opened at all."""

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePosixPath

from kb.documents.document import Format
from kb.documents.reading.errors import UnreadableError
from kb.i18n import N_

MAX_BYTES = 64 * 1024 * 1024
"""Of an upload: a manual of some hundred pages with its screenshots."""
MAX_UNPACKED = 400 * 1024 * 1024
MAX_FILES = 5_000
MAX_RATIO = 150
"""Bytes unpacked for a packed one: office files come to 20, a bomb to a thousand."""
_SMALL = 4 * 1024 * 1024
"""Below this a high ratio harms nobody: a blank picture packs well."""

SUFFIXES: Mapping[str, Format] = {
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".txt": Format.MARKDOWN,
    ".html": Format.PAGE,
    ".htm": Format.PAGE,
    ".csv": Format.TABLE,
    ".tsv": Format.TABLE,
}
"""What text is, by the ending of its name: content does not tell Markdown from a table."""
KNOWN = ".docx .xlsx .csv .md .html .zip"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MAIN = frozenset({"word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"})
_OFFICE = {"word/": Format.WORD, "xl/": Format.WORKBOOK, "ppt/": None}
"""Folders of office files: what the main file in them is called differs between programs."""


_FOREIGN = frozenset({"mimetype", "index/document.iwa", "androidmanifest.xml", "meta-inf/manifest.mf"})
"""In archives that are other programs' files: OpenDocument, EPUB, Pages, programs."""


def recognise(data: bytes, name: str) -> Format:
    """Return what *data* is; *name* only says what kind of text a text is.

    Raises:
        UnreadableError: nothing that can be taken: another type, a program inside, packed to do harm.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if not data.strip():
        raise UnreadableError(N_("文件是空的"))
    if len(data) > MAX_BYTES:
        raise UnreadableError(N_("文件太大，最多 %(max)s MB；请拆成几个再上传"), max=MAX_BYTES // 1024 // 1024)
    if data.startswith(_OLE):
        raise UnreadableError(N_("这是旧版 .doc 或 .xls，或者加了密码：请用 Office 打开，去掉密码，另存为新格式"))
    if data.startswith(b"%PDF-"):
        raise UnreadableError(N_("PDF 里没有标题和段落，不能导入：请找它的 Word 原件"))
    if data.startswith(_ZIP):
        return _archive(data)
    if suffix in (".docx", ".xlsx", ".zip"):
        raise UnreadableError(N_("名字是 %(suffix)s，内容却不是：文件可能坏了，请重新另存一份"), suffix=suffix)
    if suffix not in SUFFIXES:
        raise UnreadableError(N_("不能导入这种文件，可以导入的有：%(known)s"), known=KNOWN)
    return SUFFIXES[suffix]


def _archive(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnreadableError(N_("文件坏了，打不开（%(reason)s）"), reason=error) from error
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise UnreadableError(N_("压缩包加了密码，请去掉密码再上传"))
    _check_size(entries)
    names = {entry.filename.lower() for entry in entries}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise UnreadableError(N_("文件里有宏，不能导入：请另存为不带宏的 .docx 或 .xlsx"))
    office = "[content_types].xml" in names or not names.isdisjoint(_MAIN)
    for part, kind in _OFFICE.items():
        if office and any(name.startswith(part) for name in names):
            if kind is not None:
                return kind
            break
    else:
        if not names & _FOREIGN:
            return Format.FOLDER
    raise UnreadableError(N_("不能导入这种文件，可以导入的有：%(known)s"), known=KNOWN)


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    """Return if unpacking *entries* is safe. Their sizes may lie, but no more than they say is ever unpacked."""
    unpacked = sum(entry.file_size for entry in entries)
    steep = any(
        entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(entry.compress_size, 1) for entry in entries
    )
    if steep or unpacked > MAX_UNPACKED or len(entries) > MAX_FILES:
        raise UnreadableError(
            N_("解开以后太大（%(size)s MB，%(files)s 个文件），像是压缩炸弹，没有打开"),
            size=unpacked // 1024 // 1024,
            files=len(entries),
        )
