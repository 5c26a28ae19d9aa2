"""Why a search came out as it did: the engine's own figures for one question, taken apart.

Nothing is scored here. Every figure is one that ranked, or a factor of it; tests hold that the parts add up.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np

from indexer.documents import Source
from indexer.embedded import visibility
from indexer.embedded.asking import Asked, Asker, Person
from indexer.embedded.columns.layout import Unit
from indexer.embedded.columns.reading import Living
from indexer.embedded.columns.segment import Mask
from indexer.embedded.columns.shares import Shares
from indexer.embedded.columns.voting import Scores
from indexer.embedded.confidence import Demand
from indexer.embedded.ranking import by_words
from indexer.embedded.shown import Shown, unit_text
from indexer.explanation import (
    Explained,
    Explanation,
    Line,
    Part,
    Role,
    Screened,
    Sieve,
    Standing,
    TermPoints,
    TermUse,
)
from indexer.query import SYNONYM_WEIGHT, Query, QueryTerm

MOST_TERMS = 8
"""Terms of a hit that are named; the others add little."""


def explain(asked: Asked, asker: Asker, person: Person, *, limit: int, compare: str | None) -> Explanation:
    """Return why *asked* came out as it did: its best *limit* documents, and the one with the key *compare*."""
    taken = _Taken(asked, asker, person, Shares.of(asked.view, asked.query))
    ranked, query = asked.ranked, asked.query
    demand = Demand.of(query)
    return Explanation(
        searched=query.text,
        normalised=query.normalised,
        filler=tuple(_filler(query)),
        phrases=tuple("".join(phrase) for phrase in query.phrases),
        terms=taken.terms(),
        documents=asked.view.documents,
        screened=taken.screened(),
        answered=ranked.answered,
        confidence=ranked.confidence,
        places=demand.places,
        needed=demand.needed,
        sense=asked.sense is not None,
        total=len(ranked.documents) if ranked.answered else 0,
        hits=tuple(taken.explained(int(number)) for number in ranked.documents[:limit]),
        compared=None if compare is None else taken.compared(compare),
    )


@dataclass(frozen=True)
class _Taken:
    """One question, taken apart."""

    asked: Asked
    asker: Asker
    person: Person
    shares: Shares

    def terms(self) -> tuple[TermUse, ...]:
        """Return what was looked for, in the order of the question's terms."""
        usages = {(usage.term, usage.field.unit): usage for usage in self.shares.usages()}
        found = []
        for term in self.asked.query.terms:
            phrasing, text = usages.get((term, Unit.PHRASING)), usages.get((term, Unit.TEXT))
            found.append(
                TermUse(
                    kind=term.kind,
                    text=term.text,
                    weight=term.weight,
                    role=_role(term),
                    telling=term.telling,
                    phrasings=None if phrasing is None else phrasing.frequency,
                    phrasing_idf=None if phrasing is None else phrasing.idf,
                    texts=None if text is None else text.frequency,
                    text_idf=None if text is None else text.idf,
                )
            )
        return tuple(found)

    def screened(self) -> tuple[Screened, ...]:
        """Return how many living documents each filter left out, in the order they are applied."""
        counts: Counter[Sieve] = Counter()
        for part, allowed in zip(self.asked.view.parts, self.asked.allowed, strict=True):
            left = part.alive
            for sieve, passing in self._sieves(part):
                counts[sieve] += int(np.count_nonzero(left & ~passing))
                left = left & passing
            if self.asked.query.phrases:
                counts[Sieve.PHRASE] += int(np.count_nonzero(left & ~allowed))
        return tuple(Screened(sieve, counts[sieve]) for sieve in Sieve if sieve in counts)

    def compared(self, key: str) -> Explained:
        """Return where the document with *key* came out."""
        for part in self.asked.view.parts:
            for own in part.segment.having("key", key).tolist():
                source = Source.THREAD if int(part.segment.arrays["rows"][own]) % 2 else Source.ENTRY
                if part.alive[own] and source is self.person.filters.source:
                    return self.explained(part.base + own)
        return Explained(key=key, title="", row=None, standing=Standing.UNKNOWN)

    def explained(self, number: int) -> Explained:
        """Return the score of document *number* of the view, in parts."""
        part, own = self.asked.view.locate(number)
        index = self.asked.view.parts.index(part)
        shown = Shown.of(part, own).fields
        key, title, row = str(shown["key"]), str(shown["title"]), int(part.segment.arrays["rows"][own]) // 2
        if not self.asked.allowed[index][own]:
            sieve = next((sieve for sieve, passing in self._sieves(part) if not passing[own]), Sieve.PHRASE)
            return Explained(key=key, title=title, row=row, standing=Standing.SIEVED, sieve=sieve)
        ranked, judged = self.asked.ranked, self.asked.ranked.judged
        places = np.flatnonzero(ranked.documents == number)
        place = int(places[0]) + 1 if len(places) else None
        candidates = np.flatnonzero(judged.documents == number)
        if len(candidates):
            at = int(candidates[0])
            lines, scored = self._judged(index, at), float(judged.scores[at])
            phrasing, passage, maturity = (
                int(judged.phrasings[at]),
                int(judged.passages[at]),
                float(judged.maturity[at]),
            )
        else:
            lines, phrasing = self._by_words(number)
            passage, maturity = -1, 1.0
            scored = sum(line.points for line in lines)
        standing = Standing.RANKED if place else Standing.NO_ANSWER if lines else Standing.NOTHING
        return Explained(
            key=key,
            title=title,
            row=row,
            standing=standing,
            place=place,
            closely=bool(len(candidates)),
            wording=unit_text(part, Unit.PHRASING, phrasing) if phrasing >= 0 else None,
            passage=unit_text(part, Unit.PASSAGE, passage) if passage >= 0 else None,
            lines=lines,
            maturity=maturity,
            score=scored,
            terms=self._points(index, own, phrasing, lines),
        )

    def _sieves(self, part: Living) -> Iterator[tuple[Sieve, Mask]]:
        return visibility.sieves(part, self.person.filters, self.person.actor, self.person.now)

    def _judged(self, index: int, at: int) -> tuple[Line, ...]:
        """Return the parts of candidate *at*; see ``ranking.judge``."""
        judged, tuning, sense = self.asked.ranked.judged, self.asker.tuning, self.asked.sense
        lines = []
        unit = int(judged.phrasings[at])
        if unit >= 0:
            words = self._words(index, Unit.PHRASING, unit)
            share = tuning.phrasing_sense if sense is not None else 0.0
            part = self.asked.view.parts[index]
            cosine = np.nan
            if sense is not None:
                cosine = float(sense.cosines(part, Unit.PHRASING, np.array([unit], np.int64))[0])
            if np.isnan(cosine):
                lines.append(Line(Part.WORDING_WORDS, words, 1.0))
            else:
                lines += [
                    Line(Part.WORDING_WORDS, words, 1 - share),
                    Line(Part.WORDING_SENSE, max(cosine, 0.0), share),
                ]
            lines.append(Line(Part.VOTES, float(judged.vote[at]) - float(judged.phrasing[at]), 1.0))
        worded, alike = float(judged.worded[at]), float(judged.alike[at])
        if alike > 0:
            lines += [
                Line(Part.TEXT_WORDS, worded, tuning.text * (1 - tuning.passage_sense)),
                Line(Part.TEXT_SENSE, alike, tuning.text * tuning.passage_sense),
            ]
        elif worded > 0:
            lines.append(Line(Part.TEXT_WORDS, worded, tuning.text))
        return tuple(lines)

    def _by_words(self, number: int) -> tuple[tuple[Line, ...], int]:
        """Return the parts of a document beyond the candidates, and its best phrasing; see ``ranking.rank``."""
        part, own = self.asked.view.locate(number)
        index = self.asked.view.parts.index(part)
        lines, unit = [], -1
        text = self._best_text(index, own) * self.asker.tuning.text
        units = part.segment.units_of(Unit.PHRASING, own)
        sums = self.asked.matches.sums[index][Unit.PHRASING][units.start : units.stop]
        if sums.any():
            unit = units[int(sums.argmax())]
            alone = self._words(index, Unit.PHRASING, unit)
            votes = float(self._worded[number]) - alone - text
            lines += [Line(Part.WORDING_WORDS, alone, 1.0), Line(Part.VOTES, votes, 1.0)]
        if text:
            lines.append(Line(Part.TEXT_WORDS, self._best_text(index, own), self.asker.tuning.text))
        return tuple(lines), unit

    @cached_property
    def _worded(self) -> Scores:
        return by_words(self.asked.view, self.asked.matches, self.asked.allowed, self.asker.tuning)

    def _best_text(self, index: int, document: int) -> float:
        """Return what words gave the best text of a segment's document, over the bound of the question."""
        units = self.asked.view.parts[index].segment.units_of(Unit.TEXT, document)
        return max((self._words(index, Unit.TEXT, unit) for unit in units), default=0.0)

    def _words(self, index: int, unit: Unit, number: int) -> float:
        """Return what words gave a unit, over the bound of the question."""
        sums, bound = self.asked.matches.sums[index].get(unit), self.asked.matches.bounds.get(unit, 0.0)
        return float(sums[number] / np.float32(bound)) if sums is not None and bound else 0.0

    def _points(self, index: int, own: int, phrasing: int, lines: tuple[Line, ...]) -> tuple[TermPoints, ...]:
        """Return the terms that add most to the parts that words make."""
        segment, factors = self.asked.view.parts[index].segment, {line.part: line.factor for line in lines}
        units = [(Part.TEXT_WORDS, Unit.TEXT, number) for number in segment.units_of(Unit.TEXT, own)]
        if phrasing >= 0:
            units.append((Part.WORDING_WORDS, Unit.PHRASING, phrasing))
        found = []
        for part, unit, number in units:
            bound = self.asked.matches.bounds.get(unit, 0.0)
            if part in factors and bound:
                found += [
                    TermPoints(part, share.field.kind, share.term.text, share.score / bound * factors[part])
                    for share in self.shares.of_unit(index, unit, number)
                ]
        return tuple(sorted(found, key=lambda item: -item.points)[:MOST_TERMS])


def _role(term: QueryTerm) -> Role:
    if term.weight == SYNONYM_WEIGHT:
        return Role.SYNONYM
    return Role.SAID if term.covers else Role.FILLER


def _filler(query: Query) -> Iterator[str]:
    """Yield what of the question says nothing, in its order."""
    for silent, places in groupby(range(len(query.normalised)), lambda place: place not in query.content):
        text = "".join(query.normalised[place] for place in places).strip()
        if silent and any(character.isalnum() for character in text):
            yield text
