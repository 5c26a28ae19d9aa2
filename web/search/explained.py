"""Why a search came out as it did, in the shape that programs get."""

from typing import Any

from indexer.explanation import Explained
from indexer.search import Reasons


def reasons_json(reasons: Reasons) -> dict[str, Any]:
    """Return *reasons* as ``kb search --explain --json`` gives them; the points of a hit's parts add up."""
    found = reasons.explanation
    return {
        "searched": found.searched,
        "answered": found.answered,
        "confidence": found.confidence,
        "filler": list(found.filler),
        "phrases": list(found.phrases),
        "terms": [
            {
                "text": term.text,
                "kind": term.kind.value,
                "role": term.role.value,
                "weight": term.weight,
                "telling": term.telling,
                "phrasings": term.phrasings,
                "phrasing_idf": term.phrasing_idf,
                "texts": term.texts,
                "text_idf": term.text_idf,
            }
            for term in found.terms
        ],
        "documents": found.documents,
        "left_out": {item.sieve.value: item.count for item in found.screened},
        "pinned": list(reasons.pinned),
        "hits": [_hit_json(hit) for hit in found.hits],
        "compared": None if found.compared is None else _hit_json(found.compared),
    }


def _hit_json(hit: Explained) -> dict[str, Any]:
    return {
        "id": hit.key,
        "title": hit.title,
        "standing": hit.standing.value,
        "place": hit.place,
        "left_out_by": None if hit.sieve is None else hit.sieve.value,
        "wording": hit.wording,
        "passage": hit.passage,
        "parts": {
            line.part.value: {"value": line.value, "factor": line.factor, "points": line.points} for line in hit.lines
        },
        "relevance": hit.relevance,
        "maturity": hit.maturity,
        "score": hit.score,
        "terms": [
            {"text": item.text, "kind": item.kind.value, "part": item.part.value, "points": item.points}
            for item in hit.terms
        ],
    }
