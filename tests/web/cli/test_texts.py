"""Errors in the command line's language, with the names and errors inside them."""

import gettext

import pytest

from kb.entries.rules import State
from kb.errors import InvalidInputError, TransitionError
from kb.i18n import N_
from web.cli import texts

WITHIN = InvalidInputError(
    N_("第 %(number)s 条回复：%(reason)s"), number=2, reason=InvalidInputError(N_("正文不能为空"))
)
STATE = TransitionError(N_("现在是“%(state)s”，不能做这一步（%(step)s）"), state=State.IN_REVIEW.label, step=N_("发布"))


@pytest.fixture
def _in_english(monkeypatch):
    catalogue = gettext.translation("messages", texts.TRANSLATIONS, languages=["en"])
    monkeypatch.setattr(texts, "_", catalogue.gettext)


@pytest.mark.usefixtures("_in_english")
def test_everything_in_a_sentence_is_translated():
    assert texts.sentence(WITHIN) == "Reply 2: The text must not be empty"
    assert texts.sentence(STATE) == "It is “In review” now; this step (Publish) can't be taken"


@pytest.mark.usefixtures("_in_english")
def test_what_is_no_text_of_ours_stays_as_it_is():
    error = InvalidInputError(N_("没有这个业务模块：%(key)s"), key="")
    assert texts.sentence(error) == "There is no such module: "
    assert texts.sentence(InvalidInputError("50% 不对")) == "50% 不对"


def test_chinese_is_the_language_of_the_code():
    assert texts.sentence(WITHIN) == str(WITHIN)
