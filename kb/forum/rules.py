"""Who a text speaks to: @name, by name or username (提到)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MAX_MENTIONS = 20
"""People that one post can call: more is a bulletin's business."""
LONGEST = 20
"""Characters of a name that are looked at."""

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
# Neither an address (a@b.cn) nor a part of one (https://host/@somebody).
_AT = re.compile(r"(?<![\w/.@])@|(?<=[\u3400-\u9fff\u3000-\u303f\uff00-\uffef])@")
_NAME = re.compile(r"[\w.\-·]{2,}")
_USERNAME_GOES_ON = re.compile(r"[A-Za-z0-9_.\-]*[A-Za-z0-9_\-]")


@dataclass(frozen=True, slots=True)
class Mention:
    """That a text calls somebody, from ``start`` to ``end``, the @ included."""

    start: int
    end: int
    user_id: int


def candidates(text: str) -> frozenset[str]:
    """Return everything after an @ in *text* that may be somebody's name or username: Chinese sets no end to a name."""
    return frozenset(run[:length] for _, run in _runs(text) for length in range(2, min(len(run), LONGEST) + 1))


def mentions(text: str, known: Mapping[str, Sequence[int]]) -> list[Mention]:
    """Return whom *text* calls, at most ``MAX_MENTIONS``, in its order.

    The longest name wins. A name that several people have calls nobody: their usernames tell them apart. What stands in
    code is no call.

    Args:
        known: names and usernames of active people → their ids.
    """
    found: list[Mention] = []
    for start, run in _runs(text):
        for length in range(min(len(run), LONGEST), 1, -1):
            name = run[:length]
            ids = known.get(name, ())
            if len(ids) == 1 and _ends(run, name):
                found.append(Mention(start, start + 1 + length, ids[0]))
                break
        if len(found) == MAX_MENTIONS:
            break
    return found


def _ends(run: str, name: str) -> bool:
    """Return whether *name* ends where it does in *run*: "wang" is not called by "@wangmin"."""
    return not (name.isascii() and _USERNAME_GOES_ON.match(run, len(name)))


def _runs(text: str) -> Iterator[tuple[int, str]]:
    """Yield each @ outside code: where it stands, and what follows it as far as a name may go."""
    blank = _CODE.sub(lambda match: " " * len(match[0]), text)
    for at in _AT.finditer(blank):
        name = _NAME.match(blank, at.end())
        if name is not None:
            yield at.start(), name[0]
