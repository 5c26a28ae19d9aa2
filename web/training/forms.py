"""From what stands in the forms and addresses of training to the domain's facts."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.training.facts import Line, Occasion
from kb.training.packs import PackFacts
from kb.training.rules import Cause, Cell, Path, Period
from web.bulletins.forms import moment, number
from web.entry_keys import keys_in

Form = MultiDict[str, str]
E = TypeVar("E", bound=StrEnum)
SEPARATOR = "|"


def period(form: Form, *, since: datetime, until: datetime) -> Period:
    """Return the plan's period that *form* names; its needs were counted between *since* and *until*.

    Raises:
        InvalidInputError: no such day.
    """
    return Period(
        title=form.get("title", ""),
        starts_on=day(form, "starts_on"),
        ends_on=day(form, "ends_on"),
        since=since,
        until=until,
    )


def cells(form: Form) -> list[Cell]:
    """Return the modules and teams that are ticked in *form*."""
    parts = (value.split(SEPARATOR) for value in form.getlist("cell"))
    return [Cell(part[0], part[1]) for part in parts if len(part) == 2]


def line(form: Form) -> Line:
    """Return the line of a plan that *form* describes.

    Raises:
        InvalidInputError: no such day, path or cause.
    """
    return Line(
        module=form.get("module", ""),
        team=form.get("team", ""),
        due_on=day(form, "due_on"),
        path=member(form, "path", Path, Path.BUSINESS),
        cause=member(form, "cause", Cause, Cause.NEED),
        leaders_first=form.get("leaders_first") == "yes",
        reason=form.get("reason", ""),
        trainer_id=number(form.get("trainer", "")),
        pack_id=number(form.get("pack", "")),
    )


def occasion(form: Form, zone: ZoneInfo) -> Occasion:
    """Return the occasion that *form* describes.

    Raises:
        InvalidInputError: no moment, or no length.
    """
    starts_at, minutes = moment(form, "starts_at", zone), number(form.get("minutes", ""))
    if starts_at is None or minutes is None:
        raise InvalidInputError(N_("请写明什么时候、多长"), field="starts_at")
    return Occasion(
        starts_at=starts_at,
        minutes=minutes,
        place=form.get("place", ""),
        trainer_id=number(form.get("trainer", "")),
        leaders_only=form.get("leaders_only") == "yes",
        entry_keys=keys_in(form.get("entries", "")),
    )


def pack(form: Form, zone: ZoneInfo) -> PackFacts:
    """Return the launch pack that *form* describes.

    Raises:
        InvalidInputError: no moment.
    """
    launch_at = moment(form, "launch_at", zone)
    if launch_at is None:
        raise InvalidInputError(N_("请写明什么时候上线"), field="launch_at")
    return PackFacts(
        title=form.get("title", ""),
        module=form.get("module", ""),
        launch_at=launch_at,
        teams=tuple(dict.fromkeys(key for key in form.getlist("teams") if key)),
        entry_keys=keys_in(form.get("entries", "")),
        bulletin_id=number(form.get("bulletin", "")),
        exam_id=number(form.get("exam", "")),
    )


def day(form: Form, name: str) -> date:
    """Return the day in the field *name*.

    Raises:
        InvalidInputError: none.
    """
    try:
        return date.fromisoformat(form.get(name, "").strip())
    except ValueError as error:
        raise InvalidInputError(N_("请写一个日期"), field=name) from error


def member(form: Form, name: str, kind: Callable[[str], E], default: E) -> E:
    """Return the member of an enum that the field *name* chooses.

    Raises:
        InvalidInputError: there is none such.
    """
    value = form.get(name, "")
    if not value:
        return default
    try:
        return kind(value)
    except ValueError as error:
        raise InvalidInputError(N_("没有这种选择：%(key)s"), field=name, key=value) from error


def instant(args: Form, name: str) -> datetime:
    """Return the moment in an address, as the links of figures carry it.

    Raises:
        InvalidInputError: none.
    """
    try:
        found = datetime.fromisoformat(args.get(name, ""))
    except ValueError as error:
        raise InvalidInputError(N_("时间看不懂：%(text)s"), field=name, text=args.get(name, "")) from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
