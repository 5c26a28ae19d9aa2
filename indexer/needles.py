"""What to look for in a text to show why it was found, in the order of how sure it is.

Made from a query's terms once; the texts themselves are searched by ``highlight``.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from indexer.query import SHORT_QUESTION, Query, QueryTerm
from indexer.sounds import Sounds, beginning, first_of_spelling, sounding
from indexer.text import SPELLED, TermKind

HEARD_WEIGHT = 0.6
"""What a place of the question counts that was matched by its sound only."""
CHARACTER_WEIGHT = 0.3
"""What a place counts of which only the single character was found."""

_LATIN = re.compile(r"[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Needle:
    """A text to find, the places of the question it stands for, one bit a place, and what each of them counts.

    A *whole* needle begins or ends with a letter or a digit, and must not be found inside a longer run of them.
    """

    text: str
    places: int
    weight: float
    whole: bool = False


@dataclass(frozen=True, slots=True)
class HeardNeedle:
    """A sound to find, as it was typed, and the places of the question it stands for.

    Attributes:
        sequence: for each character in turn those it may be: of two syllables, or of initials.
        required: characters of which a text must have one; kept small, to be asked first.
        spelled: is it letters, which may be a whole spelling instead?
        spelling_openers: the characters that a text of that spelling may begin with.
    """

    typed: str
    places: int
    sequence: tuple[frozenset[str], ...]
    required: frozenset[str]
    spelled: bool = False
    spelling_openers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Needles:
    """All that may be marked for one question.

    Attributes:
        strings: words, neighbours, phrases and the centre's words for what the caller said.
        resolved: the centre's words that sound like what was typed.
        heard: sounds to listen for where the centre has no such word.
        half_heard: pairs of which one character stands as it was typed, 押金 for 押巾: sure enough for a long text.
        proofs: single characters that prove something by themselves.
        characters: the other single characters; they are worth showing only where nothing better is.
        needed: how many places of the question those must account for.
    """

    strings: tuple[Needle, ...]
    resolved: tuple[Needle, ...]
    heard: tuple[HeardNeedle, ...]
    half_heard: tuple[HeardNeedle, ...]
    proofs: tuple[Needle, ...]
    characters: tuple[Needle, ...]
    needed: int


def needles_for(query: Query, sounds: Sounds, stopwords: frozenset[str]) -> Needles:
    """Return what to look for. Filler is never marked, unless the question is nothing else."""
    strings: dict[str, Needle] = {}
    heard: list[HeardNeedle] = []
    proofs: dict[str, Needle] = {}
    characters: dict[str, Needle] = {}
    boundaries = _boundaries(query)
    paired = {place for term in query.terms if term.kind is TermKind.BIGRAM for place in term.covers}
    for term in query.terms:
        if not term.covers:  # filler
            continue
        if term.kind is TermKind.PINYIN:
            heard += _heard(term, boundaries)
        elif len(term.text) == 1:
            alone = term.covers.isdisjoint(paired)
            short = term.kind is TermKind.WORD and len(query.content) <= SHORT_QUESTION
            into = proofs if alone or short else characters
            into.setdefault(term.text, _needle(term.text, term.covers, CHARACTER_WEIGHT))
        else:
            for text, places in _telling_parts(term, query, stopwords):
                if term.kind is TermKind.BIGRAM and not boundaries.isdisjoint(range(min(places) + 1, max(places) + 1)):
                    continue
                strings[text] = _joint(strings.get(text), _needle(text, places, term.weight))
    for phrase in query.phrases:
        text = _joined(phrase)
        strings[text] = _needle(text, _found(text, query.normalised) or query.content, 1.0)
    return Needles(
        strings=tuple(strings.values()),
        resolved=tuple(_resolved(heard, sounds, strings.keys() | stopwords)),
        heard=tuple(heard),
        half_heard=tuple(half for sound in heard for half in _halves(sound, query.normalised)),
        proofs=tuple(proofs.values()),
        characters=tuple(needle for text, needle in characters.items() if text not in proofs),
        needed=query.needed,
    )


def _telling_parts(term: QueryTerm, query: Query, stopwords: frozenset[str]) -> Iterator[tuple[str, frozenset[int]]]:
    """Yield what of *term* is worth marking, and the places it stands for: all of it, or what is left without filler.

    今天晚上 leaves 晚上; 的网 leaves a single character, which is none of these.
    """
    start = query.normalised.find(term.text)
    if start < 0:  # the centre's word for what the caller said, or neighbours with white space between
        if term.text not in stopwords:
            yield term.text, term.covers
        return
    while start >= 0:
        places = range(start, start + len(term.text))
        telling = [place in query.content for place in places]
        if all(telling):
            yield term.text, frozenset(places)
        elif any(telling):
            inside = [place for place, tells in zip(places, telling, strict=True) if tells]
            if len(inside) > 1 and inside[-1] - inside[0] == len(inside) - 1:
                yield query.normalised[inside[0] : inside[-1] + 1], frozenset(inside)
        start = query.normalised.find(term.text, start + 1)


def _boundaries(query: Query) -> frozenset[int]:
    """Return the places at which a long word begins right after another: 密 in 账号密码.

    The index looks for 号密 too, in case it cut the text otherwise; shown as a match it would puzzle.
    """
    longest: dict[int, range] = {}
    for term in query.terms:
        if term.kind is TermKind.WORD and len(term.text) > 1:
            start = query.normalised.find(term.text)
            while start >= 0:
                word = range(start, start + len(term.text))
                longest.update({place: word for place in word if len(word) > len(longest.get(place, ()))})
                start = query.normalised.find(term.text, start + 1)
    return frozenset(place for place, word in longest.items() if place == word.start and place - 1 in longest)


def _heard(term: QueryTerm, boundaries: frozenset[int]) -> Iterator[HeardNeedle]:
    places = _bits(term.covers)
    if term.text.startswith(SPELLED):
        typed = term.text.removeprefix(SPELLED)
        sequence = tuple(map(beginning, typed))
        spelling = first_of_spelling(typed)
        yield HeardNeedle(typed, places, sequence, sequence[0] | spelling, spelled=True, spelling_openers=spelling)
    elif any(place + 1 in term.covers and place + 1 not in boundaries for place in term.covers):
        # Neither with filler in it nor across two words: that is not what they said.
        sequence = tuple(map(sounding, term.text.split()))
        yield HeardNeedle(term.text, places, sequence, sequence[0])


def _halves(sound: HeardNeedle, normalised: str) -> Iterator[HeardNeedle]:
    for place in range(len(normalised) - 1):
        if not sound.spelled and sound.places >> place & 3 == 3:
            left, right = frozenset(normalised[place]), frozenset(normalised[place + 1])
            yield HeardNeedle(sound.typed, sound.places, (left, sound.sequence[1]), left)
            yield HeardNeedle(sound.typed, sound.places, (sound.sequence[0], right), right)


def _resolved(heard: Iterable[HeardNeedle], sounds: Sounds, known: Collection[str]) -> Iterator[Needle]:
    for sound in heard:
        texts = (sounds.spellings if sound.spelled else sounds.pairs).get(sound.typed, frozenset())
        for text in sorted(texts.difference(known)):
            yield Needle(text, sound.places, HEARD_WEIGHT)


def _needle(text: str, places: Iterable[int], weight: float) -> Needle:
    whole = _LATIN.match(text[0]) is not None or _LATIN.match(text[-1]) is not None
    return Needle(text, _bits(places), weight, whole)


def _joint(known: Needle | None, needle: Needle) -> Needle:
    """Return *needle* with what is *known* of the same text: it may stand for several places of the question."""
    if known is None:
        return needle
    return replace(needle, places=known.places | needle.places, weight=max(known.weight, needle.weight))


def _bits(places: Iterable[int]) -> int:
    bits = 0
    for place in places:
        bits |= 1 << place
    return bits


def _found(text: str, normalised: str) -> range | None:
    start = normalised.find(text)
    return range(start, start + len(text)) if start >= 0 else None


def _joined(units: tuple[str, ...]) -> str:
    """Return *units* as they stand in a text without white space, but for that between two runs of letters."""
    parts = [units[0]]
    for left, right in pairwise(units):
        if _LATIN.match(left[-1]) and _LATIN.match(right[0]):
            parts.append(" ")
        parts.append(right)
    return "".join(parts)
