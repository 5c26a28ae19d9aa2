"""What an author starts from (``content/templates``): for each kind what belongs into which field, and a skeleton.

A template is an entry's file whose values say in 【待填：…】 what is to be written. Of short fields that is the hint
beside the field; its 正文 is put into the form, where the blanks that are left in it are shown in colour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kb.drafting.fields import LISTS, NAMES
from kb.entries.content import Kind
from kb.importing.markdown import parse

INTERVIEW = "leaver_interview"
"""The questions to somebody who leaves."""
_SHORT = ("title", "answer", "script", "steps", "internal_note", "exceptions", "fees", "deadlines", "transfer_to")
_OPEN, _CLOSE = "【待填：", "】"


@dataclass(frozen=True, slots=True)
class Template:
    """A template of entries of a kind.

    Attributes:
        hints: what belongs into a field, by its name; fields that the kind does not call for have none.
        skeleton: 正文 to go on from.
    """

    kind: Kind
    hints: Mapping[str, str]
    skeleton: str
    fields: Mapping[str, Any]

    def start(self) -> dict[str, Any]:
        """Return the fields of a form to begin with."""
        empty: dict[str, Any] = {name: [] if name in LISTS else "" for name in NAMES}
        return {**empty, **self.fields, "body": self.skeleton}


@lru_cache(maxsize=32)
def read(folder: Path, name: str) -> Template:
    """Return the template *name*, a kind's value or ``INTERVIEW``, of the folder with the templates. Read once.

    Raises:
        FormatError: its file can't be taken apart.
    """
    page = parse((folder / f"{name}.md").read_bytes(), stem=name, in_threads=False)
    raw = page.raw
    hints = {field: hint for field in _SHORT if (hint := _hint(raw.get(field)))}
    wordings = [_hint(item) for item in raw.get("wordings") or []]
    if any(wordings):
        hints["wordings"] = "\n".join(hint for hint in wordings if hint)
    if str(raw.get("body") or "").strip():
        hints["body"] = ""
    kind = Kind(str(raw["kind"]))
    fields = {"kind": kind.value, "freshness": str(raw.get("freshness") or ""), "tier_key": str(raw.get("tier") or "")}
    return Template(kind, hints, str(raw.get("body") or "").strip(), fields)


def _hint(value: object) -> str:
    """Return what a template's value asks for, without the marks of a blank."""
    return str(value or "").strip().replace(_OPEN, "").replace(_CLOSE, "")
