"""Drafts of questions from the structure of an entry. Pure: the same entry and the same near ones give the same drafts.

Nothing here is published: an editor sees each draft first. So a draft may be clumsy, and an editor's word decides; what
it may not be is the same one again (``fingerprint``).
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.entries.content import Content
from kb.questions.rules import MAX_OPTION, MAX_OPTIONS, MAX_PROMPT, MIN_STEPS, Difficulty, Item, Kind

WRONG_ONES = 3
MAX_WORDINGS_ASKED = 2
"""Wordings of one entry that are made questions of: the first are the most common ones."""

_MARKER = re.compile(r"^\s*(?:[-*+•]|\d+[.)、．]|[（(]\d+[)）]|[①-⑨])\s*")
_FIGURE = re.compile(
    r"\d+(?:\.\d+)?\s*(?:个?工作日|个?小时|分钟|个?月|天|日|年|元|块|折|次|秒|兆|%|％|GB|G|MB|M)", re.I
)
_QUOTED = re.compile(r"[“「]([^”」]{2,12})[”」]")
_PLAIN = re.compile(r"[*_`]+")


@dataclass(frozen=True, slots=True)
class Near:
    """An entry close to the one that questions are made for."""

    key: str
    content: Content


def proposals(key: str, content: Content, near: Sequence[Near]) -> Iterator[Item]:
    """Yield the drafts that *content*, of the entry *key*, gives."""
    yield from _which_entry(key, content, near)
    yield from _cloze(content)
    yield from _order(content)
    yield from _one_of(content, near, "answer", f"客户问到“{content.title}”，哪一句答得对？", Difficulty.EASY)
    yield from _one_of(content, near, "transfer_to", f"“{content.title}”要转接，转到哪里？", Difficulty.MEDIUM)
    yield from _one_of(content, near, "deadlines", f"“{content.title}”的时限是？", Difficulty.MEDIUM)
    yield from _one_of(content, near, "fees", f"“{content.title}”怎么收费？", Difficulty.MEDIUM)
    yield from _exceptions(content, near)


def fingerprint(item: Item) -> str:
    """Return what a proposal is known by: its kind and what it asks, not its wrong answers, which come and go."""
    right = "\n".join(item.options[place] for place in item.right)
    said = "\n".join((item.kind.value, item.prompt, item.text, right, *(item.options if not item.right else ())))
    return hashlib.sha256(said.encode()).hexdigest()


def lines(markdown: str) -> tuple[str, ...]:
    """Return the points of a list in *markdown*, without their marks; of a text without a list, its lines."""
    found = [line for line in markdown.splitlines() if line.strip() and not line.lstrip().startswith(("#", "|", ">"))]
    marked = [line for line in found if _MARKER.match(line) and not line.startswith(("  ", "\t"))]
    plain = (" ".join(_PLAIN.sub("", _MARKER.sub("", line)).split()) for line in (marked or found))
    return tuple(dict.fromkeys(line for line in plain if line))


def _which_entry(key: str, content: Content, near: Sequence[Near]) -> Iterator[Item]:
    others = {item.content.title: item.key for item in near if item.key != key and item.content.title != content.title}
    if not others:
        return
    titles = (content.title, *list(others)[:WRONG_ONES])
    for wording in content.wordings[:MAX_WORDINGS_ASKED]:
        yield Item(
            kind=Kind.WHICH_ENTRY,
            prompt=wording[:MAX_PROMPT],
            options=titles,
            right=(0,),
            entries=(key, *(others[title] for title in titles[1:])),
            explanation=content.answer,
            difficulty=Difficulty.MEDIUM,
        )


def _cloze(content: Content) -> Iterator[Item]:
    """One blank where the script names a figure, a quoted word, or the entry's own subject."""
    script = content.script.strip()
    sentence = next((part for part in _sentences(script) if _blank_of(part, content) is not None), None)
    if sentence is None:
        return
    start, end = _blank_of(sentence, content) or (0, 0)
    yield Item(
        kind=Kind.CLOZE,
        prompt=f"“{content.title}”的话术，空里该说什么？"[:MAX_PROMPT],
        text=f"{sentence[:start]}[[{sentence[start:end].strip()}]]{sentence[end:]}",
        explanation=script,
        difficulty=Difficulty.HARD,
    )


def _sentences(text: str) -> Iterator[str]:
    yield from (part.strip() for part in re.findall(r"[^。！？!?\n]+[。！？!?]?", text) if part.strip())


def _blank_of(sentence: str, content: Content) -> tuple[int, int] | None:
    figure = _FIGURE.search(sentence)
    if figure is not None:
        return figure.span()
    quoted = _QUOTED.search(sentence)
    if quoted is not None:
        return quoted.span(1)
    for word in content.title.split():
        if 2 <= len(word) <= 12 and word in sentence:
            return sentence.index(word), sentence.index(word) + len(word)
    return None


def _order(content: Content) -> Iterator[Item]:
    steps = lines(content.steps)
    if MIN_STEPS <= len(steps) <= MAX_OPTIONS and all(len(step) <= MAX_OPTION for step in steps):
        yield Item(
            kind=Kind.ORDER,
            prompt=f"“{content.title}”：把步骤排好"[:MAX_PROMPT],
            options=steps,
            explanation=content.answer,
            difficulty=Difficulty.MEDIUM,
        )


def _one_of(content: Content, near: Sequence[Near], field: str, prompt: str, difficulty: Difficulty) -> Iterator[Item]:
    right = _one_line(getattr(content, field))
    wrong = (_one_line(getattr(item.content, field)) for item in near)
    others = list(dict.fromkeys(text for text in wrong if text and text != right))[:WRONG_ONES]
    if right and others:
        yield Item(
            kind=Kind.SINGLE,
            prompt=prompt[:MAX_PROMPT],
            options=(right, *others),
            right=(0,),
            explanation=content.answer if field != "answer" else "",
            difficulty=difficulty,
        )


def _exceptions(content: Content, near: Sequence[Near]) -> Iterator[Item]:
    right = [line for line in lines(content.exceptions) if len(line) <= MAX_OPTION][: MAX_OPTIONS // 2]
    others = (line for item in near for line in lines(item.content.exceptions) if len(line) <= MAX_OPTION)
    wrong = list(dict.fromkeys(line for line in others if line not in right))[:WRONG_ONES]
    if len(right) >= 2 and wrong:
        yield Item(
            kind=Kind.MULTIPLE,
            prompt=f"下面哪些是“{content.title}”的例外？"[:MAX_PROMPT],
            options=(*right, *wrong),
            right=tuple(range(len(right))),
            difficulty=Difficulty.HARD,
        )


def _one_line(text: str) -> str:
    points = lines(text)
    return "；".join(points)[:MAX_OPTION] if points else ""
