"""Helpers over arrays, against Python's own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.embedded.columns.arrays import best_first, best_places

SCORES = st.lists(st.one_of(st.just(0.0), st.sampled_from([0.5, 1.0, 1.5]), st.floats(0, 100, width=32)), max_size=60)


@given(SCORES, st.integers(1, 70))
def test_best_places_are_the_first_of_a_sorted_list(scores, count):
    expected = [place for place in sorted(range(len(scores)), key=lambda place: -scores[place]) if scores[place] > 0]
    assert best_places(np.array(scores, np.float32), count).tolist() == expected[:count]


@given(SCORES)
def test_best_first_sorts_stably(scores):
    assert best_first(np.array(scores, np.float32)).tolist() == sorted(
        range(len(scores)), key=lambda place: -scores[place]
    )
