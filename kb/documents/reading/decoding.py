"""Bytes → text: UTF-8, UTF-16 with its mark, or GB 18030, which is what Chinese Windows writes."""

import re

from kb.documents.reading.errors import UnreadableError
from kb.i18n import N_

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_RARE = re.compile(r"[\u00a1-\u024f\ue000-\uf8ff\ufffd]|[^\x00-\uffff]")
"""What wrongly decoded bytes become, and people hardly write."""
_MAX_RARE = 0.1
_USUAL = re.compile(r"[\t\r\n -~\u2010-\u2026\u3000-\u303f\u4e00-\u9fff\uff01-\uffee]")
_MOSTLY = 0.95


def decode(data: bytes, *, place: str = "") -> str:
    """Return *data* as text whose lines end in line feeds.

    Args:
        place: the file inside a folder, for the message.

    Raises:
        UnreadableError: it is no text, or its encoding is broken.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _lines(_strict(data, "utf-16", place), place)
    if b"\0" in data:
        return _lines(_without_mark(data, place), place)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = error
    else:
        return _lines(text, place)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        # Where both fail, the one that gets further is what was meant.
        at = max(wrong.start, error.start)
        name = "UTF-8" if wrong.start >= error.start else "GB18030"
        raise UnreadableError(
            N_("%(place)s第 %(line)s 行的文字坏了：不是完整的 %(name)s 编码。请用记事本打开，另存为 UTF-8 再上传"),
            place=f"{place} " if place else "",
            line=data.count(b"\n", 0, at) + 1,
            name=name,
        ) from error
    telling = [character for character in text if not character.isascii()]
    if len(_RARE.findall(text)) > _MAX_RARE * max(len(telling), 1):
        raise _no_text(place)
    return _lines(text, place)


def _without_mark(data: bytes, place: str) -> str:
    """Return UTF-16 that does not say so: in one of the two orders it is what people write."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        usual = len(_USUAL.findall(text))
        if usual > _MOSTLY * len(text):
            return text
    raise _no_text(place)


def _strict(data: bytes, encoding: str, place: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _no_text(place) from error


def _lines(text: str, place: str) -> str:
    if _CONTROL.search(text):
        raise _no_text(place)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _no_text(place: str) -> UnreadableError:
    return UnreadableError(N_("%(place)s不是文字文件，或者编码不认识"), place=f"{place} " if place else "")
