"""The calendar of working days: what a year has of holidays and make-up days, and changing that."""

from calendar import monthrange
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kb.clock import local_day
from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.permissions import Permission, require
from kb.workdays import operations, queries
from kb.workdays.models import DayKind
from web import requests
from web.requests import writing
from web.review import forms
from web.search.params import whole_number
from web.services import services

blueprint = Blueprint("workdays", __name__, url_prefix="/workdays")

FIRST_YEAR, LAST_YEAR = 2000, 2100
PUBLISHED_BY = 11
"""The month by which the State Council has published the next year's days."""


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Show a year's calendar: this one's when not told."""
    return _show()


@blueprint.post("")
def set_days() -> ResponseReturnValue:
    """Say what some days are."""
    form = request.form
    try:
        first, last = forms.day(form, "first"), forms.day(form, "last")
        if first is None:
            raise InvalidInputError(N_("请选第一天"), field="first")
        with writing() as unit:
            operations.set_days(
                unit, requests.actor(), first, last or first, _kind(), form.get("name", ""), now=requests.now()
            )
    except InvalidInputError as problem:
        return _show(problem), 400
    flash(gettext("日历改好了。"))
    return redirect(url_for("workdays.index", year=first.year))


@blueprint.post("/clear")
def clear() -> ResponseReturnValue:
    """Let a day be what its weekday says again."""
    day = forms.day(request.form, "day")
    if day is None:
        raise InvalidInputError(N_("请选第一天"), field="day")
    with writing() as unit:
        operations.clear_day(unit, requests.actor(), day, now=requests.now())
    flash(gettext("日历改好了。"))
    return redirect(url_for("workdays.index", year=day.year))


def _show(problem: InvalidInputError | None = None) -> str:
    require(requests.actor(), Permission.CALENDAR_MANAGE)
    session, timezone = requests.session(), services().settings.timezone
    today = local_day(requests.now(), timezone)
    year = whole_number(request.args, "year", default=today.year, low=FIRST_YEAR, high=LAST_YEAR)
    calendar = queries.load(session, timezone)
    known = {day.year for day in calendar.special}
    return render_template(
        "workdays/index.html",
        year=year,
        missing=today.year + 1 if today.month >= PUBLISHED_BY and today.year + 1 not in known else None,
        today=today,
        months=[_month(year, month) for month in range(1, 13)],
        calendar=calendar,
        special={item.day: item for item in queries.special_days(session, year)},
        kinds=list(DayKind),
        problem=problem,
        values=request.form,
    )


def _month(year: int, month: int) -> list[list[date | None]]:
    """Return the weeks of a month from Monday on; ``None`` for days of other months."""
    before, count = monthrange(year, month)
    days: list[date | None] = [None] * before + [date(year, month, day) for day in range(1, count + 1)]
    days += [None] * (-len(days) % 7)
    return [days[start : start + 7] for start in range(0, len(days), 7)]


def _kind() -> DayKind:
    try:
        return DayKind(request.form.get("kind", ""))
    except ValueError as error:
        raise InvalidInputError(N_("请选放假还是上班"), field="kind") from error
