import pytest

from indexer.documents import Source
from indexer.engine import Filters
from kb.errors import InvalidInputError
from kb.taxonomy import queries as taxonomy_queries
from web.search.params import MAX_PAGE, SearchArgs, parse, whole_number


@pytest.fixture
def taxonomy(installation):
    with installation.sessions() as session:
        return taxonomy_queries.load(session)


def test_an_address_is_read_and_written_back(taxonomy):
    values = {
        "q": "红灯",
        "module": "fault",
        "region": "jiangyang",
        "tier": "first",
        "kind": "faq",
        "product": "tv",
        "page": "3",
    }
    args = parse(values, taxonomy)
    assert args.query == values
    assert args.offset == 20
    assert args.filters == Filters(
        modules=("fault",), region="jiangyang", tiers=("first",), kinds=("faq",), products=("tv",)
    )


def test_what_is_the_default_does_not_stand_in_an_address(taxonomy):
    assert parse({}, taxonomy).query == {}
    assert parse({"q": " ", "module": "", "page": "1", "source": "entry"}, taxonomy).query == {}


def test_white_space_in_a_query_does_not_matter(taxonomy):
    assert parse({"q": "  光猫 \n 红灯 "}, taxonomy).q == "光猫 红灯"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source", "people"),
        ("module", "nothing"),
        ("region", "nowhere"),
        ("tier", "x"),
        ("kind", "question"),
        ("product", "x"),
        ("page", "0"),
        ("page", "-1"),
        ("page", "二"),
        ("page", "²"),
        ("page", "1e3"),
        ("page", str(MAX_PAGE + 1)),
        ("page", "9" * 5000),
    ],
)
def test_a_value_that_does_not_exist_is_refused_by_name(taxonomy, name, value):
    with pytest.raises(InvalidInputError) as refused:
        parse({name: value}, taxonomy)
    assert refused.value.field == name


def test_threads_have_kinds_of_their_own_and_neither_tier_nor_product(taxonomy):
    assert parse({"source": "thread", "kind": "question"}, taxonomy).kind == "question"
    for name, value in (("kind", "faq"), ("tier", "first"), ("product", "tv")):
        with pytest.raises(InvalidInputError):
            parse({"source": "thread", name: value}, taxonomy)


def test_narrowing_begins_again_on_the_first_page():
    args = SearchArgs(q="红灯", module="fault", page=4)
    assert args.narrowed("kind", "faq").query == {"q": "红灯", "module": "fault", "kind": "faq"}
    assert args.narrowed("module", None).query == {"q": "红灯"}
    assert args.on_page(2).query == {"q": "红灯", "module": "fault", "page": "2"}
    assert args.without_filters().query == {"q": "红灯"}


def test_the_other_collection_keeps_the_filters_it_knows():
    args = SearchArgs(q="红灯", module="fault", region="hedong", tier="first", kind="faq", product="tv", page=2)
    other = args.in_source(Source.THREAD)
    assert other.query == {"q": "红灯", "source": "thread", "module": "fault", "region": "hedong"}


def test_a_number_outside_its_bounds_names_them():
    with pytest.raises(InvalidInputError) as refused:
        whole_number({"limit": "101"}, "limit", default=20, low=1, high=100)
    assert refused.value.params == {"name": "limit", "low": 1, "high": 100}
