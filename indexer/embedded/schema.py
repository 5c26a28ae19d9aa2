"""The fields of the Whoosh index, and how a document becomes them.

Text is cut into terms once, outside Whoosh, and handed over cut: jieba's own Whoosh analyzer gives wrong positions.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from whoosh import fields
from whoosh.analysis import Analyzer, Token

from indexer.documents import Document
from indexer.text import Analysis, TermKind, Tokens
from indexer.text import Token as OurToken

SCHEMA_VERSION = 2
"""Raise it with every change of fields or of what goes into them: an index of another version is rebuilt."""

WORDING = "wording"
"""The source of the documents that hold one customer's wording each; ``parent`` says whose."""

WATERMARK_ID = "meta:watermark"
"""The id of the one document that is no document: it carries the watermark, inside the commit it speaks of."""

ANYBODY = "*"
"""What stands for "no restriction" in the fields ``audience`` and ``reach``."""
FOREVER = 2**40
"""A moment (seconds) no validity reaches; numeric ranges need a number."""

_TERM, _POSITION = "\x1e", "\x1f"
_TEXT_GAP = 100
"""Positions between two texts of one field, so that no phrase reaches from one into the next."""


class CutText(Analyzer):  # type: ignore[misc]  # Whoosh is not typed
    """Reads back terms that were cut before: ``term US position`` joined by ``RS``."""

    def __call__(self, value: str, positions: bool = False, **kwargs: Any) -> Iterator[Token]:
        """Yield the terms of *value* with their positions; Whoosh's protocol reuses one token."""
        token = Token(positions=positions, **kwargs)
        for item in value.split(_TERM) if value else ():
            text, _, position = item.partition(_POSITION)
            token.text = token.original = text
            token.boost = 1.0
            token.stopped = False
            token.pos = int(position)
            yield token


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document that is searched on its own, with its BM25 parameters and the weight of each kind of term.

    The parameters are the design's recipe ("Searching"), measured on customer-service questions: short wordings want a
    small k1 and nearly full length normalisation, long passages the opposite.
    """

    name: str
    weight: float
    k1: float
    b: float
    kinds: dict[TermKind, float]

    def field(self, kind: TermKind) -> str:
        """Return the name of the field that holds this part's terms of *kind*."""
        return f"{self.name}_{kind.value}s"


_SHORT = {TermKind.WORD: 0.3, TermKind.BIGRAM: 0.5, TermKind.CHARACTER: 1.0, TermKind.PINYIN: 0.15}
_LONG = {TermKind.WORD: 0.5, TermKind.BIGRAM: 1.0, TermKind.CHARACTER: 0.3}

TITLE_PART = Part("title", 1.0, 0.8, 0.9, _SHORT)
WORDING_PART = Part("wording", 1.0, 0.8, 0.9, _SHORT)
ANSWER_PART = Part("answer", 0.5, 1.2, 0.4, _LONG)
PASSAGE_PART = Part("passage", 0.5, 1.2, 0.4, _LONG)
PARTS = (TITLE_PART, WORDING_PART, ANSWER_PART, PASSAGE_PART)


def schema() -> fields.Schema:
    """Return the schema of this version."""
    filters = {
        name: fields.KEYWORD() for name in ("state", "modules", "products", "regions", "reach", "audience", "people")
    }
    text = {
        part.field(kind): fields.TEXT(analyzer=CutText(), phrase=kind in (TermKind.WORD, TermKind.CHARACTER))
        for part in PARTS
        for kind in part.kinds
    }
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        parent=fields.ID(sortable=True),
        source=fields.ID(),
        module=fields.ID(sortable=True),
        kind=fields.ID(sortable=True),
        tier=fields.ID(sortable=True),
        level=fields.NUMERIC(int, bits=32, sortable=True),
        valid_from=fields.NUMERIC(int, bits=64),
        valid_until=fields.NUMERIC(int, bits=64),
        digest=fields.STORED,
        data=fields.STORED,
        watermark=fields.STORED,
        **filters,
        **text,
    )


def to_fields(document: Document, analysis: Analysis) -> list[dict[str, Any]]:
    """Return *document* as Whoosh documents, text cut into terms: itself first, then each of its wordings.

    A wording is a document of its own, so that each is scored for itself: what a caller says is like one of them, and
    an entry that many have asked for must not lose for the length of them all.
    """
    wordings = [
        {
            "id": f"{document.id}#{number}",
            "parent": document.id,
            "source": WORDING,
            **_cut(WORDING_PART, [wording], analysis),
        }
        for number, wording in enumerate(document.wordings)
    ]
    return [_own_fields(document, analysis), *wordings]


def _own_fields(document: Document, analysis: Analysis) -> dict[str, Any]:
    return {
        "id": document.id,
        "parent": document.id,
        "source": document.reference.source.value,
        "module": document.modules[0] if document.modules else "",
        "kind": document.kind,
        "tier": document.tier or "",
        "level": document.level,
        "valid_from": _seconds(document.valid_from, 0),
        "valid_until": _seconds(document.valid_until, FOREVER),
        "state": document.state,
        "modules": " ".join(document.modules),
        "products": " ".join(document.products),
        "regions": " ".join(document.regions),
        "reach": " ".join(document.reach) or ANYBODY,
        "audience": " ".join(document.audience) or ANYBODY,
        "people": " ".join(str(person) for person in document.people),
        "digest": document.digest(),
        "data": _stored(document),
        **_cut(TITLE_PART, [document.title], analysis),
        **_cut(ANSWER_PART, [document.answer], analysis),
        **_cut(PASSAGE_PART, document.passages, analysis),
    }


def watermark_fields(watermark: int) -> dict[str, Any]:
    """Return the fields of the document that carries the watermark."""
    return {"id": WATERMARK_ID, "parent": WATERMARK_ID, "source": "meta", "watermark": watermark}


def _stored(document: Document) -> dict[str, Any]:
    """Return what a hit is shown from. Plain values only: they are pickled."""
    return {
        "key": document.key,
        "kind": document.kind,
        "level": document.level,
        "module": document.modules[0] if document.modules else "",
        "tier": document.tier,
        "regions": list(document.regions),
        "title": document.title,
        "answer": document.answer,
        "wordings": list(document.wordings),
        "passages": list(document.passages),
        "verified_at": _stamp(document.verified_at),
        "updated_at": _stamp(document.updated_at),
    }


def moment(stamp: float | None) -> datetime | None:
    """Return a stored moment as an aware UTC datetime."""
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)


def _stamp(value: datetime | None) -> float | None:
    return None if value is None else value.timestamp()


def _seconds(value: datetime | None, missing: int) -> int:
    return missing if value is None else int(value.timestamp())


def _cut(part: Part, texts: Iterable[str], analysis: Analysis) -> dict[str, str]:
    """Return the fields of one part of a document."""
    cut = [analysis.tokens(text) for text in texts]
    return {part.field(kind): _pack(cut, kind) for kind in part.kinds}


def _pack(texts: Iterable[Tokens], kind: TermKind) -> str:
    items: list[str] = []
    base = 0
    for tokens in texts:
        own: Sequence[OurToken] = tokens.of(kind)
        items += [f"{token.text}{_POSITION}{base + token.position}" for token in own]
        base += _TEXT_GAP + (tokens.characters[-1].position if tokens.characters else 0)
    return _TERM.join(items)
