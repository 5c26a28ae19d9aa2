"""Changes become a commit: a segment beside the others, deletions, merges in the background."""

import logging
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from indexer.embedded.columns import building, container, merging
from indexer.embedded.columns.hashing import Hasher
from indexer.embedded.columns.reading import Living, View
from indexer.embedded.columns.segment import Segment, number_of
from indexer.embedded.ledger import Commit, Ledger, SegmentEntry
from indexer.engine import Changes, IndexMovedError
from indexer.text import Analysis
from kb.i18n import N_

log = logging.getLogger(__name__)

TIER = 8
"""Segments of about the same size, within this factor, are merged when there are so many of them."""
DELETED = 0.2
"""Share of deleted documents from which a segment is written anew."""
DRIFT = 0.2
"""How far the mean length of a field may move before everything is measured anew."""

Opener = Callable[[str], Segment]


class Committer:
    """Writes to one generation's folder. One at a time may; the ledger's lock sees to that.

    Args:
        opener: opens a segment by name; whoever keeps them open hands them out again.
    """

    def __init__(self, folder: Path, analysis: Analysis, opener: Opener) -> None:
        self.folder = folder
        self._analysis = analysis
        self._hasher = Hasher(analysis)
        self._cutting = Lock()  # a hasher keeps tables
        self._open = opener
        self._ledger = Ledger(str(folder))

    def apply(self, changes: Changes) -> None:
        """Make *changes* durable in one commit; see ``Engine.apply``."""
        written: str | None = None
        with self._ledger.writing() as writer:
            commit = writer.current()
            if commit.watermark != changes.base:
                raise IndexMovedError(N_("索引已经变了，请重试"))
            gone = (*changes.delete, *(document.id for document in changes.put))
            entries = [self._without(entry, gone) for entry in commit.segments]
            writer.delete(gone)
            pivots = commit.pivots
            if changes.put:
                with self._cutting:
                    name, records = building.write(self.folder, changes.put, self._hasher, pivots or None)
                written = name
                entries.append(SegmentEntry(name))
                pivots = dict(pivots) or dict(self._open(name).pivots)
                writer.add(records)
            try:
                writer.commit(Commit(changes.watermark, tuple(entries), pivots))
            except BaseException:
                if written is not None:
                    (self.folder / written).unlink(missing_ok=True)
                raise

    def due(self) -> tuple[SegmentEntry, ...]:
        """Return the segments that should become one, none if all is well."""
        commit = self._ledger.commit()
        living = [(entry, self._open(entry.name).documents - len(entry.deleted)) for entry in commit.segments]
        if len(living) > 1 and self._drifted(commit):
            return commit.segments
        tiers: dict[int, list[SegmentEntry]] = {}
        for entry, documents in living:
            tiers.setdefault(int(math.log(max(documents, 1), TIER)), []).append(entry)
        for tier in sorted(tiers):
            if len(tiers[tier]) >= TIER:
                # Whatever is smaller goes along: it costs next to nothing.
                return tuple(entry for entry, size in living if int(math.log(max(size, 1), TIER)) <= tier)
        worn = [entry for entry in commit.segments if len(entry.deleted) > DELETED * self._open(entry.name).documents]
        return tuple(worn[:1])

    def merge(self, entries: Sequence[SegmentEntry], *, anew: bool = False) -> None:
        """Make one segment of *entries*. Edits go on meanwhile: what they delete is deleted in the result too.

        Args:
            anew: measure lengths anew, as a build at once would; only with all segments there are.
        """
        commit = self._ledger.commit()
        view = View.of([(self._open(entry.name), entry.deleted) for entry in entries])
        living = [(part.segment, part.alive) for part in view.parts]
        whole = {entry.name for entry in entries} == {entry.name for entry in commit.segments}
        measured = anew or (whole and self._drifted(commit))
        arrays = merging.merge(living, None if measured else commit.pivots)
        name = building.new_name()
        container.write(self.folder / name, arrays)
        try:
            self._swap(entries, name, view, measured=measured)
        except BaseException:
            (self.folder / name).unlink(missing_ok=True)
            raise

    def sweep(self) -> None:
        """Remove segments that no commit names any more: what was merged, and what a crash left behind."""
        with self._ledger.writing() as writer:
            kept = {entry.name for entry in writer.current().segments}
            for path in self.folder.glob("*.columns"):
                if path.name not in kept:
                    path.unlink(missing_ok=True)

    def _swap(self, entries: Sequence[SegmentEntry], name: str, view: View, *, measured: bool) -> None:
        merged = {entry.name: part for entry, part in zip(entries, view.parts, strict=True)}
        with self._ledger.writing() as writer:
            commit = writer.current()
            if not merged.keys() <= {entry.name for entry in commit.segments}:
                raise IndexMovedError(N_("索引已经变了，请重试"))
            result = self._open(name)
            now = {entry.name: entry for entry in commit.segments}
            deleted = _deleted_since(result, [(merged[key], now[key]) for key in merged])
            kept = [entry for entry in commit.segments if entry.name not in merged]
            pivots = dict(result.pivots) if measured else commit.pivots
            swapped = (SegmentEntry(name, deleted), *kept) if result.documents > len(deleted) else tuple(kept)
            writer.commit(Commit(commit.watermark, swapped, pivots))

    def _without(self, entry: SegmentEntry, gone: Iterable[str]) -> SegmentEntry:
        numbers = np.array([number_of(document_id) for document_id in gone], np.int64)
        rows = self._open(entry.name).arrays["rows"]
        hit = np.flatnonzero(np.isin(rows, numbers)).tolist()
        return SegmentEntry(entry.name, tuple(sorted({*entry.deleted, *hit}))) if hit else entry

    def _drifted(self, commit: Commit) -> bool:
        measured = building.measure([self._open(entry.name) for entry in commit.segments])
        return any(
            abs(measured[name] - pivot) > DRIFT * pivot for name, pivot in commit.pivots.items() if name in measured
        )


def _deleted_since(result: Segment, parts: Sequence[tuple[Living, SegmentEntry]]) -> tuple[int, ...]:
    """Return which documents of *result* were deleted in the segments it was made of after it had read them."""
    late = []
    for part, entry in parts:
        fresh = sorted(set(entry.deleted) - set(part.deleted.tolist()))
        late.append(part.segment.arrays["rows"][fresh])
    rows = np.concatenate(late) if late else np.empty(0, np.int64)
    return tuple(np.flatnonzero(np.isin(result.arrays["rows"], rows)).tolist())
