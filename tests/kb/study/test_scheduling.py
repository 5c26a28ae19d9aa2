from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.study.rules import Confidence
from kb.study.scheduling import BOXES, NEXT_DAY, SOON, Fsrs, Leitner, Memory, Schedule, scheduler

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WAYS = [Leitner(), Fsrs()]
ANSWERS = st.lists(
    st.tuples(st.booleans(), st.sampled_from(Confidence), st.floats(min_value=0.001, max_value=60)), max_size=12
)
ways = pytest.mark.parametrize("way", WAYS, ids=["leitner", "fsrs"])


def lived(way, answers):
    """What is remembered after *answers*, each so many days after the one before, and the moment it is."""
    memory, now = None, START
    for right, confidence, days in answers:
        now += timedelta(days=days)
        memory = way.after(memory, right=right, confidence=confidence, now=now)
    return memory, now


@ways
@given(before=ANSWERS, days=st.floats(min_value=0.001, max_value=90), confidence=st.sampled_from(Confidence))
def test_a_right_answer_never_brings_the_next_date_nearer(way, before, days, confidence):
    memory, now = lived(way, before)
    now += timedelta(days=days)
    after = way.after(memory, right=True, confidence=confidence, now=now)
    assert after.due_at >= now + NEXT_DAY or (memory is not None and after.due_at == memory.due_at > now)
    assert memory is None or after.due_at >= memory.due_at
    assert after.lapses == (memory.lapses if memory else 0)


@ways
@given(before=ANSWERS, days=st.floats(min_value=0.001, max_value=90))
def test_surer_and_right_never_comes_earlier_and_wrong_never_later_than_right(way, before, days):
    memory, now = lived(way, before)
    now += timedelta(days=days)
    right = [way.after(memory, right=True, confidence=confidence, now=now).due_at for confidence in sorted(Confidence)]
    wrong = [way.after(memory, right=False, confidence=confidence, now=now) for confidence in sorted(Confidence)]
    assert right == sorted(right)
    assert all(answer.due_at == now + NEXT_DAY and not answer.sure_wrong for answer in wrong[:2])
    assert wrong[2].due_at == now + SOON
    assert wrong[2].sure_wrong
    assert max(answer.due_at for answer in wrong) <= max(right[0], now + NEXT_DAY)
    assert all(answer.box == 0 for answer in wrong)


@ways
@given(before=ANSWERS)
def test_what_is_remembered_stays_within_bounds_and_is_the_same_every_time(way, before):
    memory, _ = lived(way, before)
    assert lived(way, before)[0] == memory
    if memory is not None:
        assert 0 <= memory.box <= len(BOXES)
        assert memory.times == len(before)
        assert memory.lapses == sum(not right for right, *_ in before)
        assert memory.due_at > memory.last_at


def test_boxes_are_one_three_seven_fourteen_thirty_days():
    memory, now, rests = None, START, []
    for _ in range(6):
        memory = Leitner().after(memory, right=True, confidence=Confidence.SURE, now=now)
        rests.append((memory.due_at - now).days)
        now = memory.due_at
    assert rests == [1, 3, 7, 14, 30, 30]
    guessed = Leitner().after(memory, right=True, confidence=Confidence.GUESS, now=now)
    assert guessed.box == memory.box


def test_answers_in_one_sitting_move_a_card_on_once():
    first = Leitner().after(None, right=True, confidence=Confidence.SURE, now=START)
    again = Leitner().after(first, right=True, confidence=Confidence.SURE, now=START + timedelta(minutes=5))
    assert (again.box, again.due_at) == (first.box, first.due_at)


def test_a_lapse_under_fsrs_leaves_a_shorter_stability_and_a_harder_card():
    memory, _ = lived(Fsrs(), [(True, Confidence.SURE, 1), (True, Confidence.SURE, 4), (True, Confidence.SURE, 12)])
    after = Fsrs().after(memory, right=False, confidence=Confidence.UNSURE, now=memory.due_at)
    assert after.stability < memory.stability
    assert after.hardness > memory.hardness


def test_a_centre_may_change_its_way_with_cards_on_the_way():
    boxed, _ = lived(Leitner(), [(True, Confidence.SURE, 1), (True, Confidence.SURE, 1), (True, Confidence.SURE, 3)])
    modelled = Fsrs().after(boxed, right=True, confidence=Confidence.SURE, now=boxed.due_at)
    assert modelled.due_at - boxed.due_at > boxed.due_at - boxed.last_at
    back = Leitner().after(modelled, right=True, confidence=Confidence.SURE, now=modelled.due_at)
    assert back.box == min(modelled.box + 1, 5)
    assert isinstance(scheduler(Schedule.FSRS), Fsrs)
    assert isinstance(scheduler(Schedule.LEITNER), Leitner)
    assert Memory(box=1, due_at=START, last_at=START).sure_wrong is False
