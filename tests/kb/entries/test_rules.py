from itertools import product

import pytest

from kb.entries import diagram, picture
from kb.entries.rules import (
    LEVEL_LABELS,
    SERVED,
    STATE_LABELS,
    TRANSITIONS,
    Level,
    Slot,
    State,
    Step,
    check,
    level_when_published,
)
from kb.errors import TransitionError
from kb.settings import PROJECT

STATES = (None, *State)


@pytest.mark.parametrize("step", Step)
def test_a_step_starts_from_its_sources_and_from_nowhere_else(step):
    allowed = set()
    for state in STATES:
        try:
            assert check(step, state) is TRANSITIONS[step]
        except TransitionError:
            continue
        allowed.add(state)
    assert allowed == TRANSITIONS[step].sources


def test_every_step_has_one_row_and_every_state_and_level_a_name():
    assert set(TRANSITIONS) == set(Step)
    assert all(row.step is step for step, row in TRANSITIONS.items())
    assert set(STATE_LABELS) == set(State)
    assert set(LEVEL_LABELS) == set(Level)


def test_every_state_can_be_reached():
    reached: set[State | None] = {None}
    for _ in Step:
        reached |= {row.target for row in TRANSITIONS.values() if row.sources & reached}
    assert reached == set(STATES)


def test_what_is_served_is_live():
    work = {row.target for row in TRANSITIONS.values() if row.slot is Slot.WORK and row.step is not Step.PUBLISH}
    assert not SERVED & work


@pytest.mark.parametrize(
    ("step", "state", "said"),
    [(Step.APPROVE, State.DRAFT, "草稿"), (Step.SUBMIT, None, "没有修改稿"), (Step.SUSPEND, None, "还没有发布")],
)
def test_the_error_names_the_state(step, state, said):
    with pytest.raises(TransitionError, match=said):
        check(step, state)


def test_level_two_needs_its_whole_gate():
    gate = ("approved_by_other", "has_owner", "has_validity", "regions_verified")
    for values in product((True, False), repeat=len(gate)):
        level = level_when_published(**dict(zip(gate, values, strict=True)))
        assert level is (Level.L2 if all(values) else Level.L1), values


def test_the_page_about_the_states_is_what_the_code_says():
    """On failure: ``python -m kb.entries.diagram > docs/states.md``."""
    assert (PROJECT / "docs" / "states.md").read_text(encoding="utf-8") == diagram.page()


def test_the_picture_of_the_states_is_what_the_code_draws():
    """On failure: ``python -m kb.entries.picture > docs/images/states.svg``."""
    assert (PROJECT / "docs" / "images" / "states.svg").read_text(encoding="utf-8") == picture.picture()


def test_the_picture_has_every_state_and_every_arrow_of_the_table():
    drawn = {(arrow.source, arrow.target, step) for arrow in picture.arrows() for step in arrow.steps}
    assert drawn == {(source, row.target, row.step) for row in TRANSITIONS.values() for source in row.sources}
    assert set(picture.PLACES) == {None, *State}
    assert len(set(picture.PLACES.values())) == len(picture.PLACES)
