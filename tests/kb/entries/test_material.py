from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.entries.material import THRESHOLD, difference, is_material
from kb.permissions import Role
from tests.support.factories import CONTENT

REWRITTEN = replace(CONTENT, steps="先断电一分钟，再看灯；仍红就派单，不要让客户自己拆光猫。")


@pytest.mark.parametrize("said", [True, False, None])
def test_what_says_the_same_is_never_material(said):
    assert not is_material(said, CONTENT, CONTENT)
    assert not is_material(said, CONTENT, replace(CONTENT, title="别的标题", wordings=("新说法",)))
    assert not is_material(said, CONTENT, replace(CONTENT, answer=CONTENT.answer.replace("，", "；")))


def test_a_small_edit_is_what_the_editor_says():
    small = replace(CONTENT, script=CONTENT.script + "好的")
    assert 0 < difference(CONTENT, small) < THRESHOLD
    assert is_material(True, CONTENT, small)
    assert not is_material(False, CONTENT, small)
    assert not is_material(None, CONTENT, small)


@pytest.mark.parametrize(
    "after",
    [
        REWRITTEN,
        replace(CONTENT, steps=CONTENT.steps.replace("1.", "3.")),
        replace(CONTENT, regions=("wanglan",)),
        replace(CONTENT, audience=(Role.EXPERT,)),
    ],
)
def test_a_large_or_decisive_edit_is_material_whatever_is_said(after):
    assert is_material(False, CONTENT, after)
    assert is_material(None, CONTENT, after)


@given(one=st.text(max_size=60), other=st.text(max_size=60))
def test_the_difference_is_a_share(one, other):
    assert 0 <= difference(replace(CONTENT, body=one), replace(CONTENT, body=other)) <= 1
