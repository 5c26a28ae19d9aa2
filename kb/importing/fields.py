"""Reading the values of a record: text, lists, dates, and names that people use for keys.

A value comes as YAML, JSON or a cell has it: a text, a number, a list or nothing. Whatever is wrong with one raises
``InvalidInputError`` with its field.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from kb import clock
from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.importing.columns import Column, named
from kb.taxonomy.models import KEY_LENGTH
from kb.taxonomy.queries import Taxonomy, Term

YEARS = range(1990, 2200)
"""Years that are meant; others are slips, or stand for "never" where the field should be empty."""

_KEY = re.compile(rf"\w[\w.-]{{0,{KEY_LENGTH - 1}}}")
_REFERENCE = re.compile(rf"(thread|entry):\w[\w.-]{{0,{KEY_LENGTH - 1}}}")
_LINE_BREAK = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_GARBAGE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffd-\uffff]")
_INVISIBLE = " \t\n\u3000\xa0\u200b\ufeff"
_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")
_DATE = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?(?P<offset>Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)

BETWEEN_SENTENCES = re.compile(r"[\n|｜；]")
"""What separates items that may hold commas themselves, such as customers' wordings."""
BETWEEN_KEYS = re.compile(r"[\n|｜；;,，、]")

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Context:
    """What a record's names and dates are read by: the centre's *taxonomy* and its *timezone* (an IANA name)."""

    taxonomy: Taxonomy
    timezone: str


@dataclass(frozen=True, slots=True)
class Fields:
    """The values of one record by column name, and how to read them. A missing value is an empty one."""

    values: Mapping[str, Any]
    context: Context

    @classmethod
    def of(cls, raw: Mapping[str, Any], columns: Sequence[Column], context: Context) -> "Fields":
        """Return the fields of *raw*, whose keys are names or headers of *columns*.

        Raises:
            InvalidInputError: a name that no column has, or one given twice.
        """
        return cls(named(raw, columns), context)

    def text(self, name: str) -> str:
        """Return a text of any length, without the blank lines around it."""
        return _BLANK_LINES.sub("", _plain(self.values.get(name), name)).rstrip(_INVISIBLE)

    def line(self, name: str) -> str:
        """Return a text of one line."""
        return _line(self.values.get(name), name)

    def filled(self, name: str) -> str:
        """Return a text of one line that may not be empty."""
        value = self.line(name)
        if not value:
            raise InvalidInputError(N_("这一栏不能空着"), field=name)
        return value

    def key(self, name: str) -> str:
        """Return a key: what stands in addresses and file names."""
        value = self.filled(name)
        if not _KEY.fullmatch(value):
            raise InvalidInputError(
                N_("“%(value)s”不能做编号：只用文字、数字和 . _ -，最多 %(max)s 位"),
                field=name,
                value=value,
                max=KEY_LENGTH,
            )
        return value

    def reference(self, name: str) -> str | None:
        """Return ``thread:<key>`` or ``entry:<key>``, or ``None``."""
        value = self.line(name)
        if value and not _REFERENCE.fullmatch(value):
            raise InvalidInputError(N_("“%(value)s”要写成 thread:帖子编号 或 entry:知识编号"), field=name, value=value)
        return value or None

    def items(self, name: str, separator: re.Pattern[str] = BETWEEN_KEYS) -> tuple[str, ...]:
        """Return the items of a list, or of a text in which *separator* stands between them, each of them once."""
        value = self.values.get(name)
        parts = value if isinstance(value, list | tuple) else separator.split(_plain(value, name))
        return tuple(dict.fromkeys(item for item in (_line(part, name) for part in parts) if item))

    def number(self, name: str) -> int | None:
        """Return a whole number, or ``None``."""
        value = self.line(name)
        if not value:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", value):
            raise InvalidInputError(N_("“%(value)s”不是数字"), field=name, value=value)
        return int(value)

    def day(self, name: str) -> date | None:
        """Return a calendar day, or ``None``."""
        value = self.line(name)
        if not value:
            return None
        day, moment = _parse_date(value, name, self.context.timezone)
        if moment is not None:
            raise InvalidInputError(N_("“%(value)s”只写日期，不写钟点"), field=name, value=value)
        return day

    def moment(self, name: str, *, day_end: bool = False) -> datetime | None:
        """Return a moment in UTC, or ``None``. A mere day means its first moment here, or with *day_end* its last."""
        value = self.line(name)
        if not value:
            return None
        day, moment = _parse_date(value, name, self.context.timezone)
        if moment is not None:
            return moment
        edge = clock.local_day_end if day_end else clock.local_midnight
        return edge(day, self.context.timezone)

    def choice(self, name: str, labels: Mapping[Choice, str], default: Choice | None = None) -> Choice:
        """Return the member of *labels* that is meant, by value or Chinese name."""
        value = self.line(name) if default is not None else self.filled(name)
        return default if default is not None and not value else _choose(value, name, labels)

    def choices(self, name: str, labels: Mapping[Choice, str]) -> tuple[Choice, ...]:
        """Return the members of *labels* that are meant, by value or Chinese name."""
        return tuple(dict.fromkeys(_choose(value, name, labels) for value in self.items(name)))

    def term(self, name: str, terms: Mapping[str, Term], unknown: str) -> str:
        """Return the key of the term that is meant, by key or name; *unknown* is what to say if there is none."""
        return _resolve(self.filled(name), name, terms, unknown)

    def terms(self, name: str, terms: Mapping[str, Term], unknown: str) -> tuple[str, ...]:
        """Return the keys of the terms that are meant, by key or name."""
        return tuple(dict.fromkeys(_resolve(value, name, terms, unknown) for value in self.items(name)))


def _plain(value: object, name: str) -> str:
    """Return *value* as a text whose lines end in line feeds."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidInputError(N_("这一栏要写成文字"), field=name)
    text = _LINE_BREAK.sub("\n", str(value))
    garbage = _GARBAGE.search(text)
    if garbage is not None:
        raise InvalidInputError(
            N_("第 %(position)s 个字是乱码或看不见的控制字符"), field=name, position=garbage.start() + 1
        )
    return text


def _line(value: object, name: str) -> str:
    line = _plain(value, name).strip(_INVISIBLE)
    if "\n" in line:
        raise InvalidInputError(N_("这一栏（的每一项）只能有一行"), field=name)
    return line


def _parse_date(value: str, name: str, timezone: str) -> tuple[date, datetime | None]:
    """Return the day that *value* says, and the moment if it says that too."""
    match = _DATE.fullmatch(value)
    if match is None:
        raise InvalidInputError(N_("“%(value)s”不是日期，要写成 2026-12-31 的样子"), field=name, value=value)
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
        moment = _moment(match, day, timezone) if match["hour"] is not None else None
    except ValueError as error:
        raise InvalidInputError(N_("没有“%(value)s”这个日期"), field=name, value=value) from error
    if day.year not in YEARS:
        raise InvalidInputError(
            N_("“%(value)s”的年份不对；表示长期有效时请空着"),
            field=name,
            value=value,
        )
    return day, moment


def _moment(match: re.Match[str], day: date, timezone: str) -> datetime:
    at = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    zone = datetime.strptime(match["offset"], "%z").tzinfo if match["offset"] is not None else ZoneInfo(timezone)
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _choose(value: str, name: str, labels: Mapping[Choice, str]) -> Choice:
    for member, label in labels.items():
        if value.lower() in (member.value, label):
            return member
    raise InvalidInputError(
        N_("“%(value)s”不是可以填的值，可以填：%(known)s"), field=name, value=value, known="、".join(labels.values())
    )


def _resolve(value: str, name: str, terms: Mapping[str, Term], unknown: str) -> str:
    if value in terms:
        return value
    found = [term for term in _current(terms) if value.lower() in (term.name, term.name_en.lower())]
    if not found:
        raise InvalidInputError(unknown, field=name, key=value)
    if len(found) > 1:
        raise InvalidInputError(
            N_("叫“%(value)s”的不止一个，请写编码：%(keys)s"),
            field=name,
            value=value,
            keys="、".join(term.key for term in found),
        )
    return found[0].key


def _current(terms: Mapping[str, Term]) -> Iterable[Term]:
    return (term for term in terms.values() if not term.retired)
