from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kb.entries.content import Kind
from kb.entries.standard import (
    InternalWord,
    Point,
    Standard,
    check,
    leaked,
    numbered,
    read,
    read_words,
    said_internally,
    share_met,
)
from kb.settings import PROJECT
from tests.support import factories

GOOD = factories.content(exceptions="- 停电不算")
INTERNAL = (InternalWord("派单", "安排师傅"), InternalWord("单"), InternalWord("BOSS系统"))


def missed(content, *, has_owner=True):
    return {item.point: item for item in check(content, has_owner=has_owner, internal=INTERNAL) if not item.met}


def test_a_good_entry_meets_every_point():
    assert not missed(GOOD)
    assert {item.point for item in check(GOOD, has_owner=True)} == set(Point) - {Point.PLACEHOLDERS}


@pytest.mark.parametrize(
    ("changes", "point", "facts"),
    [
        ({"answer": "长" * 61}, Point.ANSWER, {"count": 61, "over": 1}),
        ({"answer": ""}, Point.ANSWER, None),
        ({"script": " "}, Point.SCRIPT, None),
        ({"script": "我给您派单，在boss系统里"}, Point.SCRIPT_CLEAN, {"words": "派单（安排师傅）、BOSS系统"}),
        ({"steps": "看灯\n插紧"}, Point.STEPS, {"line": "看灯"}),
        ({"steps": "1、看灯"}, Point.STEPS, {"line": "1、看灯"}),
        ({"steps": ""}, Point.STEPS, None),
        ({"exceptions": ""}, Point.EXCEPTIONS, None),
        ({"wordings": ("一种",)}, Point.WORDINGS, {"count": 2}),
        ({"review_due": None}, Point.VALIDITY, None),
        ({"steps": "1. 【待填：看哪个灯】"}, Point.PLACEHOLDERS, {"count": 1, "first": "【待填：看哪个灯】"}),
    ],
)
def test_what_is_missing_is_named(changes, point, facts):
    found = missed(replace(GOOD, **changes))
    assert set(found) == {point}
    assert found[point].facts == facts


def test_somebody_must_answer_for_it():
    assert set(missed(GOOD, has_owner=False)) == {Point.OWNER}


def test_each_kind_is_asked_for_what_it_needs():
    empty = factories.content(steps="", script="", exceptions="", body="", wordings=())
    asked = {kind: {item.point for item in check(replace(empty, kind=kind), has_owner=True)} for kind in Kind}
    needs_steps = {kind for kind in Kind if Point.STEPS in asked[kind]}
    assert needs_steps == {Kind.FAQ, Kind.PROCEDURE, Kind.BEST_PRACTICE}
    assert {kind for kind in Kind if Point.SCRIPT not in asked[kind]} == {Kind.CASE}
    assert {kind for kind in Kind if Point.EXCEPTIONS not in asked[kind]} == {Kind.BULLETIN}


def test_a_best_practice_tells_steps_and_exceptions_in_its_text():
    body = "**做法**\n1. 先听完\n2. 再复述\n\n**什么时候不适用**\n- 客户赶时间"
    content = replace(GOOD, kind=Kind.BEST_PRACTICE, steps="", exceptions="", body=body)
    assert not missed(content)
    assert set(missed(replace(content, body="先听完"))) == {Point.STEPS, Point.EXCEPTIONS}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("1. 看灯\n2. 插紧\n   - 尾纤要对准\n\n3) 重启", None),
        ("1. 看灯\n3. 插紧", "3. 插紧"),
        ("2. 看灯", "2. 看灯"),
        ("第一步：看灯", "第一步：看灯"),
        ("", None),
    ],
)
def test_steps_are_numbered_in_order(text, wrong):
    assert numbered(text) == wrong


def test_a_longer_internal_word_stands_for_those_within_it():
    assert [item.word for item in said_internally("派单", INTERNAL)] == ["派单"]


def test_what_is_kept_inside_must_not_be_read_out():
    note = "客户坚持的话最多减免一个月月费，不要主动提"
    assert leaked("您好，最多减免一个月月费， 不要主动提", note) == "最多减免一个月月费，不要主动提"
    assert leaked("您好，可以减免。", note) is None
    point = missed(replace(GOOD, script=f"您好，{note}", internal_note=note))[Point.SCRIPT_CLEAN]
    assert point.facts == {"passage": note}


def test_a_validity_or_a_kind_without_steps_meets_its_point():
    assert not missed(replace(GOOD, review_due=None, valid_until=datetime(2027, 1, 1, tzinfo=UTC)))
    needs_steps = {kind for kind in Kind if Point.STEPS in missed(replace(GOOD, kind=kind, steps=""))}
    assert needs_steps == {Kind.FAQ, Kind.BEST_PRACTICE, Kind.PROCEDURE}


def test_the_share_is_of_the_points_that_are_asked_for():
    assert share_met(check(GOOD, has_owner=True)) == 1
    assert share_met(check(GOOD, has_owner=False)) == 7 / 8
    assert share_met(check(replace(GOOD, kind=Kind.CASE, script="", steps=""), has_owner=False)) == 4 / 5
    assert share_met([]) == 1


def test_another_list_of_words_is_another_version(tmp_path):
    assert Standard(INTERNAL).version == Standard(INTERNAL).version != Standard(INTERNAL[1:]).version
    assert Standard(INTERNAL).check(replace(GOOD, script="派单"), has_owner=True) != Standard().check(
        replace(GOOD, script="派单"), has_owner=True
    )
    assert read(tmp_path) == Standard()
    assert read(PROJECT / "content").internal


def test_the_shipped_words_can_be_read():
    words = read_words((PROJECT / "content/standard/internal_words.txt").read_text(encoding="utf-8"))
    assert InternalWord("派单", "安排师傅") in words
    assert InternalWord("后台") in words
    assert len(words) > 20
    assert read_words("# 说明\n\n  甲 => 乙 # 为什么\n丙") == (InternalWord("甲", "乙"), InternalWord("丙"))
