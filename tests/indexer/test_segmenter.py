import random
from pathlib import Path

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


@pytest.mark.parametrize("guess", [True, False])
def test_cuts_as_jieba_does(segmenter, guess):
    oracle = segmenter._tokenizer
    for text in [*sample_texts(), *random_texts()]:
        assert segmenter.pieces(text, guess=guess) == list(oracle.cut(text, HMM=guess)), text


def sample_texts() -> list[str]:
    paths = sorted(Path("content").rglob("*.md"))
    return [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()][:4000]


def random_texts() -> list[str]:
    """Return texts of what a cutter may stumble over, side by side as nobody would write it."""
    chance = random.Random(3)
    parts = [
        *"的机顶盒光猫装幕墙宝坏开通鼗𠮷 \t\r\n，。！aZ9+#&._%-é",
        "\r\n",
        "T恤",
        "5G",
        "LOS",
        "1.5%",
        "开幕墙",
        "百分之五",
        "不含税",
    ]
    return ["".join(chance.choices(parts, k=chance.randrange(1, 40))) for _ in range(2000)]
