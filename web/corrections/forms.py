"""From what stands in the forms about corrections to the domain's values."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from kb.corrections.rules import Report, Severity
from kb.errors import InvalidInputError
from kb.i18n import N_
from web.search.params import whole_number

Choice = TypeVar("Choice", bound=StrEnum)

_NUMBERS = {"low": 1, "high": 999_999_999}


class Decision(StrEnum):
    """What the form about a correction says is to become of it."""

    UPHOLD = "uphold"
    REFUSE = "refuse"
    MERGE = "merge"


class Answer(StrEnum):
    """What the duty says."""

    SUSPEND = "suspend"
    KEEP = "keep"


def report(form: Mapping[str, str]) -> Report:
    """Return what *form* says is wrong.

    Raises:
        InvalidInputError: no severity, or no number.
    """
    return Report(
        severity=severity(form),
        wrong=_text(form, "wrong"),
        right=_text(form, "right"),
        passage=_text(form, "passage"),
        evidence=_text(form, "evidence"),
        revision=number(form, "revision"),
        token=form.get("token", "").strip(),
    )


def severity(form: Mapping[str, str]) -> Severity:
    """Return the severity that *form* says.

    Raises:
        InvalidInputError: it says none.
    """
    return _choice(form, "severity", Severity, N_("请选一个级别"))


def decision(form: Mapping[str, str]) -> Decision:
    """Return the decision that *form* says.

    Raises:
        InvalidInputError: it says none.
    """
    return _choice(form, "decision", Decision, N_("请选一个结论"))


def answer(form: Mapping[str, str]) -> Answer:
    """Return the duty's answer that *form* says.

    Raises:
        InvalidInputError: it says none.
    """
    return _choice(form, "answer", Answer, N_("请选一个结论"))


def number(form: Mapping[str, str], name: str) -> int | None:
    """Return the whole number *name* in *form*, ``None`` where there is none.

    Raises:
        InvalidInputError: it is something else.
    """
    return whole_number(form, name, default=0, **_NUMBERS) or None


def _choice(form: Mapping[str, str], name: str, choices: type[Choice], missing: str) -> Choice:
    try:
        return choices(form.get(name, ""))
    except ValueError as error:
        raise InvalidInputError(missing, field=name) from error


def _text(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n")
