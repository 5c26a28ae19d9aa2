"""Did you mean: what a question that went wrong may have been meant to say, out of what this person may see.

Chinese slips are homophones of an input method: the pairs of syllables of the question are looked up among the
phrasings that the person may see, and what those write for the same sound, if it is written far more often, is the
candidate. Product codes are looked up with one letter or digit changed; numbers are not, since 651 and 691 both mean
something. No list of words is kept beside the index, so nothing can be proposed that stands only in what is hidden; and
a correction is offered only if what it finds is clearly better.

A pair that stands nowhere at all, neither in phrasings nor in texts, can only be a slip: that is put right without
asking, and the page says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from string import ascii_lowercase, digits

import numpy as np

from indexer.embedded.asking import Asked, Asker, Matched, Person
from indexer.embedded.columns.hashing import term_hash
from indexer.embedded.columns.layout import FIELDS, Field, Unit
from indexer.embedded.columns.reading import View
from indexer.embedded.columns.segment import Mask
from indexer.embedded.shown import unit_text
from indexer.engine import Correction
from indexer.normalise import normalise
from indexer.query import Query, understand
from indexer.sounds import readings
from indexer.text import SPELLED, Analysis, TermKind, Token

WEAK = 0.6
"""A search that is surer than this works: nothing else is offered."""
LIFT = 0.15
"""How much surer a corrected search must be to be offered."""
SURER, SURER_BY_WORDS = 0.03, 0.1
"""How much surer, by words, a search must become to be put right without asking: where sense confirms it, and alone."""
SURER_IN_SENSE = 0.02
"""How much surer it must then be in sense."""
RARER = 4.0
"""How many times more often than what was typed a homophone must be written."""
LISTENED = 8
"""Phrasings looked at for each pair of syllables: those that otherwise fit the question best."""
TRIED, TRIED_WITH_SENSE = 2, 1
"""Corrections that are searched for: each costs a search, and with sense that is three times as long."""
SHORTEST_CODE, LONGEST_CODE = 3, 12
"""Letters and digits of a product code that is corrected; a shorter one is anything."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A place in the normalised question, what is written there elsewhere, and how many times more often."""

    start: int
    end: int
    meant: str
    gain: float


def ask_and_put_right(
    asker: Asker, view: View, query: Query, person: Person, *, depth: int | None = None
) -> tuple[Asked, Correction | None]:
    """Return what comes of *query*, and what it was put right to, if it can only be a slip; *depth* as for ``rank``."""
    matched = asker.match(view, query, person)
    right = None if person.filters.as_typed else put_right(matched, asker)
    if right is None:
        return asker.order(matched, depth=depth), None
    asked = asker.order(right, depth=depth)
    if asked.sense is not None:
        as_typed = asker.order(matched, depth=depth)
        if not asked.ranked.answered or asked.ranked.confidence < as_typed.ranked.confidence + SURER_IN_SENSE:
            return as_typed, None
    return asked, Correction(right.query.text, _row(asked, int(asked.ranked.documents[0])))


def correct(asked: Asked, asker: Asker, person: Person) -> Correction | None:
    """Return what *asked* was meant to say, if the search went weak and that leads to something clearly better."""
    if asked.query.phrases or (asked.ranked.answered and asked.ranked.confidence >= WEAK):
        return None
    slips = sorted((*_homophones(asked, asker.analysis), *_codes(asked, asker.analysis)), key=lambda slip: -slip.gain)
    tried = TRIED if asker.sensing is None else TRIED_WITH_SENSE
    for chosen in _choices(slips)[:tried]:
        text = _applied(asked.query.text, asked.query.normalised, chosen)
        other = asker.ask(asked.view, understand(text, asker.analysis), person, depth=1)
        if row := _leads_to(asked, other, chosen, LIFT):
            return Correction(text, row)
    return None


def put_right(matched: Matched, asker: Asker) -> Matched | None:
    """Return *matched* with the pairs put right that stand nowhere, if that is surer; else ``None``.

    Words judge first, with sense too: most such pairs lead nowhere, and a question in sense costs as much as the rest.
    """
    if matched.query.phrases:
        return None
    slips = sorted(_homophones(matched, asker.analysis, nowhere=True), key=lambda slip: -slip.gain)
    for chosen in _choices(slips)[:1]:
        text = _applied(matched.query.text, matched.query.normalised, chosen)
        other = asker.match(matched.view, understand(text, asker.analysis), matched.person)
        before, after = (asker.order(each, depth=1, sense=False) for each in (matched, other))
        if _leads_to(before, after, chosen, SURER_BY_WORDS if asker.sensing is None else SURER):
            return other
    return None


def _leads_to(asked: Asked, other: Asked, chosen: Iterable[Slip], lift: float) -> int | None:
    """Return the row of the first answer of *other*, if it is surer by *lift* and has what was put right."""
    if not other.ranked.answered or other.ranked.confidence < asked.ranked.confidence + lift:
        return None
    first = int(other.ranked.documents[0])
    part, document = asked.view.locate(first)
    alone = [np.zeros(each.segment.documents, bool) for each in asked.view.parts]
    alone[asked.view.parts.index(part)][document] = True
    if not all(_frequency(asked, slip.meant, alone) for slip in chosen):
        return None
    return _row(asked, first)


def _row(asked: Asked, number: int) -> int:
    """Return the row of document *number* of the view in the database."""
    part, document = asked.view.locate(number)
    return int(part.segment.arrays["rows"][document]) // 2


def _homophones(asked: Matched, analysis: Analysis, *, nowhere: bool = False) -> Iterator[Slip]:
    """Yield the pairs of characters of the question that phrasings otherwise write with the same sound.

    Args:
        nowhere: only those that are written nowhere as they were typed.
    """

    @cache  # the phrasings that fit best are the same for most pairs
    def written(index: int, unit: int) -> str:
        return normalise(unit_text(asked.view.parts[index], Unit.PHRASING, unit))

    for token in analysis.tokens(asked.query.text).pinyin:
        if token.text.startswith(SPELLED) or token.end - token.start != 2:
            continue
        typed = asked.query.normalised[token.start : token.end]
        if nowhere and _frequency(asked, typed):
            continue
        meant = Counter(_sounding(asked, token, written)).most_common(1)
        if meant and meant[0][0] != typed:
            known = _frequency(asked, typed)
            gain = _frequency(asked, meant[0][0]) / (known + 1)
            if gain >= RARER or not known:
                yield Slip(token.start, token.end, meant[0][0], gain)


def _sounding(asked: Matched, token: Token, written: Callable[[int, int], str]) -> Iterator[str]:
    """Yield what the phrasings that fit best, texts by segment and unit, write for the two syllables of *token*."""
    first, second = token.text.split(" ")
    field = _field(Unit.PHRASING, TermKind.PINYIN)
    for index, (part, allowed) in enumerate(zip(asked.view.parts, asked.allowed, strict=True)):
        postings = part.segment.postings(field)
        place = postings.find(term_hash(token.text))
        if place is None:
            continue
        units = postings.units[place]
        units = units[allowed[part.segment.owners(Unit.PHRASING)[units]]]
        fitting = asked.matches.sums[index][Unit.PHRASING][units]
        best = units[np.argsort(-fitting, kind="stable")[:LISTENED]]
        for unit in best.tolist():
            for left, right in pairwise(written(index, unit)):
                if first in readings(left) and second in readings(right):
                    yield left + right


def _codes(asked: Matched, analysis: Analysis) -> Iterator[Slip]:
    """Yield the runs of letters and digits that stand nowhere, with the commonest of those one slip away."""
    for token in analysis.characters(asked.query.text):
        typed = token.text
        code = typed.isascii() and not typed.isdigit() and SHORTEST_CODE <= len(typed) <= LONGEST_CODE
        if not code or _frequency(asked, typed) or _known_spelling(asked, typed):
            continue
        counts = {text: _frequency(asked, text) for text in _one_slip_away(typed)}
        meant = max(counts, key=lambda text: counts[text], default=None)
        if meant is not None and counts[meant]:
            yield Slip(token.start, token.end, meant, float(counts[meant]))


def _known_spelling(asked: Matched, typed: str) -> bool:
    """Return whether *typed* are the initials or the spelling of a word: no slip at all."""
    field = _field(Unit.PHRASING, TermKind.PINYIN)
    return bool(_allowed_units(asked, field, SPELLED + typed, asked.allowed))


def _one_slip_away(typed: str) -> set[str]:
    """Return *typed* with one letter or digit left out, put in, changed, or having changed places with its next."""
    splits = [(typed[:place], typed[place:]) for place in range(len(typed) + 1)]
    alphabet = ascii_lowercase + digits
    found = {left + right[1:] for left, right in splits if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    found |= {left + letter + right[1:] for left, right in splits if right for letter in alphabet}
    found |= {left + letter + right for left, right in splits for letter in alphabet}
    return found - {typed}


def _choices(slips: list[Slip]) -> list[tuple[Slip, ...]]:
    """Return which slips to put right together: all that do not overlap, then the one of the greatest gain alone."""
    together: list[Slip] = []
    for slip in slips:
        if all(slip.end <= other.start or other.end <= slip.start for other in together):
            together.append(slip)
    return list(dict.fromkeys([tuple(together), tuple(together[:1])])) if together else []


def _applied(text: str, normalised: str, slips: Iterable[Slip]) -> str:
    """Return the question with *slips* put right, otherwise as typed where the one spelling left its length alone."""
    found = text if len(text) == len(normalised) else normalised
    for slip in sorted(slips, key=lambda slip: -slip.start):
        found = found[: slip.start] + slip.meant + found[slip.end :]
    return found


def _frequency(asked: Matched, text: str, allowed: Sequence[Mask] | None = None) -> int:
    """Return in how many units of the allowed documents *text*, two characters or a run of letters, is written."""
    kind = TermKind.CHARACTER if text.isascii() else TermKind.BIGRAM
    masks = asked.allowed if allowed is None else allowed
    return sum(_allowed_units(asked, _field(unit, kind), text, masks) for unit in (Unit.PHRASING, Unit.TEXT))


def _allowed_units(asked: Matched, field: Field, term: str, allowed: Sequence[Mask]) -> int:
    number, found = term_hash(term), 0
    for part, mask in zip(asked.view.parts, allowed, strict=True):
        postings = part.segment.postings(field)
        place = postings.find(number)
        if place is not None:
            found += int(np.count_nonzero(mask[part.segment.owners(field.unit)[postings.units[place]]]))
    return found


def _field(unit: Unit, kind: TermKind) -> Field:
    return next(field for field in FIELDS if field.unit is unit and field.kind is kind)
