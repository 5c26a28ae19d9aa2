"""Opening the newest commit of the live generation: once a commit, shared by all threads."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from whoosh.index import IndexError as WhooshIndexError

from indexer.embedded.columns import merits
from indexer.embedded.columns.merits import Merits
from indexer.embedded.columns.reading import Living, View
from indexer.embedded.columns.segment import Segment, document_id
from indexer.embedded.ledger import Ledger, SegmentEntry
from indexer.embedded.storage import Generations
from indexer.engine import IndexNotReadyError
from kb.i18n import N_

OPEN_TRIES = 5
"""Times to look for the live generation anew when its files vanish under a reader that just read the pointer."""

_RECENT = 0.1
"""Seconds within which two changes of a folder may leave it the same time stamp."""


@dataclass(frozen=True)
class State:
    """One commit of one generation, open. Immutable, so threads share it."""

    generation: str
    folder: Path
    number: int
    watermark: int
    view: View


class Reader:
    """Keeps the newest commit open. A commit changes the generation's folder, so that its time stamp tells."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations
        self._lock = Lock()
        self._state: State | None = None
        self._stamps: tuple[tuple[int, int], ...] = ()
        self._segments: Mapping[str, Segment] = {}

    def state(self) -> State:
        """Return the newest commit.

        Raises:
            IndexNotReadyError: there is none that this version can read.
        """
        state = self._state
        if state is not None and self._unchanged(state):
            return state
        with self._lock:
            state = self._state
            if state is not None and self._unchanged(state):
                return state
            stamps = self._stamp(self._generations.live())
            self._state = self._open(state)
            self._stamps = stamps
            return self._state

    def segment(self, folder: Path, name: str) -> Segment:
        """Return a segment of the generation in *folder*, open already or opened now."""
        known = self._segments.get(f"{folder.name}/{name}")
        return known if known is not None else Segment.open(folder, name)

    def _unchanged(self, state: State) -> bool:
        stamps = self._stamp(state.generation)
        if stamps != self._stamps:
            return False
        newest = max(stamp for stamp, _ in stamps)
        if time.time() - newest / 1e9 > _RECENT:
            return True
        try:
            return self._generations.live() == state.generation and Ledger(str(state.folder)).number == state.number
        except (WhooshIndexError, FileNotFoundError):
            return False

    def _stamp(self, generation: str | None) -> tuple[tuple[int, int], ...]:
        """Return when the pointer and the generation's folder last changed, and which they are."""
        paths = [self._generations.root]
        if generation is not None:
            paths.append(self._generations.path(generation))
        found = []
        for path in paths:
            try:
                status = os.stat(path)
            except FileNotFoundError:
                found.append((0, 0))
            else:
                found.append((status.st_mtime_ns, status.st_ino))
        return tuple(found)

    def _open(self, before: State | None) -> State:
        for _ in range(OPEN_TRIES):
            live = self._generations.live()
            if live is None or not self._generations.is_readable(live):
                break  # another schema: its files can't be read
            folder = self._generations.path(live)
            try:
                ledger = Ledger(str(folder))
                number = ledger.number
                if before is not None and (before.generation, before.number) == (live, number):
                    return before
                commit = ledger.commit()
                opened = {f"{live}/{entry.name}": self.segment(folder, entry.name) for entry in commit.segments}
                maturity = [maturity_of(folder, entry, opened[f"{live}/{entry.name}"]) for entry in commit.segments]
            except (WhooshIndexError, FileNotFoundError):
                continue
            self._segments = opened
            view = View.of(
                [
                    (opened[f"{live}/{entry.name}"], entry.deleted, own)
                    for entry, own in zip(commit.segments, maturity, strict=True)
                ]
            )
            return State(live, folder, number, commit.watermark, view)
        raise IndexNotReadyError(N_("还没有可用的索引，网站启动后会自动建立，也可以运行 kb index rebuild"))


def maturity_of(folder: Path, entry: SegmentEntry, segment: Segment) -> Merits:
    """Return M of all documents of *segment*, as the commit's *entry* about it has it."""
    return segment.arrays["maturity"] if entry.merits is None else merits.read(folder, entry.merits)


def maturities(state: State) -> dict[str, float]:
    """Return M of every document of *state* by id."""
    return {id_: float(part.maturity[number]) for part, number, id_ in _documents(state)}


def digests(state: State) -> dict[str, str]:
    """Return the digest of every document of *state* by id; of those that its two stores disagree about, no digest.

    Raises:
        AssertionError: a document is in the columns twice.
    """
    found = {id_: f"{int(part.segment.arrays['digests'][number]):016x}" for part, number, id_ in _documents(state)}
    ledger = Ledger(str(state.folder)).digests()
    if len(found) != state.view.items:
        raise AssertionError("a document is in the columns twice")
    # What the two stores disagree about is neither's: it will differ from the database.
    for id_ in found.keys() ^ ledger.keys() | {key for key in found if ledger.get(key) != found[key]}:
        found[id_] = "columns and ledger differ"
    return found


def _documents(state: State) -> Iterator[tuple[Living, int, str]]:
    """Yield every document that lives, by its base: the segment, its number there, its id."""
    for part in state.view.parts:
        rows = part.segment.arrays["rows"]
        for number in np.flatnonzero(part.alive & part.segment.bases()).tolist():
            yield part, number, document_id(int(rows[number]))
