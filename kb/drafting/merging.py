"""Two people's edits of one text brought together: base, theirs and mine, by field and within a field by words. Pure.

What only one of them changed is taken. Where both changed the same place otherwise, nobody's words are dropped: both
stand in the merged text, and a person decides. (merge3 does this too, but under a licence that ours can't include.)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from kb.drafting.fields import LISTS, NAMES, PROSE, Form

Cut = Callable[[str], Sequence[str]]
"""Cuts a text into words that joined again are the text."""

TEXTS = frozenset({"title", "answer", "transfer_to", *PROSE})
"""Fields that are merged word by word; of the others one value is chosen."""
MOST_WORDS = 8000
"""Words on all three sides together up to which places are looked for; above it a text is one place."""


class Result(StrEnum):
    """What becomes of a field."""

    THEIRS = "theirs"
    """Only they changed it."""
    MINE = "mine"
    """Only I did."""
    MERGED = "merged"
    """Both did, in different places or alike: it fits together."""
    CONFLICT = "conflict"
    """Both did, in the same place: somebody has to decide."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A value that came of three; in a conflict a text holds theirs and mine one after the other, else it is theirs."""

    result: Result
    value: str | list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMerge:
    """A field that anybody changed."""

    name: str
    base: str | list[str]
    theirs: str | list[str]
    mine: str | list[str]
    result: Result
    merged: str | list[str]


def merge(base: Form | None, theirs: Form, mine: Form, cut: Cut) -> Sequence[FieldMerge]:
    """Return what became of every field that theirs and mine, or either and *base*, say otherwise.

    Args:
        base: what both began from; ``None`` where two entries become one: then what one of them leaves empty is taken
            from the other, lists are joined, and everything else that differs is a conflict.
    """
    found = []
    for name in NAMES:
        their, my = _value(theirs, name), _value(mine, name)
        origin = _value(base, name) if base is not None else ([] if name in LISTS else "")
        if origin == their == my or (base is None and their == my):
            continue
        outcome = _field(name, origin, their, my, cut)
        if base is None and outcome.result is Result.CONFLICT:
            outcome = Merged(Result.CONFLICT, f"{their}\n\n{my}" if name in PROSE else their)
        found.append(
            FieldMerge(name=name, base=origin, theirs=their, mine=my, result=outcome.result, merged=outcome.value)
        )
    return found


def applied(theirs: Form, changes: Mapping[str, str | list[str]]) -> dict[str, str | list[str]]:
    """Return the fields of *theirs* with *changes* in them."""
    return {name: changes[name] if name in changes else _value(theirs, name) for name in NAMES}


def merge_items(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> list[str]:
    """Return the list that theirs and mine come to: what either removed is gone, what either added is there, once."""
    removed = {item for item in base if item not in theirs or item not in mine}
    return [item for item in dict.fromkeys([*theirs, *mine]) if item not in removed]


def merge_text(base: str, theirs: str, mine: str, cut: Cut) -> Merged:
    """Return the text that theirs and mine come to."""
    if theirs == mine:
        return Merged(Result.MERGED, mine)
    if theirs == base:
        return Merged(Result.MINE, mine)
    if mine == base:
        return Merged(Result.THEIRS, theirs)
    words = [cut(text) if text else [] for text in (base, theirs, mine)]
    if sum(map(len, words)) > MOST_WORDS:
        words = [[text] if text else [] for text in (base, theirs, mine)]
    pieces, conflict = [], False
    for origin, their, my in _places(*words):
        if my in (their, origin):
            pieces.append(their)
        elif their == origin:
            pieces.append(my)
        else:
            conflict = True
            pieces.append(their + my)
    return Merged(Result.CONFLICT if conflict else Result.MERGED, "".join(pieces))


def _field(name: str, base: str | list[str], theirs: str | list[str], mine: str | list[str], cut: Cut) -> Merged:
    if isinstance(base, list) and isinstance(theirs, list) and isinstance(mine, list):
        merged = merge_items(base, theirs, mine)
        result = Result.THEIRS if merged == theirs else Result.MINE if merged == mine else Result.MERGED
        return Merged(result, merged)
    if isinstance(base, list) or isinstance(theirs, list) or isinstance(mine, list):
        raise AssertionError(f"{name} is a list on one side only")
    if name in TEXTS:
        return merge_text(base, theirs, mine, cut)
    if mine in (theirs, base):
        return Merged(Result.THEIRS, theirs)
    return Merged(Result.MINE, mine) if theirs == base else Merged(Result.CONFLICT, theirs)


def _places(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the texts of all three from one anchor to the next: an anchor is a run of words that all three share."""
    done, their_done, my_done = 0, 0, 0
    for start, their_start, my_start, length in _anchors(base, theirs, mine):
        yield (
            "".join(base[done:start]),
            "".join(theirs[their_done:their_start]),
            "".join(mine[my_done:my_start]),
        )
        same = "".join(base[start : start + length])
        yield same, same, same
        done, their_done, my_done = start + length, their_start + length, my_start + length


def _anchors(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the runs that all three share: where they start in each, and how long they are. The last is the end."""
    matcher = SequenceMatcher(None, base, theirs, autojunk=False)
    my_matcher = SequenceMatcher(None, base, mine, autojunk=False)
    their_blocks, my_blocks = matcher.get_matching_blocks(), my_matcher.get_matching_blocks()
    i = j = 0
    while i < len(their_blocks) - 1 and j < len(my_blocks) - 1:
        their, my = their_blocks[i], my_blocks[j]
        start, end = max(their.a, my.a), min(their.a + their.size, my.a + my.size)
        if start < end:
            yield start, their.b + start - their.a, my.b + start - my.a, end - start
        if their.a + their.size <= my.a + my.size:
            i += 1
        else:
            j += 1
    yield len(base), len(theirs), len(mine), 0


def _value(form: Form, name: str) -> str | list[str]:
    value = form.get(name)
    if name in LISTS:
        return list(value) if isinstance(value, list) else []
    return value if isinstance(value, str) else ""
