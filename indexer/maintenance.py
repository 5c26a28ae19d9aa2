"""Bringing the index in step with the database: the next changes, building anew, checking."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from indexer import documents, gathering
from indexer.documents import INDEXED, Document
from indexer.engine import Build, Changes, Engine
from indexer.locks import exclusive
from kb.db import Sessions
from kb.entries.models import Entry
from kb.events import queries as event_queries
from kb.events.models import Event, Subject, Verb
from kb.forum.models import Thread

BATCH = 500
"""Events taken into one commit of the index."""

Progress = Callable[[int, int], None]
"""Called with how many documents are done, of how many."""


def changes_after(session: Session, watermark: int) -> Changes | None:
    """Return what the next batch of events after *watermark* comes down to; ``None`` if there are none."""
    events = event_queries.after(session, watermark, limit=BATCH, kinds=INDEXED)
    if not events:
        return None
    last = events[-1].seq
    if last is None:
        raise AssertionError("a committed event has no number")
    wanted = documents.references(event for event in events if event.verb is not Verb.RESCORED)
    rated = gathering.merits(session, set(documents.references(events)) - set(wanted))
    built = gathering.build(session, wanted)
    gone = {reference.id for reference in wanted} - {document.id for document in built}
    if _reshapes(events):
        # Trees of modules and regions are part of every document.
        built = tuple(gathering.everything(session))
        rated = {}
    return Changes(put=built, delete=tuple(sorted(gone)), base=watermark, watermark=last, rated=rated)


def rebuild(sessions: Sessions, engine: Engine, locks: Path, *, progress: Progress | None = None) -> int:
    """Build a new generation from the database beside the live one, swap, and return how many documents it holds.

    Searches are served from the live generation throughout, and it is kept up to date by the follower meanwhile. It
    stands still only for the last events and the swap, so that the new generation is never behind it.

    Args:
        locks: folder of the lock files: one rebuild at a time.
        progress: called after every few documents. What it raises ends the rebuild, which leaves nothing behind.

    Raises:
        IndexBusyError: another rebuild is running.
    """
    with exclusive(locks / "rebuild.lock"):
        build = engine.build()
        try:
            with sessions() as session:
                # Read before the documents: what changes while they are read comes again with its event.
                watermark = event_queries.last_seq(session, kinds=INDEXED)
                total = _count(session)
                counted = _Counted(gathering.everything(session), total, progress)
                build.add(counted)
            build.commit(watermark)
            with sessions() as session:
                until = event_queries.last_seq(session, kinds=INDEXED)
            watermark = _follow(sessions, build, watermark, until=until)
            with engine.holding_still():
                # Not the live generation's watermark: its documents may have been read later than their events.
                with sessions() as session:
                    until = event_queries.last_seq(session, kinds=INDEXED)
                _follow(sessions, build, watermark, until=until)
                build.publish()
        except BaseException:
            build.discard()
            raise
        return counted.done


def _follow(sessions: Sessions, build: Build, watermark: int, *, until: int) -> int:
    """Take what came after *watermark* into *build*, and return up to where.

    It ends at event *until*, or with the batch that has it: somebody who edits all the time must not keep it going.
    """
    while watermark < until and (changes := _next(sessions, watermark)) is not None:
        build.apply(changes)
        watermark = changes.watermark
    return watermark


class _Counted:
    """Documents, with the progress of whoever takes them."""

    def __init__(self, source: Iterable[Document], total: int, progress: Progress | None) -> None:
        self.done = 0
        self._source = source
        self._total = total
        self._progress = progress

    def __iter__(self) -> Iterator[Document]:
        for document in self._source:
            yield document
            self.done += 1
            if self._progress is not None and self.done % gathering.BATCH == 0:
                self._progress(self.done, max(self._total, self.done))
        if self._progress is not None:
            self._progress(self.done, self.done)


_SAME_M = 1e-6
"""The index keeps M in four bytes."""


class Fault(StrEnum):
    """How index and database can differ about a document."""

    MISSING = "missing"
    EXTRA = "extra"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Difference:
    """One document that index and database disagree about."""

    id: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found. ``pending`` events have yet to reach the index; what they touch is no difference."""

    documents: int
    pending: int
    differences: tuple[Difference, ...]


def check(sessions: Sessions, engine: Engine) -> CheckReport:
    """Compare every document of the index with the database, and name each that differs.

    Raises:
        IndexNotReadyError: there is no index.
    """
    snapshot = engine.snapshot()
    with sessions() as session:
        expected = {item.id: (item.digest(), item.maturity) for item in gathering.everything(session)}
        events = event_queries.after(session, snapshot.watermark, limit=1_000_000, kinds=INDEXED)
    pending = set(expected) if _reshapes(events) else {item.id for item in documents.references(events)}
    found = [
        *(Difference(id_, Fault.MISSING) for id_ in expected.keys() - snapshot.digests.keys()),
        *(Difference(id_, Fault.EXTRA) for id_ in snapshot.digests.keys() - expected.keys()),
        *(
            Difference(id_, Fault.STALE)
            for id_ in expected.keys() & snapshot.digests.keys()
            if expected[id_][0] != snapshot.digests[id_] or abs(expected[id_][1] - snapshot.maturities[id_]) > _SAME_M
        ),
    ]
    return CheckReport(
        documents=len(snapshot.digests),
        pending=len(events),
        differences=tuple(sorted((item for item in found if item.id not in pending), key=lambda item: item.id)),
    )


def _next(sessions: Sessions, watermark: int) -> Changes | None:
    with sessions() as session:
        return changes_after(session, watermark)


def _reshapes(events: Iterable[Event]) -> bool:
    return any(event.subject_kind is Subject.TAXONOMY for event in events)


def _count(session: Session) -> int:
    counts = (session.scalar(select(func.count()).select_from(model)) for model in (Entry, Thread))
    return sum(count or 0 for count in counts)
