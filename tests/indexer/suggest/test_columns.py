import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from indexer.embedded.columns import container
from indexer.suggest import columns
from indexer.suggest.alphabet import squeeze
from indexer.suggest.columns import SuggestColumns
from indexer.suggest.typed import Tier

TEXTS = (
    "机顶盒没信号",
    "广电机顶盒怎么重启",
    "激动",
    "绿色通道",
    "光猫 LOS 红灯",
    "5G套餐",
    "银行卡代扣",
    "重庆漫游",
    "機頂盒黑屏",
    "",
    "西安营业厅",
    "先办后付",
    "？！",
    "中国移动",
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    path = tmp_path_factory.mktemp("columns") / "segment"
    container.write(path, columns.arrays(TEXTS))
    return SuggestColumns(container.read(path))


def found(opened, text, tier=Tier.SPELLED):
    return [TEXTS[unit] for unit in opened.match(text, tier)]


@pytest.mark.parametrize("text", ["机", "机顶", "机顶盒", "機頂", " 机顶 ", "机顶，盒"])
def test_chinese_finds_what_begins_so_in_either_script(opened, text):
    assert found(opened, text, Tier.LITERAL) == ["机顶盒没信号", "機頂盒黑屏"]


@pytest.mark.parametrize(
    "text",
    ["jidinghe", "jidingh", "jidi", "jdh", "JDH", "jdinghe", "ji ding he", "机顶h", "机顶he", "jiding盒", "j顶盒"],
)
def test_pinyin_initials_and_mixtures_find_it_too(opened, text):
    assert found(opened, text) == ["机顶盒没信号", "機頂盒黑屏"]
    assert found(opened, text, Tier.LITERAL) == []


def test_half_a_syllable_finds_all_that_it_can_become(opened):
    assert found(opened, "jid") == ["机顶盒没信号", "激动", "機頂盒黑屏"]
    assert found(opened, "jido") == ["激动"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("xian", ["西安营业厅", "先办后付"]),
        ("xi'an", ["西安营业厅", "先办后付"]),
        ("zhguo", ["中国移动"]),
        ("zgyd", ["中国移动"]),
        ("lvse", ["绿色通道"]),
        ("yinhang", ["银行卡代扣"]),
        ("chongq", ["重庆漫游"]),
        ("zhongqing", []),
        ("los", []),
        ("gmlos", ["光猫 LOS 红灯"]),
        ("guangmaolo", ["光猫 LOS 红灯"]),
        ("5gtc", ["5G套餐"]),
    ],
)
def test_letters_are_read_in_every_way_that_makes_sense(opened, text, expected):
    assert found(opened, text) == expected


@pytest.mark.parametrize("text", ["机顶盒", "jdh", "jidingh", "顶盒", "机顶h"])
def test_a_later_part_of_a_text_is_found_as_inside(opened, text):
    assert "广电机顶盒怎么重启" in found(opened, text, Tier.INSIDE)


def test_inside_needs_more_than_a_glimpse_and_no_middle_of_a_latin_word(opened):
    assert found(opened, "盒", Tier.INSIDE) == []
    assert found(opened, "jd", Tier.INSIDE) == []
    assert found(opened, "红灯", Tier.INSIDE) == ["光猫 LOS 红灯"]
    assert found(opened, "los", Tier.INSIDE) == ["光猫 LOS 红灯"]
    assert found(opened, "os红", Tier.INSIDE) == []


@pytest.mark.parametrize("text", ["", "？", "龘", "jxyz", "机顶盒没信号啊", "\x00", "z" * 500, "a" * 500])
@pytest.mark.parametrize("tier", list(Tier))
def test_what_begins_nothing_finds_nothing(opened, text, tier):
    assert found(opened, text, tier) == []


def test_columns_of_nothing_answer_with_nothing():
    for texts in ([], ["", "。"]):
        opened = SuggestColumns(columns.arrays(texts))
        assert len(opened) == len(texts)
        assert opened.match("机顶", Tier.INSIDE).tolist() == []


def test_lengths_and_fingerprints_are_of_what_is_compared(opened):
    assert opened.lengths(np.array([0, 4, 9], dtype=np.uint32)).tolist() == [6, 7, 0]
    assert opened.fingerprint(0) != opened.fingerprint(8)
    assert opened.fingerprint(9) == opened.fingerprint(12)


def test_the_columns_stay_in_their_files(opened):
    for order in (opened._starts, opened._inside):
        assert not order.keys.flags.owndata
        assert not order.keys.flags.writeable


def test_a_range_longer_than_the_limit_is_cut():
    opened = SuggestColumns(columns.arrays([f"机顶盒{number}" for number in range(100)]))
    assert len(opened.match("机顶盒1", Tier.LITERAL)) == 11
    assert len(opened.match("机顶盒1x", Tier.LITERAL, limit_range=3)) == 0


def _begins(typed, units):
    """The plain way to say it: what was typed is eaten by one character of the text after the other."""
    if not typed:
        return True
    if not units:
        return False
    character, syllable = units[0]
    if typed[0] == character and _begins(typed[1:], units[1:]):
        return True
    if not (typed[0].isascii() and typed[0].isalpha()):
        return False
    letters = next((at for at, text in enumerate(typed) if not (text.isascii() and text.isalpha())), len(typed))
    for length in range(1, letters + 1):
        begun = length in (1, len(typed)) or typed[:length] in ("zh", "ch", "sh")
        fits = syllable.startswith(typed[:length]) if begun else syllable == typed[:length]
        if fits and _begins(typed[length:], units[1:]):
            return True
    return False


ALPHABET = "机顶盒中国西安先张章啊安昂5ga"


@settings(max_examples=150, deadline=None)
@given(
    texts=st.lists(st.text(ALPHABET, max_size=7), max_size=12),
    typed=st.text(ALPHABET + "zhongxiajd", min_size=1, max_size=7),
)
def test_matching_is_what_a_plain_reading_says(texts, typed):
    opened = SuggestColumns(columns.arrays(texts))
    units = [[(character, *lazy_pinyin(character)) for character in text] for text in texts]
    assert opened.match(typed, Tier.LITERAL).tolist() == [
        number for number, text in enumerate(texts) if text.startswith(typed)
    ]
    spelled = any(character.isascii() and character.isalpha() for character in typed)
    assert opened.match(typed, Tier.SPELLED).tolist() == [
        number for number, text in enumerate(units) if spelled and _begins(typed, text)
    ]
    if len(typed) >= 3:
        expected = [
            number
            for number, text in enumerate(units)
            if any(
                _begins(typed, text[at:])
                for at in range(1, len(text))
                if not (text[at][0].isascii() and text[at - 1][0].isascii())
            )
        ]
        assert opened.match(typed, Tier.INSIDE).tolist() == expected


def test_an_alphabet_too_large_keeps_the_most_used_characters(monkeypatch):
    monkeypatch.setattr("indexer.suggest.alphabet._CODES", 4)
    opened = SuggestColumns(columns.arrays(["机机机", "机顶", "顶顶", "盒"]))
    assert opened.match("机", Tier.LITERAL).tolist() == [0, 1]
    assert opened.match("jd", Tier.SPELLED).tolist() == [1]
    assert opened.match("盒", Tier.LITERAL).tolist() == []


def test_readings_agree_with_a_reading_in_context_nearly_always(content_folder):
    """One reading a character and known pairs, against pypinyin's own reading of whole texts."""
    from indexer.suggest.alphabet import FIRST, encode

    lines = {
        line.strip("-# \n") for path in sorted(content_folder.glob("**/*.md")) for line in path.read_text().splitlines()
    }
    texts = random.Random(5).sample(sorted(line for line in lines if 4 < len(line) < 30), 400)
    encoded = encode(texts)
    ends = np.cumsum(encoded.lengths)
    same = total = 0
    for text, end, length in zip(texts, ends, encoded.lengths, strict=True):
        ours = [encoded.alphabet.readings[code - FIRST].decode() for code in encoded.codes[end - length : end]]
        squeezed = squeeze(text)
        theirs = [
            syllable
            for piece in _pieces(squeezed)
            for syllable in (lazy_pinyin(piece) if not piece.isascii() else list(piece))
        ]
        assert len(ours) == len(theirs)
        same += sum(left == right for left, right in zip(ours, theirs, strict=True))
        total += len(ours)
    assert same / total > 0.99


def _pieces(text):
    pieces = [""]
    for character in text:
        if pieces[-1] and pieces[-1][-1].isascii() != character.isascii():
            pieces.append("")
        pieces[-1] += character
    return [piece for piece in pieces if piece]
