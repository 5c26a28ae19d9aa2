"""An attempt's paper: a question's snapshot, what of it a page may show, and what the answers come to. Pure.

What is right is in the snapshot and leaves it only through ``marked``, after the attempt has ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.exams.models import AttemptQuestion
from kb.questions import showing
from kb.questions.grading import Answer, Grade, grade
from kb.questions.rules import BLANK, Difficulty, Item, Kind
from kb.questions.showing import Shown


def item_to_json(item: Item) -> dict[str, Any]:
    """Return *item* as an attempt keeps it."""
    return {
        "kind": item.kind.value,
        "prompt": item.prompt,
        "options": list(item.options),
        "right": list(item.right),
        "entries": list(item.entries),
        "text": item.text,
        "explanation": item.explanation,
        "difficulty": int(item.difficulty),
    }


def item_from_json(stored: Mapping[str, Any]) -> Item:
    """Return what ``item_to_json`` gave."""
    return Item(
        kind=Kind(stored["kind"]),
        prompt=stored["prompt"],
        options=tuple(stored["options"]),
        right=tuple(stored["right"]),
        entries=tuple(stored["entries"]),
        text=stored["text"],
        explanation=stored["explanation"],
        difficulty=Difficulty(stored["difficulty"]),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the page of an attempt shows it. Nothing in it tells what is right.

    Attributes:
        chosen: the places that were chosen, as they are shown, in the order given.
        texts: what was filled in.
    """

    place: int
    shown: Shown
    chosen: tuple[int, ...]
    texts: tuple[str, ...]

    @property
    def is_answered(self) -> bool:
        """Whether an answer is saved."""
        return bool(self.chosen or self.texts)


def asked(seed: str, row: AttemptQuestion) -> Asked:
    """Return *row* of the attempt with *seed* as its page shows it."""
    item, key = item_from_json(row.item), question_seed(seed, row.place)
    answer = Answer.from_json(row.answer) if row.answer is not None else Answer()
    order = showing.order(item, key)
    return Asked(
        place=row.place,
        shown=showing.shown(item, key),
        chosen=tuple(order.index(place) for place in answer.places),
        texts=answer.texts,
    )


def meant(seed: str, row: AttemptQuestion, chosen: Sequence[int], texts: Sequence[str]) -> Answer:
    """Return what was answered to *row* by somebody who saw it in the order of *seed*.

    Raises:
        InvalidInputError: that is no answer to it.
    """
    return showing.meant(item_from_json(row.item), question_seed(seed, row.place), chosen, texts)


def mark(row: AttemptQuestion) -> Grade:
    """Return what the answer to *row* is worth; nothing where there is none."""
    if row.answer is None:
        return Grade(right=False, share=0.0)
    return grade(item_from_json(row.item), Answer.from_json(row.answer))


@dataclass(frozen=True, slots=True)
class Marked:
    """A question after its exam is over: what was asked, answered and right, in words."""

    place: int
    prompt: str
    text: str
    given: tuple[str, ...]
    right: tuple[str, ...]
    explanation: str
    share: float


def marked(row: AttemptQuestion) -> Marked:
    """Return *row* with what was right. For pages of an exam that is over only."""
    item = item_from_json(row.item)
    answer = Answer.from_json(row.answer) if row.answer is not None else Answer()
    right_places = item.right if item.right else tuple(range(len(item.options)))
    return Marked(
        place=row.place,
        prompt=item.prompt,
        text=BLANK.sub("____", item.text),
        given=answer.texts or tuple(item.options[place] for place in answer.places),
        right=tuple(ways[0] for ways in item.blanks) or tuple(item.options[place] for place in right_places),
        explanation=item.explanation,
        share=row.share or 0.0,
    )


def question_seed(seed: str, place: int) -> str:
    """Return what orders the options of the question at *place*."""
    return f"{seed}:{place}"
