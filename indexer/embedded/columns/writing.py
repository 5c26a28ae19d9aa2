"""Documents become a segment's arrays."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indexer import passages
from indexer.documents import Document
from indexer.embedded.columns.container import Array
from indexer.embedded.columns.hashing import Hasher
from indexer.embedded.columns.layout import FIELDS, KINDS, SENSED, Unit
from indexer.embedded.columns.postings import build, mean_length
from indexer.embedded.columns.segment import ANYBODY, FOREVER, SINGLE, properties, property_hash, row_number
from indexer.normalise import normalise
from indexer.vectors.keys import normalised_key

Pivots = Mapping[str, float]


def arrays(
    documents: Sequence[Document], hasher: Hasher, pivots: Pivots | None = None
) -> tuple[dict[str, Array], list[str]]:
    """Return the arrays of a segment of *documents*, see ``segment.Segment``, in all their versions; and their words.

    Words are those of two characters or more in its title and wordings, each once: what callers and titles say is what
    spelling is corrected with, and Whoosh takes longer over all the others than the columns over everything.

    Args:
        pivots: mean length by field to measure by; the documents' own when ``None``.
    """
    given = len(documents)
    documents = [version for document in documents for version in document.versions]
    found: dict[str, Array] = {
        "rows": np.array([row_number(item.reference.source, item.reference.row) for item in documents], np.int64),
        "digests": np.array([int(item.digest(), 16) for item in documents], np.uint64),
        "level": np.array([item.level for item in documents], np.int8),
        "maturity": np.array([item.maturity for item in documents], np.float32),
        "valid_from": np.array([_seconds(item.valid_from, 0) for item in documents], np.int64),
        "valid_until": np.array([_seconds(item.valid_until, FOREVER) for item in documents], np.int64),
    }
    found |= _singles(documents)
    found |= filters([properties(item) for item in documents])
    found |= blob([json.dumps(stored_fields(item), ensure_ascii=False).encode() for item in documents])
    measured = []
    words: list[dict[str, None]] = [{} for _ in documents]
    for unit in Unit:
        texts = [unit_texts(item, unit) for item in documents]
        flat = [normalise(text) for own in texts for text in own]
        counts = np.array([len(own) for own in texts], np.int64)
        found[f"{unit.value}.owner"] = np.repeat(np.arange(len(documents), dtype=np.uint32), counts)
        if unit in SENSED:
            found[f"{unit.value}.key"] = np.array([normalised_key(text) for text in flat], np.uint64)
        cut = hasher.cut_normalised(flat, KINDS[unit])
        for field in FIELDS:
            if field.unit is unit:
                postings = build(
                    cut.terms[field.kind], len(flat), field, None if pivots is None else pivots[field.name]
                )
                found |= postings.arrays(field.name)
                measured.append(mean_length(postings.lengths) if pivots is None else pivots[field.name])
        if unit is not Unit.PHRASING:
            continue
        for owner, pieces in zip(np.repeat(np.arange(len(documents)), counts).tolist(), cut.pieces, strict=True):
            words[owner] |= dict.fromkeys(piece for piece in pieces if len(piece) > 1 and hasher.says[piece])
    found["pivots"] = np.array(measured, np.float64)
    bases = [own for own, item in zip(words, documents, strict=True) if not item.local]
    if len(bases) != given:
        raise AssertionError("every document has one base")
    return found, [" ".join(own) for own in bases]


def unit_texts(document: Document, unit: Unit) -> tuple[str, ...]:
    """Return what is scored for itself of *document*; the first phrasing is its title."""
    texts = (document.answer, *document.passages)
    match unit:
        case Unit.PHRASING:
            return (document.title, *document.wordings)
        case Unit.TEXT:
            return ("\n".join(texts),)
        case Unit.PASSAGE:
            return tuple(piece for text in texts for piece in passages.cut(text))


def stored_fields(document: Document) -> dict[str, Any]:
    """Return what a hit is shown from, as plain values."""
    return {
        "key": document.key,
        "kind": document.kind,
        "level": document.level,
        "module": document.modules[0] if document.modules else "",
        "tier": document.tier,
        "regions": list(document.regions),
        "local": bool(document.local),
        "title": document.title,
        "answer": document.answer,
        "wordings": list(document.wordings),
        "texts": list(document.passages),
        "verified_at": None if document.verified_at is None else document.verified_at.timestamp(),
        "updated_at": document.updated_at.timestamp(),
    }


def filters(given: Sequence[Mapping[str, Sequence[str]]]) -> dict[str, Array]:
    """Return the lists of documents by property: *given* is each document's properties."""
    listed: dict[int, list[int]] = {}
    for number, own in enumerate(given):
        for name, values in own.items():
            for value in dict.fromkeys(values):
                listed.setdefault(property_hash(name, value), []).append(number)
    terms = sorted(listed)
    return {
        "filter.terms": np.array(terms, np.uint64),
        "filter.starts": np.cumsum([0, *(len(listed[term]) for term in terms)], dtype=np.int64),
        "filter.documents": np.array([number for term in terms for number in listed[term]], np.uint32),
    }


def blob(packed: Sequence[bytes]) -> dict[str, Array]:
    """Return *packed*, one a document, as one run of bytes."""
    return {
        "shown.bytes": np.frombuffer(b"".join(packed), np.uint8),
        "shown.starts": np.cumsum([0, *map(len, packed)], dtype=np.int64),
    }


def codes(values: Mapping[str, Sequence[str]], regions: Sequence[str]) -> dict[str, Array]:
    """Return the single properties *values* as columns of codes, with the texts the codes stand for."""
    found: dict[str, Array] = {}
    vocabulary: dict[str, list[str]] = {"regions": sorted(set(regions))}
    for name, column in values.items():
        vocabulary[name] = sorted(set(column))
        numbers = {text: number for number, text in enumerate(vocabulary[name])}
        found[name] = np.array([numbers[text] for text in column], np.uint16)
    found["vocabulary"] = np.frombuffer(json.dumps(vocabulary, ensure_ascii=False).encode(), np.uint8)
    return found


def _singles(documents: Sequence[Document]) -> dict[str, Array]:
    columns = {
        "source": [item.reference.source.value for item in documents],
        "state": [item.state for item in documents],
        "kind": [item.kind for item in documents],
        "tier": [item.tier or "" for item in documents],
        "module": [item.modules[0] if item.modules else "" for item in documents],
    }
    if tuple(columns) != SINGLE:
        raise AssertionError("single properties out of step")
    return codes(columns, [region for item in documents for region in item.regions or (ANYBODY,)])


def _seconds(value: Any, missing: int) -> int:
    return missing if value is None else int(value.timestamp())
