from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.corrections.rules import (
    DEADLINES,
    HOLD_LABELS,
    MAX_WRONG,
    OPEN,
    SEVERITY_LABELS,
    STATE_LABELS,
    STEP_LABELS,
    TRANSITIONS,
    Hold,
    OnTime,
    Record,
    Report,
    Severity,
    State,
    Step,
    check,
    checked,
    due_at,
    more_urgent,
    on_time,
    part_of,
)
from kb.errors import InvalidInputError, TransitionError
from tests.support.factories import content

NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("step", "state"), list(product(Step, State)))
def test_a_step_starts_from_its_sources_and_from_nowhere_else(step, state):
    if state in TRANSITIONS[step].sources:
        assert check(step, state) is TRANSITIONS[step]
    else:
        with pytest.raises(TransitionError, match=state.label):
            check(step, state)


def test_every_step_leads_from_what_is_open_and_everything_has_a_name():
    assert set(TRANSITIONS) == set(Step) == set(STEP_LABELS)
    assert set().union(*(row.sources for row in TRANSITIONS.values())) == OPEN
    assert (set(STATE_LABELS), set(SEVERITY_LABELS), set(HOLD_LABELS)) == (set(State), set(Severity), set(Hold))


def test_every_state_can_be_reached():
    reached = {State.RECEIVED}
    for _ in Step:
        reached |= {row.target for row in TRANSITIONS.values() if row.sources & reached}
    assert reached == set(State)


@pytest.mark.parametrize(("severity", "hours"), [(Severity.P1, 2), (Severity.P2, 24), (Severity.P3, 120)], ids=str)
def test_a_deadline_runs_by_the_clock(severity, hours):
    assert due_at(severity, NOON) == NOON + timedelta(hours=hours)


def test_the_more_urgent_of_two_has_the_shorter_deadline():
    for one, other in product(Severity, Severity):
        assert DEADLINES[more_urgent(one, other)] == min(DEADLINES[one], DEADLINES[other])


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"wrong": " \n"}, "wrong"), ({"wrong": "字" * (MAX_WRONG + 1)}, "wrong"), ({"passage": "字" * 501}, "passage")],
)
def test_a_report_says_something_and_not_too_much(fields, field):
    with pytest.raises(InvalidInputError) as problem:
        checked(Report(**{"severity": Severity.P3, "wrong": "错字", **fields}))
    assert problem.value.field == field


def test_a_report_is_trimmed():
    assert checked(Report(severity=Severity.P3, wrong=" 错字\n", right="\t对的 ")) == Report(
        severity=Severity.P3, wrong="错字", right="对的"
    )


@pytest.mark.parametrize(
    ("passage", "part"),
    [
        ("先把尾纤插紧", "answer"),
        ("这个红灯 表示\n光纤信号断了", "script"),
        ("看 LOS 灯插紧尾纤", "steps"),
        ("光猫 LOS 红灯", "title"),
        ("没有这句话", None),
        ("  ", None),
    ],
)
def test_quoted_words_are_found_as_they_were_shown(passage, part):
    script = "您好，**这个红灯**表示光纤信号断了。"
    assert part_of(content(script=script, steps="1. 看 LOS 灯\n2. 插紧尾纤"), passage) == part


def test_figures_count_what_is_answered_and_what_is_overdue():
    def record(due, closed):
        return Record("2026-W45", Severity.P1, due, closed)

    records = [
        record(NOON, NOON),  # to the moment is in time
        record(NOON, NOON + MINUTE),
        record(NOON - MINUTE, None),  # open and overdue
        record(NOON, None),  # has until this very moment
        record(NOON + MINUTE, NOON - MINUTE),
    ]
    assert on_time(records, NOON) == {("2026-W45", Severity.P1): OnTime(2, 4)}
    assert OnTime(2, 4).share == 0.5
    assert OnTime(0, 0).share is None


MOMENTS = st.integers(-500, 500).map(lambda minutes: NOON + minutes * MINUTE)


@given(
    st.lists(st.tuples(st.sampled_from(["w1", "w2"]), st.sampled_from(Severity), MOMENTS, st.none() | MOMENTS)), MOMENTS
)
def test_leaving_a_correction_lie_never_betters_the_share(rows, now):
    records = [Record(*row) for row in rows]
    found = on_time(records, now)
    later = on_time(records, now + timedelta(days=30))
    assert sum(figure.total for figure in later.values()) == len(records)
    for place, figure in found.items():
        assert 0 <= figure.on_time <= figure.total
        assert later[place].on_time == figure.on_time
        assert later[place].total >= figure.total
