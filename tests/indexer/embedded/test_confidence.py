from itertools import product

import pytest

from indexer.embedded.confidence import WITH_SENSE, WORDS_ALONE, Demand, Evidence, weigh
from indexer.query import understand

PLAIN = Demand(places=6, needed=3, literal=False)
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)


@pytest.mark.parametrize("weights", [WITH_SENSE, WORDS_ALONE])
def test_more_evidence_is_never_less_sure(weights):
    sure = {
        given: weigh(Evidence(phrasing=given[0], text=given[1], covered=given[2]), PLAIN, weights).confidence
        for given in product(STEPS, repeat=3)
    }
    for given, confidence in sure.items():
        assert 0 <= confidence <= 1
        for place in range(3):
            more = tuple(value + 0.25 if place == index else value for index, value in enumerate(given))
            assert sure.get(more, 1.0) >= confidence


@pytest.mark.parametrize("weights", [WITH_SENSE, WORDS_ALONE])
def test_nothing_is_no_answer_and_a_full_match_is_one(weights):
    nothing, everything = (Evidence(phrasing=value, text=value, covered=value) for value in (0.0, 1.0))
    assert weigh(nothing, PLAIN, weights).confidence == 0
    assert not weigh(nothing, PLAIN, weights).answered
    assert weigh(everything, PLAIN, weights).answered


def test_letters_quotes_and_the_centres_own_words_are_judged_by_coverage(analysis):
    literal = {text: Demand.of(understand(text, analysis)).literal for text in ("jdh", "651", "“授权码”", "手机没信号")}
    assert literal == {"jdh": True, "651": True, "“授权码”": True, "手机没信号": False}
    found = weigh(Evidence(phrasing=0.1, text=0.0, covered=1.0), Demand(3, 2, literal=True), WITH_SENSE)
    assert (found.confidence, found.answered) == (1.0, True)
