"""HTML → Markdown, and Markdown → sections. Word documents come this way too."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString
from markdownify import MarkdownConverter

from kb.documents.document import Remark, Section
from kb.documents.pictures import Pictures
from kb.documents.reading.tables import flatten
from kb.i18n import N_

Fetch = Callable[[str], bytes | None]
"""Gives the bytes of a picture that a text names by a relative address; ``None`` where it can't be had."""

_SILENT = ("script", "style", "head", "noscript", "iframe", "object", "embed", "svg", "template", "form")
_LINKS = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_DATA = re.compile(r"data:[^,]*;base64,(?P<data>.*)", re.DOTALL | re.IGNORECASE)
_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<title>.*?)[ \t]*#*[ \t]*")
_CODE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,}).*")
_PICTURE = re.compile(r"!\[(?P<alt>[^\]\n]*)\]\((?P<address>[^()\s]+)(?:\s+\"[^\"\n]*\")?\)")
_EMPTY = re.compile(r"\n{3,}")
_EMPHASIS = re.compile(r"[*_`]{1,3}")


class _Converter(MarkdownConverter):
    """Keeps pictures in cells and line breaks in cells: a table's row is one line."""

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "td" in parent_tags or "th" in parent_tags:
            return "<br>"
        return str(super().convert_br(el, text, parent_tags))  # type: ignore[misc]  # found by name

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_td(el, re.sub(r"\s*\n\s*", "<br>", text.strip()).replace("|", "\\|"), parent_tags))  # type: ignore[misc]

    convert_th = convert_td


class PictureShelf:
    """Takes a document's pictures one by one, and remembers what could not be taken."""

    def __init__(self, pictures: Pictures, fetch: Fetch = lambda address: None) -> None:
        self._pictures = pictures
        self._fetch = fetch
        self.lost: list[str] = []

    def place(self, data: bytes, name: str) -> str | None:
        """Return the address of a picture, or ``None`` where it can't be shown."""
        address = self._pictures.keep(data)
        if address is None:
            self.lost.append(name)
        return address

    def resolve(self, source: str, name: str) -> str | None:
        """Return the address of the picture that a text names as *source*. None is ever fetched from elsewhere."""
        if source.startswith("/imports/pictures/"):
            return source
        inline = _DATA.fullmatch(source)
        if inline is not None:
            try:
                return self.place(base64.b64decode(inline["data"], validate=False), name)
            except (binascii.Error, ValueError):
                self.lost.append(name)
                return None
        data = None if re.match(r"[a-z]{2,}:|//", source, re.IGNORECASE) else self._fetch(unquote(source))
        if data is None:
            self.lost.append(name or source[:80])
            return None
        return self.place(data, name or source)

    def remarks(self) -> Iterator[Remark]:
        """Yield what people should know."""
        if self.lost:
            names = "、".join(dict.fromkeys(name for name in self.lost if name)) or "?"
            yield Remark(
                N_("有 %(count)s 张图片没能带过来（%(names)s）：格式不认识、太大、找不到，或者在网上（不去取）"),
                {"count": str(len(self.lost)), "names": names[:200]},
            )


def to_markdown(html: str, shelf: PictureShelf) -> str:
    """Return *html* as Markdown: headings, lists, tables, links and pictures; nothing that runs."""
    soup = BeautifulSoup(html, "lxml")  # closes what pages that were written by hand leave open
    for element in soup(_SILENT):
        element.decompose()
    for mark in soup.find_all(string=lambda text: isinstance(text, PreformattedString)):
        mark.extract()  # comments, and what Word writes for itself: <![if !supportLists]>
    flatten(soup)
    for link in soup("a"):
        if not _LINKS.match(str(link.get("href", "")).strip()):
            link.unwrap()
    for picture in soup("img"):
        name = " ".join(str(picture.get("alt", "")).split())[:80]
        address = shelf.resolve(str(picture.get("src", "")).strip(), name)
        if address is None:
            picture.replace_with(f"【待填：图片 {name}】".replace(" 】", "】"))
        else:
            picture.attrs = {"src": address, "alt": name or "图"}
    options: dict[str, Any] = {
        "heading_style": "ATX",
        "bullets": "-",
        "table_infer_header": True,
        "escape_asterisks": True,
        "escape_underscores": False,
        "keep_inline_images_in": ["td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "a"],
    }
    return _EMPTY.sub("\n\n", str(_Converter(**options).convert_soup(soup)).replace("\xa0", " ")).strip()


def sections_of(text: str, *, below: int = 0) -> Sequence[Section]:
    """Return Markdown *text* cut at its headings; what stands before the first is of level 0.

    Args:
        below: how many levels the headings are pushed down.
    """
    found: list[Section] = []
    level, heading = 0, ""
    lines: list[str] = []
    fence = ""

    def close() -> None:
        body = "\n".join(lines).strip()
        if heading or body:
            found.append(Section(level=level, heading=heading, text=body))

    for line in text.split("\n"):
        code = _CODE.fullmatch(line)
        if code is not None and (not fence or code["mark"].startswith(fence)):
            fence = "" if fence else code["mark"]
        title = _HEADING.fullmatch(line) if not fence else None
        if title is None or not plain_heading(title["title"]):
            lines.append(line)
            continue
        close()
        level, heading, lines = len(title["marks"]) + below, plain_heading(title["title"]), []
    close()
    return found


def plain_heading(text: str) -> str:
    """Return a heading without Markdown's marks and pictures."""
    return " ".join(_EMPHASIS.sub("", _PICTURE.sub("", text)).replace("\\", "").split())
