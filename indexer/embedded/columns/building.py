"""Many documents become segments: in other processes when there are many, since cutting text is most of the work."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from pathlib import Path

import numpy as np

from indexer.dictionary import Dictionary
from indexer.documents import Document
from indexer.embedded.columns import container, merging, postings, writing
from indexer.embedded.columns.hashing import Hasher
from indexer.embedded.columns.layout import FIELDS
from indexer.embedded.columns.segment import Segment
from indexer.embedded.columns.writing import Pivots
from indexer.embedded.ledger import Record
from indexer.text import Analysis

CHUNK = 2_000
"""Documents in one piece of work."""
ALONE = 5_000
"""Documents up to which starting other processes would take longer than the work."""
LARGEST = 60_000
"""Documents in a merged segment, about: a larger one takes long to write and gains nothing."""
SUFFIX = ".columns"
"""Ends the name of a segment's file."""
_WAITING = 4
"""Pieces of work handed out before the first is waited for, so that documents are not all in memory."""


def write(
    folder: Path, documents: Sequence[Document], hasher: Hasher, pivots: Pivots | None
) -> tuple[str, list[Record]]:
    """Write a segment of *documents* into *folder*; return its name, and what the ledger keeps of them."""
    arrays, words = writing.arrays(documents, hasher, pivots)
    name = container.new_name(SUFFIX)
    container.write(folder / name, arrays)
    return name, [Record(item.id, item.digest(), own) for item, own in zip(documents, words, strict=True)]


def write_all(
    folder: Path, documents: Iterable[Document], analysis: Analysis, record: Callable[[list[Record]], None]
) -> list[str]:
    """Write segments of all *documents* into *folder*, tell *record* of them, and return the segments' names."""
    source = iter(documents)
    first = list(islice(source, ALONE + 1))
    if not first:
        return []
    if len(first) <= ALONE:
        name, records = write(folder, first, Hasher(analysis), None)
        record(records)
        return [name]
    names: list[str] = []
    with _pool(analysis) as pool:
        waiting: deque[Future[tuple[str, list[Record]]]] = deque()
        for chunk in _chunks(chain(first, source)):
            waiting.append(pool.submit(_write_chunk, folder, chunk))
            if len(waiting) >= _WAITING:
                _take(waiting, names, record)
        while waiting:
            _take(waiting, names, record)
    return names


def merge_all(folder: Path, names: Sequence[str], analysis: Analysis) -> tuple[list[str], Pivots]:
    """Merge the segments *names* into a few large ones; return their names, and the lengths they now measure by."""
    segments = [Segment.open(folder, name) for name in names]
    pivots = measure(segments)
    groups: list[list[str]] = [[]]
    size = 0
    for segment in segments:
        if size + segment.documents > LARGEST and groups[-1]:
            groups.append([])
            size = 0
        groups[-1].append(segment.name)
        size += segment.documents
    if len(segments) < 2:
        return list(names), pivots
    if len(groups) == 1 and size <= ALONE:
        merged = [merge_files(folder, group, pivots) for group in groups]
    else:
        with _pool(analysis) as pool:
            merged = list(pool.map(merge_files, [folder] * len(groups), groups, [pivots] * len(groups)))
    for name in names:
        (folder / name).unlink()
    return merged, pivots


def merge_files(folder: Path, names: Sequence[str], pivots: Pivots) -> str:
    """Merge the segments *names*, all their documents living, into a new one; return its name."""
    segments = [Segment.open(folder, name) for name in names]
    name = container.new_name(SUFFIX)
    container.write(folder / name, merging.merge([(item, np.ones(item.documents, bool)) for item in segments], pivots))
    return name


def measure(segments: Sequence[Segment]) -> dict[str, float]:
    """Return the mean length of the units of each field over all *segments*, deleted documents included."""
    found = {}
    for field in FIELDS:
        lengths = [segment.postings(field).lengths for segment in segments]
        found[field.name] = postings.mean_length(np.concatenate(lengths) if lengths else np.empty(0, np.uint32))
    return found


def _chunks(documents: Iterator[Document]) -> Iterator[list[Document]]:
    while chunk := list(islice(documents, CHUNK)):
        yield chunk


def _take(
    waiting: deque[Future[tuple[str, list[Record]]]], names: list[str], record: Callable[[list[Record]], None]
) -> None:
    name, records = waiting.popleft().result()
    names.append(name)
    record(records)


def _pool(analysis: Analysis) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        max_workers=os.cpu_count() or 1,
        mp_context=multiprocessing.get_context("spawn"),  # a fork would copy the locks of other threads, held
        initializer=_start_worker,
        initargs=(analysis.dictionary, analysis.cache),
    )


_hasher: Hasher | None = None


def _start_worker(dictionary: Dictionary, cache: Path | None) -> None:
    global _hasher  # noqa: PLW0603 - a worker process has one, made once
    _hasher = Hasher(Analysis(dictionary, cache=cache))


def _write_chunk(folder: Path, documents: Sequence[Document]) -> tuple[str, list[Record]]:
    if _hasher is None:
        raise AssertionError("the worker was not started")
    return write(folder, documents, _hasher, None)
