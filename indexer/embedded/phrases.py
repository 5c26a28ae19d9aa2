"""Quoted phrases: what has all their characters side by side, whatever the segmentation."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.embedded.columns.hashing import term_hash
from indexer.embedded.columns.layout import FIELDS, SCORED, Unit
from indexer.embedded.columns.reading import Living
from indexer.embedded.columns.segment import Mask
from indexer.embedded.shown import unit_text
from indexer.text import Analysis, TermKind

_FIELD = {(field.unit, field.kind): field for field in FIELDS}


def having(part: Living, phrase: Sequence[str], allowed: Mask, analysis: Analysis) -> Mask:
    """Return which of the *allowed* documents of a segment have *phrase*, a sequence of units of text.

    Units that have all its bigrams are looked at; a bigram is there only where its two stand side by side.
    """
    mask = np.zeros(part.segment.documents, bool)
    for unit in SCORED:
        owners = part.segment.owners(unit)
        units = _candidates(part, unit, phrase)
        units = units[allowed[owners[units]]]
        for number in units.tolist():
            document = int(owners[number])
            if not mask[document] and (len(phrase) <= 2 or _has(unit_text(part, unit, number), phrase, analysis)):
                mask[document] = True
    return mask


def _candidates(part: Living, unit: Unit, phrase: Sequence[str]) -> NDArray[np.int64]:
    kind = TermKind.CHARACTER if len(phrase) == 1 else TermKind.BIGRAM
    postings = part.segment.postings(_FIELD[unit, kind])
    terms = phrase if len(phrase) == 1 else [left + right for left, right in pairwise(phrase)]
    found: NDArray[np.uint32] | None = None
    for term in terms:
        place = postings.find(term_hash(term))
        if place is None:
            return np.empty(0, np.int64)
        units = postings.units[place]
        found = units if found is None else np.intersect1d(found, units, assume_unique=True)
    return np.empty(0, np.int64) if found is None else found.astype(np.int64)


def _has(text: str, phrase: Sequence[str], analysis: Analysis) -> bool:
    characters = analysis.characters(text)
    starts = range(len(characters) - len(phrase) + 1)
    windows = (characters[start : start + len(phrase)] for start in starts)
    return any(
        [token.text for token in window] == list(phrase) and window[-1].position - window[0].position == len(phrase) - 1
        for window in windows
    )
