import pytest

from kb.db import unit_of_work
from kb.entries import content as limits
from kb.entries.content import KIND_LABELS, TEXT_FIELDS, Kind, problems
from kb.taxonomy import queries as taxonomy
from kb.taxonomy.models import Module, Region
from tests.support.factories import CONTENT, content
from tests.support.installation import START


@pytest.fixture
def terms(installation):
    with unit_of_work(installation.sessions) as session:
        session.get(Module, "vas.sp").retired = True
        session.get(Region, "hedong").retired = True
    with installation.sessions() as session:
        return taxonomy.load(session)


def test_good_content_has_no_problems(terms):
    assert list(problems(CONTENT, terms)) == []


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": " "}),
        ("title", {"title": "长" * (limits.MAX_TITLE + 1)}),
        ("answer", {"answer": "\n"}),
        ("answer", {"answer": "长" * (limits.MAX_ANSWER + 1)}),
        ("answer", {"answer": "第一行\n第二行"}),
        *((name, {name: "长" * (limits.MAX_TEXT + 1)}) for name in TEXT_FIELDS),
        ("wordings", {"wordings": ("说法",) * (limits.MAX_WORDINGS + 1)}),
        ("wordings", {"wordings": ("好的", "")}),
        ("wordings", {"wordings": ("长" * (limits.MAX_WORDING + 1),)}),
        ("module", {"module_key": "nowhere"}),
        ("module", {"module_key": "vas.sp"}),
        ("tier", {"tier_key": "third"}),
        ("products", {"products": ("mobile", "fax")}),
        ("regions", {"regions": ("jiangyang", "atlantis")}),
        ("regions", {"regions": ("hedong",)}),
        ("valid_until", {"valid_from": START, "valid_until": START}),
    ],
)
def test_what_can_not_be_stored_is_named_with_its_field(terms, field, changes):
    found = list(problems(content(**changes), terms))
    assert [problem.field for problem in found] == [field]
    assert str(found[0])


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "长" * limits.MAX_TITLE},
        {"answer": "长" * limits.MAX_ANSWER},
        {"answer": "后面的换行不算\n"},
        {"wordings": ("长" * limits.MAX_WORDING,) * limits.MAX_WORDINGS},
        {"wordings": ()},
        {"body": "长" * limits.MAX_TEXT},
        {"valid_from": START, "valid_until": START.replace(microsecond=1)},
        {"valid_from": START},
    ],
)
def test_what_just_fits_is_taken(terms, changes):
    assert list(problems(content(**changes), terms)) == []


def test_everything_that_is_wrong_is_told_at_once(terms):
    wrong = content(title="", answer="", module_key="nowhere", products=("fax", "telex"))
    assert [problem.field for problem in problems(wrong, terms)] == [
        "title",
        "answer",
        "module",
        "products",
        "products",
    ]


def test_every_kind_has_a_name():
    assert set(KIND_LABELS) == set(Kind)
