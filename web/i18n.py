"""The language of a page: which one, and how values of the domain read in it."""

from datetime import UTC, date, datetime, timedelta

from flask import request
from flask_babel import format_date, format_datetime, format_timedelta, get_locale, gettext

from kb.errors import KbError
from kb.maturity.reasons import Reason
from kb.taxonomy.queries import Term
from web.requests import now
from web.services import services

LOCALES = ("zh", "en")
LOCALE_COOKIE = "kb_locale"
LOCALE_COOKIE_SECONDS = 365 * 86400

RECENT = timedelta(days=30)
"""Up to this age a moment is told as an age, afterwards as a date."""


def choose_locale() -> str:
    """Return the language of this request: the person's choice, else English for an English browser, else the default.

    The choice is in a cookie, so that a page about a broken database has a language too; signing in sets it from the
    person's own record.
    """
    chosen = request.cookies.get(LOCALE_COOKIE)
    if chosen in LOCALES:
        return chosen
    if request.accept_languages.best_match(LOCALES) == "en":
        return "en"
    return services().settings.locale


def timezone() -> str:
    """Return the time zone of the dates that people read."""
    return services().settings.timezone


def language_tag() -> str:
    """Return the page's language for the ``lang`` attribute."""
    return "en" if _english() else "zh-CN"


def message(error: KbError) -> str:
    """Return what *error* says, in the page's language; names among its fields are translated too."""
    fields = {
        name: gettext(value) if isinstance(value, str) and value else value for name, value in error.params.items()
    }
    text = str(gettext(error.message))
    return text % fields if fields else text


def reason(value: Reason) -> str:
    """Return what *value* says of an entry's level, in the page's language."""
    text = str(gettext(value.message))
    return text % value.fields if value.fields else text


def term_name(term: Term) -> str:
    """Return the name of a taxonomy term."""
    return term.name_en if _english() else term.name


def ago(moment: datetime) -> str:
    """Return how long ago *moment* was, or its date when that is long ago."""
    age = now() - moment
    if age > RECENT:
        return day(moment)
    if age < timedelta(minutes=1):
        return str(gettext("刚刚"))
    return str(format_timedelta(-age, add_direction=True, threshold=0.99))


def day(value: datetime | date) -> str:
    """Return *value* as a date, a moment as the day it falls on in the centre's time zone."""
    return str(format_date(value, "yyyy-MM-dd"))


def last_day(end: datetime) -> str:
    """Return the last day before the moment *end*, at which a validity ends."""
    return day(end - timedelta(seconds=1))


def minute(moment: datetime) -> str:
    """Return *moment* to the minute in the centre's time zone."""
    return str(format_datetime(moment, "yyyy-MM-dd HH:mm"))


def hour_minute(moment: datetime) -> str:
    """Return the time of day of *moment* in the centre's time zone."""
    return str(format_datetime(moment, "HH:mm"))


def iso(moment: datetime) -> str:
    """Return *moment* for a ``datetime`` attribute or an API."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"
