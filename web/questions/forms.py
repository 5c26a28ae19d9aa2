"""From what stands in the form of a question to the domain's item and back."""

from werkzeug.datastructures import MultiDict

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.questions.rules import Difficulty, Item, Kind
from web.bulletins.forms import number

Form = MultiDict[str, str]


def item(form: Form) -> Item:
    """Return the question that *form* describes.

    Options stand a line each. Right ones begin with a star; steps stand in their right order; of "which entry" each
    line ends with the entry's key after a bar.

    Raises:
        InvalidInputError: there is no such kind or difficulty.
    """
    try:
        kind = Kind(form.get("kind", ""))
        difficulty = Difficulty(number(form.get("difficulty", "")) or Difficulty.MEDIUM)
    except ValueError as error:
        raise InvalidInputError(N_("没有这种题型"), field="kind") from error
    lines = [line.strip() for line in form.get("options", "").splitlines() if line.strip()]
    right = tuple(place for place, line in enumerate(lines) if line.startswith(("*", "＊")))
    options = [line.lstrip("*＊").strip() if place in right else line for place, line in enumerate(lines)]
    entries: tuple[str, ...] = ()
    if kind is Kind.WHICH_ENTRY:
        parts = [option.rpartition("|") for option in options]
        entries = tuple(key.strip() for _, bar, key in parts if bar)
        options = [title.strip() if bar else key for title, bar, key in parts]
    return Item(
        kind=kind,
        prompt=form.get("prompt", ""),
        options=tuple(options),
        right=right,
        entries=entries,
        text=form.get("text", "").replace("\r\n", "\n"),
        explanation=form.get("explanation", "").replace("\r\n", "\n"),
        difficulty=difficulty,
    )


def values(given: Item) -> Form:
    """Return what stands in the form of *given*."""
    lines = []
    for place, option in enumerate(given.options):
        star = "*" if place in given.right else ""
        key = f" | {given.entries[place]}" if given.entries else ""
        lines.append(f"{star}{option}{key}")
    return MultiDict(
        {
            "kind": given.kind.value,
            "prompt": given.prompt,
            "options": "\n".join(lines),
            "text": given.text,
            "explanation": given.explanation,
            "difficulty": str(int(given.difficulty)),
        }
    )
