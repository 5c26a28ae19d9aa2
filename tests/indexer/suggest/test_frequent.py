from indexer.engine import FrequentQuery
from indexer.suggest.frequent import MOST_MATCHING, FrequentQueries
from indexer.suggest.typed import Tier


def test_questions_are_found_as_typed_and_spelled():
    red, slow = FrequentQuery("红灯怎么办", 3, "los"), FrequentQuery("宽带慢", 5, "slow")
    queries = FrequentQueries([red, slow])
    assert queries.matching("红") == {red: Tier.LITERAL}
    assert queries.matching("kd") == {slow: Tier.SPELLED}
    assert queries.matching("灯") == {}
    assert queries.matching("") == {}


def test_the_most_frequent_come_first_and_not_endlessly():
    queries = FrequentQueries([FrequentQuery(f"红灯{number}", number, None) for number in range(100)])
    found = list(queries.matching("红灯"))
    assert len(found) == MOST_MATCHING
    assert found[0].count == 99


def test_nothing_to_offer_is_fine():
    assert FrequentQueries(()).matching("红") == {}
