"""What may be uploaded, what a file is by its content, what it may be called, and how texts refer to it."""

import codecs
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

import puremagic
from PIL import Image, ImageOps, UnidentifiedImageError

from kb.errors import InvalidInputError
from kb.i18n import N_

MAX_BYTES = 8 * 1024 * 1024
"""Of one file: a photo of a modem as phones take it, or a manual of some dozen pages."""
MAX_FILES = 5
"""Uploaded at a time."""
MAX_PIXELS = 40_000_000
"""Of an image: more would take hundreds of megabytes to decode."""
MAX_NAME = 120
KEY_SIZE = 32

REFERENCE = re.compile(r"/attachments/(?P<key>[0-9a-f]{32})(?![0-9a-zA-Z])")
"""How a text refers to an attachment."""


class FileKind(StrEnum):
    """What a file is, by its content."""

    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    WEBP = "webp"
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    TEXT = "text"

    @property
    def media_type(self) -> str:
        """As it is served."""
        return MEDIA_TYPES[self]

    @property
    def is_image(self) -> bool:
        """Whether browsers show it in a page."""
        return self in IMAGES

    @property
    def suffix(self) -> str:
        """The ending of its name."""
        return SUFFIXES.get(self, f".{self.value}")


IMAGES = frozenset({FileKind.PNG, FileKind.JPEG, FileKind.GIF, FileKind.WEBP})
SUFFIXES: Mapping[FileKind, str] = {FileKind.JPEG: ".jpg", FileKind.TEXT: ".txt"}
_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES: Mapping[FileKind, str] = {
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.GIF: "image/gif",
    FileKind.WEBP: "image/webp",
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: f"{_OFFICE}.wordprocessingml.document",
    FileKind.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
    FileKind.PPTX: f"{_OFFICE}.presentationml.presentation",
    FileKind.TEXT: "text/plain; charset=utf-8",
}
_PARTS = {"word/document.xml": FileKind.DOCX, "xl/workbook.xml": FileKind.XLSX, "ppt/presentation.xml": FileKind.PPTX}

_UNKNOWN = N_("只能上传图片（PNG、JPEG、GIF、WebP）、PDF、Word、Excel、PPT 和纯文本")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*%#\u200b-\u200f\u202a-\u202e\u2066-\u2069]+')
_RUNS = ("html", "xml", "svg", "script", "executable")
"""In the names of media types that a program or a browser would run."""
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that may be stored: what it is, its bytes without what nobody meant to share, and its safe name."""

    kind: FileKind
    data: bytes
    name: str


def take(data: bytes, name: str) -> File:
    """Return *data*, uploaded as *name*, as it is to be stored.

    Images are written anew: what a phone puts beside the picture (place, time, device) is not kept. Plain text becomes
    UTF-8.

    Raises:
        InvalidInputError: it is empty, too large, or nothing that may be uploaded.
    """
    if not data:
        raise InvalidInputError(N_("文件是空的"), field="file")
    if len(data) > MAX_BYTES:
        raise InvalidInputError(N_("文件最大 %(max)s MB"), field="file", max=MAX_BYTES // 1024 // 1024)
    kind, clean = _image(data) or _document(data)
    return File(kind=kind, data=clean, name=safe_name(name, kind))


def safe_name(name: str, kind: FileKind) -> str:
    """Return *name* as a file may be called on every system, with the ending of what it really is.

    No folders, no control or direction marks (which show another ending than there is), no leading dots.
    """
    text = _NOT_IN_NAMES.sub(" ", unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1]))
    stem = " ".join(text.split()).strip(". ")
    for ending in (kind.suffix, f".{kind.value}", ".csv" if kind is FileKind.TEXT else kind.suffix):
        if stem.lower().endswith(ending):
            stem = stem[: -len(ending)].strip(". ")
            break
    return f"{stem[: MAX_NAME - 10] or 'file'}{kind.suffix}"


def _image(data: bytes) -> tuple[FileKind, bytes] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=[kind.name for kind in IMAGES]) as image:
                return FileKind((image.format or "").lower()), _without_extras(image)
    except UnidentifiedImageError:
        return None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidInputError(N_("这张图片坏了，或者太大，打不开"), field="file") from error


def _without_extras(image: Image.Image) -> bytes:
    """Return *image* written anew, the right way up."""
    if image.width * image.height > MAX_PIXELS:
        raise InvalidInputError(N_("图片太大：最多 %(max)s 万像素"), field="file", max=MAX_PIXELS // 10_000)
    written = BytesIO()
    if getattr(image, "is_animated", False):
        image.save(written, image.format, save_all=True)
    else:
        upright = ImageOps.exif_transpose(image)
        for extra in ("exif", "xmp", "XML:com.adobe.xmp", "comment"):
            upright.info.pop(extra, None)
        if image.format == "JPEG":
            upright.convert("RGB").save(written, "JPEG", quality=88)
        else:
            upright.save(written, image.format)
    return written.getvalue()


def _document(data: bytes) -> tuple[FileKind, bytes]:
    """Return what *data* is if it is a document. What no office program and no reader made must be plain text."""
    try:
        found = {match.mime_type for match in puremagic.magic_string(data.removeprefix(codecs.BOM_UTF8))}
    except puremagic.PureError:
        return FileKind.TEXT, _text(data)
    if MEDIA_TYPES[FileKind.PDF] in found and data.startswith(b"%PDF-"):
        return FileKind.PDF, data
    if data.startswith(b"PK"):
        return _office(data), data
    if any(part in media_type for part in _RUNS for media_type in found):
        raise InvalidInputError(_UNKNOWN, field="file")
    return FileKind.TEXT, _text(data)


def _office(data: bytes) -> FileKind:
    """Return which office file a ZIP is, looking at names only: nothing is unpacked.

    Raises:
        InvalidInputError: it is none, or brings a program.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InvalidInputError(N_("这个文件坏了，打不开"), field="file") from error
    if any(name.endswith("vbaproject.bin") for name in names):
        raise InvalidInputError(N_("带宏的 Office 文件不能上传，请另存为不带宏的格式"), field="file")
    kind = next((kind for part, kind in _PARTS.items() if part in names), None)
    if kind is None or "[content_types].xml" not in names:
        raise InvalidInputError(_UNKNOWN, field="file")
    return kind


def _text(data: bytes) -> bytes:
    """Return plain text as UTF-8; what Chinese Windows writes is GB18030."""
    if _CONTROL.search(data):
        raise InvalidInputError(_UNKNOWN, field="file")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    raise InvalidInputError(_UNKNOWN, field="file")


def keys_in(*texts: str) -> frozenset[str]:
    """Return the keys of the attachments that *texts* refer to."""
    return frozenset(match["key"] for text in texts for match in REFERENCE.finditer(text))


def markdown(key: str, name: str, kind: FileKind) -> str:
    """Return how a text refers to an attachment: shown where it is an image, else a link."""
    label = re.sub(r"([\\\[\]`*_<>!])", r"\\\1", name)
    return f"![{label}](/attachments/{key})" if kind.is_image else f"[{label}](/attachments/{key})"
