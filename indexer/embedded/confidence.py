"""Whether the best result is an answer at all: what words and sense found, as a chance between 0 and 1.

The coefficients are a logistic regression's on questions that can be answered and questions that can't; how they were
fitted and what they do is in docs/decisions/0014-when-there-is-no-good-answer.md, and ``python -m
tests.benchmarks.answered`` fits them anew.
"""

import math
from dataclasses import dataclass

from indexer.query import SYNONYM_WEIGHT, Query
from indexer.text import CHINESE


@dataclass(frozen=True, slots=True)
class Demand:
    """What a question asks of the best result before it counts as an answer.

    Attributes:
        places: how many places of the question say something.
        needed: how many of them a document must account for, if words alone are to prove it an answer.
        literal: the question is met as written or not at all: letters and digits (``jdh``, ``651``), which a few
            postings answer and sense knows nothing of; quoted phrases; and what the centre itself has other words for.
            Coverage alone decides then.
    """

    places: int
    needed: int
    literal: bool

    @classmethod
    def of(cls, query: Query) -> "Demand":
        """Return what *query* asks."""
        chinese = any(CHINESE.match(query.normalised[place]) for place in query.content)
        translated = {place for term in query.terms if term.weight == SYNONYM_WEIGHT for place in term.covers}
        literal = bool(query.phrases) or not chinese or translated >= query.content
        return cls(len(query.content), query.needed, literal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for the best results, each the best over all candidates, 0..1 or a little more.

    Attributes:
        phrasing: how well a title or wording fits, words and sense fused.
        text: how well a text does.
        covered: the share of the question's places that one document accounts for.
    """

    phrasing: float
    text: float
    covered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A logistic regression: log-odds = best·max(phrasing, text) + phrasing·… + text·… + covered·… + bias.

    Attributes:
        threshold: the least chance that is shown as an answer.
    """

    best: float = 0.0
    phrasing: float = 0.0
    text: float = 0.0
    covered: float
    bias: float
    threshold: float


WITH_SENSE = Weights(best=7.76, covered=2.17, bias=-5.43, threshold=0.25)
WORDS_ALONE = Weights(phrasing=5.29, text=3.51, covered=2.71, bias=-4.53, threshold=0.24)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure the engine is of its best result, 0..1, and whether that makes it an answer."""

    confidence: float
    answered: bool


def weigh(evidence: Evidence, demand: Demand, weights: Weights) -> Verdict:
    """Return what *evidence* comes to. It rises with each of its figures, so a better match is never less sure."""
    if not (evidence.phrasing or evidence.text or evidence.covered):
        return Verdict(0.0, answered=False)
    if demand.literal:
        return Verdict(min(evidence.covered, 1.0), answered=True)
    phrasing, text = min(evidence.phrasing, 1.0), min(evidence.text, 1.0)
    odds = (
        weights.best * max(phrasing, text)
        + weights.phrasing * phrasing
        + weights.text * text
        + weights.covered * min(evidence.covered, 1.0)
        + weights.bias
    )
    confidence = 1 / (1 + math.exp(-odds))
    return Verdict(confidence, confidence >= weights.threshold)
