import pytest

from indexer.search import Results
from kb.taxonomy import queries as taxonomy_queries
from kb.taxonomy.queries import Term, Tree
from web.search.facets import facets, module_counts, regions_in_order
from web.search.params import SearchArgs


@pytest.fixture
def taxonomy(installation):
    with installation.sessions() as session:
        return taxonomy_queries.load(session)


MODULES = Tree(
    {
        "a": Term("a", "甲", "A"),
        "a.x": Term("a.x", "甲一", "A1", parent="a"),
        "a.y": Term("a.y", "甲二", "A2", parent="a", retired=True),
        "b": Term("b", "乙", "B"),
    }
)


def test_counts_are_summed_up_the_tree():
    (found,) = module_counts(MODULES, {"a": 1, "a.x": 2, "a.y": 3})
    assert (found.term.key, found.count) == ("a", 6)
    assert [(child.term.key, child.count) for child in found.children] == [("a.x", 2), ("a.y", 3)]


def test_empty_modules_are_kept_where_one_browses_but_not_retired_ones():
    found = module_counts(MODULES, {}, empty=True)
    assert [node.term.key for node in found] == ["a", "b"]
    assert [child.term.key for child in found[0].children] == ["a.x"]


def test_choices_that_lead_nowhere_are_left_out_unless_chosen(app, taxonomy):
    results = Results(query="x", took_ms=1, total=2, hits=(), facets={"kind": {"faq": 2}, "tier": {}}, lag=0)
    with app.test_request_context():
        found = {facet.name: facet for facet in facets(SearchArgs(q="x", tier="expert"), results, taxonomy)}
    assert [(option.key, option.count) for option in found["kind"].options] == [("faq", 2)]
    assert [(option.key, option.chosen) for option in found["tier"].options] == [("expert", True)]
    assert {option.count for option in found["product"].options} == {None}


def test_regions_stand_below_what_they_belong_to(taxonomy):
    order = [(item.term.key, item.depth) for item in regions_in_order(taxonomy)]
    assert order[:3] == [("lanjiang", 0), ("lanzhou", 1), ("jiangyang", 2)]
