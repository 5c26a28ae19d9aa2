"""How two revisions of an entry differ, field by field, as values for the page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import gettext

from indexer.differences import Change, Cut, Piece, compare, compare_items
from kb.entries.content import Content
from kb.i18n import N_
from kb.taxonomy.queries import Taxonomy, Term
from web import i18n


class Look(StrEnum):
    """How a field is shown."""

    TEXT = "text"
    """A text, changed word by word."""
    ITEMS = "items"
    """A list, changed item by item."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that two revisions say otherwise."""

    name: str
    title: str
    look: Look
    pieces: Sequence[Piece]


FIELDS: Mapping[str, str] = {
    "title": N_("标题"),
    "answer": N_("一句话答案"),
    "script": N_("对客户说"),
    "steps": N_("怎么做"),
    "internal_note": N_("内部口径"),
    "exceptions": N_("例外"),
    "fees": N_("费用"),
    "deadlines": N_("时限"),
    "transfer_to": N_("转接"),
    "body": N_("正文"),
    "wordings": N_("客户说法"),
    "kind": N_("类型"),
    "module_key": N_("模块"),
    "tier_key": N_("由谁答复"),
    "products": N_("产品"),
    "regions": N_("区域"),
    "freshness": N_("时效"),
    "valid_from": N_("从什么时候有效"),
    "valid_until": N_("到什么时候有效"),
    "review_due": N_("复核"),
    "audience": N_("只给谁看"),
    "related": N_("相关知识"),
}
"""Every field of an entry by name, in the order of the page."""

_TEXTS = frozenset(
    {"title", "answer", "script", "steps", "internal_note", "exceptions", "fees", "deadlines", "transfer_to", "body"}
)


def changes(before: Content, after: Content, *, cut: Cut, taxonomy: Taxonomy) -> list[FieldChange]:
    """Return what *after* says otherwise than *before*, in the order of the page; empty where they say the same."""
    return [
        _change(name, getattr(before, name), getattr(after, name), cut, taxonomy)
        for name in FIELDS
        if getattr(before, name) != getattr(after, name)
    ]


def _change(name: str, before: Any, after: Any, cut: Cut, taxonomy: Taxonomy) -> FieldChange:
    title = str(gettext(FIELDS[name]))
    if name in _TEXTS:
        return FieldChange(name, title, Look.TEXT, compare(before, after, cut))
    if isinstance(before, tuple):
        old, new = ([shown(name, item, taxonomy) for item in items] for items in (before, after))
        return FieldChange(name, title, Look.ITEMS, compare_items(old, new))
    pieces = (Piece(Change.REMOVED, shown(name, before, taxonomy)), Piece(Change.ADDED, shown(name, after, taxonomy)))
    return FieldChange(name, title, Look.TEXT, [piece for piece in pieces if piece.text])


def shown(name: str, value: Any, taxonomy: Taxonomy) -> str:
    """Return *value* of the field *name* as people read it; a term that was removed by its key."""
    terms: Mapping[str, Mapping[str, Term]] = {
        "module_key": taxonomy.modules,
        "tier_key": taxonomy.tiers,
        "products": taxonomy.products,
        "regions": taxonomy.regions,
    }
    if value is None:
        return ""
    if name in terms:
        return i18n.term_name(terms[name][value]) if value in terms[name] else str(value)
    if name in ("kind", "freshness", "audience"):
        return str(gettext(value.label))
    moments: Mapping[str, Callable[[Any], str]] = {
        "valid_from": i18n.minute,
        "valid_until": i18n.minute,
        "review_due": i18n.day,
    }
    return moments[name](value) if name in moments else str(value)
