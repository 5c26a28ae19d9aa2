import pytest

from indexer.dictionary import Dictionary, Word
from indexer.sounds import beginning, first_of_spelling, readings, sounding, sounds_of, spelled_at
from indexer.text import Analysis


@pytest.mark.parametrize(
    ("character", "syllables"),
    [("机", ("ji",)), ("行", ("xing", "hang")), ("绿", ("lv",)), ("是", ("shi",)), ("a", ()), ("，", ())],
)
def test_a_character_has_the_readings_of_everyday_words(character, syllables):
    assert readings(character) == syllables


def test_characters_are_known_by_syllable_and_by_its_first_letter():
    assert {"机", "几", "急"} <= sounding("ji")
    assert sounding("机") == frozenset()
    assert "机" in beginning("j")
    assert {"西", "先"} <= first_of_spelling("xian")


@pytest.mark.parametrize(
    ("text", "typed", "end"),
    [
        ("机顶盒", "jidinghe", 3),
        ("西安市", "xian", 2),
        ("先", "xian", None),
        ("机顶", "jidinghe", None),
        ("银行", "yinhang", 2),
    ],
)
def test_a_spelling_is_found_in_whole_syllables(text, typed, end):
    assert spelled_at(text, 0, typed) == end


def test_the_centres_words_are_known_by_their_sound(tmp_path):
    words = (Word("机顶盒"), Word("wifi"), Word("手机"))
    sounds = sounds_of(Analysis(Dictionary(words=words), cache=tmp_path))
    assert sounds.pairs == {"ji ding": {"机顶"}, "ding he": {"顶盒"}, "shou ji": {"手机"}}
    assert sounds.spellings == {"jdh": {"机顶盒"}, "jidinghe": {"机顶盒"}, "sj": {"手机"}, "shouji": {"手机"}}
