"""What changed between two texts, word by word: Chinese has no spaces, so the index's segmenter says where words end.

Lines are compared first and words only within lines that changed: a manual of a hundred thousand characters would
otherwise be compared word with word, which takes the square of its length.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

Cut = Callable[[str], Sequence[str]]
"""Cuts a text into words that joined again are the text: ``Segmenter.pieces``."""

MOST_WORDS = 4000
"""Words of a changed passage, on both sides together, up to which words are compared; above it all of it changed."""
_ISLAND = 1
"""Characters of a passage between two changes that are no help to a reader when they stay: 的, or a comma."""


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text and what became of it. Never empty."""

    change: Change
    text: str


def compare(before: str, after: str, cut: Cut) -> tuple[Piece, ...]:
    """Return how *before* became *after*, in the order of reading; what was removed stands before what came instead.

    The pieces that are not added are *before*, those not removed are *after*: nothing else is promised. How short the
    way between them is depends on *cut*.
    """
    return tuple(_merged(_lines(_line_ends(before), _line_ends(after), cut)))


def before(pieces: Iterable[Piece]) -> str:
    """Return the text that *pieces* began from."""
    return "".join(piece.text for piece in pieces if piece.change is not Change.ADDED)


def after(pieces: Iterable[Piece]) -> str:
    """Return the text that *pieces* lead to."""
    return "".join(piece.text for piece in pieces if piece.change is not Change.REMOVED)


def compare_items(before: Sequence[str], after: Sequence[str]) -> tuple[Piece, ...]:
    """Return how a list became another, a piece an item: a wording is the same or another one, never a bit of one."""
    return tuple(_of(before, after))


def _line_ends(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _lines(before: Sequence[str], after: Sequence[str], cut: Cut) -> Iterator[Piece]:
    for tag, start, end, other_start, other_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = "".join(before[start:end]), "".join(after[other_start:other_end])
        if tag == "replace":
            yield from _words(old, new, cut)
        elif tag == "equal":
            yield Piece(Change.SAME, old)
        else:
            yield Piece(Change.REMOVED, old) if old else Piece(Change.ADDED, new)


def _words(before: str, after: str, cut: Cut) -> Iterator[Piece]:
    old, new = cut(before), cut(after)
    if len(old) + len(new) > MOST_WORDS:
        yield Piece(Change.REMOVED, before)
        yield Piece(Change.ADDED, after)
    else:
        yield from _of(old, new)


def _of(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    for tag, start, end, other_start, other_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Piece(Change.SAME, word) for word in before[start:end])
        else:
            yield from (Piece(Change.REMOVED, word) for word in before[start:end])
            yield from (Piece(Change.ADDED, word) for word in after[other_start:other_end])


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Join neighbours: between two unchanged passages there is at most one removed and one added one.

    An unchanged passage of a single character between two changes is taken into them, or a sentence that was written
    anew would fall into shreds.
    """
    removed = added = same = ""
    for piece in pieces:
        if piece.change is Change.SAME:
            same += piece.text
            continue
        if len(same) > _ISLAND or not (removed or added):
            yield from _joined(removed, added, same)
            removed = added = same = ""
        removed, added, same = removed + same, added + same, ""
        if piece.change is Change.REMOVED:
            removed += piece.text
        else:
            added += piece.text
    yield from _joined(removed, added, same)


def _joined(removed: str, added: str, same: str) -> Iterator[Piece]:
    """Yield a change and the unchanged passage after it, as far as there are any."""
    for change, text in ((Change.REMOVED, removed), (Change.ADDED, added), (Change.SAME, same)):
        if text:
            yield Piece(change, text)
