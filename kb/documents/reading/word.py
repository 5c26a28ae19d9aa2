"""Word documents, by mammoth: styles become headings, the rest keeps its tables, lists and pictures."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.parsers.expat import ExpatError

import mammoth

from kb.documents.document import Document, Format, Remark
from kb.documents.pictures import Pictures
from kb.documents.reading.errors import UnreadableError
from kb.documents.reading.hypertext import PictureShelf, sections_of, to_markdown
from kb.i18n import N_

STYLES = "\n".join(
    [f"p[style-name='标题 {level}'] => h{level}:fresh" for level in range(1, 7)]
    + ["p[style-name='Title'] => h1:fresh", "p[style-name='标题'] => h1:fresh", "r[style-name='Strong'] => strong"]
)
"""Beside mammoth's own: what WPS and older Chinese versions of Word call their styles."""


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
        result = mammoth.convert_to_html(
            io.BytesIO(data), convert_image=mammoth.images.img_element(place), style_map=STYLES
        )
    except (zipfile.BadZipFile, KeyError, ValueError, ExpatError, AttributeError, IndexError) as error:
        raise UnreadableError(N_("文件坏了，打不开（%(reason)s）"), reason=error) from error
    told = list(shelf.lost)
    text = to_markdown(result.value, shelf)
    shelf.lost = told  # one without an address is not lost twice
    return Document(
        format=Format.WORD, sections=sections_of(text), remarks=[*shelf.remarks(), *_remarks(result.messages)]
    )


def _remarks(messages: Any) -> Iterator[Remark]:
    """Yield what mammoth did not understand, in short: which styles are no headings is worth knowing."""
    styles = sorted({part.split("'")[1] for item in messages if "paragraph style" in (part := item.message)})
    if styles:
        yield Remark(N_("这些段落样式按正文处理：%(styles)s"), {"styles": "、".join(styles)[:200]})
