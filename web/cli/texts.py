"""The command line's language: chosen once, by ``KB_LOCALE``, before the first help text is made."""

import gettext
import os
from pathlib import Path

from kb.errors import KbError

TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"

_catalogue = gettext.translation("messages", TRANSLATIONS, languages=[os.environ.get("KB_LOCALE", "zh")], fallback=True)
_ = _catalogue.gettext


def sentence(error: KbError) -> str:
    """Return what *error* says, in the command line's language."""
    fields = {name: _field(value) for name, value in error.params.items()}
    text = _(error.message)
    return text % fields if fields else text


def _field(value: object) -> object:
    """Return a field of an error; labels of the domain and errors within errors are translated too."""
    if isinstance(value, KbError):
        return sentence(value)
    return _(value) if isinstance(value, str) and value else value
