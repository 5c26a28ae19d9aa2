from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.entries.rules import Level
from kb.maturity.gates import (
    CAUSE_LABELS,
    Cause,
    Facts,
    Judgement,
    ManualFacts,
    OpenCorrections,
    Tally,
    decide,
    evidence,
    lacking,
    next_gate,
    reached,
    settle,
)
from kb.maturity.reasons import SENTENCES, Code, Reason

FOUNDED = Facts(owned=True, dated=True, regions_verified=True, age_days=12.0, shelf_days=180, checklist=1.0)
PROVEN = replace(FOUNDED, tally=Tally(12, 1, 7, 3))
BEST = replace(FOUNDED, tally=Tally(28, 2, 12, 3), judgement=Judgement(3, 2, 4.4))
SIGNED = replace(BEST, manual=ManualFacts(current=True, signed=True, quizzed=True))

tallies = st.builds(Tally, st.integers(0, 60), st.integers(0, 60), st.integers(0, 20), st.integers(0, 4))
facts = st.builds(
    Facts,
    owned=st.booleans(),
    dated=st.booleans(),
    regions_verified=st.booleans(),
    age_days=st.none() | st.floats(0, 900),
    shelf_days=st.sampled_from([30, 90, 180, 365]),
    checklist=st.floats(0, 1),
    tally=tallies,
    judgement=st.builds(Judgement, st.integers(0, 5), st.integers(0, 3), st.floats(1, 5)),
    corrections=st.builds(OpenCorrections, st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)),
    manual=st.builds(ManualFacts, st.booleans(), st.booleans(), st.booleans()),
)


def codes(reasons):
    return [reason.code for reason in reasons]


@pytest.mark.parametrize(
    ("given_facts", "level"),
    [
        (replace(FOUNDED, age_days=None), Level.L1),
        (replace(FOUNDED, owned=False), Level.L1),
        (replace(FOUNDED, dated=False), Level.L1),
        (replace(FOUNDED, regions_verified=False), Level.L1),
        (FOUNDED, Level.L2),
        (PROVEN, Level.L3),
        (BEST, Level.L4),
        (SIGNED, Level.L5),
    ],
)
def test_what_is_reached(given_facts, level):
    assert reached(given_facts) is level
    assert not lacking(given_facts, level)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tally": Tally(9, 0, 7, 3)}, Code.FEW_OUTCOMES),
        ({"tally": Tally(12, 1, 4, 3)}, Code.FEW_AGENTS),
        ({"tally": Tally(12, 1, 7, 1)}, Code.FEW_TEAMS),
        ({"tally": Tally(8, 5, 7, 3)}, Code.LOW_WILSON),
        ({"corrections": OpenCorrections(p2=1)}, Code.OPEN_CORRECTIONS),
    ],
)
def test_each_thing_that_keeps_an_entry_from_maturity_is_said(change, code):
    worse = replace(PROVEN, **change)
    assert reached(worse) is Level.L2
    assert codes(lacking(worse, Level.L3)) == [code]


def test_wording_corrections_keep_nobody_back():
    assert reached(replace(PROVEN, corrections=OpenCorrections(p3=3))) is Level.L3


@pytest.mark.parametrize(
    ("judgement", "sentence"),
    [
        (Judgement(0, 0), "还差 3 位专家评分"),
        (Judgement(1, 1, 4.6), "还差 2 位专家评分，其中至少一位来自别的班组"),
        (Judgement(3, 1, 4.6), "还差一位别的班组的专家评分"),
        (Judgement(4, 2, 3.8), "专家评分要到 4.0，现在 3.8"),
    ],
)
def test_the_next_gate_is_said_in_words(judgement, sentence):
    level, reasons = next_gate(Level.L3, replace(BEST, judgement=judgement))
    assert level is Level.L4
    assert [str(reason) for reason in reasons] == [sentence]


def test_there_is_nothing_above_the_manual():
    assert next_gate(Level.L5, SIGNED) is None


def test_a_promotion_says_why():
    decision = decide(Level.L2, PROVEN, aged=False)
    assert (decision.level, decision.cause) == (Level.L3, Cause.EARNED)
    assert [str(reason) for reason in decision.reasons] == [
        "13 次使用解决了 12 次（7 人、3 个班组）",
        "12 天前核实过",
    ]


def test_it_may_rise_several_levels_at_once():
    assert decide(Level.L1, BEST, aged=False).level is Level.L4


def test_rare_use_alone_never_takes_a_level():
    assert decide(Level.L4, FOUNDED, aged=False) is None
    assert decide(Level.L3, replace(FOUNDED, tally=Tally(0, 19, 9, 3)), aged=False) is None


def test_failing_calls_take_a_level_each_at_its_own_gate():
    failing = replace(BEST, tally=Tally(21, 9, 12, 3))  # W .52: below .65, not below .50
    (decision,) = settle(Level.L4, failing, aged=False)
    assert (decision.level, decision.cause) == (Level.L3, Cause.FAILED_CALLS)
    assert "解决率下限 0.52，低于 0.65" in [str(reason) for reason in decision.reasons]
    steps = settle(Level.L5, replace(SIGNED, tally=Tally(5, 25, 12, 3)), aged=False)
    assert [step.level for step in steps] == [Level.L4, Level.L3, Level.L2]


def test_a_little_below_its_gate_is_forgiven():
    assert decide(Level.L4, replace(BEST, tally=Tally(25, 5, 12, 3)), aged=False) is None  # W .66


def test_age_takes_one_level_once_and_keeps_it_from_rising():
    old = replace(BEST, age_days=361.0)
    (decision,) = settle(Level.L4, old, aged=False)
    assert (decision.level, decision.cause) == (Level.L3, Cause.AGED)
    assert settle(Level.L3, old, aged=True) == ()
    assert codes(next_gate(Level.L3, old)[1]) == [Code.VERIFY_FIRST]
    assert decide(Level.L3, replace(old, age_days=0.0), aged=False).level is Level.L4


def test_what_leaves_the_manual_is_best_practice_still():
    (decision,) = settle(Level.L5, BEST, aged=False)
    assert (decision.level, decision.cause) == (Level.L4, Cause.LEFT_MANUAL)


@given(level=st.sampled_from([level for level in Level if level]), given_facts=facts, aged=st.booleans())
def test_settling_ends_and_stays(level, given_facts, aged):
    steps = settle(level, given_facts, aged=aged)
    end = steps[-1].level if steps else level
    assert Level.L1 <= end <= Level.L5
    assert settle(end, given_facts, aged=aged or any(step.cause is Cause.AGED for step in steps)) == ()
    for step in steps:
        assert all(str(reason) for reason in step.reasons)


@given(given_facts=facts)
def test_the_score_is_between_nothing_and_one_and_the_next_gate_is_always_said(given_facts):
    assert 0 <= given_facts.score <= 1 + 1e-9
    level = reached(given_facts)
    following = next_gate(level, given_facts)
    assert level is Level.L5 or following[1]


def test_evidence_comes_with_its_n():
    assert [str(reason) for reason in evidence(BEST)] == [
        "30 次使用解决了 28 次（12 人、3 个班组）",
        "专家评分 4.4（3 人、2 个班组）",
        "12 天前核实过",
    ]


def test_every_code_has_a_sentence_and_comes_back_from_storage():
    assert set(SENTENCES) == set(Code)
    assert set(CAUSE_LABELS) == set(Cause)
    for reason in (*evidence(BEST), *lacking(FOUNDED, Level.L4)):
        assert Reason.from_json(reason.to_json()) == reason
