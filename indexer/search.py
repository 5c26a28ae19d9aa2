"""Searching as the pages, the API and the command line do it: one question in, results and their freshness out."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from indexer import bulletins, pins
from indexer.documents import INDEXED, Source
from indexer.engine import Correction, Engine, Filters, Found, FrequentQuery, Hit, Suggestion
from indexer.explanation import Explanation
from indexer.lexicon import LiveLexicon, Words
from indexer.pins import Pins
from indexer.query import Query, understand
from indexer.suggest.frequent import FrequentQueries
from kb.entries import queries as entry_queries
from kb.events import queries as event_queries
from kb.forum import queries as forum_queries
from kb.permissions import Actor, Permission, require
from kb.verification import queries as verification_queries

EXPLAINED = 10
"""Hits whose place is explained: the first page."""

SUGGESTIONS = 8
"""Suggestions that are shown: as many as are read at a glance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What a search found.

    Attributes:
        took_ms: milliseconds the search took, the check against the database included.
        lag: how far the index is behind, in the event log's numbers; 0 when it is up to date.
        nearest: what comes nearest, where there is no good answer.
        confidence: how sure the engine is of its best result, 0..1.
        did_you_mean: other words that find something clearly better, where these went wrong.
        put_right: the words that were searched for instead of those given, which can only be a slip.
    """

    query: str
    took_ms: float
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]
    lag: int
    nearest: tuple[Hit, ...] = ()
    confidence: float = 0.0
    did_you_mean: str | None = None
    put_right: str | None = None

    @property
    def answered(self) -> bool:
        """Whether there is a good answer; what only comes nearest is none."""
        return self.total > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Why a search came out as it did.

    Attributes:
        pinned: the entries that are put first whatever their score, in their order: key → title.
    """

    explanation: Explanation
    pinned: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexHealth:
    """The state of the index against the database's event log.

    Attributes:
        embedded: how many of the ``embeddable`` texts have a sentence vector.
        since: when the live generation was published; ``None`` where nobody knows.
    """

    generation: str | None
    current: bool
    watermark: int
    last_event: int
    documents: int
    segments: int = 0
    embedded: int = 0
    embeddable: int = 0
    since: datetime | None = None

    @property
    def lag(self) -> int:
        """How far the index is behind, in the event log's numbers."""
        return max(self.last_event - self.watermark, 0)

    @property
    def share_embedded(self) -> float | None:
        """The share of texts that sense can find, 0..1; ``None`` where no text is to have a vector."""
        return self.embedded / self.embeddable if self.embeddable else None


class Search:
    """Answers questions from an engine. One per process; safe to share between threads.

    Args:
        lexicon: the words in force; without one the engine's own, and nothing is pinned.
    """

    def __init__(self, engine: Engine, lexicon: LiveLexicon | None = None) -> None:
        self.engine = engine
        self.lexicon = lexicon
        self._frequent = FrequentQueries(())

    def run(
        self,
        session: Session,
        actor: Actor,
        text: str,
        filters: Filters,
        *,
        now: datetime,
        limit: int = 20,
        offset: int = 0,
    ) -> Results:
        """Return what *actor* may see of what answers *text*; an empty question has no answers.

        What the index says is checked against the database before it is shown: an entry that was suspended a moment
        ago, or taken away from this person, is not shown even while the index has yet to hear of it; nor is one whose
        text for a region was taken back or replaced meanwhile, since it may have been found by that.

        Raises:
            IndexNotReadyError: there is no index to search.
        """
        started = time.perf_counter()
        words = self.words(session)
        query = understand(text, words.analysis)
        if query.terms:
            first = bulletins.hits(session, actor, query, filters, now=now)
            found = find(
                self.engine, session, actor, query, words, filters, now=now, limit=limit, offset=offset, first=first
            )
        else:
            found = Found(total=0, hits=(), watermark=self.engine.watermark())
        lag = max(event_queries.last_seq(session, kinds=INDEXED) - found.watermark, 0)
        hits = self._still_readable(session, actor, filters, found.hits, now)
        nearest = self._still_readable(session, actor, filters, found.nearest, now) if found.nearest else ()
        if lag:
            hits, nearest = (self._still_said(session, some, found.watermark) for some in (hits, nearest))
        correction = self._readable_correction(session, actor, filters, found.correction, now)
        put_right = self._readable_correction(session, actor, filters, found.put_right, now)
        return Results(
            query=query.text,
            took_ms=round((time.perf_counter() - started) * 1000, 1),
            total=found.total - (len(found.hits) - len(hits)),
            hits=hits,
            nearest=nearest,
            confidence=round(found.confidence, 4),
            did_you_mean=correction,
            put_right=put_right,
            facets=found.facets,
            lag=lag,
        )

    def explain(
        self,
        session: Session,
        actor: Actor,
        text: str,
        filters: Filters,
        *,
        now: datetime,
        limit: int = EXPLAINED,
        compare: str | None = None,
    ) -> Reasons:
        """Return why ``run`` finds what it finds for *text*, for those who look after the search.

        Args:
            compare: key of an entry or thread to say the place of, or why it has none.

        Raises:
            PermissionDeniedError: *actor* may not look behind the search.
            NotFoundError: there is no *compare* that *actor* may read.
            IndexNotReadyError: there is no index to search.
        """
        require(actor, Permission.SEARCH_EXPLAIN)
        if compare is not None:
            if filters.source is Source.ENTRY:
                entry_queries.readable_revision(session, actor, compare, now=now)
            else:
                forum_queries.readable(session, actor, compare)
        words = self.words(session)
        query = understand(text, words.analysis)
        explanation = self.engine.explain(query, filters, actor, now=now, limit=limit, compare=compare)
        rows = [hit.row for hit in explanation.hits if hit.row is not None]
        readable = self._readable(session, actor, filters, rows, now)
        pinned = pins.hits(session, actor, words.pins.of(query, now), query, words.analysis, filters, now=now)
        return Reasons(
            explanation=replace(explanation, hits=tuple(hit for hit in explanation.hits if hit.row in readable)),
            pinned={hit.id: hit.plain_title for hit in pinned},
        )

    def suggest(
        self, actor: Actor, text: str, filters: Filters, now: datetime, limit: int = SUGGESTIONS
    ) -> tuple[Suggestion, ...]:
        """Return what *actor* may be offered while they type *text*, best first. No statement: the index alone answers.

        Raises:
            IndexNotReadyError: there is no index to look into.
        """
        frequent = self._frequent.matching(text) if filters.source is Source.ENTRY else None
        return self.engine.suggest(text, filters, actor, now=now, limit=limit, frequent=frequent)

    def offer(self, queries: Sequence[FrequentQuery]) -> None:
        """Offer *queries* while people type from now on, in place of those offered before."""
        self._frequent = FrequentQueries(queries)

    def status(self, session: Session) -> IndexHealth:
        """Return the state of the index, without raising for a missing one."""
        self.words(session)
        status = self.engine.status()
        return IndexHealth(
            generation=status.generation,
            current=status.current,
            watermark=status.watermark,
            last_event=event_queries.last_seq(session, kinds=INDEXED),
            documents=status.documents,
            segments=status.segments,
            embedded=status.embedded,
            embeddable=status.embeddable,
            since=status.since,
        )

    def words(self, session: Session) -> Words:
        """Return the words that questions are understood with now."""
        if self.lexicon is not None:
            return self.lexicon.answering(session)
        analysis = self.engine.answering
        return Words(-1, analysis, Pins((), analysis))

    @classmethod
    def _still_readable(
        cls, session: Session, actor: Actor, filters: Filters, hits: tuple[Hit, ...], now: datetime
    ) -> tuple[Hit, ...]:
        rows = [hit.database_id for hit in hits if hit.bulletin is None]
        readable = cls._readable(session, actor, filters, rows, now)
        return tuple(hit for hit in hits if hit.bulletin is not None or hit.database_id in readable)

    @staticmethod
    def _still_said(session: Session, hits: tuple[Hit, ...], watermark: int) -> tuple[Hit, ...]:
        """Return *hits* without those whose local text has ended since event *watermark*. One statement for any."""
        local = [hit.database_id for hit in hits if hit.local]
        ended = verification_queries.ended_since(session, local, seq=watermark) if local else frozenset()
        return tuple(hit for hit in hits if not (hit.local and hit.database_id in ended))

    @classmethod
    def _readable_correction(
        cls, session: Session, actor: Actor, filters: Filters, correction: Correction | None, now: datetime
    ) -> str | None:
        """Return what to say of *correction*: nothing where its words stand in what was taken away a moment ago."""
        if correction is None or not cls._readable(session, actor, filters, [correction.row], now):
            return None
        return correction.text

    @staticmethod
    def _readable(
        session: Session, actor: Actor, filters: Filters, rows: Sequence[int], now: datetime
    ) -> Collection[int]:
        if filters.source is Source.ENTRY:
            return entry_queries.readable_ids(session, actor, rows, states=filters.states, now=now)
        return forum_queries.readable_ids(session, actor, rows)


def find(
    engine: Engine,
    session: Session,
    actor: Actor,
    query: Query,
    words: Words,
    filters: Filters,
    *,
    now: datetime,
    limit: int,
    offset: int = 0,
    first: tuple[Hit, ...] = (),
) -> Found:
    """Return what *engine* finds, after *first* and what *words* pin to *query*. No statement where nothing is pinned.

    Raises:
        IndexNotReadyError: there is no index to search.
    """
    first += pins.hits(session, actor, words.pins.of(query, now), query, words.analysis, filters, now=now)
    if not first:
        return engine.search(query, filters, actor, now=now, limit=limit, offset=offset)

    rows = [hit.database_id for hit in first if hit.bulletin is None]

    def ask(best: int) -> Found:
        return engine.search(query, filters, actor, now=now, limit=best, watch=rows)

    return pins.place(first, ask, limit=limit, offset=offset)
