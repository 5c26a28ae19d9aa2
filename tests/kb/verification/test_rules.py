from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import InvalidInputError
from kb.permissions import Actor
from kb.taxonomy.queries import Term, Tree
from kb.verification.rules import (
    MAX_TEXT,
    Local,
    Nudge,
    applying,
    checked,
    deadlines,
    elsewhere,
    in_force,
    may_differ,
    place,
    versions,
)
from kb.workdays.rules import Calendar

PARENTS = {"province": None, "east": "province", "west": "province", "a": "east", "b": "east", "c": "west"}
REGIONS = Tree({key: Term(key, key, key, parent) for key, parent in PARENTS.items()})


def local(number, region):
    return Local(id=number, region=region, text=f"在{region}")


sets = st.lists(st.sampled_from(list(PARENTS)), unique=True).map(
    lambda keys: [local(number, key) for number, key in enumerate(keys)]
)


def test_it_holds_from_its_revision_on_until_another_takes_over():
    assert [in_force(2, 4, live) for live in range(1, 6)] == [False, True, True, False, False]
    assert in_force(2, None, 99)
    assert not any(in_force(3, 3, live) for live in range(9))  # replaced before it ever held


def test_the_widest_regions_exception_comes_first_and_the_neighbours_is_none():
    found = [local(1, "a"), local(2, "east"), local(3, "c")]
    assert [item.region for item in applying(found, "a", REGIONS)] == ["east", "a"]
    assert [item.region for item in applying(found, "b", REGIONS)] == ["east"]
    assert applying(found, "province", REGIONS) == applying(found, None, REGIONS) == ()
    assert elsewhere(found, "east", REGIONS) == ("a",)
    assert elsewhere(found, "a", REGIONS) == ()
    assert elsewhere(found, "province", REGIONS) == ("east", "a", "c") == elsewhere(found, None, REGIONS)


@given(sets)
def test_each_region_has_one_version_with_exactly_what_holds_there(overlays):
    found = versions(overlays, REGIONS)
    regions = [region for version in found for region in version.regions]
    assert len(regions) == len(set(regions))
    for version in found:
        assert version.overlays
        for region in version.regions:
            assert version.overlays == applying(overlays, region, REGIONS)
    for region in set(PARENTS) - set(regions):
        assert applying(overlays, region, REGIONS) == ()


def test_the_callers_region_goes_before_the_agents_own():
    actor = Actor(1, "", frozenset(), home="a")
    assert (place(actor, "c"), place(actor, None)) == ("c", "a")


def test_only_where_an_entry_reaches_something_can_differ():
    assert may_differ((), "a", REGIONS)
    assert may_differ(("east",), "a", REGIONS)
    assert not may_differ(("east",), "c", REGIONS)
    assert not may_differ(("a",), "east", REGIONS)
    assert not may_differ((), "nowhere", REGIONS)


def test_reminders_come_after_one_and_two_working_days():
    friday = datetime(2026, 10, 30, 3, tzinfo=UTC)
    calendar = Calendar("Asia/Shanghai", {date(2026, 11, 2): False})
    assert deadlines(friday, calendar) == {
        Nudge.REMINDED: datetime(2026, 11, 3, 16, tzinfo=UTC),
        Nudge.ESCALATED: datetime(2026, 11, 4, 16, tzinfo=UTC),
    }


@pytest.mark.parametrize("text", ["", "  \n", "长" * (MAX_TEXT + 1)])
def test_an_overlay_says_something(text):
    with pytest.raises(InvalidInputError):
        checked(text)
    assert checked("  另收 20 元 ") == "另收 20 元"
