"""Showing why something was found: the best passages, with what matched in ``<mark>``, escaped for a page."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from markupsafe import Markup, escape

from indexer.normalise import normalise_with_map
from indexer.query import Query
from indexer.text import Analysis, TermKind

PASSAGE = 72
"""Characters of a passage: two lines on a page."""
MAX_PASSAGES = 2
_BREAKS = "。！？；\n"

Span = tuple[int, int]


class Marker:
    """Marks one query's terms in texts as they were written, whatever their spelling."""

    def __init__(self, query: Query, analysis: Analysis) -> None:
        words = {term.text for term in query.terms if term.kind is TermKind.WORD and len(term.text) > 1}
        bigrams = {term.text for term in query.terms if term.kind is TermKind.BIGRAM}
        characters = {term.text for term in query.terms if term.kind is TermKind.CHARACTER}
        self._needles = words | bigrams | {"".join(phrase) for phrase in query.phrases}
        if not self._needles:
            self._needles = characters
        self._stopwords = analysis.dictionary.stopwords
        self._needles = (self._needles - self._stopwords) or self._needles

    def mark(self, text: str) -> Markup:
        """Return the whole *text*, escaped, with what matched marked."""
        return _marked(text, self._spans(text), 0, len(text))

    def best_text(self, texts: Iterable[str]) -> Markup | None:
        """Return the one of *texts* that matches most, marked; ``None`` if nothing matches."""
        best: tuple[int, str, list[Span]] | None = None
        for text in texts:
            spans = self._spans(text)
            weight = sum(end - start for start, end in spans)
            if weight and (best is None or (weight, -len(text)) > (best[0], -len(best[1]))):
                best = (weight, text, spans)
        return None if best is None else _marked(best[1], best[2], 0, len(best[1]))

    def passages(self, texts: Iterable[str]) -> tuple[Markup, ...]:
        """Return the best passage of each of the *texts* that match, best first, at most ``MAX_PASSAGES``."""
        found: list[tuple[int, int, Markup]] = []
        for order, text in enumerate(texts):
            spans = self._spans(text)
            if spans:
                start, end = _window(text, spans)
                weight = sum(min(e, end) - max(s, start) for s, e in spans if s < end and e > start)
                found.append((-weight, order, _marked(text, spans, start, end)))
        return tuple(passage for _, _, passage in sorted(found, key=lambda item: item[:2])[:MAX_PASSAGES])

    def _spans(self, text: str) -> list[Span]:
        """Return where the needles stand in *text*, merged, in its own characters."""
        normalised, places = normalise_with_map(text)
        hit = [False] * len(text)
        for needle in self._needles:
            start = normalised.find(needle)
            while start >= 0:
                for index in range(start, start + len(needle)):
                    hit[places[index]] = True
                start = normalised.find(needle, start + 1)
        runs = ((inside, len(list(run))) for inside, run in groupby(hit))
        spans: list[Span] = []
        end = 0
        for inside, length in runs:
            end += length
            if inside:
                spans.append((end - length, end))
        return spans


def _window(text: str, spans: Sequence[Span]) -> Span:
    """Return the stretch of *text* of about ``PASSAGE`` characters with the most of *spans* in it."""
    best, best_weight = (0, min(PASSAGE, len(text))), -1
    for start, _ in spans:
        left = max(0, start - PASSAGE // 4)
        right = min(len(text), left + PASSAGE)
        weight = sum(min(e, right) - s for s, e in spans if left <= s < right)
        if weight > best_weight:
            best, best_weight = (left, right), weight
    left, right = best
    first = next(start for start, _ in spans if start >= left)
    for index in range(left, first + 1):  # rather begin where a sentence does
        if index > 0 and index < len(text) and text[index - 1] in _BREAKS:
            return index, right
    return left, right


def _marked(text: str, spans: Sequence[Span], start: int, end: int) -> Markup:
    parts: list[Markup | str] = ["…" if start > 0 else ""]
    place = start
    for left, right in spans:
        left, right = max(left, start), min(right, end)  # noqa: PLW2901
        if left >= right:
            continue
        parts += [escape(_flat(text[place:left])), Markup("<mark>{}</mark>").format(_flat(text[left:right]))]
        place = right
    parts += [escape(_flat(text[place:end])), "…" if end < len(text) else ""]
    return Markup("").join(parts)


def _flat(text: str) -> str:
    return text.replace("\n", " ")
