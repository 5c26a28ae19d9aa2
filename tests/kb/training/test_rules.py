from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import ConflictError, InvalidInputError, TransitionError
from kb.training.effect import NOTHING_LEARNED, Change, Effect, Rate, Verdict, learned
from kb.training.proposing import Advice, Evaluated, propose
from kb.training.rules import (
    Cell,
    Count,
    LessonState,
    Need,
    Period,
    PlanState,
    PlanStep,
    Source,
    Taught,
    check_order,
    checked_period,
    moved,
    needs_of,
    per_month,
)

NOW = datetime(2026, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)
CELL, OTHER = Cell("fault", "a"), Cell("tv", "a")


def need(cell=CELL, **times):
    return Need(cell, {Source(name): Count(count, 9) for name, count in times.items()})


def test_needs_weigh_their_sources_and_hide_what_few_answered():
    counts = {
        (CELL, Source.FAILED_SEARCH): Count(2, 1),
        (CELL, Source.UNSOLVED): Count(3, 2),
        (CELL, Source.WRONG_ANSWER): Count(9, 4),
        (OTHER, Source.WRONG_ANSWER): Count(7, 5),
        (OTHER, Source.CORRECTION): Count(1, 1),
    }
    first, second = needs_of(counts, floor=5)
    assert (first.cell, first.score, first.hidden) == (OTHER, 16, frozenset())
    assert (second.cell, second.score, second.hidden) == (CELL, 12, {Source.WRONG_ANSWER})
    assert second.times(Source.WRONG_ANSWER) == 0


def test_periods_of_other_lengths_compare_by_month():
    assert per_month(60, NOW, NOW + 60 * DAY) == pytest.approx(30)
    assert per_month(7, NOW, NOW + DAY) == pytest.approx(30), "a day is not made thirty of"


def test_a_plan_goes_one_way():
    assert moved(PlanStep.START, PlanState.DRAFT) is PlanState.RUNNING
    assert moved(PlanStep.CLOSE, PlanState.RUNNING) is PlanState.CLOSED
    for step, state in ((PlanStep.START, PlanState.RUNNING), (PlanStep.CLOSE, PlanState.DRAFT)):
        with pytest.raises(TransitionError):
            moved(step, state)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"title": " "}, "title"), ({"ends_on": date(2026, 1, 1)}, "ends_on"), ({"until": NOW - DAY}, "since")],
)
def test_what_is_no_period(changes, field):
    given = {"title": "计划", "starts_on": date(2026, 11, 2), "ends_on": date(2026, 12, 2), "since": NOW - DAY}
    with pytest.raises(InvalidInputError) as caught:
        checked_period(Period(**{**given, "until": NOW, **changes}))
    assert caught.value.field == field


def test_leaders_hear_of_new_business_first():
    early = Taught(NOW, True, LessonState.PLANNED)
    check_order(True, [early], NOW + DAY, leaders_only=False)
    check_order(True, [], NOW, leaders_only=True)
    check_order(False, [], NOW, leaders_only=False)
    for lessons in ([], [Taught(NOW, True, LessonState.CANCELLED)], [Taught(NOW, False, LessonState.PLANNED)]):
        with pytest.raises(ConflictError, match="组长"):
            check_order(True, lessons, NOW + DAY, leaders_only=False)


def effect(before, after, others_before=(80, 100), others_after=(80, 100)):
    return Effect(Change(Rate(*before), Rate(*after)), Change(Rate(*others_before), Rate(*others_after)))


def test_what_got_better_everywhere_is_no_merit_of_the_lesson():
    assert effect((50, 100), (80, 100)).verdict is Verdict.BETTER
    everywhere = effect((50, 100), (80, 100), (50, 100), (80, 100))
    assert everywhere.gain == pytest.approx(0.0)
    assert everywhere.verdict is Verdict.UNCLEAR
    assert effect((80, 100), (50, 100)).verdict is Verdict.WORSE
    assert effect((5, 9), (9, 9)).verdict is Verdict.TOO_FEW
    assert effect((0, 0), (9, 9)).gain is None


def test_the_margin_is_four_adjusted_rates():
    found = effect((50, 100), (80, 100))
    p = [51 / 102, 81 / 102, 81 / 102, 81 / 102]
    assert found.margin == pytest.approx(1.96 * sum(x * (1 - x) / 102 for x in p) ** 0.5)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=4, max_size=4))
def test_more_calls_never_widen_the_interval_much_and_gain_stays_in_range(rates):
    made = [Rate(solved, solved + rest) for solved, rest in rates]
    found = Effect(Change(made[0], made[1]), Change(made[2], made[3]))
    assert 0 < found.margin < 2
    assert found.gain is None or -2 <= found.gain <= 2


def test_only_people_who_took_both_quizzes_are_compared_and_few_are_not_told():
    before = {1: 0.2, 2: 0.4, 3: 0.6, 9: 1.0}
    after = {1: 0.8, 2: 0.8, 3: 0.8, 8: 0.0}
    recall = {1: 0.4, 2: 0.8, 3: 0.6}
    found = learned(before, after, recall, floor=3)
    assert (found.people, found.before, found.after) == (3, pytest.approx(0.4), pytest.approx(0.8))
    assert found.normalised == pytest.approx(0.4 / 0.6)
    assert found.retention == pytest.approx(0.75)
    hidden = learned(before, after, recall, floor=4)
    assert (hidden.before, hidden.after, hidden.recall, hidden.gain) == (None, None, None, None)


def quiz(before, after, retention=0.9):
    return learned(
        dict.fromkeys(range(5), before),
        dict.fromkeys(range(5), after),
        dict.fromkeys(range(5), after * retention),
        floor=5,
    )


UNCLEAR = effect((50, 100), (52, 100))


@pytest.mark.parametrize(
    ("now", "then", "since", "quiz_", "effect_", "advice"),
    [
        (need(unsolved=40), 100, 80, quiz(0.4, 0.42), UNCLEAR, Advice.OTHERWISE),
        (need(failed_search=40, unsolved=5), 100, 130, quiz(0.4, 0.8), UNCLEAR, Advice.MEND),
        (need(unsolved=40), 100, 80, quiz(0.4, 0.8, 0.5), UNCLEAR, Advice.REFRESH),
        (need(unsolved=10), 100, 20, quiz(0.4, 0.8), UNCLEAR, Advice.DONE),
        (need(unsolved=40), 100, 80, quiz(0.4, 0.8), effect((50, 100), (80, 100)), Advice.DONE),
        (need(unsolved=40), 100, 80, NOTHING_LEARNED, UNCLEAR, Advice.CONTINUE),
        (need(unsolved=10), 100, 20, quiz(0.4, 0.8), effect((80, 100), (50, 100)), Advice.CONTINUE),
        (None, 100, 0, NOTHING_LEARNED, UNCLEAR, Advice.DONE),
    ],
)
def test_what_is_proposed_follows_from_what_came_of_it(now, then, since, quiz_, effect_, advice):
    (found,) = propose([Evaluated(CELL, now, then, since, quiz_, effect_)], [])
    assert found.advice is advice
    assert str(found.reasons[0]) == f"每 30 天需求分 {then} → {since}"


def test_what_was_not_trained_comes_in_by_its_need():
    trained = Evaluated(CELL, need(unsolved=1), 100, 2, NOTHING_LEARNED, UNCLEAR)
    first, last = propose([trained], [need(unsolved=1), need(OTHER, unsolved=4, failed_search=1)])
    assert (first.cell, first.advice, first.score) == (OTHER, Advice.NEW, 11)
    assert [str(why) for why in first.reasons] == ["没解决 4 次", "搜不到 1 次"]
    assert last.advice is Advice.DONE
