"""Changes become a commit: a segment beside the others, deletions, merges in the background."""

import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np

from indexer.embedded.columns import building, container, merging, merits
from indexer.embedded.columns.hashing import Hasher
from indexer.embedded.columns.merits import Merits
from indexer.embedded.columns.reading import Living, View
from indexer.embedded.columns.segment import Segment, number_of
from indexer.embedded.ledger import Commit, Ledger, SegmentEntry
from indexer.embedded.reading import maturity_of
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
        self._well: int | None = None  # the number of a commit of which nothing is due

    def apply(self, changes: Changes) -> None:
        """Make *changes* durable in one commit; see ``Engine.apply``."""
        written: list[str] = []
        with self._ledger.writing() as writer:
            commit = writer.current()
            if commit.watermark != changes.base:
                raise IndexMovedError(N_("索引已经变了，请重试"))
            gone = (*changes.delete, *(document.id for document in changes.put))
            try:
                entries = [self._rated(self._without(entry, gone), changes.rated, written) for entry in commit.segments]
                writer.delete(gone)
                pivots = commit.pivots
                if changes.put:
                    with self._cutting:
                        name, records = building.write(self.folder, changes.put, self._hasher, pivots or None)
                    written.append(name)
                    entries.append(SegmentEntry(name))
                    pivots = dict(pivots) or dict(self._open(name).pivots)
                    writer.add(records)
                writer.commit(Commit(changes.watermark, tuple(entries), pivots))
            except BaseException:
                self._remove(written)
                raise
            self._remove(_merits(commit.segments) - _merits(entries))

    def due(self) -> tuple[SegmentEntry, ...]:
        """Return the segments that should become one, none if all is well. Nothing is read twice of one commit."""
        number = self._ledger.number
        if number == self._well:
            return ()
        due = self._due(self._ledger.commit())
        if not due:
            self._well = number
        return due

    def _due(self, commit: Commit) -> tuple[SegmentEntry, ...]:
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
        view = View.of([(self._open(entry.name), entry.deleted, self._maturity(entry)) for entry in entries])
        living = [(part.segment, part.alive) for part in view.parts]
        whole = {entry.name for entry in entries} == {entry.name for entry in commit.segments}
        measured = anew or (whole and self._drifted(commit))
        arrays = merging.merge(living, None if measured else commit.pivots)
        arrays["maturity"] = np.concatenate([part.maturity[part.alive] for part in view.parts])
        name = container.new_name(building.SUFFIX)
        container.write(self.folder / name, arrays)
        try:
            self._swap(entries, name, view, measured=measured)
        except BaseException:
            (self.folder / name).unlink(missing_ok=True)
            raise

    def sweep(self) -> None:
        """Remove segments that no commit names any more: what was merged, and what a crash left behind."""
        with self._ledger.writing() as writer:
            entries = writer.current().segments
            kept = {entry.name for entry in entries} | _merits(entries)
            for pattern in (f"*{building.SUFFIX}", f"*{merits.SUFFIX}"):
                self._remove(path.name for path in self.folder.glob(pattern) if path.name not in kept)

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
            maturity = np.concatenate([self._maturity(now[key])[part.alive] for key, part in merged.items()])
            rated = None
            if not np.array_equal(maturity, result.arrays["maturity"]):  # changed while the merge was made
                rated = merits.write(self.folder, maturity)
            swapped = (SegmentEntry(name, deleted, rated), *kept) if result.documents > len(deleted) else tuple(kept)
            writer.commit(Commit(commit.watermark, swapped, pivots))

    def _without(self, entry: SegmentEntry, gone: Iterable[str]) -> SegmentEntry:
        numbers = np.array([number_of(document_id) for document_id in gone], np.int64)
        rows = self._open(entry.name).arrays["rows"]
        hit = np.flatnonzero(np.isin(rows, numbers)).tolist()
        return replace(entry, deleted=tuple(sorted({*entry.deleted, *hit}))) if hit else entry

    def _rated(self, entry: SegmentEntry, rated: Mapping[str, float], written: list[str]) -> SegmentEntry:
        """Return *entry* with M of those of *rated* that are in it; a file that is written is put on *written*."""
        if not rated:
            return entry
        merit_of = {number_of(document_id): merit for document_id, merit in rated.items()}
        rows = self._open(entry.name).arrays["rows"]
        maturity = np.array(self._maturity(entry))
        places = np.flatnonzero(np.isin(rows, np.array([*merit_of], np.int64)))
        maturity[places] = [merit_of[number] for number in rows[places].tolist()]
        if np.array_equal(maturity, self._maturity(entry)):
            return entry
        name = merits.write(self.folder, maturity)
        written.append(name)
        return replace(entry, merits=name)

    def _maturity(self, entry: SegmentEntry) -> Merits:
        return maturity_of(self.folder, entry, self._open(entry.name))

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    def _drifted(self, commit: Commit) -> bool:
        measured = building.measure([self._open(entry.name) for entry in commit.segments])
        return any(
            abs(measured[name] - pivot) > DRIFT * pivot for name, pivot in commit.pivots.items() if name in measured
        )


def _merits(entries: Iterable[SegmentEntry]) -> set[str]:
    """Return the files with M that *entries* name."""
    return {entry.merits for entry in entries if entry.merits is not None}


def _deleted_since(result: Segment, parts: Sequence[tuple[Living, SegmentEntry]]) -> tuple[int, ...]:
    """Return which documents of *result* were deleted in the segments it was made of after it had read them."""
    late = []
    for part, entry in parts:
        fresh = sorted(set(entry.deleted) - set(part.deleted.tolist()))
        late.append(part.segment.arrays["rows"][fresh])
    rows = np.concatenate(late) if late else np.empty(0, np.int64)
    return tuple(np.flatnonzero(np.isin(result.arrays["rows"], rows)).tolist())
