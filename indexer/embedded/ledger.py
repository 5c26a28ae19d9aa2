"""The Whoosh index: the record of what is committed, and the centre's words with how often they occur.

One Whoosh commit makes a batch durable: documents, the watermark and the list of column segments are in it together, so
after a crash all of them are there or none is. Its dictionary of words is what spelling is corrected with.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from whoosh import fields
from whoosh.analysis import Analyzer, Token
from whoosh.index import FileIndex, LockError
from whoosh.reading import SegmentReader
from whoosh.searching import Searcher

from indexer.embedded.storage import DurableStorage
from indexer.engine import IndexBusyError
from kb.i18n import N_

SCHEMA_VERSION = 7
"""Raise it with every change of fields, of the columns, or of what goes into them: another version is rebuilt."""

_COMMIT_ID = "meta:commit"
"""The id of the one document that is no document: it says what this commit is."""

LOCK_SECONDS = 10.0
"""How long a writer waits for the one before it."""

_TIER = 8
"""Whoosh's segments of about the same size (within this factor) are merged when there are so many of them."""
_LARGEST_MERGED = 4096
"""Documents in a Whoosh segment from which on it is left alone: merging it would hold up the next edit."""


class CutText(Analyzer):  # type: ignore[misc]  # Whoosh is not typed
    """Reads back words that were cut before, joined by white space: jieba's own Whoosh analyzer cuts them again."""

    def __call__(self, value: str, **kwargs: Any) -> Iterator[Token]:
        """Yield the words of *value*; Whoosh's protocol reuses one token."""
        token = Token(**kwargs)
        for text in value.split():
            token.text = token.original = text
            token.boost = 1.0
            token.stopped = False
            yield token


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A column segment of a commit.

    Attributes:
        name: its file.
        deleted: the numbers of its documents that are gone, ascending.
        merits: the file with M of its documents; ``None`` where it is as it was when the segment was written.
    """

    name: str
    deleted: tuple[int, ...] = ()
    merits: str | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit holds: the last event it takes into account, its column segments, the lengths they measure by."""

    watermark: int = 0
    segments: tuple[SegmentEntry, ...] = ()
    pivots: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A document as the ledger keeps it: its id, its digest, and its words, each once, joined by spaces."""

    id: str
    digest: str
    words: str


def schema() -> fields.Schema:
    """Return the schema of this version."""
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        digest=fields.STORED,
        words=fields.TEXT(analyzer=CutText(), phrase=False),
        commit=fields.STORED,
    )


class Ledger:
    """The Whoosh index in one generation's folder."""

    def __init__(self, folder: str, *, create: bool = False) -> None:
        storage = DurableStorage(folder)
        self._index = FileIndex.create(storage, schema()) if create else FileIndex(storage, schema=schema())

    @property
    def number(self) -> int:
        """Return the number of the newest commit."""
        return int(self._index.latest_generation())

    def commit(self) -> Commit:
        """Return what the newest commit is."""
        with self._index.searcher() as searcher:
            return read_commit(searcher)

    def digests(self) -> dict[str, str]:
        """Return the digest of every document by id."""
        with self._index.searcher() as searcher:
            stored = searcher.reader().all_stored_fields()
            return {found["id"]: found["digest"] for found in stored if found["id"] != _COMMIT_ID}

    def words(self) -> Iterator[tuple[str, int]]:
        """Yield every word with how many documents have it."""
        with self._index.reader() as reader:
            for name, text in reader.all_terms():
                if name == "words":
                    yield text.decode(), reader.doc_frequency(name, text)

    @contextmanager
    def writing(self) -> Iterator["LedgerWriter"]:
        """Write one batch; what is not committed in the block is dropped at its end.

        Raises:
            IndexBusyError: somebody else is writing.
        """
        try:
            writer = LedgerWriter(self._index)
        except LockError as error:
            raise IndexBusyError(N_("另一个进程正在更新索引")) from error
        try:
            yield writer
        finally:
            writer.close()


class LedgerWriter:
    """One batch for the ledger."""

    def __init__(self, index: FileIndex) -> None:
        self._index = index
        # A merge holds the lock for a moment; an edit waits for it.
        self._writer: Any = index.writer(timeout=LOCK_SECONDS, delay=0.01, limitmb=256)

    def current(self) -> Commit:
        """Return what the newest commit is; it stays the newest while this writer is open."""
        with self._index.searcher() as searcher:
            return read_commit(searcher)

    def delete(self, ids: Iterable[str]) -> None:
        """Take the documents of *ids* out, those that are in."""
        for document_id in ids:
            self._writer.delete_by_term("id", document_id)

    def add(self, records: Iterable[Record]) -> None:
        """Add *records*."""
        for record in records:
            self._writer.add_document(id=record.id, digest=record.digest, words=record.words)

    def commit(self, commit: Commit, *, optimise: bool = False) -> None:
        """Make the batch durable, as *commit*."""
        self._writer.update_document(id=_COMMIT_ID, commit=asdict(commit))
        if optimise:
            self._writer.commit(optimize=True)
        else:
            self._writer.commit(mergetype=_merge_lowest_tier)

    def close(self) -> None:
        """Drop the batch if it was not committed."""
        if not self._writer.is_closed:
            self._writer.cancel()


def read_commit(searcher: Searcher) -> Commit:
    """Return what the commit that *searcher* reads is; an empty one if nothing was committed."""
    found = searcher.document(id=_COMMIT_ID)
    if not found:
        return Commit()
    stored = found["commit"]
    entries = tuple(SegmentEntry(item["name"], tuple(item["deleted"]), item["merits"]) for item in stored["segments"])
    return Commit(stored["watermark"], entries, stored["pivots"])


def _merge_lowest_tier(writer: Any, segments: Sequence[Any]) -> list[Any]:
    """Merge the smallest segments when there are too many; Whoosh's own policy now and then rewrites large ones."""
    tiers: dict[int, list[Any]] = {}
    for segment in segments:
        if segment.doc_count() < _LARGEST_MERGED:
            tiers.setdefault(int(math.log(max(segment.doc_count(), 1), _TIER)), []).append(segment)
    full = next((tiers[tier] for tier in sorted(tiers) if len(tiers[tier]) >= _TIER), [])
    for segment in full:
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return [segment for segment in segments if segment not in full]
