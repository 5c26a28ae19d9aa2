from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import InvalidInputError
from kb.questions.grading import Answer, Grade, fits, grade
from kb.questions.rules import Difficulty, Item, Kind, checked
from kb.questions.showing import meant, order, shown

SINGLE = Item(kind=Kind.SINGLE, prompt="红灯是什么？", options=("光纤断了", "欠费", "网卡坏了"), right=(0,))
MULTIPLE = replace(SINGLE, kind=Kind.MULTIPLE, right=(0, 2))
STEPS = Item(kind=Kind.ORDER, prompt="排好", options=("看灯", "插紧", "重启", "报装维"))
CLOZE = Item(kind=Kind.CLOZE, prompt="填空", text="每月 [[19 元|19块]]，[[3]] 天内到账。")
WHICH = replace(SINGLE, kind=Kind.WHICH_ENTRY, entries=("los", "fee", "card"))


@pytest.mark.parametrize(
    ("item", "field"),
    [
        (replace(SINGLE, prompt=" "), "prompt"),
        (replace(SINGLE, options=("一个",)), "options"),
        (replace(SINGLE, options=("同", "同", "样")), "options"),
        (replace(SINGLE, options=("长" * 301, "短")), "options"),
        (replace(SINGLE, right=()), "right"),
        (replace(SINGLE, right=(3,)), "right"),
        (replace(SINGLE, right=(0, 1)), "right"),
        (replace(STEPS, options=("看灯", "插紧")), "options"),
        (replace(WHICH, entries=("los",)), "options"),
        (replace(CLOZE, text="没有空"), "text"),
        (replace(CLOZE, text="[[|]]"), "text"),
        (replace(SINGLE, explanation="长" * 2001), "explanation"),
    ],
)
def test_what_can_not_be_asked_is_refused_with_the_field(item, field):
    with pytest.raises(InvalidInputError) as problem:
        checked(item)
    assert problem.value.field == field


def test_what_a_kind_has_no_use_for_is_not_kept():
    assert checked(replace(STEPS, right=(1,), entries=("x",), text="x")) == STEPS
    assert checked(replace(MULTIPLE, right=(2, 0, 2))).right == (0, 2)
    assert checked(replace(CLOZE, options=("a", "b"))).options == ()
    assert CLOZE.blanks == (("19 元", "19块"), ("3",))
    assert checked(replace(SINGLE, difficulty=Difficulty.HARD)).difficulty is Difficulty.HARD


@pytest.mark.parametrize(
    ("item", "answer", "right", "share"),
    [
        (SINGLE, Answer(places=(0,)), True, 1),
        (SINGLE, Answer(places=(1,)), False, 0),
        (WHICH, Answer(places=(0,)), True, 1),
        (MULTIPLE, Answer(places=(2, 0)), True, 1),
        (MULTIPLE, Answer(places=(0,)), False, 0.5),
        (MULTIPLE, Answer(places=(0, 1, 2)), False, 0.5),
        (MULTIPLE, Answer(places=(1,)), False, 0),
        (STEPS, Answer(places=(0, 1, 2, 3)), True, 1),
        (STEPS, Answer(places=(1, 2, 3, 0)), False, 2 / 3),
        (STEPS, Answer(places=(3, 2, 1, 0)), False, 0),
        (CLOZE, Answer(texts=("１９元。", "3")), True, 1),
        (CLOZE, Answer(texts=("19块", "三")), False, 0.5),
    ],
)
def test_grades(item, answer, right, share):
    assert grade(item, answer) == Grade(right=right, share=share)
    assert Answer.from_json(answer.to_json()) == answer


def test_a_point_between_digits_is_another_number():
    assert not fits("15", ["1.5"])
    assert fits(" １.５ ", ["1.5"])
    assert fits("WiFi", ["wi-fi"])
    assert not fits("。", ["。"])


@given(st.text(min_size=1, max_size=12))
def test_a_page_learns_the_options_and_not_which_is_right(seed):
    for item in (SINGLE, MULTIPLE, STEPS, WHICH):
        page = shown(item, seed)
        assert sorted(page.options) == sorted(item.options)
        assert not hasattr(page, "right")
        places = order(item, seed)
        wanted = item.right or tuple(range(len(item.options)))
        assert grade(item, meant(item, seed, [places.index(place) for place in wanted])).right
    assert shown(STEPS, seed).options != STEPS.options
    assert shown(CLOZE, seed).parts == ("每月 ", "，", " 天内到账。")


@pytest.mark.parametrize(
    ("item", "chosen", "texts"),
    [(SINGLE, [], ()), (SINGLE, [3], ()), (SINGLE, [0, 1], ()), (MULTIPLE, [0, 0], ()), (STEPS, [0, 1], ()),
     (CLOZE, [], ("19 元",)), (CLOZE, [], ("19 元", " "))],
)  # fmt: skip
def test_an_answer_that_is_none_is_refused(item, chosen, texts):
    with pytest.raises(InvalidInputError):
        meant(item, "seed", chosen, texts)
