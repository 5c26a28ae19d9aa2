from indexer.highlight import MAX_PASSAGES, PASSAGE, Marker
from indexer.query import understand


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
