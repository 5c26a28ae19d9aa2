"""What phrasings vote, held against the formula written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.embedded.columns.voting import VOTES, Grouped

UNIT_SCORES = st.lists(st.lists(st.floats(0, 8, width=32), min_size=1, max_size=2 * VOTES + 9), min_size=1, max_size=12)


def grouped(own: list[list[float]]) -> tuple[Grouped, np.ndarray]:
    """Return documents with these scores of phrasings; their numbers leave gaps."""
    owners = np.repeat(3 * np.arange(len(own)) + 1, [len(scores) for scores in own])
    return Grouped.by(owners), np.array([score for scores in own for score in scores], np.float32)


def voted(*own: list[float]) -> list[float]:
    units, scores = grouped(list(own))
    best = units.best(scores)
    votes = units.votes(scores, float(best.max()))
    assert (votes <= units.most_votes(best, float(best.max())) * (1 + 1e-5)).all()
    return (best + votes).tolist()


def test_wordings_vote():
    assert voted([1.0], [0.5, 1.0, 0.5], [0.5] * 100) == pytest.approx(
        [1.15, 1 + 0.15 * (1 + 2 * 0.5**4), 0.5 + 0.15 * 30 * 0.5**4]
    )
    assert voted([3.0], [3.0, 1.5]) == pytest.approx([3 * 1.15, 3 * (1 + 0.15 * (1 + 0.5**4))])
    assert voted([0.0]) == [0.0]


@given(UNIT_SCORES)
def test_votes_are_the_formulas(own):
    top = max(score for scores in own for score in scores)
    expected = [
        max(scores) + 0.15 * top * sum(sorted(((score / top) ** 4 for score in scores), reverse=True)[:VOTES])
        if top > 1e-30
        else max(scores)
        for scores in own
    ]
    assert voted(*own) == pytest.approx(expected, rel=1e-5, abs=1e-30)


@given(UNIT_SCORES)
def test_the_first_of_the_best_leads(own):
    units, scores = grouped(own)
    leading = units.leading(scores, units.best(scores)).tolist()
    starts = np.cumsum([0, *(len(scores) for scores in own)])[:-1].tolist()
    assert leading == [start + scores.index(max(scores)) for start, scores in zip(starts, own, strict=True)]


def test_nothing_has_no_votes():
    units, scores = grouped([])
    assert units.votes(scores, 0.0).tolist() == []
    assert units.documents.tolist() == units.leading(scores, scores).tolist() == []
