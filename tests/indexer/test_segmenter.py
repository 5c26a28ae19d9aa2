import pytest

from indexer.dictionary import Word
from indexer.segmenter import Segmenter

SENTENCES = ["携号转网怎么办", "我要开云宽带全屋光", "盒子亮红灯上不了网", "月账单里的话费余额", "abc云宽带123"]
OURS = (Word("携号转网", 300, "n"), Word("月账单"), Word("话费余额", 200))
OTHERS = (Word("云宽带"), Word("全屋光", 50), Word("月账单"))


@pytest.fixture(scope="module")
def segmenter(shared_folder):
    return Segmenter(OURS, cache=shared_folder / "jieba")


def cut(segmenter):
    return [
        [(piece, list(segmenter.parts(piece))) for piece in segmenter.pieces(text, guess=guess)]
        for text in SENTENCES
        for guess in (True, False)
    ]


def test_changed_words_cut_like_a_new_segmenter_with_them(segmenter, shared_folder):
    changed = segmenter.with_words(OTHERS)
    new = Segmenter(OTHERS, cache=shared_folder / "jieba")
    assert cut(changed) == cut(new)
    assert changed._tokenizer.FREQ == new._tokenizer.FREQ
    assert changed._tokenizer.total == new._tokenizer.total


def test_there_and_back_again_is_where_it_was(segmenter):
    before = cut(segmenter)
    back = segmenter.with_words(OTHERS).with_words(()).with_words(OURS)
    assert cut(back) == before
    assert back._tokenizer.FREQ == segmenter._tokenizer.FREQ


def test_the_first_one_is_left_alone(segmenter):
    before = cut(segmenter)
    segmenter.with_words(OTHERS)
    assert cut(segmenter) == before


def test_words_that_cut_alike_share_it(segmenter):
    assert segmenter.with_words((Word("携号转网", 300), *OURS[1:])) is segmenter
