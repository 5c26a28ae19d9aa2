import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.drafting.fields import NAMES, to_form
from kb.drafting.merging import Result, applied, merge, merge_items, merge_text
from tests.support import factories

TEXTS = st.text("先再重启插紧光猫。\n", max_size=14)
BASE = "先把尾纤插紧，再重启光猫。"


cut = re.compile(r"尾纤|网线|电源|\d+|.", re.DOTALL).findall


@pytest.mark.parametrize(
    ("theirs", "mine", "result", "merged"),
    [
        (BASE, "先把网线插紧，再重启光猫。", Result.MINE, "先把网线插紧，再重启光猫。"),
        ("先把网线插紧，再重启光猫。", BASE, Result.THEIRS, "先把网线插紧，再重启光猫。"),
        ("先把网线插紧，再重启光猫。", "先把尾纤插紧，再重启路由器。", Result.MERGED, "先把网线插紧，再重启路由器。"),
        ("一样的改法", "一样的改法", Result.MERGED, "一样的改法"),
        ("先把网线插紧，再重启光猫。", "先把电源插紧，再重启光猫。", Result.CONFLICT, "先把网线电源插紧，再重启光猫。"),
        (BASE + "后加甲", BASE + "后加乙", Result.CONFLICT, BASE + "后加甲后加乙"),
        ("", BASE + "仍红灯就报修。", Result.CONFLICT, BASE + "仍红灯就报修。"),
    ],
)
def test_a_text_merges_by_words(theirs, mine, result, merged):
    found = merge_text(BASE, theirs, mine, cut)
    assert (found.result, found.value) == (result, merged)


@given(TEXTS, TEXTS, TEXTS)
def test_whoever_changed_nothing_gets_the_other_and_no_word_is_lost(base, theirs, mine):
    assert merge_text(base, base, mine, cut).value == mine
    assert merge_text(base, theirs, base, cut).value == theirs
    both = merge_text(base, theirs, mine, cut)
    turned = merge_text(base, mine, theirs, cut)
    assert (both.result is Result.CONFLICT) == (turned.result is Result.CONFLICT)
    if both.result is Result.MERGED and theirs != mine:
        assert both.value == turned.value
    for added in set(theirs + mine) - set(base):
        assert added in both.value


ITEMS = st.lists(st.sampled_from("甲乙丙丁戊"), unique=True, max_size=5)


@given(ITEMS, ITEMS, ITEMS)
def test_a_list_holds_what_either_added_and_nothing_that_either_removed(base, theirs, mine):
    merged = merge_items(base, theirs, mine)
    assert len(merged) == len(set(merged))
    assert set(merged) == (set(theirs) | set(mine)) - (set(base) - (set(theirs) & set(mine)))


def test_an_entry_merges_by_field():
    base = to_form(factories.content(fees="30 元"), "Asia/Shanghai")
    theirs = {
        **base,
        "title": "光猫红灯",
        "wordings": [*base["wordings"], "他加的"],
        "kind": "article",
        "fees": "40 元",
    }
    mine = {**base, "wordings": [*base["wordings"][1:], "我加的"], "kind": "case", "deadlines": "两天", "fees": "50 元"}
    found = {item.name: item for item in merge(base, theirs, mine, cut)}
    assert {name: item.result for name, item in found.items()} == {
        "title": Result.THEIRS,
        "kind": Result.CONFLICT,
        "wordings": Result.MERGED,
        "fees": Result.CONFLICT,
        "deadlines": Result.MINE,
    }
    assert found["wordings"].merged == [*base["wordings"][1:], "他加的", "我加的"]
    assert found["fees"].merged == "4050 元", "both figures stay until somebody decides"
    fields = applied(theirs, {name: item.merged for name, item in found.items()})
    assert set(fields) == set(NAMES)
    assert (fields["title"], fields["deadlines"], fields["script"]) == ("光猫红灯", "两天", base["script"])


def test_two_entries_become_one():
    theirs = to_form(factories.content(fees="30 元"), "Asia/Shanghai")
    mine = {**theirs, "title": "另一个标题", "fees": "", "deadlines": "两天", "wordings": ["我的"], "steps": "1. 我的"}
    found = {item.name: item for item in merge(None, theirs, mine, cut)}
    assert {name: item.result for name, item in found.items()} == {
        "title": Result.CONFLICT,
        "wordings": Result.MERGED,
        "steps": Result.CONFLICT,
        "fees": Result.THEIRS,
        "deadlines": Result.MINE,
    }
    assert found["steps"].merged == f"{theirs['steps']}\n\n1. 我的"
    assert found["title"].merged == theirs["title"]
    assert found["wordings"].merged == [*theirs["wordings"], "我的"]
