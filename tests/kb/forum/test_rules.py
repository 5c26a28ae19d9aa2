import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.forum.rules import MAX_MENTIONS, candidates, mentions

KNOWN = {"王敏": [1], "王敏之": [2], "wangmin": [1], "wang": [3], "李雷": [4, 5], "li.lei": [4], "欧阳娜娜": [6]}


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@王敏 请看", [1]),
        ("请@王敏看一下", [1]),
        ("@王敏之请看", [2]),  # the longest name
        ("（@王敏）@欧阳娜娜，", [1, 6]),
        ("@wangmin.", [1]),
        ("@wang，你看", [3]),
        ("@wangminx", []),  # a username ends where it ends
        ("@wangmin请看", [1]),
        ("@li.lei", [4]),
        ("@李雷", []),  # two of them
        ("写信到 a@wang.cn", []),
        ("https://host/@wang", []),
        ("@@wang", []),
        ("`@wang` 和\n```\n@wang\n```", []),
        ("@没有这个人", []),
        ("@", []),
    ],
)
def test_whom_a_text_calls(text, called):
    assert [mention.user_id for mention in mentions(text, KNOWN)] == called


def test_one_post_calls_only_so_many():
    assert len(mentions("@wang " * 99, KNOWN)) == MAX_MENTIONS


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(alphabet="@王敏之wang `.\n李雷x/", max_size=60))
def test_what_is_called_stands_there_and_would_be_looked_up(text):
    end = 0
    for mention in mentions(text, KNOWN):
        assert mention.start >= end
        end = mention.end
        name = text[mention.start + 1 : mention.end]
        assert text[mention.start] == "@"
        assert KNOWN[name] == [mention.user_id]
        assert name in candidates(text)
