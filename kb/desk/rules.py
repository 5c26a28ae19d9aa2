"""How a centre learns from calls, as pure functions: which words may become a wording, and when one is accepted.

Storing outcomes and wordings is ``kb.desk.operations``'. How a text is spelt is the index's business and comes in as a
function, so that what was searched, what is indexed and what is learned are compared in the same spelling.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kb.i18n import N_

MAX_WORDS = 200
"""Characters kept of what somebody searched: as many as a wording may have."""
MIN_WORDING = 2
"""Characters a wording has at least; one alone says nothing about an entry."""
MASK = "***"
"""Stands where a customer's number stood."""

Normalise = Callable[[str], str]

# Six digits and more in a row, with the gaps people leave when they read one out: a phone, ID or card number.
_NUMBER = re.compile(r"\d(?:[\s.\-–—]{0,2}\d){5,}[xX]?|[〇零一二三四五六七八九幺]{6,}")
_SURNAME = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马方俞任袁柳史唐费薛雷贺汤罗"
    "毕郝安常于傅齐康伍余元顾孟黄穆萧尹姚邵汪毛戴宋庞熊纪舒屈项祝董梁杜阮蓝席季贾路江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍"
    "万柯管卢莫丁邓洪包左石崔龚程邢裴陆翁荀甄曲靳邬焦侯全班仇宁厉祖武符刘景詹龙叶幸黎白蒲赖卓屠池乔温庄晏柴瞿闫连习艾"
    "向古易廖耿满匡文寇欧沃利聂曾肖岳覃关牛申苗尤"
)
_NAME = re.compile(
    rf"(?:我叫|名叫|名字[叫是]|姓名[是为:：]?|机主[叫是])\s*[{_SURNAME}][\u4e00-\u9fff]"
    rf"|[{_SURNAME}](?:先生|女士|小姐|太太)"
)


class WordingState(StrEnum):
    """Where a learned wording stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return WORDING_STATE_LABELS[self]


WORDING_STATE_LABELS: Mapping[WordingState, str] = {
    WordingState.PROPOSED: N_("待定"),
    WordingState.ACCEPTED: N_("已采纳"),
    WordingState.REJECTED: N_("已拒绝"),
}


class Origin(StrEnum):
    """Where a learned wording comes from."""

    CALL = "call"
    GAP = "gap"
    EDITOR = "editor"


class Reason(StrEnum):
    """Why an entry did not solve a call."""

    OTHER_QUESTION = "other_question"
    INCOMPLETE = "incomplete"
    WRONG = "wrong"
    UNCLEAR = "unclear"
    REFUSED = "refused"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return REASON_LABELS[self]


REASON_LABELS: Mapping[Reason, str] = {
    Reason.OTHER_QUESTION: N_("不是客户问的事"),
    Reason.INCOMPLETE: N_("说得不全"),
    Reason.WRONG: N_("内容不对或过时"),
    Reason.UNCLEAR: N_("看不懂，照着做不了"),
    Reason.REFUSED: N_("客户不接受"),
    Reason.OTHER: N_("其他原因"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """How this centre learns.

    Attributes:
        threshold: how many different agents accept a wording without an editor.
        timezone: IANA name; one outcome per agent, entry and day counts, and this says when a day begins.
        normalise: gives a text the one spelling in which the index compares texts.
    """

    threshold: int
    timezone: str
    normalise: Normalise


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody searched.

    Attributes:
        text: as typed, cleaned, with long numbers masked.
        spelling: its letters and digits in the one spelling; two texts with the same one are the same words. Empty
            where nothing but signs or a masked number is left.
    """

    text: str
    spelling: str

    @classmethod
    def of(cls, typed: str, normalise: Normalise) -> "Words":
        """Return *typed* as words: at most ``MAX_WORDS`` characters, nothing in it that names a customer's number."""
        text = " ".join("".join(c if c.isprintable() else " " for c in typed).split())
        masked = _NUMBER.sub(MASK, text)[:MAX_WORDS]
        return cls(masked, spelling(masked, normalise))


def spelling(text: str, normalise: Normalise) -> str:
    """Return the letters and digits of *text* in the one spelling: commas and spaces make no other wording."""
    return "".join(c for c in normalise(text) if c.isalnum())[:MAX_WORDS]


def may_become_wording(words: Words) -> bool:
    """Return whether *words* may stand in an entry for everybody to read and find.

    Never what is too short to say anything, a bare number, a text that held a long number (phone, ID, card), or one
    that seems to name a person. It rather keeps out a harmless text: an author can always write it into the entry.
    """
    return (
        len(words.spelling) >= MIN_WORDING
        and not words.spelling.isnumeric()
        and MASK not in words.text
        and _NAME.search(words.text) is None
    )


def is_known(words: Words, texts: Iterable[str], normalise: Normalise) -> bool:
    """Return whether *words* are among *texts*, an entry's title and its wordings."""
    return any(words.spelling == spelling(text, normalise) for text in texts)


@dataclass(frozen=True, slots=True)
class Tally:
    """What agents said about one entry for the same words.

    Attributes:
        solved, unsolved: outcomes.
        agents: different people among those who said solved.
    """

    solved: int = 0
    unsolved: int = 0
    agents: int = 0

    @property
    def net(self) -> int:
        """By how many outcomes solved is ahead."""
        return self.solved - self.unsolved


def state_after(state: WordingState, tally: Tally, *, by_person: bool, threshold: int) -> WordingState:
    """Return the state of a wording once *tally* is what agents say.

    *threshold* different agents, with solved as far ahead, accept a proposed one. What was accepted that way goes back
    to the editors when solved is no longer ahead. What a person decided stays decided, and a rejected one never comes
    back, whatever the figures (issue "Learning from calls").

    Args:
        by_person: whether *state* is somebody's decision.
    """
    if by_person or state is WordingState.REJECTED:
        return state
    if tally.agents >= threshold and tally.net >= threshold:
        return WordingState.ACCEPTED
    return WordingState.PROPOSED if tally.net <= 0 else state


def grade(tally: Tally) -> int:
    """Return how relevant agents found an entry for a query, as a judged set wants it: 0 not, 1 it helped, 2 surely.

    Surely is two agents at least, with solved two ahead: one person's mark may be a slip.
    """
    if tally.net <= 0:
        return 0
    return 2 if tally.agents >= 2 and tally.net >= 2 else 1
