"""Office files with what programs write and our own tools don't: raw XML put into a document."""

import io
import zipfile
from collections.abc import Callable, Mapping

from docx import Document as WordDocument
from docx.document import Document
from docx.oxml import parse_xml
from openpyxl import Workbook

NAMESPACES = " ".join(
    f'xmlns:{short}="{name}"'
    for short, name in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)


def word(
    fill: Callable[[Document], object],
    *,
    parts: Mapping[str, bytes] | None = None,
    change: Mapping[str, Callable[[bytes], bytes]] | None = None,
) -> bytes:
    """Return a .docx that *fill* has written, with *parts* added and files in it changed."""
    document = WordDocument()
    fill(document)
    saved, data = io.BytesIO(), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as archive, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name in archive.namelist():
            made.writestr(name, (change or {}).get(name, bytes)(archive.read(name)))
        for name, content in (parts or {}).items():
            made.writestr(name, content)
    return data.getvalue()


def put(document: Document, xml: str) -> None:
    """Append *xml*, an element of a body, to *document*."""
    body = document.element.body
    body.insert(len(body) - 1, parse_xml(xml.replace(">", f" {NAMESPACES}>", 1)))


def paragraph(document: Document, xml: str) -> None:
    """Append a paragraph of the runs *xml*."""
    put(document, f"<w:p>{xml}</w:p>")


def workbook(fill: Callable[[Workbook], object]) -> bytes:
    """Return a .xlsx that *fill* has written."""
    book, data = Workbook(), io.BytesIO()
    fill(book)
    book.save(data)
    return data.getvalue()


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    """Return a .zip of *files*."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()
