"""From what stands in the forms about corrections to the domain's values."""

from collections.abc import Mapping
from enum import StrEnum

from kb.corrections.rules import Report, Severity
from kb.errors import InvalidInputError
from kb.i18n import N_
from web.search.params import whole_number

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
    try:
        return Severity(form.get("severity", ""))
    except ValueError as error:
        raise InvalidInputError(N_("请选一个级别"), field="severity") from error


def decision(form: Mapping[str, str]) -> Decision:
    """Return the decision that *form* says.

    Raises:
        InvalidInputError: it says none.
    """
    try:
        return Decision(form.get("decision", ""))
    except ValueError as error:
        raise InvalidInputError(N_("请选一个结论"), field="decision") from error


def answer(form: Mapping[str, str]) -> Answer:
    """Return the duty's answer that *form* says.

    Raises:
        InvalidInputError: it says none.
    """
    try:
        return Answer(form.get("answer", ""))
    except ValueError as error:
        raise InvalidInputError(N_("请选一个结论"), field="answer") from error


def number(form: Mapping[str, str], name: str) -> int | None:
    """Return the whole number *name* in *form*, ``None`` where there is none.

    Raises:
        InvalidInputError: it is something else.
    """
    return whole_number(form, name, default=0, **_NUMBERS) or None


def _text(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n")
