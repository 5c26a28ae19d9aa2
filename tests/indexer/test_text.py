import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.normalise import normalise, normalise_with_map
from indexer.text import TermKind


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("手機沒訊號", "手机没讯号"),
        ("ＰＵＫ　碼", "puk 码"),
        ("WiFi５Ｇ", "wifi5g"),
        ("光貓閃紅燈", "光猫闪红灯"),
        ("①㎏", "1kg"),
    ],
)
def test_one_spelling_for_every_way_to_write(written, meant):
    assert normalise(written) == meant
    assert normalise_with_map(written)[0] == meant


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_every_normalised_character_has_a_place_in_the_original(text):
    normalised, places = normalise_with_map(text)
    assert len(normalised) == len(places)
    assert list(places) == sorted(places)
    assert all(0 <= place < len(text) for place in places)


def test_words_are_the_centres_own_and_their_parts(analysis):
    words = {token.text for token in analysis.tokens("我想携号转网").words}
    assert {"携号转网", "携号", "转网"} <= words


def test_positions_count_units_whatever_the_segmentation(analysis):
    tokens = analysis.tokens("年费怎么退")
    assert [(token.text, token.position) for token in tokens.characters] == [
        ("年", 0),
        ("费", 1),
        ("怎", 2),
        ("么", 3),
        ("退", 4),
    ]
    at = {token.text: token.position for token in tokens.words}
    assert at["年费"] == 0
    assert at["怎么"] == 2
    assert at["退"] == 4


def test_letters_and_digits_are_one_unit(analysis):
    assert [token.text for token in analysis.tokens("LOS灯亮5G").characters] == ["los", "灯", "亮", "5g"]


def test_punctuation_leaves_a_gap_and_white_space_none(analysis):
    tokens = analysis.tokens("红灯，断网 报修")
    position = {token.text: token.position for token in tokens.characters}
    assert position["断"] == position["灯"] + 2
    assert position["报"] == position["网"] + 1
    bigrams = {token.text for token in tokens.bigrams}
    assert "灯断" not in bigrams
    assert "网报" in bigrams


@given(st.text(max_size=60))
def test_tokens_stand_where_they_say(analysis, text):
    tokens = analysis.tokens(text)
    for kind in TermKind:
        for token in tokens.of(kind):
            if kind in (TermKind.WORD, TermKind.CHARACTER):
                assert token.text in tokens.normalised[token.start : token.end]
            assert token.position >= 0
    positions = [token.position for token in tokens.characters]
    assert positions == sorted(set(positions))


def test_nothing_in_nothing_out(analysis):
    tokens = analysis.tokens(" ，。！ ")
    assert all(tokens.of(kind) == () for kind in TermKind)


def pinyin(analysis, text):
    return {token.text for token in analysis.tokens(text).pinyin}


def test_homophones_share_their_pairs_of_syllables(analysis):
    assert {"shou ji", "ji mei"} <= pinyin(analysis, "手机没信号") & pinyin(analysis, "手几没信号")


def test_a_word_is_also_its_initials_and_its_spelling(analysis):
    assert {"@jdh", "@jidinghe"} <= pinyin(analysis, "机顶盒")
    assert "@jdh" in pinyin(analysis, "JDH")
    assert "@jidinghe" in pinyin(analysis, "jidinghe坏了")


def test_neighbours_decide_how_a_character_is_read(analysis):
    assert "@chongzhi" in pinyin(analysis, "充值")
    assert "yin hang" in pinyin(analysis, "银行")
    assert "xing zou" in pinyin(analysis, "行走")


def test_no_pair_reaches_across_punctuation(analysis):
    assert "deng duan" not in pinyin(analysis, "红灯，断网")


@given(st.text(st.sampled_from("手機没讯号訊號發髮乾隆瞭然一目後面只隻Ａｂ５，。①…İ\n 𠮷😀"), max_size=30))
def test_the_map_spells_as_the_index_does(text):
    assert normalise_with_map(text)[0] == normalise(text)


def test_half_a_character_is_replaced_and_the_rest_is_kept():
    assert normalise("\ud800手機") == "\ufffd手机"
    assert normalise_with_map("\ud800手機")[0] == "\ufffd手机"
