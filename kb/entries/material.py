"""What is a material edit (实质修改): decided by the editor's word, checked by how much of the text differs. Pure.

A material edit makes other knowledge of an entry, so what calls and experts said of it counts no more
(``kb.maturity``). A comma does not.
"""

from difflib import SequenceMatcher

from kb.entries.content import Content

THRESHOLD = 0.10
"""The share of the text from which on an edit is material, whatever the editor says."""
MAX_COMPARED = 4000
"""Characters compared of each text; comparing takes time by the square."""

_SAID = ("answer", "script", "steps", "internal_note", "exceptions", "fees", "deadlines", "transfer_to", "body")
_DECISIVE = ("kind", "regions", "audience")


def difference(before: Content, after: Content) -> float:
    """Return which share of the text that agents act on differs, 0..1. Titles and wordings lead to it, so don't count.

    Letters and digits only: spaces and punctuation say nothing else.
    """
    old, new = _text(before), _text(after)
    if old == new:
        return 0.0
    matcher = SequenceMatcher(None, old[:MAX_COMPARED], new[:MAX_COMPARED], autojunk=False)
    return 1.0 - matcher.ratio()


def digits_differ(before: Content, after: Content) -> bool:
    """Return whether a figure differs: one digit of a fee is a small edit of the text, and another answer."""
    return _digits(before) != _digits(after)


def is_material(said: bool | None, before: Content, after: Content) -> bool:
    """Return whether *after* is a material edit of *before*.

    What says the same is none. Otherwise the editor's word that it is one holds. Their word that it is none, or no word
    (``None``: an import), holds up to ``THRESHOLD`` of the text, and never where a figure, the kind, the regions or
    the audience changed.
    """
    changed = difference(before, after)
    decisive = any(getattr(before, name) != getattr(after, name) for name in _DECISIVE)
    if not changed and not decisive:
        return False
    return bool(said) or decisive or changed > THRESHOLD or digits_differ(before, after)


def _text(content: Content) -> str:
    return "".join(c for name in _SAID for c in getattr(content, name) if c.isalnum())


def _digits(content: Content) -> list[str]:
    return [
        word for name in _SAID for word in "".join(c if c.isdecimal() else " " for c in getattr(content, name)).split()
    ]
