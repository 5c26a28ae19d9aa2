"""The Whoosh engine: opening readers, searching, taking changes, building new generations."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
from indexer.engine import (
    Build,
    Changes,
    Filters,
    Found,
    Hit,
    IndexBusyError,
    IndexMovedError,
    IndexNotReadyError,
    Snapshot,
    Status,
)
from indexer.highlight import Marker
from indexer.query import Query
from indexer.text import Analysis
from kb.i18n import N_
from kb.permissions import Actor

FACETS = ("module", "kind", "tier", "level")
OPEN_TRIES = 5
"""Times to look for the live generation anew when its files vanish under a reader that just read the pointer."""


@dataclass(frozen=True, slots=True)
class _Cutting:
    """An analysis and the generations of the version that it makes: they change together."""

    analysis: Analysis
    generations: Generations


def _cutting(root: Path, analysis: Analysis) -> _Cutting:
    return _Cutting(analysis, Generations(root, f"v{SCHEMA_VERSION}-{analysis.dictionary.digest}"))


class WhooshEngine:
    """An ``Engine`` on a folder of generations. Safe to share between threads; processes share only the folder.

    Args:
        root: folder of the generations.
        analysis: how text is cut; its dictionary is part of a generation's version.
    """

    def __init__(self, root: Path, analysis: Analysis) -> None:
        self._root = root
        self._cutting = _cutting(root, analysis)
        self._idle: LifoQueue[_Reader] = LifoQueue()

    @property
    def analysis(self) -> Analysis:
        """See ``Engine.analysis``."""
        return self._cutting.analysis

    @property
    def generations(self) -> Generations:
        """The generations on disk, with the version that goes with the analysis."""
        return self._cutting.generations

    def use(self, analysis: Analysis) -> None:
        """See ``Engine.use``. One assignment, so that no thread sees an analysis with another one's version."""
        self._cutting = _cutting(self._root, analysis)

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

    def apply(self, changes: Changes) -> None:
        """See ``Engine.apply``."""
        cutting = self._cutting
        live = cutting.generations.live()
        if live is None or not cutting.generations.path(live).is_dir():
            raise IndexNotReadyError(N_("还没有索引"))
        if not cutting.generations.is_current(live):  # never two ways of cutting in one generation
            raise IndexMovedError(N_("索引已经变了，请重试"))
        _write(self._index(live), cutting.analysis, changes)

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
        self._commit = self.searcher.reader().generation()

    def up_to_date(self) -> bool:
        return bool(self._index.latest_generation() == self._commit)

    def watermark(self) -> int:
        return _watermark(self.searcher)

    def close(self) -> None:
        self.searcher.close()


class _Build:
    """See ``indexer.engine.Build``."""

    def __init__(self, engine: WhooshEngine) -> None:
        self._cutting = engine._cutting
        self._name = self._cutting.generations.create()
        storage = DurableStorage(str(self._cutting.generations.path(self._name)))
        self._index = FileIndex.create(storage, schema())
        self._writer: Any = self._index.writer(limitmb=256)

    def add(self, documents: Iterable[Document]) -> None:
        for document in documents:
            for fields in to_fields(document, self._cutting.analysis):
                self._writer.add_document(**fields)

    def commit(self, watermark: int) -> None:
        self._writer.add_document(**watermark_fields(watermark))
        self._writer.commit(optimize=True)

    def apply(self, changes: Changes) -> None:
        _write(self._index, self._cutting.analysis, changes)

    def publish(self) -> None:
        self._cutting.generations.publish(self._name)

    def discard(self) -> None:
        if not self._writer.is_closed:
            self._writer.cancel()
        self._cutting.generations.discard(self._name)


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
