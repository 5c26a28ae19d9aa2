from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.calls import rules
from kb.calls.rules import ContactRecord, Measures, Seen, Step, StepKind, Told, Topic
from kb.errors import InvalidInputError
from tests.support.factories import step

SEARCHED, OPENED, COPIED = StepKind.SEARCHED, StepKind.OPENED, StepKind.COPIED


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("gd20261102-0001", "GD20261102-0001"),
        (" ＧＤ２０２６ １１０２ ", "GD20261102"),
        ("2026/11/02.7_3", "2026/11/02.7_3"),
        ("", None),
        ("   ", None),
    ],
)
def test_a_ticket_number_has_one_spelling(typed, number):
    assert rules.ticket_number(typed) == number


@pytest.mark.parametrize(
    "typed", ["GD1", "工单20261102", "-2026", "A" * 41, "13800138000", "+8613800138000", "GD?2026"]
)
def test_what_is_no_ticket_number_is_refused(typed):
    with pytest.raises(InvalidInputError) as caught:
        rules.ticket_number(typed)
    assert caught.value.field == "ticket"


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("gd20261102", "GD20261102"),
        ("20261102 0001", "202611020001"),
        ("错误651", None),
        ("10086", None),
        ("iphone15", None),
        ("13800138000", None),
        ("盒子亮红灯", None),
    ],
)
def test_which_searches_may_be_ticket_numbers(query, number):
    assert rules.as_ticket(query) == number


def test_a_contact_record_takes_only_what_it_knows_and_no_customers_numbers():
    found = ContactRecord.of(topic="fault", ticket="gd2026", note=" 回拨 13800138000 \n约晚上 ")
    assert found == ContactRecord(topic=Topic.FAULT, ticket="GD2026", note="回拨 *** 约晚上")
    assert ContactRecord.of(topic="", ticket="", note="").is_empty
    with pytest.raises(InvalidInputError):
        ContactRecord.of(topic="gossip", ticket="", note="")


def test_references_are_short_and_hold_nothing_that_is_misread():
    made = rules.reference(bytes(range(9)))
    assert made == "c-23456789a"
    assert not set("01ilou") & set(rules.reference(bytes(range(247, 256))) + rules.REFERENCE_ALPHABET)


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        (datetime(2026, 11, 1, 15, 59, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 11, 1, 16, 0, tzinfo=UTC), date(2026, 11, 2)),  # midnight in the centre
        (datetime(2026, 11, 8, 15, 59, tzinfo=UTC), date(2026, 11, 2)),
    ],
)
def test_weeks_begin_on_monday_in_the_centre(moment, monday):
    assert rules.week_of(moment, "Asia/Shanghai") == monday


@pytest.mark.parametrize(
    "changes",
    [{"page": ""}, {"page": "a-b"}, {"page": "x" * 17}, {"number": 0}, {"ms": -1}, {"entry": "los"}, {"position": 0}],
)
def test_a_step_that_no_desk_tells_is_refused(changes):
    with pytest.raises(InvalidInputError):
        replace(step(1), **changes)


def test_a_card_without_an_entry_is_refused():
    with pytest.raises(InvalidInputError):
        Step(page="a", number=1, kind=OPENED, ms=5)


STEPS = (
    Seen(kind=SEARCHED, ms=2000, total=0),
    Seen(kind=SEARCHED, ms=4000, total=5),
    Seen(kind=OPENED, ms=4500, entry_id=1, revision_id=11),
    Seen(kind=OPENED, ms=6000, entry_id=2, revision_id=21, position=3),
    Seen(kind=COPIED, ms=7000, entry_id=2, revision_id=21),
    Seen(kind=OPENED, ms=9000, entry_id=3, revision_id=31, position=1),
)


def test_what_a_call_measures():
    assert rules.measure(STEPS, first_key_ms=500) == Measures(searches=2, empty=1, first_card_ms=4000, position=3)
    assert rules.measure(STEPS, first_key_ms=None).first_card_ms == 4500
    assert rules.measure(STEPS, first_key_ms=8000).first_card_ms == 4500  # typed only after the first card
    assert rules.measure(STEPS[:2], first_key_ms=0) == Measures(searches=2, empty=1)
    assert rules.measure([], first_key_ms=None) == Measures()


@given(st.permutations(STEPS))
def test_the_order_in_which_steps_arrive_means_nothing(shuffled):
    assert rules.measure(shuffled, first_key_ms=500) == rules.measure(STEPS, first_key_ms=500)
    assert rules.told(shuffled) == rules.told(STEPS)


def test_told_is_the_outcomes_else_what_was_copied_last_else_what_was_opened_last():
    assert rules.told(STEPS) == Told(2, 21, copied=True)
    assert rules.told(STEPS, entry_id=1, revision_id=11) == Told(1, 11, copied=False)
    assert rules.told(STEPS, entry_id=2, revision_id=21) == Told(2, 21, copied=True)
    assert rules.told(STEPS[:4]) == Told(2, 21, copied=False)
    assert rules.told(STEPS[:2]) is None
