from dataclasses import dataclass
from enum import StrEnum

import pytest

from indexer import tuning
from kb.errors import InvalidInputError


class Spelling(StrEnum):
    SYLLABLES = "syllables"
    INITIALS = "initials"


@dataclass(frozen=True)
class Ranking:
    sense: float = 0.6
    votes: int = 30
    pinyin: bool = True
    spelling: Spelling = Spelling.SYLLABLES
    parts: tuple[str, ...] = ("title",)


def test_settings_are_read_as_the_types_of_their_defaults():
    settings = tuning.parse("sense=0, votes=10,pinyin=no,spelling=initials")
    assert tuning.changed(Ranking(), settings) == Ranking(0.0, 10, False, Spelling.INITIALS)


def test_no_settings_are_the_defaults():
    assert tuning.changed(Ranking(), {}) == Ranking()


@pytest.mark.parametrize("text", ["", "sense", "sense=", "=1", "sense=1,", "sense=1,sense=2"])
def test_what_is_no_setting_is_said_plainly(text):
    with pytest.raises(InvalidInputError, match="设置"):
        tuning.parse(text)


@pytest.mark.parametrize(("name", "value"), [("votes", "1.5"), ("sense", "viel"), ("pinyin", "2"), ("spelling", "x")])
def test_a_value_of_the_wrong_type_is_said_plainly(name, value):
    with pytest.raises(InvalidInputError, match=f"设置 {name} 不能是“{value}”"):
        tuning.changed(Ranking(), {name: value})


@pytest.mark.parametrize("name", ["sence", "parts"])
def test_an_unknown_setting_is_told_the_known_ones(name):
    with pytest.raises(InvalidInputError, match=f"没有设置 {name}；可以调的有：pinyin, sense, spelling, votes"):
        tuning.changed(Ranking(), {name: "1"})
