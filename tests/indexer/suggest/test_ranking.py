import numpy as np
import pytest

from indexer.engine import FrequentQuery, Suggestion, SuggestionKind
from indexer.suggest import ranking
from indexer.suggest.ranking import Candidate, SegmentUnits
from indexer.suggest.typed import Tier


def segment(documents, *, titles=None, lengths=None, maturity=None, uses=None):
    count, highest = len(documents), max(documents, default=-1) + 1
    return SegmentUnits(
        documents=np.array(documents, dtype=np.uint32),
        titles=np.array(titles if titles is not None else [False] * count, dtype=bool),
        lengths=np.array(lengths if lengths is not None else [10] * count, dtype=np.uint32),
        maturity=np.array(maturity if maturity is not None else [0.4] * highest, dtype=np.float32),
        uses=np.array(uses if uses is not None else [0] * highest, dtype=np.uint32),
    )


def ranked(units, *tiers, allowed=None, texts=None, limit=8):
    matched = {tier: np.array(found, dtype=np.uint32) for tier, found in zip(Tier, tiers, strict=False)}
    shown = np.ones(len(units.maturity), dtype=bool) if allowed is None else np.array(allowed)
    found = ranking.rank(
        lambda tier: matched.get(tier, np.zeros(0, dtype=np.uint32)),
        units,
        shown,
        lambda unit: b"" if texts is None else texts[unit].encode(),
        typed=2,
        limit=limit,
    )
    return [item.unit for item in found]


LETTERS = "abcdefghij"


@pytest.mark.parametrize(
    ("better", "facts"),
    [
        ("used", {"uses": [0, 40, 0, 0]}),
        ("mature", {"maturity": [0.4, 0.8, 0.4, 0.4]}),
        ("title", {"titles": [False, True, False, False]}),
        ("nearly typed", {"lengths": [10, 3, 10, 10]}),
    ],
)
def test_each_advantage_counts(better, facts):
    assert ranked(segment([0, 1, 2, 3], **facts), [0, 1, 2, 3], texts=LETTERS) == [1, 0, 2, 3], better


def test_no_advantage_outweighs_how_it_matched():
    units = segment([0, 1, 2], titles=[True, True, False], lengths=[2, 2, 40], maturity=[1, 1, 0], uses=[10**6] * 3)
    assert ranked(units, [2], [1], [0], texts=LETTERS) == [2, 1, 0]


def test_what_a_better_tier_found_is_not_repeated():
    assert ranked(segment([0, 1]), [0], [0, 1], [1], texts=LETTERS) == [0, 1]


def test_a_text_and_an_entry_come_once():
    units = segment([0, 0, 1, 2], lengths=[3, 4, 5, 6])
    assert ranked(units, [0, 1, 2, 3], texts=["同", "另", "同", "末"]) == [0, 3]


def test_what_may_not_be_seen_takes_nobodys_place():
    units = segment(list(range(600)), maturity=[1.0] * 590 + [0.2] * 10)
    allowed = [False] * 590 + [True] * 10
    assert ranked(units, list(range(600)), allowed=allowed, texts=[str(n) for n in range(600)]) == list(range(590, 598))


def test_a_crowd_of_one_entrys_wordings_hides_nobody():
    units = segment([0] * 3000 + [1, 2], lengths=[3] * 3000 + [30, 30])
    texts = [str(number) for number in range(3002)]
    assert ranked(units, list(range(3002)), texts=texts) == [0, 3000, 3001]


def test_worse_tiers_are_not_asked_for_once_there_is_enough():
    asked = []

    def matched(tier):
        asked.append(tier)
        return np.arange(9, dtype=np.uint32)

    units = segment(list(range(9)))
    found = ranking.rank(matched, units, np.ones(9, dtype=bool), lambda unit: str(unit).encode(), typed=1, limit=8)
    assert len(found) == 8
    assert asked == [Tier.LITERAL]


def candidate(text, entry, score, kind=SuggestionKind.TITLE):
    return Candidate(Suggestion(text=text, kind=kind, entry=entry), score)


def test_candidates_of_all_segments_are_merged_by_score():
    chosen = ranking.choose(
        [candidate("乙", "b", -0.5), candidate("甲", "a", 0.5), candidate("甲！", "c", 0.4), candidate("丙", "a", 0.3)],
        limit=8,
    )
    assert [(item.text, item.entry) for item in chosen] == [("甲", "a"), ("乙", "b")]
    assert ranking.choose([candidate(text, text, 0.5) for text in LETTERS], limit=3)[2].text == "c"


def test_frequent_queries_are_offered_only_with_an_entry_that_may_be_seen():
    matched = dict.fromkeys(
        [
            FrequentQuery("红灯怎么办", 30, "los"),
            FrequentQuery("红包怎么返", 90, "secret"),
            FrequentQuery("红啥", 90, None),
            FrequentQuery("红13800138000的单子", 90, "los"),
        ],
        Tier.LITERAL,
    )
    found = ranking.query_candidates(matched, 1, {"los": "光猫 LOS 红灯"})
    assert [(item.suggestion.text, item.suggestion.entry, item.suggestion.title) for item in found] == [
        ("红灯怎么办", "los", "光猫 LOS 红灯")
    ]
    assert found[0].suggestion.kind is SuggestionKind.QUERY


def test_a_frequent_query_scores_by_count_and_by_how_it_matched():
    often, seldom = FrequentQuery("红灯", 100, "a"), FrequentQuery("红光", 1, "b")

    def order(matched):
        found = ranking.query_candidates(matched, 1, {"a": "", "b": ""})
        return [item.suggestion.entry for item in sorted(found, key=lambda item: -item.score)]

    assert order({often: Tier.LITERAL, seldom: Tier.LITERAL}) == ["a", "b"]
    assert order({often: Tier.SPELLED, seldom: Tier.LITERAL}) == ["b", "a"]
