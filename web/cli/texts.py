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
    text = _(error.message)
    return text % error.params if error.params else text
