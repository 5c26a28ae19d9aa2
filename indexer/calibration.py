"""Choosing the threshold of "no good answer" on judged questions, each asked twice: as is, and with its answers hidden.

As is it can be answered; with all its right documents hidden from the ranking it can't, and what is left on top is what
an agent would be shown wrongly. A confidence is good if it tells the two apart. No engine lives here: a confidence is
a function of a question's text and of what is hidden.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.relevance import JudgedQuestion
from indexer.significance import Estimate, Values, interval, resamples

Confidence = Callable[[str, Collection[str]], float]
"""Question, ids of documents hidden from its results → how sure the engine is of what is left; more is surer."""

STEPS = 10
"""Rows of the table between the least and the greatest confidence."""

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold does: a result is shown as an answer if its confidence is at least ``threshold``.

    Attributes:
        shown: share of the answerable questions that are shown as answered.
        withheld: share of the unanswerable ones that are not.
    """

    threshold: float
    shown: float
    withheld: float

    @property
    def youden(self) -> float:
        """Youden's J (1950): shown + withheld - 1; 0 for guessing, 1 for never wrong."""
        return self.shown + self.withheld - 1


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well one confidence tells questions with an answer from those without.

    Attributes:
        auc: chance that an answerable question is more certain than an unanswerable one, ties counting half.
        threshold: of the best Youden's J; of several, the lowest, which withholds least.
        best: what that threshold does on these questions.
        points: thresholds from low to high, at quantiles of all confidences.
    """

    name: str
    questions: int
    auc: Estimate
    threshold: Estimate
    best: Point
    points: tuple[Point, ...]


def calibrate(
    questions: Sequence[JudgedQuestion], confidences: Mapping[str, Confidence], progress: Progress
) -> tuple[Calibration, ...]:
    """Return the calibration of each of *confidences* (by name) on *questions* (one or more), both ways.

    A question's own document is hidden both times.
    """
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in confidences}
    for number, question in enumerate(questions, start=1):
        own = frozenset(() if question.itself is None else (question.itself,))
        for name, confidence in confidences.items():
            pairs[name].append(
                (confidence(question.text, own), confidence(question.text, own | question.grades.keys()))
            )
        progress(number, len(questions))
    return tuple(curve(name, np.array(values, dtype=np.float64)) for name, values in pairs.items())


def curve(name: str, pairs: Values) -> Calibration:
    """Return the calibration for *pairs*: a row a question, its confidence as is and with the answers hidden.

    Intervals are from resampling questions, both rows of a question together.
    """
    thresholds, places = np.unique(pairs, return_inverse=True)
    places = places.reshape(pairs.shape)
    once = np.ones((1, len(pairs)))
    auc, best = _figures(once, places, len(thresholds))
    resampled = [_figures(counts, places, len(thresholds)) for counts in resamples(len(pairs))]
    aucs = np.concatenate([figures[0] for figures in resampled])
    bests = thresholds[np.concatenate([figures[1] for figures in resampled])]
    threshold = float(thresholds[best[0]])
    shown = np.unique(np.quantile(pairs, np.linspace(0, 1, STEPS + 1), method="nearest"))
    return Calibration(
        name=name,
        questions=len(pairs),
        auc=Estimate(float(auc[0]), *interval(aucs)),
        threshold=Estimate(threshold, *interval(bests)),
        best=point(pairs, threshold),
        points=tuple(point(pairs, float(value)) for value in shown),
    )


def point(pairs: Values, threshold: float) -> Point:
    """Return what *threshold* does on *pairs* (see ``curve``)."""
    return Point(threshold, float(np.mean(pairs[:, 0] >= threshold)), float(np.mean(pairs[:, 1] < threshold)))


def _figures(counts: Values, places: NDArray[np.intp], size: int) -> tuple[Values, NDArray[np.intp]]:
    """Return AUC, and the place of the best threshold, for each row of *counts* (how often each question is drawn).

    Args:
        counts: rows of one number a question.
        places: as ``curve``'s pairs, but the place of each confidence among all different ones, sorted.
        size: how many different ones there are.
    """
    with_answer, without = (_histograms(counts, places[:, column], size) for column in (0, 1))
    total = counts.sum(axis=1, keepdims=True)
    below = np.cumsum(without, axis=1) - without  # unanswerable ones strictly below each threshold
    auc = ((below + without / 2) * with_answer).sum(axis=1) / total[:, 0] ** 2
    shown = total - (np.cumsum(with_answer, axis=1) - with_answer)
    return auc, np.argmax(shown + below, axis=1)


def _histograms(counts: Values, places: NDArray[np.intp], size: int) -> Values:
    """Return for each row of *counts* how many fall on each of *size* places."""
    return np.stack([np.bincount(places, weights=row, minlength=size) for row in counts])
