"""Showing why something was found: the best passages, with what matched in ``<mark>``, escaped for a page.

Three things are looked for in each text, in the order of how sure they are: the question's words as they were said, and
the centre's words for them; what sounds like those places of the question that were not found; and single characters,
where nothing better was found or where the question is no more than that.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter, contains
from typing import NamedTuple

from markupsafe import Markup, escape

from indexer.haystack import Haystack, haystack_of
from indexer.needles import HEARD_WEIGHT, HeardNeedle, Needle, needles_for
from indexer.query import Query
from indexer.sounds import sounds_of, spelled_at
from indexer.text import Analysis

PASSAGE = 72
"""Characters of a passage: two lines on a page."""
MAX_PASSAGES = 2
_BREAKS = "。！？；\n"

Span = tuple[int, int]


class _Place(NamedTuple):  # made for every mark: a dataclass costs three times as much
    """Where a needle stands in a text, in the text's own characters."""

    start: int
    end: int
    needle: Needle


@dataclass(slots=True)
class _Match:
    """What was found in a text so far, the places of the question that accounts for, and what those are worth."""

    places: list[_Place] = field(default_factory=list)
    covered: int = 0
    worth: float = 0.0

    def take(self, needle: Needle, start: int, end: int) -> None:
        self.places.append(_Place(start, end, needle))
        self.worth += (needle.places & ~self.covered).bit_count() * needle.weight
        self.covered |= needle.places


class Marker:
    """Marks one query's terms in texts as they were written, whatever their spelling. For one thread."""

    def __init__(self, query: Query, analysis: Analysis) -> None:
        self._stopwords = analysis.dictionary.stopwords
        self._needles = needles_for(query, sounds_of(analysis), self._stopwords)

    def mark(self, text: str) -> Markup:
        """Return the whole *text*, escaped, with what matched marked."""
        (match,) = self._matches([text], short=True)
        return _marked(text, _spans(text, match.places), 0, len(text))

    def best_text(self, texts: Iterable[str]) -> Markup | None:
        """Return the one of *texts* that matches most, marked; ``None`` if nothing matches."""
        texts = list(texts)
        matches = self._matches(texts, short=True)
        found = [
            (match.worth, -len(texts[order]), -order)  # the shorter of equals has less else in it
            for order, match in enumerate(matches)
            if match.places
        ]
        if not found:
            return None
        best = -max(found)[2]
        return _marked(texts[best], _spans(texts[best], matches[best].places), 0, len(texts[best]))

    def passages(self, texts: Iterable[str]) -> tuple[Markup, ...]:
        """Return the best passage of each of the *texts* that match, best first, at most ``MAX_PASSAGES``.

        Anything can be found in a long text: what sounds like the question is marked only where the question's words
        are nowhere in *texts*, and loose characters are not.
        """
        texts = list(texts)
        found: list[tuple[float, int, Span]] = []
        matches = self._matches(texts, short=False)
        for order, match in enumerate(matches):
            if match.places:
                worth, window = _window(texts[order], match.places)
                found.append((-worth, order, window))
        return tuple(
            _marked(texts[order], _spans(texts[order], matches[order].places), *window)
            for _, order, window in sorted(found)[:MAX_PASSAGES]
        )

    def _matches(self, texts: Sequence[str], *, short: bool) -> list[_Match]:
        """Return what is to be marked in each of *texts*, in its order."""
        haystack = haystack_of(tuple(texts))
        matches = [_Match() for _ in texts]
        self._take(self._needles.strings, haystack, matches)
        self._take_unseen(self._needles.resolved, haystack, matches)
        if short:
            self._take_unseen(self._hear(self._needles.heard, haystack, matches), haystack, matches)
        elif not any(match.covered for match in matches):
            self._take_unseen(self._hear(self._needles.half_heard, haystack, matches), haystack, matches)
        self._take_unseen(self._needles.proofs, haystack, matches)
        if short and not all(match.covered for match in matches):
            self._take_characters(haystack, matches)
        for match in matches:
            match.places.sort(key=attrgetter("start"))
        return matches

    @staticmethod
    def _take(needles: Iterable[Needle], haystack: Haystack, matches: Sequence[_Match]) -> None:
        for needle in needles:
            if needle.text in haystack.normalised:  # most are not, and a generator costs as much as looking
                for number, start, end in haystack.find(needle.text, whole=needle.whole):
                    matches[number].take(needle, start, end)

    @staticmethod
    def _take_unseen(needles: Iterable[Needle], haystack: Haystack, matches: Sequence[_Match]) -> None:
        """Take what stands for places of the question that nothing better in the same text stands for."""
        seen = [match.covered for match in matches]
        for needle in needles:
            if needle.text in haystack.normalised and any(needle.places & ~covered for covered in seen):
                for number, start, end in haystack.find(needle.text, whole=needle.whole):
                    if needle.places & ~seen[number]:
                        matches[number].take(needle, start, end)

    def _hear(self, sounds: Sequence[HeardNeedle], haystack: Haystack, matches: Sequence[_Match]) -> tuple[Needle, ...]:
        """Return what in the texts sounds like a place of the question that some text has not shown."""
        unseen = [sound for sound in sounds if any(sound.places & ~match.covered for match in matches)]
        if not unseen:
            return ()
        present = haystack.characters
        found: dict[str, Needle] = {}
        for sound in unseen:
            if not sound.required.isdisjoint(present):
                for text in _sounding_like(sound, haystack, present):
                    if text not in self._stopwords:
                        found.setdefault(text, Needle(text, sound.places, HEARD_WEIGHT))
        return tuple(found.values())

    def _take_characters(self, haystack: Haystack, matches: Sequence[_Match]) -> None:
        """Take single characters in texts that have nothing better, if together they would be an answer."""
        alone = [_Match() for _ in matches]
        self._take(self._needles.characters, haystack, alone)
        for match, other in zip(matches, alone, strict=True):
            if not match.covered and other.covered.bit_count() >= self._needles.needed:
                match.places, match.covered, match.worth = other.places, other.covered, other.worth


def _sounding_like(sound: HeardNeedle, haystack: Haystack, present: frozenset[str]) -> Iterable[str]:
    """Return the stretches of the texts that sound like *sound*; *present* are the texts' characters."""
    text, found = haystack.normalised, set()
    if not any(map(present.isdisjoint, sound.sequence)):
        possible = [present & characters for characters in sound.sequence]
        anchor = min(range(len(possible)), key=lambda number: len(possible[number]))
        for place in haystack.where(possible[anchor]):
            start = place - anchor
            stretch = text[start : start + len(possible)] if start >= 0 else ""
            if len(stretch) == len(possible) and all(map(contains, possible, stretch)):
                found.add(stretch)
    for start in haystack.where(present & sound.spelling_openers):
        stop = spelled_at(text, start, sound.typed)
        if stop is not None:
            found.add(text[start:stop])
    return found


def _spans(text: str, places: Iterable[_Place]) -> list[Span]:
    """Return the stretches of *text* to mark, none overlapping; a mark above a letter stays with it."""
    spans: list[Span] = []
    for place in places:
        end = place.end
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        if spans and place.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((place.start, end))
    return spans


def _window(text: str, places: Sequence[_Place]) -> tuple[float, Span]:
    """Return the stretch of *text* of about ``PASSAGE`` characters around the densest cluster, and what it is worth.

    A needle counts once in a window, however often it stands there.
    """
    inside: dict[str, int] = {}
    worth, best, cluster = 0.0, -1.0, (0, 0)
    first = 0
    for last, place in enumerate(places):
        inside[place.needle.text] = inside.get(place.needle.text, 0) + 1
        if inside[place.needle.text] == 1:
            worth += _value(place.needle)
        while first < last and place.end - places[first].start > PASSAGE:
            leaving = places[first].needle
            inside[leaving.text] -= 1
            if not inside[leaving.text]:
                worth -= _value(leaving)
            first += 1
        if worth > best + 1e-9:
            best, cluster = worth, (places[first].start, place.end)
    return best, _around(text, cluster)


def _value(needle: Needle) -> float:
    return needle.weight * len(needle.text)


def _around(text: str, cluster: Span) -> Span:
    """Return a stretch of ``PASSAGE`` characters around *cluster*; rather one that begins where a sentence does."""
    start, end = cluster
    spare = max(PASSAGE - (end - start), 0)
    left = max(min(start - spare // 3, len(text) - PASSAGE), 0)
    breaks = [text.rfind(sign, max(start - spare, 0), start) + 1 for sign in _BREAKS]
    after_break = max(breaks)
    if after_break > 0 and len(text) - after_break >= PASSAGE // 2:
        left = after_break
    while left < start and unicodedata.combining(text[left]):
        left += 1
    return left, min(left + PASSAGE, len(text))


def _marked(text: str, spans: Sequence[Span], start: int, end: int) -> Markup:
    parts: list[str] = ["…" if start > 0 else ""]
    place = start
    for left, right in spans:
        left, right = max(left, start), min(right, end)  # noqa: PLW2901
        if left < right:
            parts += [str(escape(text[place:left])), "<mark>", str(escape(text[left:right])), "</mark>"]
            place = right
    parts += [str(escape(text[place:end])), "…" if end < len(text) else ""]
    return Markup("".join(parts).replace("\n", " "))  # noqa: S704 - every part of the text is escaped above
