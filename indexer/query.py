"""Understanding what was typed: which terms to look for, how much each counts, and what must be covered.

An agent types spoken Chinese, half of it filler. A search that wants all the words finds nothing, so a query matches
some of its terms and ranks by how much; only what stands in quotes must be there as written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from indexer.dictionary import Dictionary
from indexer.text import SPELLED, Analysis, TermKind, Token, Tokens

MAX_LENGTH = 200
"""Characters of a query that are looked at; nobody says more than that in one question."""

SHORT_QUESTION = 4
"""Places of a question that is so short that single characters have to count."""

SYNONYM_WEIGHT = 0.7
"""What a word counts that the centre says for what the caller said."""

_QUOTED = re.compile(r"[\"“”「『]([^\"“”「」『』]+)[\"“”」』]")


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """One term to look for, and the places in the normalised query it accounts for: none, if it is filler.

    A *telling* term is a word of the trade: finding it is reason enough to show a document.
    """

    kind: TermKind
    text: str
    weight: float
    covers: frozenset[int]
    telling: bool = False


@dataclass(frozen=True)
class Query:
    """A query, understood.

    Attributes:
        text: as typed.
        normalised: the one spelling of it.
        terms: what to look for; any of them may be missing.
        phrases: sequences of characters that must all be found as they stand.
        content: places in ``normalised`` that say something: all but filler, white space and punctuation.
    """

    text: str
    normalised: str
    terms: tuple[QueryTerm, ...]
    phrases: tuple[tuple[str, ...], ...]
    content: frozenset[int]

    def accounts_for(self, term: QueryTerm, *, rare: bool = False) -> frozenset[int]:
        """Return the places that a document with *term* accounts for; all of them for a telling or a *rare* word.

        Single characters and pairs of syllables rank but prove little, since nearly every document has some of them.
        A character counts where no bigram reaches (费); a word of one character (网慢) and a pair of syllables (首几)
        count in a short question only.
        """
        if term.telling or (rare and term.kind is TermKind.WORD and len(term.text) > 1):
            return self.content
        if term.kind is TermKind.CHARACTER:
            counts = term.covers.isdisjoint(self._in_bigrams)
        elif len(term.text) == 1 or (term.kind is TermKind.PINYIN and not term.text.startswith(SPELLED)):
            counts = len(self.content) <= SHORT_QUESTION
        else:
            counts = True
        return term.covers if counts else frozenset()

    @cached_property
    def _in_bigrams(self) -> frozenset[int]:
        return frozenset(place for term in self.terms if term.kind is TermKind.BIGRAM for place in term.covers)

    @property
    def needed(self) -> int:
        """How many places a document must account for to be an answer at all: half, but never more than four."""
        return min(4, (len(self.content) + 1) // 2)


def understand(text: str, analysis: Analysis) -> Query:
    """Return *text* understood with the centre's dictionary."""
    text = " ".join(text[:MAX_LENGTH].split())
    phrases = tuple(
        phrase
        for quoted in _QUOTED.findall(text)
        if (phrase := tuple(token.text for token in analysis.tokens(quoted).characters))
    )
    tokens = analysis.tokens(text)
    said = _said(tokens, analysis.dictionary)
    filler = _filler(tokens, said, analysis.dictionary.stopwords)
    content = frozenset(
        place for token in tokens.characters for place in range(token.start, token.end) if place not in filler
    )
    if not content:  # nothing but filler: then the filler is what they ask for
        content = frozenset(place for token in tokens.characters for place in range(token.start, token.end))
    terms = _own_terms(tokens, content, analysis.dictionary.trade) + _synonyms(said, analysis, content)
    return Query(text=text, normalised=tokens.normalised, terms=_merge(terms), phrases=phrases, content=content)


def _said(tokens: Tokens, dictionary: Dictionary) -> Mapping[frozenset[int], tuple[str, ...]]:
    """Return where the caller used a phrase the centre has other words for, and those words; longest phrases first.

    A phrase counts only where a word begins and a word ends: 猫 inside 光猫 is not a 猫.
    """
    longest = _longest(tokens.words)
    starts, ends = {word.start for word in longest}, {word.end for word in longest}
    spans = ((start, end) for start in starts for end in ends if start < end)
    found: dict[frozenset[int], tuple[str, ...]] = {}
    taken: set[int] = set()
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        places = frozenset(range(start, end))
        ours = dictionary.synonyms.get(tokens.normalised[start:end])
        if ours and not places & taken:
            found[places] = ours
            taken |= places
    return found


def _filler(
    tokens: Tokens, said: Mapping[frozenset[int], tuple[str, ...]], stopwords: frozenset[str]
) -> frozenset[int]:
    """Return the places of stop words, and of dialect for nothing but stop words.

    A stop word inside a longer word is filler only where the rest is a word too: 今天 in 今天晚上, not 的 in 的士.
    """
    spans = {(token.start, token.end) for token in tokens.words}
    longest = {(token.start, token.end) for token in _longest(tokens.words)}
    alone = longest | {
        part
        for start, end in longest
        for middle in range(start + 1, end)
        if (start, middle) in spans and (middle, end) in spans
        for part in ((start, middle), (middle, end))
    }
    spoken = frozenset(
        place for start, end in alone if tokens.normalised[start:end] in stopwords for place in range(start, end)
    )
    dialect = frozenset(place for places, ours in said.items() if stopwords.issuperset(ours) for place in places)
    return spoken | dialect


def _longest(words: tuple[Token, ...]) -> list[Token]:
    """Return the words that lie in no longer one: jieba's search mode also gives the parts of long words."""
    return [
        word
        for word in words
        if not any(
            other.start <= word.start and word.end <= other.end and len(other.text) > len(word.text) for other in words
        )
    ]


def _own_terms(tokens: Tokens, content: frozenset[int], trade: frozenset[str]) -> list[QueryTerm]:
    found = []
    for kind in TermKind:
        for token in tokens.of(kind):
            covers = frozenset(range(token.start, token.end)) & content
            # What was written in Chinese was not meant as initials: 晚上 and 网速 are both ws.
            abbreviates = (
                token.text.startswith(SPELLED) and token.text[1:] != tokens.normalised[token.start : token.end]
            )
            if not abbreviates:
                # Filler says nothing of what is asked, but callers of the same mind put it in the same way.
                telling = bool(covers) and kind is TermKind.WORD and token.text in trade
                found.append(QueryTerm(kind, token.text, 1.0, covers, telling))
    return found


def _synonyms(
    said: Mapping[frozenset[int], tuple[str, ...]], analysis: Analysis, content: frozenset[int]
) -> list[QueryTerm]:
    return [
        QueryTerm(kind, token.text, SYNONYM_WEIGHT, places & content, token.text in analysis.dictionary.trade)
        for places, ours in said.items()
        if places & content
        for term in ours
        for kind in (TermKind.WORD, TermKind.BIGRAM)
        for token in analysis.tokens(term).of(kind)
    ]


def _merge(terms: list[QueryTerm]) -> tuple[QueryTerm, ...]:
    """Return each term once: with the greatest of its weights, covering all places it was made for."""
    merged: dict[tuple[TermKind, str], QueryTerm] = {}
    for term in terms:
        known = merged.get((term.kind, term.text))
        merged[term.kind, term.text] = (
            term
            if known is None
            else replace(
                term,
                weight=max(term.weight, known.weight),
                covers=term.covers | known.covers,
                telling=term.telling or known.telling,
            )
        )
    return tuple(merged.values())
