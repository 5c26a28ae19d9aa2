"""Word documents, by mammoth: styles become headings, the rest keeps its tables, lists and pictures."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

import mammoth
from bs4 import BeautifulSoup

from kb.documents.document import Document, Format, Remark
from kb.documents.pictures import Pictures
from kb.documents.reading.errors import UnreadableError
from kb.documents.reading.hypertext import PictureShelf, sections_of, to_markdown
from kb.documents.reading.word_parts import prepared
from kb.i18n import N_

UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError),  # no sound archive
    *(ParseError, ExpatError, KeyError, ValueError, AttributeError, IndexError),  # no document inside
)
_NOTE = re.compile(r"^(?:foot|end)note-\d+$")
_CALL = re.compile(r"^#(?:foot|end)note-ref-\d+$")
_CALLED = re.compile(r"^(?:foot|end)note-ref-\d+$")

STYLES = "\n".join(
    [f"p[style-name='标题 {level}'] => h{level}:fresh" for level in range(1, 7)]
    + ["p[style-name='Title'] => h1:fresh", "p[style-name='标题'] => h1:fresh", "r[style-name='Strong'] => strong"]
    + [f"p[style-name^='{name}'] => !" for name in ("toc ", "目录 ", "WPSOffice手动目录")]
)
"""Beside mammoth's own: what WPS and older Chinese Word call their styles. A table of contents is left out."""


def read_word(data: bytes, pictures: Pictures) -> Document:
    """Return what a .docx says.

    Raises:
        UnreadableError: it is broken.
    """
    shelf = PictureShelf(pictures)

    def place(image: Any) -> dict[str, str]:
        with image.open() as file:
            address = shelf.place(file.read(), f"{image.content_type or '?'}")
        return {"src": address or ""}

    try:
        ready, remarks = prepared(data)
        result = mammoth.convert_to_html(
            io.BytesIO(ready), convert_image=mammoth.images.img_element(place), style_map=STYLES
        )
    except UNREADABLE as error:
        raise UnreadableError(N_("文件坏了，打不开（%(reason)s）"), reason=error) from error
    told = list(shelf.lost)
    text = to_markdown(_with_notes_in_place(result.value), shelf)
    shelf.lost = told  # one without an address is not lost twice
    return Document(
        format=Format.WORD,
        sections=sections_of(text),
        remarks=[*shelf.remarks(), *remarks, *_remarks(result.messages)],
    )


def _with_notes_in_place(html: str) -> str:
    """Return *html* with each footnote where it is called: at the end it would be a part of the last entry."""
    if 'href="#footnote-' not in html and 'href="#endnote-' not in html:
        return html
    soup = BeautifulSoup(html, "lxml")
    notes = {str(item["id"]): item for item in soup.find_all("li", id=_NOTE)}
    for note in notes.values():
        for back in note.find_all("a", href=_CALL):
            back.decompose()
    texts = {key: " ".join(note.get_text(" ").split()) for key, note in notes.items()}
    for call in soup.find_all("a", id=_CALLED):
        target = str(call.get("href", "")).removeprefix("#")
        around = call.parent if call.parent is not None and call.parent.name == "sup" else call
        around.replace_with(f"（注：{texts[target]}）" if texts.get(target) else "")
    for note in notes.values():
        above = note.parent
        note.decompose()
        if above is not None and above.find("li") is None:
            above.decompose()
    return str(soup)


def _remarks(messages: Any) -> Iterator[Remark]:
    """Yield what mammoth did not understand, in short: which styles are no headings is worth knowing."""
    styles = sorted({part.split("'")[1] for item in messages if "paragraph style" in (part := item.message)})
    if styles:
        yield Remark(N_("这些段落样式按正文处理：%(styles)s"), {"styles": "、".join(styles)[:200]})
