"""From what stands in the forms of review to the domain's values."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.review.rules import Release


class Decision(StrEnum):
    """What the reviewer says is to become of it."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"


def decision(form: Mapping[str, str]) -> Decision:
    """Return what *form* decides.

    Raises:
        InvalidInputError: it decides nothing.
    """
    try:
        return Decision(form.get("decision", ""))
    except ValueError as error:
        raise InvalidInputError(N_("请选一个结论"), field="decision") from error


def release(form: Mapping[str, str]) -> Release:
    """Return when *form* says that it goes live: at once when it does not say.

    Raises:
        InvalidInputError: there is no such way.
    """
    try:
        return Release(form.get("release") or Release.AT_ONCE)
    except ValueError as error:
        raise InvalidInputError(N_("请选什么时候发布"), field="release") from error


def moment(form: Mapping[str, str], name: str, timezone: str) -> datetime | None:
    """Return the moment in the field *name*, as people here write it; ``None`` for an empty field.

    Raises:
        InvalidInputError: it is no moment.
    """
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=ZoneInfo(timezone))
    except ValueError as error:
        raise InvalidInputError(N_("时间写成 2026-12-31 09:00 这样"), field=name) from error


def day(form: Mapping[str, str], name: str) -> date | None:
    """Return the day in the field *name*; ``None`` for an empty field.

    Raises:
        InvalidInputError: it is no day.
    """
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(N_("日期写成 2026-12-31 这样"), field=name) from error
