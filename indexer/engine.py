"""What a search engine must do for us, and the values that go in and come out. No engine lives here."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from markupsafe import Markup

from indexer.documents import Document, Source
from indexer.explanation import Explanation
from indexer.query import Query
from indexer.suggest.typed import Tier
from indexer.text import Analysis
from indexer.upkeep import (
    Build,
    Changes,
    IndexBusyError,
    IndexMovedError,
    IndexNotReadyError,
    Snapshot,
    Status,
)
from indexer.vectors.embedder import Vectors
from kb.entries.rules import SERVED, State
from kb.permissions import Actor

__all__ = [
    "Build",
    "Changes",
    "Correction",
    "Engine",
    "Filters",
    "Found",
    "FrequentQuery",
    "Hit",
    "IndexBusyError",
    "IndexMovedError",
    "IndexNotReadyError",
    "Snapshot",
    "Status",
    "Suggestion",
    "SuggestionKind",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the person narrows the search to. Empty means no narrowing; values are taxonomy keys.

    Attributes:
        modules: these modules and everything below them.
        region: what applies there: scoped to it, to a region above or below it, or to the whole province.
        states: other than the served ones, only for people who may read such entries.
        without: keys of entries or threads to leave out.
        as_typed: the words are meant as they are, whatever they look like.
    """

    source: Source = Source.ENTRY
    modules: tuple[str, ...] = ()
    region: str | None = None
    tiers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    states: frozenset[State] = SERVED
    without: frozenset[str] = frozenset()
    as_typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One result.

    Attributes:
        id: the entry's or thread's key.
        database_id: its row.
        kind, module, tier: keys. A thread has no tier.
        regions: keys; empty for the whole province.
        score: relevance; comparable within one result list only.
        title: with what matched in ``<mark>``, safe to show.
        wording: the customer's wording that matched best, marked; ``None`` if none did.
        highlights: passages around what matched, marked; best first.
        pinned: whether it was put first for this question: by a knowledge manager, or as a bulletin in force.
        local: whether something is otherwise where this person answers for (地方口径).
        bulletin: number of the bulletin this is, which then is no entry; ``database_id`` is the same.
    """

    id: str
    database_id: int
    source: Source
    kind: str
    level: int
    module: str
    tier: str | None
    regions: tuple[str, ...]
    score: float
    plain_title: str
    title: Markup
    answer: Markup
    wording: Markup | None
    highlights: tuple[Markup, ...]
    verified_at: datetime | None
    updated_at: datetime
    pinned: bool = False
    local: bool = False
    bulletin: int | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A question that finds what the one that was typed does not.

    Attributes:
        row: row of the entry or thread that it finds first, which says what was corrected: whoever may not read that
            must not be offered the text.
    """

    text: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an engine found.

    Attributes:
        total: how many answers in all; 0 when there is no good one.
        hits: one page of them.
        watermark: number of the last event that what was searched takes into account.
        nearest: what comes nearest, where there is no good answer.
        confidence: how well the best result fits the question, 0..1.
        correction: what was probably meant, where the search went weak and that leads to something clearly better.
        put_right: what was searched for instead of the words given, since they can only be a slip.
        watched: which of the rows that were asked about are among the answers, on whatever page.
        facets: ``module``, ``kind``, ``tier``, ``level`` and ``region`` → key → number of answers.
    """

    total: int
    hits: tuple[Hit, ...]
    watermark: int
    nearest: tuple[Hit, ...] = ()
    confidence: float = 0.0
    correction: Correction | None = None
    put_right: Correction | None = None
    watched: frozenset[int] = frozenset()
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class SuggestionKind(StrEnum):
    """What a suggestion is: an entry's title, a customer's wording of it, or a question that is often asked."""

    TITLE = "title"
    WORDING = "wording"
    QUERY = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A text to offer while somebody types.

    Attributes:
        entry: key of the entry, or thread, that answers it.
        title: that entry's title.
    """

    text: str
    kind: SuggestionKind
    entry: str | None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class FrequentQuery:
    """What is often asked and answered: its words, how often, and the key of the entry that answered it, if one did."""

    text: str
    count: int
    entry_key: str | None


class Engine(Protocol):
    """Finds documents and takes changes. Any number of processes may search; one at a time may change."""

    @property
    def analysis(self) -> Analysis:
        """The analysis in force: how text is cut into terms for every generation that is built from now on."""

    @property
    def answering(self) -> Analysis:
        """The analysis to understand questions with: its words are those of the generation that answers them.

        Until a generation with changed words is published these are the live one's, if they are known; all else is as
        in ``analysis``.
        """

    def use(self, analysis: Analysis) -> None:
        """Put *analysis* in force; what cuts otherwise than the live generation makes it not current.

        The live generation goes on with the words that it was built with, and so does a build that was started before.
        """

    def search(
        self,
        query: Query,
        filters: Filters,
        actor: Actor,
        *,
        now: datetime,
        limit: int,
        offset: int = 0,
        watch: Collection[int] = (),
    ) -> Found:
        """Return what *actor* may see of what matches *query* within *filters* at the moment *now*.

        Args:
            watch: database rows of which the caller wants to know whether they are among the answers.

        Raises:
            IndexNotReadyError: there is no index to search.
        """

    def explain(
        self, query: Query, filters: Filters, actor: Actor, *, now: datetime, limit: int, compare: str | None = None
    ) -> Explanation:
        """Return why ``search`` with the same arguments finds what it finds, in its own figures.

        Args:
            compare: key of an entry or thread whose place, or why it has none, is wanted too. Whether *actor* may know
                of it is the caller's to check: what a filter hides is named here.

        Raises:
            IndexNotReadyError: there is no index to search.
        """

    def rehearse(
        self,
        document: Document,
        queries: Sequence[Query],
        filters: Filters,
        actor: Actor,
        *,
        now: datetime,
        limit: int,
    ) -> Sequence[Found]:
        """Return what ``search`` would find for each of *queries* if *document* were in the index now.

        It takes the place of what the index holds of its row. Nothing is written. Facets and corrections are left out.

        Raises:
            IndexNotReadyError: there is no index to search.
        """

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
        """Return what *actor* may see at the moment *now*, within *filters*, that goes on as the typed *text* begins.

        Args:
            frequent: the questions that go with *text*, and how; those are offered whose entry the person may see.

        Raises:
            IndexNotReadyError: there is no index to look into.
        """

    def apply(self, changes: Changes) -> None:
        """Make *changes* and their watermark durable in one commit: after a crash both are there or neither is.

        Raises:
            IndexNotReadyError: there is no generation to change.
            IndexMovedError: the index is not at ``changes.base``, so applying them would skip or repeat events; or it
                does not take changes, see ``takes_changes``.
            IndexBusyError: another process is changing it.
        """

    def tend(self) -> bool:
        """Do what can wait until no edit does (merging, say); return whether there was anything to do.

        Searches and edits go on meanwhile. For the follower, and nobody else.
        """

    def embed_pending(self, *, seconds: float = 1.0) -> bool:
        """Make sentence vectors of what has none yet, for about so long; return whether there was anything to do.

        What was made is durable. For the follower, and nobody else.
        """

    def takes_changes(self) -> bool:
        """Return whether the live generation can be kept up to date: there is one, and its words are known."""

    def sense(self, texts: Sequence[str]) -> Vectors | None:
        """Return sentence vectors of *texts*, of unit length, (n, dimensions); ``None`` for an engine without them."""

    def watermark(self) -> int:
        """Return the number of the last event that the index takes into account, 0 without one."""

    def is_current(self) -> bool:
        """Return whether there is an index of this version's schema and dictionaries."""

    def status(self) -> Status:
        """Return what is known about the index, without raising for a missing one."""

    def snapshot(self) -> Snapshot:
        """Return what the index holds, for comparison with the database.

        Raises:
            IndexNotReadyError: there is no index.
        """

    def holding_still(self) -> AbstractContextManager[None]:
        """Let nobody, in whatever process, change the live generation in the block; searches go on.

        Whoever publishes a generation in it that knows all events takes nothing back. Others' changes wait until the
        block is left, so it has to be short.
        """

    def build(self) -> Build:
        """Start a new generation beside the live one."""
