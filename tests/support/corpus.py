"""Random documents for tests: few characters, so that they meet often."""

import random
from datetime import UTC, datetime

from indexer.documents import Document, Reference, Source, by_level

CHARACTERS = "机顶盒宽带网络光猫红灯亮慢断费退改"
WORDS = ("机顶盒", "宽带", "光猫", "红灯", "网络", "的", "了", "怎么", "iptv", "5g", "，", "。", " ")
AT = datetime(2026, 1, 1, tzinfo=UTC)


def text(chance: random.Random, longest: int) -> str:
    """Return a text of up to *longest* words and characters."""
    choices = (*WORDS, *CHARACTERS)
    return "".join(chance.choice(choices) for _ in range(chance.randint(1, longest)))


def document(chance: random.Random, row: int, **changes: object) -> Document:
    """Return entry *row* with random texts."""
    fields = {
        "reference": Reference(Source.ENTRY, row),
        "key": f"e{row}",
        "kind": chance.choice(("faq", "article")),
        "state": "published",
        "level": chance.randint(0, 5),
        "modules": chance.choice((("fault.broadband", "fault"), ("tv.signal", "tv"), ("billing",))),
        "tier": chance.choice(("first", "second")),
        "products": (),
        "regions": chance.choice(((), ("wanglan",), ("wanglan", "lanjiang"))),
        "reach": (),
        "audience": (),
        "people": (chance.randint(1, 3),),
        "title": text(chance, 8),
        "answer": text(chance, 12),
        "wordings": tuple(text(chance, 6) for _ in range(chance.randint(0, 4))),
        "passages": tuple(text(chance, 60) for _ in range(chance.randint(0, 2))),
        "valid_from": None,
        "valid_until": None,
        "verified_at": None,
        "updated_at": AT,
    }
    given = {**fields, **changes}
    given.setdefault("maturity", by_level(given["level"]))
    return Document(**given)


def documents(chance: random.Random, count: int) -> list[Document]:
    """Return entries 1 to *count* with random texts."""
    return [document(chance, row) for row in range(1, count + 1)]
