from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kb.drafting.fields import NAMES, to_content, to_form, unfinished
from kb.drafting.templates import INTERVIEW, read
from kb.entries.content import Kind
from kb.errors import InvalidInputError
from kb.importing.fields import Context
from kb.permissions import Role
from kb.settings import PROJECT
from kb.taxonomy import queries as taxonomy
from tests.support import factories

ZONE = "Asia/Shanghai"


@pytest.fixture
def context(installation):
    with installation.sessions() as session:
        return Context(taxonomy.load(session), ZONE)


def test_content_comes_back_from_a_form_as_it_went_in(context):
    content = factories.content(
        products=("broadband",),
        regions=("wanglan",),
        valid_from=datetime(2026, 11, 1, 16, 0, 30, tzinfo=UTC),
        valid_until=datetime(2027, 1, 1, 16, 0, tzinfo=UTC),
        audience=(Role.AGENT, Role.EXPERT),
        related=("slow",),
        fees="30 元；首次免",
        body="**场景**\n\n| a | b |\n|---|---|\n",
    )
    form = to_form(content, ZONE)
    assert set(form) == set(NAMES)
    assert form["valid_from"] == "2026-11-02T00:00:30"
    assert to_content(form, context) == replace(content, body=content.body.rstrip())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": "2026-13-01"}, "valid_from"),
        ({"kind": "poem"}, "kind"),
        ({"kind": ""}, "kind"),
        ({"module_key": "no.such"}, "module_key"),
        ({"tier_key": ""}, "tier_key"),
        ({"regions": ["atlantis"]}, "regions"),
        ({"review_due": "soon"}, "review_due"),
        ({"title": "a\nb"}, "title"),
    ],
)
def test_what_cannot_be_read_is_named_and_left_empty_meanwhile(context, changes, field):
    form = {**to_form(factories.content(), ZONE), **changes}
    with pytest.raises(InvalidInputError) as raised:
        to_content(form, context)
    assert raised.value.field == field
    assert unfinished(form, context).answer == factories.CONTENT.answer


@pytest.mark.parametrize("name", [*(kind.value for kind in Kind), INTERVIEW])
def test_every_kind_has_a_template(context, name):
    template = read(PROJECT / "content/templates", name)
    assert template.kind in (Kind.BEST_PRACTICE, Kind(name) if name != INTERVIEW else Kind.BEST_PRACTICE)
    assert {"title", "answer", "wordings"} <= set(template.hints)
    assert not any("待填" in hint for hint in template.hints.values())
    started = unfinished(template.start(), context)
    assert (started.kind, started.title, started.wordings) == (template.kind, "", ())
    assert started.body == template.skeleton
