import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.dictionary import Dictionary, Word
from indexer.highlight import MAX_PASSAGES, PASSAGE, Marker
from indexer.query import understand
from indexer.text import Analysis


def marker(analysis, text):
    return Marker(understand(text, analysis), analysis)


def test_what_matched_is_marked_as_it_was_written(analysis):
    assert marker(analysis, "手机没讯号").mark("我的手機沒訊號了") == "我的<mark>手機沒訊號</mark>了"
    assert marker(analysis, "puk").mark("输错ＰＵＫ十次") == "输错<mark>ＰＵＫ</mark>十次"


def test_everything_else_is_escaped(analysis):
    marked = marker(analysis, "红灯").mark('<script>红灯</script>&"')
    assert marked == "&lt;script&gt;<mark>红灯</mark>&lt;/script&gt;&amp;&#34;"


def test_the_text_itself_cannot_bring_marks(analysis):
    assert marker(analysis, "红灯").mark("<mark>红灯") == "&lt;mark&gt;<mark>红灯</mark>"


def test_the_wording_that_matches_most_wins_and_the_shorter_of_equals(analysis):
    found = marker(analysis, "盒子亮红灯").best_text(["红灯", "家里盒子亮红灯了", "盒子亮红灯"])
    assert found == "<mark>盒子亮红灯</mark>"
    assert marker(analysis, "盒子亮红灯").best_text(["发票怎么开"]) is None


def test_a_passage_is_cut_around_what_matched(analysis):
    text = "前面的话。" * 40 + "先把尾纤插紧再重启光猫。" + "后面的话。" * 40
    (passage,) = marker(analysis, "尾纤插紧").passages([text])
    assert "<mark>尾纤插紧</mark>" in passage
    assert passage.startswith("…")
    assert passage.endswith("…")
    assert len(passage.striptags()) <= PASSAGE + 2


def test_the_best_passages_come_first(analysis):
    found = marker(analysis, "尾纤插紧光猫").passages(["光猫", "先把尾纤插紧", "没有", "光猫光猫"])
    assert len(found) == MAX_PASSAGES
    assert "尾纤插紧" in found[0]


def test_filler_is_never_marked_not_even_beside_what_matched(analysis):
    assert marker(analysis, "我的光猫坏了怎么办").mark("我的光猫怎么换") == "我的<mark>光猫</mark>怎么换"


def test_neighbours_across_two_words_are_not_marked(analysis):
    marked = marker(analysis, "宽带账号密码忘了").mark("拨号密码")
    assert marked == "拨号<mark>密码</mark>"


def test_the_centres_word_for_what_the_caller_said_is_marked(tmp_path):
    dictionary = Dictionary(synonyms={"牵网": ("新装",)}, words=(Word("牵网"), Word("新装")))
    marked = marker(Analysis(dictionary, cache=tmp_path), "牵网").mark("宽带新装预约")
    assert marked == "宽带<mark>新装</mark>预约"


@pytest.mark.parametrize(
    ("question", "text", "marked"),
    [
        ("手几没信好", "手机无服务、没信号", "<mark>手机</mark>无服务、<mark>没信号</mark>"),
        ("押巾", "押金怎么退", "<mark>押金</mark>怎么退"),
        ("jdh卡住", "机顶盒开机卡住", "<mark>机顶盒</mark>开机<mark>卡住</mark>"),
        ("jidinghe", "換機頂盒", "換<mark>機頂盒</mark>"),
        ("guohu", "号码过户", "号码<mark>过户</mark>"),
        ("dzfp", "电子发票开具", "<mark>电子发票</mark>开具"),
    ],
)
def test_the_characters_that_a_sound_stands_for_are_marked(analysis, question, text, marked):
    assert marker(analysis, question).mark(text) == marked


def test_what_was_found_as_typed_is_not_listened_for(analysis):
    assert marker(analysis, "没信号").mark("新号没信号") == "新号<mark>没信号</mark>"


def test_a_reading_nobody_uses_marks_nothing(analysis):
    assert "<mark>" not in marker(analysis, "好提").mark("号是谁的")  # 是 was once read ti


def test_single_characters_are_marked_where_together_they_would_be_an_answer(analysis):
    assert marker(analysis, "盒子红灯").best_text(["灯是红的"]) == "<mark>灯</mark>是<mark>红</mark>的"
    assert marker(analysis, "盒子红灯").best_text(["灯不亮"]) is None
    assert marker(analysis, "盒子红灯").passages(["灯是红的"]) == ()
    assert marker(analysis, "费").passages(["开机费"]) == ("开机<mark>费</mark>",)


def test_a_code_is_not_marked_inside_a_longer_one(analysis):
    marked = marker(analysis, "提示651").mark("16510、651和LOS")
    assert marked == "16510、<mark>651</mark>和LOS"


def test_white_space_between_neighbours_does_not_matter(analysis):
    assert marker(analysis, "pon灯").mark("光猫 PON 灯闪") == "光猫 <mark>PON 灯</mark>闪"


def test_a_quoted_phrase_is_marked(analysis):
    assert marker(analysis, "“LOS PON”").mark("LOS PON 灯") == "<mark>LOS PON</mark> 灯"


def test_a_mark_above_a_letter_stays_with_it(analysis):
    assert marker(analysis, "红灯").mark("红灯\u0301亮") == "<mark>红灯\u0301</mark>亮"


def test_a_passage_shows_the_densest_cluster_and_begins_with_its_sentence(analysis):
    text = "先说光猫。" + "别的话，" * 40 + "再看这里。光猫的尾纤插紧，红灯就灭。" + "别的话，" * 40
    (passage,) = marker(analysis, "光猫尾纤红灯").passages([text])
    assert passage.startswith("…<mark>光猫</mark>的<mark>尾纤</mark>插紧，<mark>红灯</mark>就灭。")


def test_a_text_of_sounds_and_codes_alone_is_marked_in_passages_too(analysis):
    assert marker(analysis, "押巾").passages(["先交押金。"]) == ("先交<mark>押金</mark>。",)
    assert marker(analysis, "押巾").passages(["先交押金，再押巾。"]) == ("先交押金，再<mark>押巾</mark>。",)


TEXTS = st.text(
    st.one_of(
        st.sampled_from(
            "<>&\"'红灯亮盒子手機机顶没信号号碼的 \n\u0301\u20e3\u200d\ufe0f😀👨𠮷…①ＬＯＳlos651\x00\ud800\udfff"
        ),
        st.characters(),
    ),
    max_size=120,
)
QUESTIONS = [
    "盒子LOS亮红灯",
    "手几没信好",
    "jdh",
    "费",
    "los 651",
    "“红灯亮”",
    "的",
    "<mark>&amp;",
    "e\u0301",
    "红\x00灯",
]


@given(text=TEXTS, question=st.one_of(st.sampled_from(QUESTIONS), TEXTS))
def test_marks_are_all_that_is_added_to_the_escaped_text(analysis, text, question):
    marked = marker(analysis, question).mark(text)
    assert unmarked(marked) == text.replace("\n", " ")


@given(texts=st.lists(TEXTS, max_size=4), question=st.sampled_from(QUESTIONS))
def test_every_passage_is_a_piece_of_one_of_the_texts_with_something_marked(analysis, texts, question):
    asked = marker(analysis, question)
    best = asked.best_text(texts)
    assert best is None or unmarked(best) in [text.replace("\n", " ") for text in texts]
    for passage in asked.passages(texts):
        assert "<mark>" in passage
        assert any(unmarked(passage).strip("…") in text.replace("\n", " ") for text in texts)


@given(texts=st.lists(TEXTS, min_size=1, max_size=4), question=st.sampled_from(QUESTIONS))
def test_texts_do_not_change_what_is_marked_in_each_other(analysis, texts, question):
    asked = marker(analysis, question)
    best = asked.best_text(texts)
    assert best is None or best in [asked.mark(text) for text in texts]


def unmarked(marked):
    """Return *marked* as text, having made sure that marks are its only tags and none is empty or left open."""
    assert re.fullmatch("(?:[^<>]|<mark>[^<>]+</mark>)*", marked)
    return html.unescape(re.sub("</?mark>", "", marked))


@given(
    st.lists(
        st.sampled_from(["你好", "请问", "这个", "怎么", "的", "红灯", "jdh", "机顶盒", "我想", "，", " "]), max_size=8
    )
)
def test_any_mixture_of_filler_spaces_and_words_can_be_marked(analysis, said):
    marked = Marker(understand("".join(said), analysis), analysis).mark("这个红灯，请问机顶盒怎么亮")
    assert re.sub("</?mark>", "", marked) == "这个红灯，请问机顶盒怎么亮"
