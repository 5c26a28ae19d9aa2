"""The fields of a form and the ``Content`` that they come to.

A form holds texts and lists of texts, finished or not: that is what a working copy keeps, so nothing somebody typed is
lost because it is not valid yet.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from operator import methodcaller
from typing import Any
from zoneinfo import ZoneInfo

from kb.entries.content import FRESHNESS_LABELS, KIND_LABELS, Content, Freshness, Kind
from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.importing.fields import BETWEEN_SENTENCES, Context, Fields
from kb.permissions import ROLE_LABELS

Form = Mapping[str, str | list[str]]
"""A form's fields by the names of ``Content``."""

NAMES = tuple(Content.__dataclass_fields__)
LISTS = frozenset({"products", "regions", "wordings", "audience", "related"})
PROSE = ("script", "steps", "internal_note", "exceptions", "fees", "deadlines", "body")
"""Markdown."""

_NO_MODULE = N_("没有这个业务模块：%(key)s")
_NO_TIER = N_("没有这个层级：%(key)s")
_NO_PRODUCT = N_("没有这个产品：%(key)s")
_NO_REGION = N_("没有这个区域：%(key)s")

_READ: Mapping[str, Callable[[Fields], Any]] = {
    "title": lambda fields: fields.line("title"),
    "kind": lambda fields: fields.choice("kind", KIND_LABELS),
    "module_key": lambda fields: fields.term("module_key", fields.context.taxonomy.modules, _NO_MODULE),
    "tier_key": lambda fields: fields.term("tier_key", fields.context.taxonomy.tiers, _NO_TIER),
    "answer": lambda fields: fields.line("answer"),
    "freshness": lambda fields: fields.choice("freshness", FRESHNESS_LABELS, Freshness.EVERGREEN),
    "products": lambda fields: fields.terms("products", fields.context.taxonomy.products, _NO_PRODUCT),
    "regions": lambda fields: fields.terms("regions", fields.context.taxonomy.regions, _NO_REGION),
    "wordings": lambda fields: fields.items("wordings", BETWEEN_SENTENCES),
    **{name: methodcaller("text", name) for name in (*PROSE, "transfer_to")},
    "valid_from": lambda fields: fields.moment("valid_from"),
    "valid_until": lambda fields: fields.moment("valid_until", day_end=True),
    "review_due": lambda fields: fields.day("review_due"),
    "audience": lambda fields: fields.choices("audience", ROLE_LABELS),
    "related": lambda fields: fields.items("related"),
}  # fmt: skip
_UNFINISHED: Mapping[str, Any] = {
    **{name: () if name in LISTS else "" for name in NAMES},
    "kind": Kind.ARTICLE,
    "freshness": Freshness.EVERGREEN,
    "valid_from": None,
    "valid_until": None,
    "review_due": None,
}


def to_form(content: Content, timezone: str) -> dict[str, Any]:
    """Return *content* as the fields of a form, moments in the centre's *timezone* (an IANA name)."""
    zone = ZoneInfo(timezone)
    found: dict[str, Any] = {}
    for name, value in asdict(content).items():
        if name in LISTS:
            found[name] = [str(item) for item in value]
        elif name in ("valid_from", "valid_until"):
            found[name] = "" if value is None else value.astimezone(zone).replace(tzinfo=None).isoformat()[:19]
        else:
            found[name] = "" if value is None else str(value)
    return found


def to_content(form: Form, context: Context) -> Content:
    """Return what *form* says.

    Raises:
        InvalidInputError: a field can't be read, named by ``field``. Whether what it says can be stored, an empty title
            for instance, is ``kb.entries.content.problems``' to say.
    """
    fields = Fields(form, context)
    return Content(**{name: _READ[name](fields) for name in NAMES})


def unfinished(form: Form, context: Context) -> Content:
    """Return what *form* says so far: a field that can't be read is left empty. To show and to try, not to store."""
    fields = Fields(form, context)
    found: dict[str, Any] = {}
    for name in NAMES:
        try:
            found[name] = _READ[name](fields)
        except InvalidInputError:
            found[name] = _UNFINISHED[name]
    return Content(**found)
