"""A new generation in the making, which nobody sees until it is published."""

from collections.abc import Iterable
from functools import partial

from indexer.documents import Document
from indexer.embedded.columns import building
from indexer.embedded.committing import Committer
from indexer.embedded.cutting import Cutting
from indexer.embedded.ledger import Commit, Ledger, SegmentEntry
from indexer.embedded.reading import Reader
from indexer.engine import Changes


class GenerationBuild:
    """A ``Build`` on disk. It goes on with the words that it was begun with, whatever is in force meanwhile."""

    def __init__(self, cutting: Cutting, reader: Reader) -> None:
        self._cutting = cutting
        self._reader = reader
        self._name = cutting.generations.create()
        self._folder = cutting.generations.path(self._name)
        cutting.keep_words(self._name)
        self._ledger = Ledger(str(self._folder), create=True)
        self._writing = self._ledger.writing()
        self._writer = self._writing.__enter__()
        self._names: list[str] = []

    def add(self, documents: Iterable[Document]) -> None:
        """See ``Build.add``."""
        self._names += building.write_all(self._folder, documents, self._cutting.analysis, self._writer.add)

    def commit(self, watermark: int) -> None:
        """See ``Build.commit``."""
        names, pivots = building.merge_all(self._folder, self._names, self._cutting.analysis)
        entries = tuple(SegmentEntry(name) for name in names)
        self._writer.commit(Commit(watermark, entries, dict(pivots) if names else {}), optimise=True)
        self._writing.__exit__(None, None, None)

    def apply(self, changes: Changes) -> None:
        """See ``Build.apply``."""
        opener = partial(self._reader.segment, self._folder)
        Committer(self._folder, self._cutting.analysis, opener).apply(changes)

    def publish(self) -> None:
        """See ``Build.publish``."""
        self._cutting.generations.publish(self._name)

    def discard(self) -> None:
        """See ``Build.discard``."""
        self._writing.__exit__(None, None, None)
        self._cutting.generations.discard(self._name)
