"""Looking after an index: what it takes, what is known about it, and how it fails. No searching, and no engine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from indexer.documents import Document
from kb.errors import KbError


class IndexNotReadyError(KbError):
    """There is no index that this version can read yet; it is being built."""

    code = "index_not_ready"


class IndexMovedError(KbError):
    """The index is at another event than the caller thought: look again."""

    code = "index_moved"


class IndexBusyError(KbError):
    """Another process is doing what only one may do at a time."""

    code = "index_busy"


@dataclass(frozen=True, slots=True)
class Changes:
    """One batch for the index: what the events after ``base``, up to and including ``watermark``, come down to.

    Attributes:
        put: documents that are there now, as they are now.
        delete: ids of documents that are gone.
        rated: by id, M (0..1) of documents of which nothing else has changed; one that isn't indexed is passed over.
    """

    put: tuple[Document, ...]
    delete: tuple[str, ...]
    base: int
    watermark: int
    rated: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is known about the index.

    Attributes:
        generation: name of the live generation; ``None`` when there is none.
        current: whether its schema and dictionaries are those of this version.
        watermark: number of the last event that it has taken into account.
        documents: how many it holds, in how many ``segments``.
        embedded: how many of the ``embeddable`` texts have a sentence vector.
        since: when the live generation was published; ``None`` where nobody knows.
    """

    generation: str | None
    current: bool
    watermark: int
    documents: int
    segments: int = 0
    embedded: int = 0
    embeddable: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one commit of the index holds: its watermark, and by id of every document its digest and its M, 0..1."""

    watermark: int
    digests: Mapping[str, str]
    maturities: Mapping[str, float]


class Build(Protocol):
    """A new generation that nobody sees until it is published."""

    def add(self, documents: Iterable[Document]) -> None:
        """Add documents, each id at most once. One call with all of them is fastest."""

    def commit(self, watermark: int) -> None:
        """Make what was added durable, up to event number *watermark*."""

    def apply(self, changes: Changes) -> None:
        """Bring the committed generation up to date."""

    def publish(self) -> None:
        """Make this generation the live one, atomically."""

    def discard(self) -> None:
        """Remove what was built."""
