import pytest

from indexer.query import MAX_LENGTH, SYNONYM_WEIGHT, understand
from indexer.text import TermKind


def content(query):
    return "".join(query.normalised[place] for place in sorted(query.content))


def weights(query, kind=TermKind.WORD):
    return {term.text: term.weight for term in query.terms if term.kind is kind}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("请问怎么携号转网", "携号转网"),
        ("我没开咋扣钱", "没开扣钱"),  # 咋 is dialect for filler
        ("盒子亮红灯了吗", "盒子亮红灯"),
        ("费", "费"),
    ],
)
def test_filler_says_nothing(analysis, asked, says):
    assert content(understand(asked, analysis)) == says


def test_nothing_but_filler_is_what_they_ask_for(analysis):
    assert content(understand("怎么了", analysis)) == "怎么了"


def test_what_the_caller_said_is_also_looked_for_in_the_centres_words(analysis):
    found = weights(understand("电话里那歌不要了", analysis))
    assert found["那歌"] == 1.0
    assert found["彩铃"] == SYNONYM_WEIGHT


def test_a_synonym_counts_only_as_a_word_of_its_own(analysis):
    assert "光猫" in weights(understand("猫闪红灯", analysis))
    assert weights(understand("光猫闪红灯", analysis))["光猫"] == 1.0


def test_a_synonym_accounts_for_what_it_stands_for(analysis):
    query = understand("那歌", analysis)
    term = next(term for term in query.terms if term.text == "彩铃")
    assert term.covers == {0, 1}


@pytest.mark.parametrize("quotes", ['"%s"', "“%s”", "「%s」", "『%s』"])
def test_quotes_make_a_phrase(analysis, quotes):
    assert understand(quotes % "年费怎么退" + " 宽带", analysis).phrases == (tuple("年费怎么退"),)


@pytest.mark.parametrize("text", ['"', '""', '"，"', "“没有收尾"])
def test_broken_quotes_are_no_phrase(analysis, text):
    assert understand(text, analysis).phrases == ()


@pytest.mark.parametrize("text", ["", "   ", "？！", "\x00\x1f\x1e"])
def test_nothing_to_look_for(analysis, text):
    assert understand(text, analysis).terms == ()


def test_a_long_story_is_cut(analysis):
    assert len(understand("网" * 10_000, analysis).normalised) == MAX_LENGTH


@pytest.mark.parametrize(("text", "needed"), [("费", 1), ("红灯", 1), ("红灯闪", 2), ("光猫红灯断网报修", 4)])
def test_half_of_what_was_said_must_be_accounted_for_but_never_more_than_four_places(analysis, text, needed):
    assert understand(text, analysis).needed == needed


def test_initials_are_looked_for_only_where_letters_were_typed(analysis):
    assert "@jdh" in weights(understand("jdh坏了", analysis), TermKind.PINYIN)
    written = weights(understand("机顶盒坏了", analysis), TermKind.PINYIN)
    assert "ji ding" in written
    assert not [term for term in written if term.startswith("@")]


def test_a_rare_word_accounts_for_the_whole_question(analysis):
    query = understand("魏玩的弟弟是谁", analysis)
    terms = {(term.kind, term.text): term for term in query.terms}
    word = terms[TermKind.WORD, "弟弟"]
    assert query.accounts_for(word) == word.covers
    assert query.accounts_for(word, rare=True) == query.content
    pair = terms[TermKind.PINYIN, "di di"]
    assert query.accounts_for(pair, rare=True) != query.content


@pytest.mark.parametrize(("text", "counts"), [("首几", True), ("首几昨晚掉水里了", False)])
def test_a_pair_of_syllables_is_an_answer_only_to_a_short_question(analysis, text, counts):
    query = understand(text, analysis)
    term = next(term for term in query.terms if term.text == "shou ji")
    assert bool(query.accounts_for(term)) is counts
