import pytest

from indexer.normalise import normalise
from kb.desk.rules import (
    REASON_LABELS,
    WORDING_STATE_LABELS,
    Reason,
    Tally,
    WordingState,
    Words,
    grade,
    is_known,
    may_become_wording,
    state_after,
)

PROPOSED, ACCEPTED, REJECTED = WordingState.PROPOSED, WordingState.ACCEPTED, WordingState.REJECTED


def words(text: str) -> Words:
    return Words.of(text, normalise)


@pytest.mark.parametrize(
    "same",
    [
        "盒子亮红灯上不了网",
        "盒子亮红灯，上不了网！",
        " 盒子亮红灯 上不了网",
        "盒子亮紅燈上不了網",
        "“盒子亮红灯上不了网”",
    ],
)
def test_signs_spaces_and_traditional_characters_make_no_other_words(same):
    assert words(same).spelling == words("盒子亮红灯上不了网").spelling


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000停机了", "***停机了"),
        ("查 138 0013 8000 的话费", "查 *** 的话费"),
        ("138-0013-8000", "***"),
        ("身份证51010419900101123X过不去", "身份证***过不去"),
        ("卡号6222 0212 3456 7890 123", "卡号***"),
        ("１３８００１３８０００", "***"),
        ("幺三八零零幺三八零零零欠费", "***欠费"),
        ("错误651", "错误651"),
        ("10086打不通", "10086打不通"),
        ("三五天没网", "三五天没网"),
    ],
)
def test_long_numbers_are_never_kept(typed, kept):
    assert words(typed).text == kept


def test_words_are_clean_and_no_longer_than_a_wording():
    found = words("  红灯\x00\n\t亮 " + "长" * 300)
    assert found.text.startswith("红灯 亮 长")
    assert len(found.text) == 200
    assert len(found.spelling) <= 200


@pytest.mark.parametrize(
    "text", ["盒子亮红灯", "红灯", "LOS", "jdh", "错误651怎么办", "先生让我来问", "我叫师傅来装", "第一位女士"]
)
def test_what_customers_say_may_become_a_wording(text):
    assert may_become_wording(words(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "灯",
        "灯！",
        "？？",
        "651",
        "六五一",
        "13800138000",
        "13800138000停机",
        "我叫王小明",
        "张先生要退费",
        "机主是李四吗",
    ],
)
def test_what_says_nothing_or_names_somebody_never_does(text):
    assert not may_become_wording(words(text))


def test_what_the_entry_has_already_is_known():
    assert is_known(words("光猫los红灯"), ["光猫 LOS 红灯"], normalise)
    assert not is_known(words("光猫亮灯"), ["光猫 LOS 红灯"], normalise)


@pytest.mark.parametrize(
    ("state", "tally", "by_person", "after"),
    [
        (PROPOSED, Tally(2, 0, 2), False, PROPOSED),
        (PROPOSED, Tally(3, 0, 3), False, ACCEPTED),
        (PROPOSED, Tally(5, 0, 2), False, PROPOSED),  # two agents, however often
        (PROPOSED, Tally(3, 1, 3), False, PROPOSED),  # a "not solved" counts against
        (PROPOSED, Tally(4, 1, 3), False, ACCEPTED),
        (ACCEPTED, Tally(4, 3, 3), False, ACCEPTED),
        (ACCEPTED, Tally(4, 4, 3), False, PROPOSED),
        (ACCEPTED, Tally(0, 9, 0), True, ACCEPTED),
        (REJECTED, Tally(99, 0, 99), True, REJECTED),
        (REJECTED, Tally(99, 0, 99), False, REJECTED),
    ],
)
def test_the_threshold_decides_only_where_no_person_has(state, tally, by_person, after):
    assert state_after(state, tally, by_person=by_person, threshold=3) is after


@pytest.mark.parametrize(
    ("tally", "expected"),
    [(Tally(1, 1, 1), 0), (Tally(0, 2, 0), 0), (Tally(1, 0, 1), 1), (Tally(5, 0, 1), 1), (Tally(2, 0, 2), 2)],
)
def test_two_agents_are_surer_than_one(tally, expected):
    assert grade(tally) == expected


def test_every_state_and_reason_has_a_name():
    assert set(WORDING_STATE_LABELS) == set(WordingState)
    assert set(REASON_LABELS) == set(Reason)
    assert WordingState.PROPOSED.label == "待定"
    assert Reason.WRONG.label
