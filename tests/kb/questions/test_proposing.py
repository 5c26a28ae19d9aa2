from dataclasses import replace

from kb.questions.proposing import Near, fingerprint, lines, proposals
from kb.questions.rules import Kind, checked
from tests.support.factories import CONTENT

FULL = replace(
    CONTENT,
    steps="1. 看 **LOS** 灯\n   看清颜色\n2. 插紧尾纤\n3. 重启光猫",
    script="您好，我先帮您查。更换光猫收费 100 元，三天内上门。",
    exceptions="- 企业专线不收费\n- 保修期内不收费",
    transfer_to="装维派单",
)
NEAR = [
    Near(
        "slow", replace(CONTENT, title="上网慢", answer="先测速。", transfer_to="网络投诉", exceptions="- 校园网另算")
    ),
    Near("move", replace(CONTENT, title="移机", answer="先核地址。", transfer_to="装维派单")),
]


def by_kind(content, near):
    return {item.kind: item for item in map(checked, proposals("los", content, near))}


def test_structure_gives_drafts_of_every_kind():
    found = by_kind(FULL, NEAR)
    assert set(found) == set(Kind)
    assert found[Kind.ORDER].options == ("看 LOS 灯", "插紧尾纤", "重启光猫")
    assert found[Kind.CLOZE].text == "更换光猫收费 [[100 元]]，三天内上门。"
    which = found[Kind.WHICH_ENTRY]
    assert which.options == (CONTENT.title, "上网慢", "移机")
    assert which.entries == ("los", "slow", "move")
    assert found[Kind.MULTIPLE].right == (0, 1)
    assert "校园网另算" in found[Kind.MULTIPLE].options


def test_without_near_entries_only_what_needs_no_wrong_answers_is_proposed():
    assert set(by_kind(FULL, [])) == {Kind.ORDER, Kind.CLOZE}
    assert list(proposals("los", replace(CONTENT, script="", steps="只有一步"), [])) == []


def test_a_fingerprint_is_of_what_is_asked_and_not_of_the_wrong_answers():
    one, other = by_kind(FULL, NEAR), by_kind(FULL, NEAR[:1])
    assert fingerprint(one[Kind.WHICH_ENTRY]) == fingerprint(other[Kind.WHICH_ENTRY])
    moved = by_kind(replace(FULL, steps="1. 插紧尾纤\n2. 看 LOS 灯\n3. 重启光猫"), NEAR)
    assert fingerprint(one[Kind.ORDER]) != fingerprint(moved[Kind.ORDER])


def test_points_of_a_list_without_their_marks():
    assert lines("# 步骤\n\n（1）看灯\n② 插紧\n说明一句") == ("看灯", "插紧")
    assert lines("一行\n另一行\n一行") == ("一行", "另一行")
