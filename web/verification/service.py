"""What is otherwise where the person answers for: for the desk's card and the entry's page."""

from collections.abc import Sequence
from dataclasses import dataclass

from kb.entries.models import Entry
from kb.verification import queries
from kb.verification.rules import Local, applying, elsewhere, place
from web import requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What is otherwise in a region.

    Attributes:
        overlays: what holds there, the widest region's first.
        elsewhere: the regions below that have an exception of their own.
    """

    overlays: Sequence[Local] = ()
    elsewhere: Sequence[str] = ()


def here(entry: Entry, chosen: str | None) -> Here:
    """Return what is otherwise of *entry* in the region *chosen*, or where the person works. One statement."""
    found = queries.overlays(requests.session(), [entry.id]).get(entry.id, ())
    if not found:
        return Here()
    regions = requests.taxonomy().regions
    where = place(requests.actor(), chosen)
    return Here(overlays=applying(found, where, regions), elsewhere=elsewhere(found, where, regions))
