"""Changing the lexicon for tests, as a knowledge manager does."""

from typing import Any

from kb.db import unit_of_work
from kb.lexicon import operations
from kb.lexicon.models import Direction, Pin, Synonym, Word
from kb.lexicon.rules import PinFacts, SynonymFacts, WordFacts, terms
from kb.permissions import Role
from tests.support.installation import Installation


def change(installation: Installation, verb: Any, *arguments: Any, **options: Any) -> Any:
    """Run one of the lexicon's verbs in a unit of work of its own, and return what it returns."""
    with unit_of_work(installation.sessions) as session:
        return verb(session, installation.actors[Role.MANAGER], *arguments, now=installation.clock(), **options)


def synonym(installation: Installation, said: str, ours: str = "") -> Synonym:
    """Add a synonym, two-way if only one side is given."""
    direction = Direction.ONE_WAY if ours else Direction.TWO_WAY
    facts = SynonymFacts(direction=direction, said=terms(said), ours=terms(ours))
    return change(installation, operations.add_synonym, facts)


def word(installation: Installation, text: str) -> Word:
    """Add a dictionary word."""
    return change(installation, operations.add_word, WordFacts(text=text))


def pin(installation: Installation, query: str, entry: str, **fields: Any) -> Pin:
    """Pin an entry to a query."""
    return change(installation, operations.add_pin, PinFacts(query=query, entry=entry, **fields))


def look(installation: Installation) -> None:
    """Take changed words over now, however short ago somebody looked."""
    with installation.sessions() as session:
        installation.search.lexicon.refresh(session)


def asked(*words: str) -> list[str]:
    """Return questions in which each of *words* is said six times, among others."""
    things = ("话费", "流量", "宽带", "手机", "密码", "发票", "套餐", "信号")
    others = [f"{thing}{end}" for thing in things for end in ("在哪里查", "怎么办理", "开通", "资费", "是什么意思")]
    before, after = ("买", "退", "装", "报", "修", "查"), ("的资费", "坏掉", "怎么办理", "开通", "在哪里", "密码")
    return [f"{left}{word}{right}" for word in words for left, right in zip(before, after, strict=True)] + others
