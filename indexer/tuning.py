"""Settings of an engine given as text, to try them out: ``sense=0,votes=10``. What they mean is the engine's affair.

An engine keeps its settings in a frozen dataclass whose defaults are what is used; this module changes one by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from kb.errors import InvalidInputError
from kb.i18n import N_

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Tuned = TypeVar("Tuned", bound=DataclassInstance)
else:
    Tuned = TypeVar("Tuned")

TRUTHS: Mapping[str, bool] = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def parse(text: str) -> dict[str, str]:
    """Return the settings in ``NAME=VALUE[,NAME=VALUE…]``.

    Raises:
        InvalidInputError: it is not of that form, or names a setting twice.
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value):
            raise InvalidInputError(N_("“%(text)s”不是 设置=值 的写法"), text=part)
        if name in found:
            raise InvalidInputError(N_("设置 %(name)s 给了两次"), name=name)
        found[name] = value
    return found


def changed(defaults: Tuned, settings: Mapping[str, str]) -> Tuned:
    """Return *defaults*, a frozen dataclass, with *settings* changed; a value is read as its default's type.

    Fields of numbers, truths, texts and enums can be set, by the name of the field.

    Raises:
        InvalidInputError: there is no such setting, or it can't have that value.
    """
    parsers = _parsers(defaults)
    values: dict[str, Any] = {}
    for name, text in settings.items():
        if name not in parsers:
            raise unknown(name, parsers)
        try:
            values[name] = parsers[name](text)
        except (ValueError, KeyError) as error:
            raise InvalidInputError(N_("设置 %(name)s 不能是“%(value)s”"), name=name, value=text) from error
    return replace(defaults, **values)


def unknown(name: str, known: Mapping[str, object]) -> InvalidInputError:
    """Return the error for a setting *name* that is not among the *known* ones, which it lists."""
    if not known:
        return InvalidInputError(N_("没有设置 %(name)s：这个引擎没有可调的设置"), name=name)
    return InvalidInputError(N_("没有设置 %(name)s；可以调的有：%(known)s"), name=name, known=", ".join(sorted(known)))


def _parsers(defaults: "DataclassInstance") -> dict[str, Callable[[str], Any]]:
    found: dict[str, Callable[[str], Any]] = {}
    for field in fields(defaults):
        value = getattr(defaults, field.name)
        if isinstance(value, bool):
            found[field.name] = lambda text: TRUTHS[text.lower()]
        elif isinstance(value, Enum | int | float | str):
            found[field.name] = type(value)
    return found
