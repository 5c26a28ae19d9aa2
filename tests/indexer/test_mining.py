import random

import pytest

from indexer.mining import mine, propose, runs
from tests.support import lexicon

FILLERS = ["怎么", "办理", "多少", "钱", "我", "的", "开", "了", "坏", "退", "费用", "密码", "宽带", "手机"]


def talk(seed, word, times, noise=300):
    """Return random talk in which the pieces of *word* always stand together."""
    chance = random.Random(seed)
    texts = [[chance.choice(FILLERS) for _ in range(chance.randint(2, 6))] for _ in range(noise)]
    for text in chance.sample(texts, times):
        place = chance.randint(0, len(text))
        text[place:place] = word
    return texts


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("word", [["魔", "百", "和"], ["幕墙", "宝"], ["全屋", "光", "宽"]])
def test_pieces_that_always_stand_together_are_one_word(seed, word):
    found = mine(talk(seed, word, 12), stopwords={"的", "了"})
    assert found[0].pieces == tuple(word)
    assert found[0].count == 12


@pytest.mark.parametrize("seed", range(5))
def test_talk_without_such_a_word_proposes_nothing(seed):
    assert mine(talk(seed, ["怎么"], 12), stopwords={"的", "了"}) == []


def test_too_few_are_no_evidence():
    assert mine(talk(1, ["幕墙", "宝"], 2)) == []


def test_a_piece_that_is_always_followed_by_the_same_is_no_word():
    """幕墙宝 never ends anywhere: it is the beginning of 幕墙宝盒."""
    assert [item.text for item in mine(talk(1, ["幕墙", "宝", "盒"], 12))] == ["幕墙宝盒"]


def test_words_do_not_begin_or_end_with_filler():
    assert mine(talk(1, ["幕墙", "的"], 12), stopwords={"的"}) == []


def test_nothing_of_nothing():
    assert mine([]) == []
    assert mine([[], ["一"]]) == []


def test_runs_end_at_punctuation_and_white_space(analysis):
    assert list(runs(analysis.segmenter, "光猫，红灯 亮了")) == [("光猫",), ("红灯",), ("亮", "了")]


def test_known_and_unwanted_words_are_not_proposed(analysis):
    questions = lexicon.asked("幕墙宝", "魔百盒")
    found = propose(analysis.segmenter, analysis.dictionary, questions, unwanted={"魔百盒"})
    assert [item.text for item in found] == ["幕墙宝"]
    assert found[0].examples == ("买幕墙宝的资费", "退幕墙宝坏掉", "装幕墙宝怎么办理")
    assert propose(analysis.segmenter, analysis.dictionary, []) == []
