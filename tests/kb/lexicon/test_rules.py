from datetime import timedelta

import pytest

from kb.errors import InvalidInputError
from kb.lexicon.models import Direction
from kb.lexicon.rules import PinFacts, SynonymFacts, WordFacts, checked_pin, checked_synonym, checked_word, fold, terms
from tests.support.installation import START


def one_way(said, ours, note=""):
    return SynonymFacts(direction=Direction.ONE_WAY, said=terms(said), ours=terms(ours), note=note)


def two_way(said):
    return SynonymFacts(direction=Direction.TWO_WAY, said=terms(said))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("盒子，机顶盒", ("盒子", "机顶盒")),
        ("盒子、ＩＰＴＶ；猫\n盒子", ("盒子", "iptv", "猫")),
        (" , 、", ()),
        ("5G  套餐", ("5g 套餐",)),
    ],
)
def test_terms_are_parted_the_way_people_part_them(text, found):
    assert terms(text) == found


def test_a_synonym_reads_as_a_line_of_the_file():
    assert checked_synonym(one_way("盒子", "机顶盒, 光猫")).line == "盒子 => 机顶盒, 光猫"
    assert checked_synonym(two_way("机顶盒, 盒子")).line == checked_synonym(two_way("盒子、机顶盒")).line


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (two_way("盒子"), "said"),
        (two_way("盒子, 盒子"), "said"),
        (one_way("", "光猫"), "said"),
        (one_way("猫", ""), "ours"),
        (one_way("猫, 光猫", "光猫"), "ours"),
        (one_way("猫" * 21, "光猫"), "said"),
        (one_way("……", "光猫"), "said"),
        (one_way("a=>b", "光猫"), "said"),
        (one_way("\n".join(f"猫{n}" for n in range(13)), "光猫"), "said"),
        (one_way("猫", "光猫", "长" * 201), "note"),
    ],
)
def test_a_synonym_that_makes_no_sense_names_the_field(facts, field):
    with pytest.raises(InvalidInputError) as raised:
        checked_synonym(facts)
    assert raised.value.field == field


@pytest.mark.parametrize(("text", "kept"), [("云宽带", "云宽带"), ("ＦＴＴＲ", "fttr"), (" 5G消息 ", "5g消息")])
def test_a_word_is_kept_folded(text, kept):
    assert checked_word(WordFacts(text=text)).text == kept


@pytest.mark.parametrize("text", ["", "云", "云 宽带", "云，宽带", "云" * 17])
def test_what_is_no_word_is_refused(text):
    with pytest.raises(InvalidInputError) as raised:
        checked_word(WordFacts(text=text))
    assert raised.value.field == "text"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"query": "？！"}, "query"),
        ({"query": "长" * 101}, "query"),
        ({"query": "\ufdfa" * 30}, "query"),
        ({"position": 0}, "position"),
        ({"position": 10}, "position"),
        ({"valid_from": START, "valid_until": START}, "valid_until"),
        ({"note": "长" * 201}, "note"),
    ],
)
def test_a_pin_that_makes_no_sense_names_the_field(changes, field):
    with pytest.raises(InvalidInputError) as raised:
        checked_pin(PinFacts(**{"query": "断网", "entry": "a", **changes}))
    assert raised.value.field == field


def test_a_pin_may_be_open_on_either_side():
    assert (
        checked_pin(PinFacts(query=" 断网  了 ", entry=" a ", valid_until=START + timedelta(days=1))).query == "断网 了"
    )


def test_folding_is_one_spelling():
    assert fold("　ＡＢＣ  光猫 ") == "abc 光猫"
