"""Whether an answer is right. Pure functions of the question and the answer."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kb.questions.rules import Item, Kind


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered.

    Attributes:
        places: of options as the ``Item`` lists them (not as they were shown); of an ``ORDER`` in the order given.
        texts: what was filled in, blank by blank.
    """

    places: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"places": list(self.places), "texts": list(self.texts)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Answer":
        """Return what ``to_json`` gave."""
        return cls(places=tuple(stored.get("places", ())), texts=tuple(stored.get("texts", ())))


@dataclass(frozen=True, slots=True)
class Grade:
    """What an answer is worth.

    Attributes:
        right: whether all of it is right; what study and must-reads go by.
        share: 0..1, how much of it is; what an exam may give points for.
    """

    right: bool
    share: float


def grade(item: Item, answer: Answer) -> Grade:
    """Return what *answer* to *item* is worth.

    One choice is right or not. Of several, each right one counts and each wrong one takes one back. Of steps, each pair
    of neighbours in the right order counts. Of blanks, each counts.
    """
    share = _share(item, answer)
    return Grade(right=share == 1.0, share=share)


def _share(item: Item, answer: Answer) -> float:
    if item.kind is Kind.MULTIPLE:
        return _of_several(set(item.right), set(answer.places))
    if item.kind is Kind.ORDER:
        return _of_steps(answer.places, len(item.options))
    if item.kind is Kind.CLOZE:
        blanks = item.blanks
        return sum(fits(text, ways) for ways, text in zip(blanks, answer.texts, strict=False)) / len(blanks)
    return float(answer.places == item.right)


def fits(text: str, ways: Sequence[str]) -> bool:
    """Return whether *text* says one of *ways*, whatever its width, case, spaces and punctuation."""
    said = _letters(text)
    return bool(said) and any(said == _letters(way) for way in ways)


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(
        c for at, c in enumerate(plain) if c.isalnum() or c in "%+#*" or (c in ".-:/" and _between_digits(plain, at))
    )


def _between_digits(text: str, at: int) -> bool:
    """Return whether the sign at *at* parts digits: 1.5 is not 15."""
    return 0 < at < len(text) - 1 and text[at - 1].isdecimal() and text[at + 1].isdecimal()


def _of_several(right: set[int], chosen: set[int]) -> float:
    return max(0.0, (len(chosen & right) - len(chosen - right)) / len(right))


def _of_steps(places: tuple[int, ...], count: int) -> float:
    if sorted(places) != list(range(count)):
        return 0.0
    return sum(second == first + 1 for first, second in pairwise(places)) / (count - 1)
