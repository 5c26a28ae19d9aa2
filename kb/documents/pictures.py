"""The pictures of imported documents: files by their content, under the installation's folder.

``keep`` is the only way in and ``ADDRESS`` the only way a text refers to one, so that another store can take its place.
"""

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from kb.attachments.store import Store
from kb.errors import NotFoundError
from kb.i18n import N_

ADDRESS = "/imports/pictures/{}"
MAX_BYTES = 20 * 1024 * 1024
"""Of one picture: a scan of a page."""
MAX_PIXELS = 40_000_000
"""A page that shows more would take hundreds of megabytes of a desk's memory."""
CONVERTED = ("BMP", "DIB", "TIFF", "PCX")
"""What older Word documents hold, and no browser shows."""
KNOWN = ("PNG", "JPEG", "GIF", "WEBP", *CONVERTED)

_STARTS: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def media_type(data: bytes) -> str | None:
    """Return what *data* is, by its content; ``None`` if browsers don't show it as a picture."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _STARTS.items() if data.startswith(start)), None)


def _shown(data: bytes) -> bytes | None:
    """Return *data* as browsers show it: what older programs keep is converted. ``None`` for what can't be shown.

    Only its head is read of a picture that is fine: it is not decoded.
    """
    if len(data) > MAX_BYTES:
        return None
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=KNOWN) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            if media_type(data) is not None:
                return data
            converted = io.BytesIO()
            image.convert("RGBA" if image.has_transparency_data else "RGB").save(converted, "PNG")
            return converted.getvalue()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


@dataclass(frozen=True, slots=True)
class Pictures:
    """A folder of pictures: ``ab/abcd…`` for the SHA-256 ``abcd…`` of what is in it."""

    folder: Path

    def keep(self, data: bytes) -> str | None:
        """Keep *data* and return its address, or ``None`` if it is no picture that can be shown.

        Equal pictures are one file, and none is ever half there: the store is the one that attachments have.
        """
        shown = _shown(data)
        if shown is None:
            return None
        return ADDRESS.format(Store(self.folder).put(shown))

    def read(self, digest: str) -> tuple[bytes, str]:
        """Return the picture of *digest* (64 hex digits) and its media type.

        Raises:
            NotFoundError: there is none.
        """
        try:
            data = Store(self.folder).path(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFoundError(N_("没有这张图片")) from error
        return data, media_type(data) or "application/octet-stream"
