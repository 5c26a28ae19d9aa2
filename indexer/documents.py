"""What is put into the index: one document an entry or thread. ``indexer.gathering`` makes them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from kb.entries.rules import Level
from kb.events.models import Event, Subject

INDEXED = frozenset({Subject.ENTRY, Subject.MATURITY, Subject.THREAD, Subject.TAXONOMY})
"""What events can change a document; the index takes no notice of others."""


NEW_KEY = "*"
"""Key of an entry that is not there yet (``indexer.gathering.rehearsed``): no entry can have it."""


class Source(StrEnum):
    """Which of the two collections: they are never mixed in one list."""

    ENTRY = "entry"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Reference:
    """Which entry or thread, by its row."""

    source: Source
    row: int

    @property
    def id(self) -> str:
        """The document's id in the index."""
        return f"{self.source.value}:{self.row}"


@dataclass(frozen=True, slots=True)
class Variant:
    """What an entry is in some regions, where something is otherwise than elsewhere.

    Attributes:
        regions: keys of all regions that it stands in, instead of the base.
        passages: what is otherwise there, as plain text.
    """

    regions: tuple[str, ...]
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An entry or a thread, as the index sees it.

    Attributes:
        key: public name.
        modules: its module's key and all above it, nearest first.
        regions: keys it is scoped to; empty for the whole province.
        reach: those regions with all above and below them: where it is of use.
        audience: the only roles that may see it; empty for everybody.
        people: ids of its authors and owner, who see it in any state.
        title, answer, wordings: as shown; wordings that calls taught come after the author's.
        passages: everything else that can be found, as plain text.
        maturity: M as ``kb.maturity`` counts it, 0..1; by the level alone until it has counted. Threads have none.
        valid_from, valid_until: served at t only if valid_from ≤ t < valid_until.
        variants: what it is in the regions that have overlays; no region is in two.
        local: the regions that this version stands in; empty for the base, which stands in all others.
    """

    reference: Reference
    key: str
    kind: str
    state: str
    level: int
    maturity: float
    modules: tuple[str, ...]
    tier: str | None
    products: tuple[str, ...]
    regions: tuple[str, ...]
    reach: tuple[str, ...]
    audience: tuple[str, ...]
    people: tuple[int, ...]
    title: str
    answer: str
    wordings: tuple[str, ...]
    passages: tuple[str, ...]
    valid_from: datetime | None
    valid_until: datetime | None
    verified_at: datetime | None
    updated_at: datetime
    variants: tuple[Variant, ...] = ()
    local: tuple[str, ...] = ()

    @property
    def instead(self) -> tuple[str, ...]:
        """The regions in which another version stands than the base."""
        return tuple(sorted(region for variant in self.variants for region in variant.regions))

    @property
    def versions(self) -> tuple["Document", ...]:
        """The base, then what the entry is in the regions that differ: of each region, one version is true."""
        return (
            self,
            *(
                replace(self, passages=(*variant.passages, *self.passages), variants=(), local=variant.regions)
                for variant in self.variants
            ),
        )

    def version_in(self, where: str | None) -> "Document":
        """Return the version that stands in the region *where*; the base for no region."""
        return next((version for version in self.versions if where in version.local), self)

    @property
    def id(self) -> str:
        """The document's id in the index."""
        return self.reference.id

    def digest(self) -> str:
        """Return a fingerprint of everything above but M, which the index keeps beside the document."""
        packed = repr(_facts(self))  # plain values all of them, so the same everywhere; JSON takes ten times as long
        return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()[:16]


_facts = attrgetter(*(item.name for item in fields(Document) if item.name != "maturity"))


def by_level(level: int) -> float:
    """Return M, 0..1, as far as the level alone tells it."""
    return level / Level.L5


def references(events: Iterable[Event]) -> tuple[Reference, ...]:
    """Return which documents *events* touch, each once."""
    sources = {Subject.ENTRY: Source.ENTRY, Subject.MATURITY: Source.ENTRY, Subject.THREAD: Source.THREAD}
    found = {
        Reference(sources[event.subject_kind], int(event.subject_id))
        for event in events
        if event.subject_kind in sources
    }
    return tuple(sorted(found, key=lambda reference: (reference.source, reference.row)))
