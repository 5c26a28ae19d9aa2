from hypothesis import given
from hypothesis import strategies as st

from kb.documents import drafting, rules
from kb.documents.document import Section
from kb.documents.drafting import Choice
from kb.entries.content import Kind


def section(level, heading, text="", **fields):
    return Section(level=level, heading=heading, text=text, fields=fields)


TEXT = "这一条要说的话有这么长，才算是一条答案。" * 4
SECTIONS = [
    section(1, "第一章 账单"),
    section(2, "1.1 明细", TEXT),
    section(3, "话术", "您好"),
    section(3, "其他", "补充"),
    section(2, "1.2 缴费", TEXT),
    section(1, "第二章 宽带"),
    section(2, "2.1 断网", TEXT),
]


def test_a_document_is_cut_where_parts_are_answers():
    assert rules.levels(SECTIONS) == {1: 2, 2: 3, 3: 2}
    assert rules.sensible_level(SECTIONS) == 2
    found = rules.parts(SECTIONS, rules.at_level(SECTIONS, 2))
    assert [(part.start, part.path, part.is_empty) for part in found] == [
        (0, (), True),
        (1, ("第一章 账单",), False),
        (4, ("第一章 账单",), False),
        (5, (), True),
        (6, ("第二章 宽带",), False),
    ]
    assert [drafting.title_of(part) for part in found] == ["账单", "明细", "缴费", "宽带", "断网"]


def test_a_part_says_how_much_is_in_it():
    table = "| 档位 | 月费 | 说明 |\n| --- | --- | --- |\n| 甲 | 1 | 无 |"
    (part,) = rules.parts([section(1, "甲", f"{table}\n\n{table}\n\n![图](/imports/pictures/ab)")], ())
    assert (part.tables, part.pictures) == (2, 1)


def test_cuts_are_added_and_taken_away():
    cuts = rules.at_level(SECTIONS, 2)
    assert rules.joined(cuts, 4) == (0, 1, 5, 6)
    assert rules.joined(cuts, 0) == cuts
    assert rules.parted(cuts, 2) == (0, 1, 2, 4, 5, 6)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.text("甲乙丙。#|", max_size=8)), min_size=1, max_size=12),
    st.sets(st.integers(-2, 14)),
)
def test_no_text_is_lost_however_it_is_cut(raw, cuts):
    sections = [section(level, f"标题{index}", text) for index, (level, text) in enumerate(raw)]
    parts = rules.parts(sections, cuts)
    assert [item for part in parts for item in part.sections] == sections
    choice = Choice(kind=Kind.FAQ, module_key="m", tier_key="t")
    for part in parts:
        content = drafting.content_of(part, drafting.title_of(part), choice)
        assert all(item.text.strip() in content.body for item in part.sections)


def test_a_row_with_too_long_an_answer_keeps_it_in_the_body():
    long = "第一句。" + "很长" * 200
    (part,) = rules.parts([section(1, "退订", "", answer=long)], ())
    content = drafting.content_of(part, "退订", Choice(kind=Kind.FAQ, module_key="m", tier_key="t"))
    assert (content.answer, content.body) == ("第一句。", long)


def test_what_an_answer_is_taken_from():
    assert drafting.first_sentence("| 表 |\n| --- |\n\n![图](x)\n\n1. **先**看灯。再重启") == "先看灯。"
    assert drafting.first_sentence("![图](x)") == ""
