import pytest

from kb.taxonomy.queries import Term, Tree, load
from tests.support.statements import counted


def tree(**parents):
    return Tree({key: Term(key, key, key, parent) for key, parent in parents.items()})


TREE = tree(a=None, b="a", c="b", d="a", e=None)
LOOP = tree(a="c", b="a", c="b", own="own")
ORPHAN = tree(a="gone", b="a")


@pytest.mark.parametrize(
    ("keys", "below"),
    [(["a"], "abcd"), (["b"], "bc"), (["c", "e"], "ce"), (["b", "a"], "abcd"), (["unknown"], ""), ([], "")],
)
def test_everything_below(keys, below):
    assert TREE.below(keys) == set(below)


@pytest.mark.parametrize(("key", "above"), [("c", "cba"), ("a", "a"), ("e", "e"), ("unknown", ""), (None, "")])
def test_everything_above_nearest_first(key, above):
    assert TREE.above(key) == list(above)


def test_children_and_roots():
    assert [term.key for term in TREE.children(None)] == ["a", "e"]
    assert [term.key for term in TREE.children("a")] == ["b", "d"]
    assert TREE.children("c") == TREE.children("unknown") == []


def test_a_loop_ends():
    assert LOOP.below(["a"]) == {"a", "b", "c"}
    assert LOOP.above("a") == ["a", "c", "b"]
    assert (LOOP.below(["own"]), LOOP.above("own")) == ({"own"}, ["own"])


def test_a_parent_that_is_not_there_ends_the_way_up():
    assert ORPHAN.above("b") == ["b", "a"]
    assert ORPHAN.below(["gone"]) == set()
    assert ORPHAN.below(["a"]) == {"a", "b"}


def test_the_whole_taxonomy_takes_four_statements(installation):
    with installation.sessions() as session, counted(installation.engine) as statements:
        taxonomy = load(session)
    assert len(statements) == 4
    assert list(taxonomy.tiers) == ["first", "second", "expert"]
    assert list(taxonomy.products) == ["mobile", "broadband", "tv"]
    assert [term.key for term in taxonomy.regions.children(None)] == ["lanjiang"]
    assert taxonomy.regions.above("hedong") == ["hedong", "wanglan", "lanjiang"]
    assert next(iter(taxonomy.modules.values())) == Term("billing", "账单缴费", "Billing and payment")
