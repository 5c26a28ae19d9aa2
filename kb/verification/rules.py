"""Where a local exception holds, and when somebody is reminded to verify: pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kb.errors import InvalidInputError
from kb.i18n import N_
from kb.permissions import Actor
from kb.taxonomy.queries import Tree
from kb.workdays.rules import Calendar, due_at

MAX_TEXT = 2000

REMIND_AFTER = 1
"""Working days after which the verifiers of a region are reminded."""
ESCALATE_AFTER = 2
"""Working days after which their silence goes to the managers. Silence is never consent: nothing moves by itself."""


class Nudge(StrEnum):
    """What follows when nobody verifies."""

    REMINDED = "reminded"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """What is otherwise in a region (地方口径): an overlay as a value.

    Attributes:
        id: number of the overlay.
        text: Markdown.
    """

    id: int
    region: str
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """What an entry is in some regions: its base with these overlays on top, the widest region's first."""

    regions: tuple[str, ...]
    overlays: tuple[Local, ...]


def checked(text: str) -> str:
    """Return the *text* of an overlay without white space around it.

    Raises:
        InvalidInputError: it is empty or too long.
    """
    text = text.strip()
    if not text:
        raise InvalidInputError(N_("请写明当地有什么不同"), field="text")
    if len(text) > MAX_TEXT:
        raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field="text", max=MAX_TEXT)
    return text


def in_force(since: int, until: int | None, live: int) -> bool:
    """Return whether an overlay holds for revision number *live*: from revision *since* to before revision *until*."""
    return since <= live and (until is None or live < until)


def place(actor: Actor, chosen: str | None) -> str | None:
    """Return the region whose overlays *actor* reads: the one *chosen* for the caller, else where they work."""
    return chosen if chosen is not None else actor.home


def applying(overlays: Iterable[Local], where: str | None, regions: Tree) -> tuple[Local, ...]:
    """Return those of *overlays* that hold in the region *where*: its own and those above it, the widest first.

    None holds where no region is known: which one it is has to be asked.
    """
    depth = {key: number for number, key in enumerate(reversed(regions.above(where)))}
    return tuple(sorted((item for item in overlays if item.region in depth), key=lambda item: depth[item.region]))


def elsewhere(overlays: Iterable[Local], where: str | None, regions: Tree) -> tuple[str, ...]:
    """Return the regions below *where* that have an overlay of their own, in the order of display.

    Whoever answers for all of a city has to know that a county differs; a neighbouring county's is none of theirs.
    """
    below = regions.below([where]) - {where} if where is not None else frozenset(regions)
    own = {item.region for item in overlays}
    return tuple(key for key in regions if key in own and key in below)


def versions(overlays: Sequence[Local], regions: Tree) -> tuple[Version, ...]:
    """Return every version of an entry besides its base: each region has at most one, the base where it has none."""
    if not overlays:
        return ()
    found: dict[tuple[Local, ...], list[str]] = {}
    for region in regions:
        own = applying(overlays, region, regions)
        if own:
            found.setdefault(own, []).append(region)
    return tuple(Version(tuple(keys), own) for own, keys in found.items())


def may_differ(scoped: Iterable[str], region: str, regions: Tree) -> bool:
    """Return whether *region* can have an overlay of an entry that is *scoped* to these regions (none: everywhere)."""
    scoped = tuple(scoped)
    return region in regions and (not scoped or region in regions.below(scoped))


def deadlines(asked_at: datetime, calendar: Calendar) -> Mapping[Nudge, datetime]:
    """Return when the verifiers who were asked at that moment are reminded, and when the managers are told."""
    return {
        Nudge.REMINDED: due_at(asked_at, REMIND_AFTER, calendar),
        Nudge.ESCALATED: due_at(asked_at, ESCALATE_AFTER, calendar),
    }
