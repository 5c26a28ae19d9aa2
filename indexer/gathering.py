"""Documents gathered from the database, never from an event's payload.

An event says only which document to look at again; what the document is comes from here, so an event that is seen
twice or late does no harm.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from indexer.documents import NEW_KEY, Document, Reference, Source, Variant, by_level
from indexer.normalise import normalise
from kb.desk import queries as desk_queries
from kb.desk import rules as desk_rules
from kb.desk.models import LearnedWording
from kb.entries import queries as entry_queries
from kb.entries.content import Content
from kb.entries.models import Entry, Revision
from kb.entries.rules import Level, State
from kb.forum import queries as forum_queries
from kb.forum.models import Thread
from kb.markup import plain
from kb.maturity import queries as maturity_queries
from kb.taxonomy import queries as taxonomy_queries
from kb.taxonomy.queries import Taxonomy
from kb.verification import queries as verification_queries
from kb.verification.rules import Local, versions

BATCH = 200
"""Rows read from the database at a time."""


def build(session: Session, wanted: Sequence[Reference]) -> tuple[Document, ...]:
    """Return the documents of *wanted* that exist now. A few statements, however many are wanted."""
    if not wanted:
        return ()
    taxonomy = taxonomy_queries.load(session)
    rows = {source: [item.row for item in wanted if item.source is source] for source in Source}
    entries = entry_queries.by_ids(session, rows[Source.ENTRY]) if rows[Source.ENTRY] else ()
    learned = desk_queries.accepted(session, rows[Source.ENTRY]) if entries else {}
    merits = maturity_queries.merits(session, rows[Source.ENTRY]) if entries else {}
    overlays = verification_queries.overlays(session, rows[Source.ENTRY]) if entries else {}
    threads = forum_queries.by_ids(session, rows[Source.THREAD]) if rows[Source.THREAD] else ()
    return (
        *(
            _entry(entry, taxonomy, learned.get(entry.id, ()), merits.get(entry.id), overlays.get(entry.id, ()))
            for entry in entries
        ),
        *(_thread(thread, taxonomy) for thread in threads),
    )


def merits(session: Session, entries: Collection[Reference]) -> Mapping[str, float]:
    """Return M, 0..1, by id of those of *entries* whose evidence is counted. One statement for any."""
    if not entries:
        return {}
    found = maturity_queries.merits(session, [reference.row for reference in entries])
    return {Reference(Source.ENTRY, row).id: merit for row, merit in found.items()}


def rehearsed(session: Session, content: Content, entry: Entry | None, *, now: datetime) -> Document:
    """Return the document that *content* would be, published at the moment *now* as the next revision of *entry*.

    A new entry has row 0, which no other has, and the level that review gives it. What calls taught an entry, and what
    it has earned, stays. Validity is left open: what is only valid next week is tried as it will be then. Two
    statements for an entry.
    """
    taxonomy = taxonomy_queries.load(session)
    row = 0 if entry is None else entry.id
    level = Level.L2 if entry is None or entry.live_revision is None else Level(entry.level)
    learned = desk_queries.accepted(session, [row]).get(row, ()) if entry is not None else ()
    merit = maturity_queries.merits(session, [row]).get(row) if entry is not None else None
    return Document(
        reference=Reference(Source.ENTRY, row),
        key=NEW_KEY if entry is None else entry.key,
        kind=content.kind.value,
        state=State.PUBLISHED.value,
        level=level,
        maturity=by_level(level) if merit is None else merit,
        modules=tuple(taxonomy.modules.above(content.module_key)) if content.module_key in taxonomy.modules else (),
        tier=content.tier_key,
        products=content.products,
        regions=content.regions,
        reach=_reach([key for key in content.regions if key in taxonomy.regions], taxonomy),
        audience=tuple(role.value for role in content.audience),
        people=(),
        title=content.title,
        answer=content.answer,
        wordings=_wordings(content.wordings, learned),
        passages=_passages(content),
        valid_from=None,
        valid_until=None,
        verified_at=None,
        updated_at=now,
    )


def everything(session: Session) -> Iterator[Document]:
    """Yield all documents there are, reading the database a batch at a time."""
    for source, model in ((Source.ENTRY, Entry), (Source.THREAD, Thread)):
        last = 0
        while True:
            rows = session.scalars(select(model.id).where(model.id > last).order_by(model.id).limit(BATCH)).all()
            if not rows:
                break
            last = rows[-1]
            yield from build(session, [Reference(source, row) for row in rows])
            session.expunge_all()  # a million entries must not stay in memory


def _entry(
    entry: Entry,
    taxonomy: Taxonomy,
    learned: Sequence[LearnedWording],
    merit: float | None,
    overlays: Sequence[Local],
) -> Document:
    revision = entry.shown_revision
    target = entry.target(revision)
    return Document(
        reference=Reference(Source.ENTRY, entry.id),
        key=entry.key,
        kind=revision.kind.value,
        state=entry.state.value,
        level=entry.level,
        maturity=by_level(entry.level) if merit is None else merit,
        modules=tuple(taxonomy.modules.above(revision.module_key)),
        tier=revision.tier_key,
        products=tuple(revision.products),
        regions=tuple(revision.regions),
        reach=_reach(revision.regions, taxonomy),
        audience=tuple(revision.audience),
        people=tuple(sorted(target.people)),
        title=revision.title,
        answer=revision.answer,
        wordings=_wordings(revision.wordings, learned),
        passages=_passages(revision),
        valid_from=revision.valid_from,
        valid_until=revision.valid_until,
        verified_at=entry.verified_at,
        updated_at=entry.updated_at,
        variants=tuple(
            Variant(version.regions, tuple(plain(item.text) for item in reversed(version.overlays)))
            for version in versions(overlays, taxonomy.regions)
        ),
    )


def _passages(written: Revision | Content) -> tuple[str, ...]:
    texts = (
        written.script,
        written.steps,
        written.body,
        written.exceptions,
        written.fees,
        written.deadlines,
        written.internal_note,
        written.transfer_to,
    )
    return tuple(plain(text) for text in texts if text.strip())


def _wordings(authored: Sequence[str], learned: Sequence[LearnedWording]) -> tuple[str, ...]:
    """Return an entry's wordings. One that the author has taken over since counts once."""
    if not learned:
        return tuple(authored)
    known = {desk_rules.spelling(text, normalise) for text in authored}
    return (*authored, *(wording.text for wording in learned if wording.spelling not in known))


def _reach(regions: Sequence[str], taxonomy: Taxonomy) -> tuple[str, ...]:
    above = {key for region in regions for key in taxonomy.regions.above(region)}
    return tuple(sorted(above | taxonomy.regions.below(regions)))


def _thread(thread: Thread, taxonomy: Taxonomy) -> Document:
    regions = () if thread.region_key is None else (thread.region_key,)
    return Document(
        reference=Reference(Source.THREAD, thread.id),
        key=thread.key,
        kind=thread.kind.value,
        state=thread.state.value,
        level=Level.L0,
        maturity=by_level(Level.L0),
        modules=tuple(taxonomy.modules.above(thread.module_key)),
        tier=None,
        products=(),
        regions=regions,
        reach=_reach(regions, taxonomy),
        audience=(),
        people=tuple(thread.target.people),
        title=thread.title,
        answer="",
        wordings=(),
        passages=(plain(thread.body), *(plain(item.body) for item in thread.replies if item.hidden_reason is None)),
        valid_from=None,
        valid_until=None,
        verified_at=None,
        updated_at=thread.active_at,
    )
