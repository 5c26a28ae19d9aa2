"""The Whoosh engine: opening readers, searching, taking changes, building new generations."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any

from whoosh.index import FileIndex, LockError
from whoosh.index import IndexError as WhooshIndexError
from whoosh.query import Or, Term
from whoosh.searching import Searcher

from indexer.documents import Document, Source
from indexer.embedded import visibility
from indexer.embedded.schema import SCHEMA_VERSION, WATERMARK_ID, moment, schema, to_fields, watermark_fields
from indexer.embedded.scoring import Scores, score
from indexer.embedded.storage import DurableStorage, Generations
from indexer.embedded.suggesting import Suggesting
from indexer.engine import (
    Build,
    Changes,
    Filters,
    Found,
    FrequentQuery,
    Hit,
    IndexBusyError,
    IndexMovedError,
    IndexNotReadyError,
    Snapshot,
    Status,
    Suggestion,
)
from indexer.highlight import Marker
from indexer.query import Query
from indexer.suggest.typed import Tier
from indexer.text import Analysis
from kb.i18n import N_
from kb.permissions import Actor

FACETS = ("module", "kind", "tier", "level")
OPEN_TRIES = 5
"""Times to look for the live generation anew when its files vanish under a reader that just read the pointer."""


class WhooshEngine:
    """An ``Engine`` on a folder of generations. Safe to share between threads; processes share only the folder.

    Args:
        root: folder of the generations.
        analysis: how text is cut; its dictionary is part of a generation's version.
    """

    def __init__(self, root: Path, analysis: Analysis) -> None:
        self.analysis = analysis
        self.generations = Generations(root, f"v{SCHEMA_VERSION}-{analysis.dictionary.digest}")
        self._idle: LifoQueue[_Reader] = LifoQueue()
        self._suggesting = Suggesting()

    def search(
        self,
        query: Query,
        filters: Filters,
        actor: Actor,
        *,
        now: datetime,
        limit: int,
        offset: int = 0,
    ) -> Found:
        """See ``Engine.search``."""
        with self._reader() as reader:
            searcher = reader.searcher
            allowed = visibility.documents(searcher, filters, actor, now)
            scores = score(searcher, query, allowed)
            best = heapq.nsmallest(limit + offset, scores.items(), key=lambda item: (-item[1], item[0]))[offset:]
            marker = Marker(query, self.analysis)
            return Found(
                total=len(scores),
                hits=tuple(_hit(searcher.stored_fields(number), value, marker) for number, value in best),
                watermark=reader.watermark(),
                facets=_facets(searcher, scores),
            )

    def suggest(
        self,
        text: str,
        filters: Filters,
        actor: Actor,
        *,
        now: datetime,
        limit: int,
        frequent: Mapping[FrequentQuery, Tier] | None = None,
    ) -> tuple[Suggestion, ...]:
        """See ``Engine.suggest``."""
        with self._reader() as reader:
            columns = self._suggesting.of(reader.searcher, (reader.generation, reader.commit))
            allowed = visibility.documents(reader.searcher, filters, actor, now)
            return columns.suggest(text, allowed, limit=limit, frequent=frequent or {})

    def apply(self, changes: Changes) -> None:
        """See ``Engine.apply``."""
        live = self.generations.live()
        if live is None or not self.generations.path(live).is_dir():
            raise IndexNotReadyError(N_("还没有索引"))
        _write(self._index(live), self.analysis, changes)

    def status(self) -> Status:
        """See ``Engine.status``."""
        try:
            with self._reader() as reader:
                return Status(
                    generation=reader.generation,
                    current=self.generations.is_current(reader.generation),
                    watermark=reader.watermark(),
                    documents=sum(1 for _ in _documents(reader.searcher)),
                )
        except IndexNotReadyError:
            return Status(generation=self.generations.live(), current=False, watermark=0, documents=0)

    def snapshot(self) -> Snapshot:
        """See ``Engine.snapshot``."""
        with self._reader() as reader:
            stored = (reader.searcher.stored_fields(number) for number in _documents(reader.searcher))
            return Snapshot(reader.watermark(), {fields["id"]: fields["digest"] for fields in stored})

    def build(self) -> Build:
        """See ``Engine.build``."""
        return _Build(self)

    def close(self) -> None:
        """Close the readers that nobody is using."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def _index(self, generation: str) -> FileIndex:
        return FileIndex(DurableStorage(str(self.generations.path(generation))), schema=schema())

    @contextmanager
    def _reader(self) -> Iterator["_Reader"]:
        """Lend a reader of the newest commit of the live generation.

        Whoosh's readers keep file positions, so no two threads share one: they are lent out, and taken back.
        """
        reader = self._fresh_idle() or self._open()
        try:
            yield reader
        except BaseException:
            reader.close()
            raise
        self._idle.put(reader)

    def _fresh_idle(self) -> "_Reader | None":
        while True:
            try:
                reader = self._idle.get_nowait()
            except Empty:
                return None
            if reader.generation == self.generations.live() and reader.up_to_date():
                return reader
            reader.close()

    def _open(self) -> "_Reader":
        for _ in range(OPEN_TRIES):
            live = self.generations.live()
            if live is None or live.split("-")[0] != f"v{SCHEMA_VERSION}":
                break  # another schema: its fields can't be read
            try:
                return _Reader(live, self._index(live))
            except (WhooshIndexError, FileNotFoundError):
                continue
        raise IndexNotReadyError(N_("还没有可用的索引，网站启动后会自动建立，也可以运行 kb index rebuild"))


class _Reader:
    """A searcher on one commit of one generation.

    Never Whoosh's ``refresh``: it keeps the old segments' list of deleted documents, and with it ghosts.
    """

    def __init__(self, generation: str, index: FileIndex) -> None:
        self.generation = generation
        self._index = index
        self.searcher: Searcher = index.searcher()
        self.commit: int = self.searcher.reader().generation()

    def up_to_date(self) -> bool:
        return bool(self._index.latest_generation() == self.commit)

    def watermark(self) -> int:
        return _watermark(self.searcher)

    def close(self) -> None:
        self.searcher.close()


class _Build:
    """See ``indexer.engine.Build``."""

    def __init__(self, engine: WhooshEngine) -> None:
        self._engine = engine
        self._name = engine.generations.create()
        storage = DurableStorage(str(engine.generations.path(self._name)))
        self._index = FileIndex.create(storage, schema())
        self._writer: Any = self._index.writer(limitmb=256)

    def add(self, documents: Iterable[Document]) -> None:
        for document in documents:
            for fields in to_fields(document, self._engine.analysis):
                self._writer.add_document(**fields)

    def commit(self, watermark: int) -> None:
        self._writer.add_document(**watermark_fields(watermark))
        self._writer.commit(optimize=True)

    def apply(self, changes: Changes) -> None:
        _write(self._index, self._engine.analysis, changes)

    def publish(self) -> None:
        self._engine.generations.publish(self._name)

    def discard(self) -> None:
        if not self._writer.is_closed:
            self._writer.cancel()
        self._engine.generations.discard(self._name)


def _write(index: FileIndex, analysis: Analysis, changes: Changes) -> None:
    # Text is cut before the writer is opened: a failure must not leave a half-written batch behind.
    puts = [fields for document in changes.put for fields in to_fields(document, analysis)]
    try:
        writer = index.writer()
    except LockError as error:
        raise IndexBusyError(N_("另一个进程正在更新索引")) from error
    try:
        with index.searcher() as searcher:
            if _watermark(searcher) != changes.base:
                raise IndexMovedError(N_("索引已经变了，请重试"))
        for document_id in (*changes.delete, *(document.id for document in changes.put)):
            writer.delete_by_term("parent", document_id)
        for fields in puts:
            writer.add_document(**fields)
        writer.update_document(**watermark_fields(changes.watermark))
    except BaseException:
        writer.cancel()
        raise
    writer.commit()


def _documents(searcher: Searcher) -> Iterator[int]:
    """Yield the numbers of the documents that stand for entries and threads."""
    wanted = Or([Term("source", source.value) for source in Source])
    yield from wanted.docs(searcher)


def _watermark(searcher: Searcher) -> int:
    found = searcher.document(id=WATERMARK_ID)
    return int(found["watermark"]) if found else 0


def _facets(searcher: Searcher, scores: Scores) -> dict[str, dict[str, int]]:
    reader = searcher.reader()
    counts: dict[str, dict[str, int]] = {}
    for name in FACETS:
        column = reader.column_reader(name)
        values = Counter(str(column[number]) for number in scores)
        values.pop("", None)
        counts[name] = dict(values)
    return counts


def _hit(stored: Mapping[str, Any], value: float, marker: Marker) -> Hit:
    data = stored["data"]
    source, _, row = stored["id"].partition(":")
    updated = moment(data["updated_at"])
    if updated is None:
        raise AssertionError(f"document {stored['id']} has no time of change")
    return Hit(
        id=data["key"],
        database_id=int(row),
        source=Source(source),
        kind=data["kind"],
        level=data["level"],
        module=data["module"],
        tier=data["tier"],
        regions=tuple(data["regions"]),
        score=round(value, 4),
        plain_title=data["title"],
        title=marker.mark(data["title"]),
        answer=marker.mark(data["answer"]),
        wording=marker.best_text(data["wordings"]),
        highlights=marker.passages(data["passages"]),
        verified_at=moment(data["verified_at"]),
        updated_at=updated,
    )
