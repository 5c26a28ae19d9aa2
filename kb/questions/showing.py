"""What of a question a page may know before it is answered: never what is right. Pure.

Options are shown in an order that follows from a seed which whoever asks keeps to themselves, and an answer names
places as they were shown. So neither the page nor its order tells what is right, and nothing has to be stored until an
answer comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.questions.grading import Answer
from kb.questions.rules import BLANK, Item, Kind


@dataclass(frozen=True, slots=True)
class Shown:
    """A question as a page shows it.

    Attributes:
        options: in the order they are shown.
        parts: of a ``CLOZE`` the text around the blanks, one part more than there are blanks; else empty.
    """

    kind: Kind
    prompt: str
    options: tuple[str, ...]
    parts: tuple[str, ...]


def order(item: Item, seed: str) -> tuple[int, ...]:
    """Return the places of *item*'s options in the order of *seed*. Steps never come in their right one."""
    places = list(range(len(item.options)))
    random = Random(seed)  # noqa: S311 - shuffles options; the seed is what is secret
    random.shuffle(places)
    if item.kind is Kind.ORDER and places == sorted(places):
        places = places[1:] + places[:1]
    return tuple(places)


def shown(item: Item, seed: str) -> Shown:
    """Return *item* as the page may show it, in the order of *seed*."""
    return Shown(
        kind=item.kind,
        prompt=item.prompt,
        options=tuple(item.options[place] for place in order(item, seed)),
        parts=tuple(BLANK.sub("\0", item.text).split("\0")) if item.kind is Kind.CLOZE else (),
    )


def meant(item: Item, seed: str, chosen: Sequence[int], texts: Sequence[str] = ()) -> Answer:
    """Return what somebody answered who saw *item* in the order of *seed*.

    Args:
        chosen: the places they chose as they saw them, from 0; of an ``ORDER`` all of them, first step first.
        texts: what they filled in.

    Raises:
        InvalidInputError: no such place, one named twice, not all steps placed, or nothing chosen.
    """
    if item.kind is Kind.CLOZE:
        if len(texts) != len(item.blanks) or not all(text.strip() for text in texts):
            raise InvalidInputError(N_("请把空都填上"), field="texts")
        return Answer(texts=tuple(text.strip()[:200] for text in texts))
    places = order(item, seed)
    if not chosen or len(set(chosen)) < len(chosen) or not all(0 <= place < len(places) for place in chosen):
        raise InvalidInputError(N_("请先选一个答案"), field="choice")
    if item.kind is Kind.ORDER and len(chosen) != len(places):
        raise InvalidInputError(N_("请把每一步都排好"), field="choice")
    if item.kind in (Kind.SINGLE, Kind.WHICH_ENTRY) and len(chosen) != 1:
        raise InvalidInputError(N_("这道题只能选一个"), field="choice")
    return Answer(places=tuple(places[place] for place in chosen))
