"""The writing standard (写作规范): what a good entry has, point by point, and what is missing. Pure.

Missing a point keeps nobody from submitting. Author and reviewer see the same list, and the share of it that is met is
Q in ``kb.maturity``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from kb.entries.content import ANSWER_STANDARD, MIN_WORDINGS, Content, Kind
from kb.i18n import N_
from kb.markup import PLACEHOLDER

EDITION = 2
"""Raised with every change of what a point asks for or which points there are: shares of two editions don't compare."""
LEAK = 12
"""Characters in a row that 话术 and 内部口径 share from which on it is a leak, not a common word."""

_LINE = re.compile(r"(?P<number>\d{1,2})[.)]\s+\S")
_NOT_MARKDOWN = re.compile(
    r"\d{1,2}[、．.)）]|[（(]\d{1,2}[)）]|[一二三四五六七八九十]、|第[一二三四五六七八九十]步|[①-⑳]"
)
_EXCEPTIONS = re.compile("不适用|例外|除外")


class Point(StrEnum):
    """A point of the standard."""

    ANSWER = "answer"
    SCRIPT = "script"
    SCRIPT_CLEAN = "script_clean"
    STEPS = "steps"
    EXCEPTIONS = "exceptions"
    WORDINGS = "wordings"
    VALIDITY = "validity"
    OWNER = "owner"
    PLACEHOLDERS = "placeholders"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return POINT_LABELS[self]

    @property
    def field(self) -> str | None:
        """The field that it is about; ``None`` where it is none of the form's."""
        return _FIELDS.get(self)


POINT_LABELS: Mapping[Point, str] = {
    Point.ANSWER: N_("一句话答案不超过 60 字"),
    Point.SCRIPT: N_("有话术"),
    Point.SCRIPT_CLEAN: N_("话术里没有内部用语"),
    Point.STEPS: N_("步骤编了号"),
    Point.EXCEPTIONS: N_("写了例外"),
    Point.WORDINGS: N_("至少三种客户说法"),
    Point.VALIDITY: N_("写了复核日期或有效期"),
    Point.OWNER: N_("有负责人"),
    Point.PLACEHOLDERS: N_("没有待填的空"),
}
_FIELDS: Mapping[Point, str] = {
    Point.ANSWER: "answer",
    Point.SCRIPT: "script",
    Point.SCRIPT_CLEAN: "script",
    Point.STEPS: "steps",
    Point.EXCEPTIONS: "exceptions",
    Point.WORDINGS: "wordings",
    Point.VALIDITY: "review_due",
    Point.PLACEHOLDERS: "body",
}


@dataclass(frozen=True, slots=True)
class InternalWord:
    """A word of the house, and what to say to a customer instead; empty where that depends."""

    word: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a point is met.

    Attributes:
        detail: what is wrong, as a message with fields in *facts*; ``None`` where the point's name says it all.
    """

    point: Point
    met: bool
    detail: str | None = None
    facts: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Standard:
    """The standard as a centre has it.

    Attributes:
        internal: words that a customer does not know.
    """

    internal: tuple[InternalWord, ...] = ()

    @property
    def version(self) -> str:
        """What tells it from another: the edition of the points, and eight digits of what the list of words says."""
        said = "\n".join(f"{item.word} => {item.instead}" for item in self.internal)
        return f"{EDITION}.{sha256(said.encode()).hexdigest()[:8]}"

    def check(self, content: Content, *, has_owner: bool) -> Sequence[Finding]:
        """Return the standard point by point for *content* (``check``)."""
        return check(content, has_owner=has_owner, internal=self.internal)


@lru_cache(maxsize=8)
def read(content: Path) -> Standard:
    """Return the standard of the folder *content* that ships with the centre; without a list, no word is internal.

    Read once: a changed list holds from the next start on, and has a version of its own.
    """
    path = content / "standard" / "internal_words.txt"
    return Standard(read_words(path.read_text(encoding="utf-8")) if path.exists() else ())


def read_words(text: str) -> tuple[InternalWord, ...]:
    """Return the internal words of a list: ``word => say instead`` or a word a line, # for remarks."""
    found = []
    for line in text.splitlines():
        word, _, instead = line.partition("#")[0].partition("=>")
        if word.strip():
            found.append(InternalWord(word.strip(), instead.strip()))
    return tuple(found)


def check(content: Content, *, has_owner: bool, internal: Iterable[InternalWord] = ()) -> Sequence[Finding]:
    """Return the standard point by point for *content*; points that its kind does not need are left out.

    Args:
        has_owner: whether somebody answers for it.
        internal: words that a customer does not know.
    """
    found = [_answer(content)]
    if content.kind is not Kind.CASE or content.script.strip():
        found += [Finding(Point.SCRIPT, bool(content.script.strip())), _clean(content, internal)]
    if content.kind in (Kind.FAQ, Kind.PROCEDURE, Kind.BEST_PRACTICE) or content.steps.strip():
        found.append(_steps(content))
    if content.kind is not Kind.BULLETIN:
        found.append(Finding(Point.EXCEPTIONS, _has_exceptions(content)))
    lacking = MIN_WORDINGS - len(content.wordings)
    found += [
        Finding(Point.WORDINGS, False, N_("还差 %(count)s 种"), {"count": lacking})
        if lacking > 0
        else Finding(Point.WORDINGS, True),
        Finding(Point.VALIDITY, content.review_due is not None or content.valid_until is not None),
        Finding(Point.OWNER, has_owner),
    ]
    blanks = _blanks(content)
    if blanks:
        found.append(Finding(Point.PLACEHOLDERS, False, N_("还有 %(count)s 处，第一处：%(first)s"), blanks))
    return found


def share_met(findings: Sequence[Finding]) -> float:
    """Return Q, 0..1: the share of the points asked for that are met; 1 where none is."""
    return sum(item.met for item in findings) / len(findings) if findings else 1.0


def numbered(text: str) -> str | None:
    """Return the first line of *text* that should be a numbered step and is none, ``None`` where all are in order.

    Steps are numbered 1, 2, 3 … by "1. " as Markdown reads it; what is indented belongs to the step above.
    """
    count = 0
    for line in text.splitlines():
        if not line.strip() or line[0] in " \t\u3000":
            continue
        match = _LINE.match(line)
        if match is None or int(match["number"]) != count + 1:
            return line.strip()
        count += 1
    return None


def said_internally(script: str, internal: Iterable[InternalWord]) -> Sequence[InternalWord]:
    """Return the internal words in *script*, a longer one instead of those within it."""
    lowered = script.lower()
    found = [item for item in internal if item.word.lower() in lowered]
    return [item for item in found if not any(item.word != other.word and item.word in other.word for other in found)]


def leaked(script: str, note: str) -> str | None:
    """Return the first passage of 内部口径 *note* that 话术 *script* gives away word for word, ``None`` for none."""
    said, kept = ("".join(text.split()) for text in (PLACEHOLDER.sub("", script), PLACEHOLDER.sub("", note)))
    for start in range(len(kept) - LEAK + 1):
        if kept[start : start + LEAK] in said:
            end = start + LEAK
            while end < len(kept) and kept[start : end + 1] in said:
                end += 1
            return kept[start:end]
    return None


def _answer(content: Content) -> Finding:
    length = len(content.answer.strip())
    if not length:
        return Finding(Point.ANSWER, False, N_("还没有写"))
    if length > ANSWER_STANDARD:
        return Finding(
            Point.ANSWER,
            False,
            N_("现在 %(count)s 字，多了 %(over)s 字"),
            {"count": length, "over": length - ANSWER_STANDARD},
        )
    return Finding(Point.ANSWER, True, N_("%(count)s 字"), {"count": length})


def _clean(content: Content, internal: Iterable[InternalWord]) -> Finding:
    words = said_internally(content.script, internal)
    if words:
        said = "、".join(f"{item.word}（{item.instead}）" if item.instead else item.word for item in words)
        return Finding(Point.SCRIPT_CLEAN, False, N_("换个说法：%(words)s"), {"words": said})
    passage = leaked(content.script, content.internal_note)
    if passage is not None:
        return Finding(
            Point.SCRIPT_CLEAN, False, N_("内部口径里的话不能念给客户：%(passage)s"), {"passage": passage[:40]}
        )
    return Finding(Point.SCRIPT_CLEAN, True)


def _steps(content: Content) -> Finding:
    if not content.steps.strip():
        # A best practice tells its steps in its own words, within the text.
        within = content.kind is Kind.BEST_PRACTICE and any(_LINE.match(line) for line in content.body.splitlines())
        return Finding(Point.STEPS, within, None if within else N_("还没有写"))
    wrong = numbered(content.steps)
    if wrong is None:
        return Finding(Point.STEPS, True)
    message = (
        N_("编号要写成“1. ”的样子、从 1 数起：%(line)s")
        if _NOT_MARKDOWN.match(wrong)
        else N_("这一行没有编号：%(line)s")
    )
    return Finding(Point.STEPS, False, message, {"line": wrong[:30]})


def _has_exceptions(content: Content) -> bool:
    return bool(content.exceptions.strip()) or bool(_EXCEPTIONS.search(content.body))


def _blanks(content: Content) -> Mapping[str, object] | None:
    texts = [content.title, content.answer, *content.wordings, content.transfer_to]
    texts += [content.script, content.steps, content.internal_note, content.exceptions, content.body]
    found = [match[0] for text in texts for match in PLACEHOLDER.finditer(text)]
    return {"count": len(found), "first": found[0][:30]} if found else None
