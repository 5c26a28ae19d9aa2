"""What mammoth would pass over in a Word file is put where it reads it: equations, fields, text boxes, outline levels.

Nothing is left out in silence: what can't be text becomes a placeholder to fill, and is counted.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from kb.documents.document import Remark
from kb.i18n import N_

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(wordprocessingml/main|officeDocument/math)")
_TRANSITIONAL = {
    b"wordprocessingml/main": W[1:-1].encode(),
    b"officeDocument/math": M[1:-1].encode(),
}
_PARTS = re.compile(r"word/(?:document|footnotes|endnotes)\d*\.xml", re.IGNORECASE)
_GRAPHICS = re.compile(r"\}(?:chart|relIds)$")
"""Charts and SmartArt, drawn by Word alone."""
CHART = "【待填：图表】"
DEEPEST_HEADING = 6


def prepared(data: bytes) -> tuple[bytes, Sequence[Remark]]:
    """Return the .docx *data* with its texts as mammoth reads them, and what people should know about them.

    Raises:
        zipfile.BadZipFile, ParseError, KeyError: it is broken.
    """
    seen: Counter[str] = Counter()
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(written, "w") as copy:
        names = archive.namelist()
        levels = _levels(archive.read("word/styles.xml")) if "word/styles.xml" in names else {}
        for name in dict.fromkeys(names):
            content = archive.read(name)
            if _PARTS.fullmatch(name):
                root = ElementTree.fromstring(_transitional(content))  # noqa: S314 - expat bounds entities itself
                _rewrite(root, levels, seen)
                content = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
            copy.writestr(name, content)
    return written.getvalue(), list(_remarks(seen))


def _transitional(content: bytes) -> bytes:
    """Return *content* with the names that the strict kind of Office files has for the same things."""
    return _STRICT.sub(lambda match: _TRANSITIONAL[match[1]], content)


def _levels(styles: bytes) -> Mapping[str, int]:
    """Return the outline level of each paragraph style that has one, its own or inherited; the highest is 0."""
    found = {
        style.get(f"{W}styleId", ""): style
        for style in ElementTree.fromstring(_transitional(styles)).iter(f"{W}style")  # noqa: S314
        if style.get(f"{W}type") == "paragraph"
    }

    def level(key: str, seen: frozenset[str] = frozenset()) -> int | None:
        style = found.get(key)
        if style is None or key in seen:
            return None
        own = _value(style.find(f"{W}pPr/{W}outlineLvl"))
        if own.isdigit():
            return int(own)
        return level(_value(style.find(f"{W}basedOn")), seen | {key})

    return {key: number for key in found if (number := level(key)) is not None}


def _value(element: Element | None) -> str:
    return "" if element is None else element.get(f"{W}val", "")


def _rewrite(root: Element, levels: Mapping[str, int], seen: Counter[str]) -> None:
    """Change what is below *root*. What is new is looked through as well: there are boxes in boxes."""
    cells = {paragraph for cell in root.iter(f"{W}tc") for paragraph in cell.iter(f"{W}p")}
    for paragraph in root.iter(f"{W}p"):
        if paragraph not in cells:  # a heading in a table cuts no document
            _as_heading(paragraph, levels)
    waiting = [root]
    while waiting:
        parent = waiting.pop()
        for child in list(parent):
            new = _instead(child, seen)
            if new is not None:
                place = list(parent).index(child)
                parent[place : place + 1] = new
                waiting += new
            else:
                waiting.append(child)


def _as_heading(paragraph: Element, levels: Mapping[str, int]) -> None:
    """Give *paragraph* the style of a heading, where it or its style has an outline level."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        return
    style = properties.find(f"{W}pStyle")
    own = _value(properties.find(f"{W}outlineLvl"))
    level = int(own) if own.isdigit() else levels.get(_value(style))
    if level is None or level >= DEEPEST_HEADING:
        return
    if style is None:
        style = Element(f"{W}pStyle")
        properties.insert(0, style)
    style.set(f"{W}val", f"Heading{level + 1}")


def _instead(element: Element, seen: Counter[str]) -> list[Element] | None:
    """Return what stands for *element*, or ``None`` to leave it as it is."""
    match element.tag.rpartition("}")[2]:
        case "fldSimple":
            return list(element)
        case "oMath" | "oMathPara" if element.tag.startswith(M):
            seen["equations"] += 1
            return [_run(_equation(element))]
        case "AlternateContent":
            return _alternative(element)
        case "drawing":
            return _drawing(element, seen)
        case "ins" | "del" | "moveFrom" | "moveTo" if element.tag.startswith(W):
            seen["changes"] += 1
        case "commentReference":
            seen["comments"] += 1
    return None


def _alternative(element: Element) -> list[Element] | None:
    """Return what the newer form holds, where there is nothing in the older one that mammoth takes."""
    choice, fallback = (
        next((item for item in element if item.tag.endswith(end)), None) for end in ("Choice", "Fallback")
    )
    if fallback is None or not len(fallback):
        return list(choice) if choice is not None else []
    return None


def _drawing(element: Element, seen: Counter[str]) -> list[Element] | None:
    """Return the text in a drawing's boxes, or a placeholder for a chart; ``None`` for pictures."""
    boxes = list(element.iter(f"{W}txbxContent"))
    if boxes:
        holder = Element(f"{W}pict")
        holder.extend(boxes)
        return [holder]
    if any(_GRAPHICS.search(item.tag) for item in element.iter()):
        seen["charts"] += 1
        text = Element(f"{W}t")
        text.text = CHART
        return [text]
    return None


def _run(text: str) -> Element:
    run = Element(f"{W}r")
    ElementTree.SubElement(run, f"{W}t").text = text
    return run


_SIGNS = {"f": "/", "sSup": "^", "sSub": "_"}
_AROUND = {"rad": "√({})", "d": "({})"}
_BETWEEN = {"mr": "，", "m": "；", "eqArr": "；"}


def _equation(element: Element) -> str:
    """Return an equation in one line, as people type one: ``(流量)/(天数)``, ``x^2``, ``√(a)``."""
    kind = element.tag.rpartition("}")[2]
    if kind == "t":
        return element.text or ""
    inner = [(name, _equation(item)) for item in element if not (name := item.tag.rpartition("}")[2]).endswith("Pr")]
    parts = [text for name, text in inner if name in ("num", "den", "e", "sub", "sup") and text]
    if kind in _SIGNS and len(parts) == 2:
        return _SIGNS[kind].join(part if len(part) == 1 else f"({part})" for part in parts)
    texts = [text for _, text in inner if text]
    return _AROUND.get(kind, "{}").format(_BETWEEN.get(kind, "").join(texts))


def _remarks(seen: Mapping[str, int]) -> Iterator[Remark]:
    messages = {
        "equations": N_("有 %(count)s 个公式写成了一行文字，请核对"),
        "charts": N_("有 %(count)s 个图表或 SmartArt 没能带过来，留了“待填”的位置"),
        "changes": N_("文档里有没处理的修订：按全部接受读的"),
        "comments": N_("有 %(count)s 条批注没有带过来"),
    }
    for name, message in messages.items():
        if seen.get(name):
            yield Remark(message, {"count": str(seen[name])})
