"""What the desk tells of a call, parsed: its steps, how long it waited, its contact record."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kb.calls.rules import ContactRecord, Step, StepKind
from kb.desk.rules import Normalise, Words
from kb.errors import InvalidInputError
from kb.i18n import N_

_MAX_KEY = 64


def parse_steps(text: str, page: str, normalise: Normalise) -> list[Step]:
    """Return the steps in *text*, a JSON list of what ``static/js/desk/call.js`` keeps.

    Args:
        page: which page counted them.

    Raises:
        InvalidInputError: it is none, or a step is none.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise _unreadable() from error
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise _unreadable()
    return [_step(item, page, normalise) for item in given]


def _step(item: Mapping[str, Any], page: str, normalise: Normalise) -> Step:
    try:
        kind = StepKind(str(item.get("kind")))
    except ValueError as error:
        raise _unreadable() from error
    number, ms = _whole(item, "n"), _whole(item, "ms")
    entry, query, solved = item.get("entry"), item.get("query") or "", item.get("solved")
    is_text = isinstance(query, str) and (entry is None or (isinstance(entry, str) and len(entry) <= _MAX_KEY))
    if number is None or ms is None or not is_text or not isinstance(solved, bool | None):
        raise _unreadable()
    return Step(
        page=page,
        number=number,
        kind=kind,
        ms=ms,
        entry=entry,
        revision=_whole(item, "revision"),
        position=_whole(item, "position"),
        words=Words.of(query, normalise),
        total=_whole(item, "total"),
        solved=solved,
    )


def _whole(item: Mapping[str, Any], name: str) -> int | None:
    value = item.get(name)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < 2**31:
        raise _unreadable()
    return value


def _unreadable() -> InvalidInputError:
    return InvalidInputError(N_("看不懂这些步骤"), field="steps")


def milliseconds(values: Mapping[str, str], name: str) -> int | None:
    """Return *name* in *values* as milliseconds; ``None`` where there is none or it is unreadable.

    A figure is no reason to keep a caller waiting.
    """
    text = values.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def waited(values: Mapping[str, str]) -> timedelta:
    """Return how long ago the desk says that the call's first key was pressed."""
    return timedelta(milliseconds=milliseconds(values, "waited") or 0)


def parse_record(values: Mapping[str, str]) -> ContactRecord:
    """Return the contact record in *values*.

    Raises:
        InvalidInputError: see ``ContactRecord.of``.
    """
    return ContactRecord.of(topic=values.get("topic", ""), ticket=values.get("ticket", ""), note=values.get("note", ""))
