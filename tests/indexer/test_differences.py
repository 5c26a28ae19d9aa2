from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import differences
from indexer.differences import Change, Piece, after, before, compare, compare_items


def shown(pieces) -> str:
    marks = {Change.SAME: "{}", Change.REMOVED: "[-{}-]", Change.ADDED: "[+{}+]"}
    return "".join(marks[piece.change].format(piece.text) for piece in pieces)


def test_words_change_and_not_characters(analysis):
    old = "先把尾纤插紧再重启光猫，仍红灯就报装维上门。"
    new = "先把尾纤插紧再重启机顶盒，仍红灯就报装维上门。"
    assert shown(compare(old, new, analysis.segmenter.pieces)) == (
        "先把尾纤插紧再重启[-光猫-][+机顶盒+]，仍红灯就报装维上门。"
    )


def test_a_fee_reads_as_one_change(analysis):
    found = compare("首次 30 元，以后免费", "首次 50 元，以后每次 20 元", analysis.segmenter.pieces)
    assert shown(found) == "首次 [-30-][+50+] 元，以后[-免费-][+每次 20 元+]"


def test_only_the_line_that_changed_is_taken_apart(analysis):
    cut = []

    def cutting(text):
        cut.append(text)
        return analysis.segmenter.pieces(text)

    old, new = "1. 看 LOS 灯\n2. 插紧尾纤\n3. 重启\n", "1. 看 LOS 灯\n2. 拔下尾纤\n3. 重启\n"
    assert shown(compare(old, new, cutting)) == "1. 看 LOS 灯\n2. [-插紧-][+拔下+]尾纤\n3. 重启\n"
    assert cut == ["2. 插紧尾纤\n", "2. 拔下尾纤\n"]


def test_a_sentence_written_anew_does_not_fall_into_shreds(analysis):
    found = compare("您的套餐已经生效", "他的流量早就用完", analysis.segmenter.pieces)
    assert shown(found) == "[-您的套餐已经生效-][+他的流量早就用完+]"


def test_nothing_and_something():
    assert compare("", "", list) == ()
    assert compare("", "新", list) == (Piece(Change.ADDED, "新"),)
    assert compare("旧", "", list) == (Piece(Change.REMOVED, "旧"),)
    assert compare("同", "同", list) == (Piece(Change.SAME, "同"),)


def test_a_very_long_passage_is_replaced_whole(monkeypatch):
    monkeypatch.setattr(differences, "MOST_WORDS", 5)
    assert shown(compare("一二三", "一四三", list)) == "[-一二三-][+一四三+]"


def test_items_of_a_list_are_never_taken_apart():
    found = compare_items(("断网了", "没网"), ("断网了", "没有网", "上不了网"))
    assert shown(found) == "断网了[-没网-][+没有网+][+上不了网+]"


TEXTS = st.text(alphabet="光猫红灯断网30元，。的 \n\r\u2028a😀", max_size=60)


@settings(max_examples=300)
@given(TEXTS, TEXTS)
def test_applying_the_change_gives_the_other_text(analysis, old, new):
    pieces = compare(old, new, analysis.segmenter.pieces)
    assert (before(pieces), after(pieces)) == (old, new)
    assert all(piece.text for piece in pieces)
    for one, next_ in pairwise(pieces):
        assert one.change is not next_.change
        assert (one.change, next_.change) != (Change.ADDED, Change.REMOVED), "what went stands before what came"


@settings(max_examples=100)
@given(TEXTS)
def test_the_same_text_has_no_change(analysis, text):
    assert all(piece.change is Change.SAME for piece in compare(text, text, analysis.segmenter.pieces))


ITEMS = st.lists(st.sampled_from("甲乙丙丁"), max_size=8)


@given(ITEMS, ITEMS)
def test_applying_the_change_gives_the_other_list(old, new):
    pieces = compare_items(old, new)
    assert [piece.text for piece in pieces if piece.change is not Change.ADDED] == old
    assert [piece.text for piece in pieces if piece.change is not Change.REMOVED] == new
