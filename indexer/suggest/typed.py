"""What was typed, as the ways it can be read: characters, pinyin whole or begun, initials, and all of these mixed."""

from dataclasses import dataclass
from enum import IntEnum
from itertools import takewhile

from indexer.suggest.alphabet import Alphabet, Span
from indexer.suggest.readings import READING_LETTERS

LONGEST_TYPED = 24
"""Characters typed that are looked at; texts are told apart long before."""

INITIALS_OF_TWO = ("zh", "ch", "sh")
"""Initials of two letters; their first letter will do too."""


class Tier(IntEnum):
    """How a text goes with what was typed, the better ones first."""

    LITERAL = 0
    """It begins with the very characters."""
    SPELLED = 1
    """It begins with them once letters are read as pinyin, whole or begun, or as initials."""
    INSIDE = 2
    """A later part of it does, letters read as pinyin too."""


@dataclass(frozen=True, slots=True)
class Step:
    """One character of a text, taken for the next *length* characters typed: those of *span* will do."""

    length: int
    span: Span


class Typed:
    """What was typed, over one segment's alphabet.

    Args:
        text: what was typed, squeezed; only its first ``LONGEST_TYPED`` characters count.
        spelled: whether letters may stand for Chinese characters.
    """

    def __init__(self, text: str, alphabet: Alphabet, *, spelled: bool) -> None:
        self.text = text[:LONGEST_TYPED]
        self._alphabet = alphabet
        self._spelled = spelled
        self._steps: dict[int, tuple[Step, ...]] = {}

    @property
    def has_letters(self) -> bool:
        """Whether anything was typed that may be pinyin."""
        return any(map(_is_letter, self.text))

    def steps(self, place: int) -> tuple[Step, ...]:
        """Return what the characters from *place* on can stand for, one character of a text each time."""
        if place not in self._steps:
            rest = self.text[place:]
            spelled = self._spelled and _is_letter(rest[0])
            found = self._spellings(rest) if spelled else [Step(1, span) for span in self._alphabet.literally(rest[0])]
            self._steps[place] = tuple(step for step in found if step.span.low < step.span.high)
        return self._steps[place]

    def _spellings(self, rest: str) -> list[Step]:
        """Return the readings of letters at the start of *rest*: an initial, a whole syllable, a syllable begun.

        A letter in a text is read as itself, so an initial stands for it too.
        """
        letters = "".join(takewhile(_is_letter, rest))
        found = [Step(1, self._alphabet.beginning(letters[0]))]
        if letters.startswith(INITIALS_OF_TWO):
            found.append(Step(2, self._alphabet.beginning(letters[:2])))
        found += [
            Step(length, self._alphabet.read_as(letters[:length]))
            for length in range(2, min(len(letters), READING_LETTERS) + 1)
        ]
        if len(letters) == len(rest) and len(rest) > 1:
            found.append(Step(len(rest), self._alphabet.beginning(rest)))
        return found


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()
