"""Reading where an entry or a thread came from, hop by hop, and whom to thank for an entry."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from kb.calls.models import Call
from kb.corrections.models import Correction
from kb.corrections.rules import State as CorrectionState
from kb.desk.models import Outcome
from kb.entries import queries as entry_queries
from kb.entries.models import Approval, Entry, Revision, Verification
from kb.forum import queries as forum_queries
from kb.forum.models import Reply, Thread, Vote
from kb.gaps.models import Ask, Gap, Phrasing
from kb.permissions import Actor, Permission, allowed
from kb.provenance.rules import Gift, Growth, HopKind, Ref, Thanks, growth, parse, thanks

LONGEST = 6
"""Hops that are followed: an entry made from an entry made from … is no story that anybody reads to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One step on the way to an entry.

    Attributes:
        row: of the gap, outcome, thread or entry.
        key: public name, or number, to link to; ``None`` where the person may not open it.
        title: what it is called; ``None`` where they may not know.
        merged: the titles of the threads that became a part of this one.
        later: whether it was merged into the entry when that was there already.
    """

    kind: HopKind
    row: int
    key: str | None
    title: str | None
    at: datetime
    merged: tuple[str, ...] = ()
    later: bool = False


def origins(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> Sequence[Hop]:
    """Return the hops that led to *entry*, the first one first, then those to what was merged into it later.

    What *actor* may not read has a kind and a time only. One statement, and three at most for each hop.
    """
    seen: set[Ref] = set()
    found = _way(session, actor, parse(entry.derived_from) or _gap_of_entry(session, entry), seen, now)
    for item in entry_queries.sources(session, [entry.id]):
        way = _way(session, actor, parse(item.source), seen, now)
        found += [replace(hop, later=True) for hop in way]
    return found


def _way(session: Session, actor: Actor, ref: Ref | None, seen: set[Ref], now: datetime) -> list[Hop]:
    """Return the hops that led to *ref*, and that itself last; where others have been before, it ends."""
    found: list[Hop] = []
    while ref is not None and ref not in seen and len(found) < LONGEST:
        seen.add(ref)
        hop, before = _hop(session, actor, ref, now)
        if hop is None:
            break
        found.append(hop)
        ref = before
    return found[::-1]


def origin_of_thread(session: Session, actor: Actor, thread: Thread) -> Hop | None:
    """Return the gap whose answer is looked for in *thread*. Two statements at most."""
    ref = _before_thread(session, thread)
    return None if ref is None else _gap(session, actor, ref)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenUp:
    """That somebody writes, or wrote, a thread up as knowledge (整理成知识).

    Attributes:
        growth: how far that is.
        entries: those that the person may read, oldest first; the others are counted by ``growth`` only.
    """

    growth: Growth
    entries: Sequence[Entry]


def written_up(session: Session, actor: Actor, keys: Iterable[str], *, now: datetime) -> Mapping[str, WrittenUp]:
    """Return what became of the threads *keys*, by key, where anything did. Two statements, none without *keys*."""
    sources = [f"thread:{key}" for key in keys]
    if not sources:
        return {}
    found: dict[str, list[Entry]] = defaultdict(list)
    for source, entry in entry_queries.derived_from(session, sources):
        found[source.partition(":")[2]].append(entry)
    return {
        key: WrittenUp(
            growth=how_far, entries=[entry for entry in entries if entry_queries.may_read(actor, entry, now=now)]
        )
        for key, entries in found.items()
        if (how_far := growth(entry.state for entry in entries)) is not None
    }


def thanked(session: Session, entry: Entry, hops: Sequence[Hop]) -> Sequence[Thanks]:
    """Return whom to thank for *entry*, which came about by *hops*. One statement."""
    gaps = [hop.row for hop in hops if hop.kind is HopKind.GAP]
    threads = [hop.row for hop in hops if hop.kind is HopKind.THREAD]
    calls = [hop.row for hop in hops if hop.kind is HopKind.CALL]
    outcomes = [hop.row for hop in hops if hop.kind is HopKind.OUTCOME]
    revisions = select(Revision.id).where(Revision.entry_id == entry.id)
    parts: list[Select[str, int | None]] = [
        _gift(Gift.WROTE, Revision.author_id).where(Revision.entry_id == entry.id),
        _gift(Gift.REVIEWED, Approval.reviewer_id).where(Approval.revision_id.in_(revisions)),
        _gift(Gift.VERIFIED, Verification.verifier_id).where(Verification.revision_id.in_(revisions)),
        _gift(Gift.CORRECTED, Correction.reporter_id).where(
            Correction.entry_id == entry.id, Correction.state == CorrectionState.PUBLISHED
        ),
    ]
    if gaps:
        first = (
            select(func.min(Ask.id))
            .join(Phrasing, Phrasing.id == Ask.phrasing_id)
            .where(Phrasing.gap_id.in_(gaps), Ask.user_id.is_not(None))
            .group_by(Phrasing.gap_id)
        )
        parts.append(_gift(Gift.ASKED, Ask.user_id).where(Ask.id.in_(first)))
    if calls:
        parts.append(_gift(Gift.ASKED, Call.user_id).where(Call.id.in_(calls)))
    if outcomes:
        parts.append(_gift(Gift.ASKED, Outcome.user_id).where(Outcome.id.in_(outcomes)))
    if threads:
        replied = _gift(Gift.HELPED, Reply.author_id).join(Thread, Thread.id == Reply.thread_id)
        keys = select(Thread.key).where(Thread.id.in_(threads))
        useful = select(Vote.user_id).where(Vote.thread_id == Reply.thread_id, Vote.number == Reply.number).exists()
        parts += [
            _gift(Gift.STARTED, Thread.author_id).where(or_(Thread.id.in_(threads), Thread.merged_into.in_(keys))),
            _gift(Gift.ANSWERED, Reply.author_id)
            .join(Thread, Thread.id == Reply.thread_id)
            .where(Thread.id.in_(threads), Reply.number == Thread.accepted_number),
            replied.where(Thread.id.in_(threads), Reply.hidden_reason.is_(None), useful),
        ]
    given: dict[int, set[Gift]] = defaultdict(set)
    for gift, user_id in session.execute(union_all(*parts)):
        if user_id is not None:
            given[user_id].add(Gift(gift))
    for gifts in given.values():
        if Gift.ANSWERED in gifts:
            gifts.discard(Gift.HELPED)
    return thanks({user_id: frozenset(gifts) for user_id, gifts in given.items()})


def solved_calls(session: Session, entry_ids: Sequence[int], *, without: int | None = None) -> Mapping[int, int]:
    """Return how many calls each of *entry_ids* is known to have solved. One statement.

    An agent's word counts once for an entry and day, so there may have been more.

    Args:
        without: a person whose own calls are left out.
    """
    wanted = select(Outcome.entry_id, func.count()).where(Outcome.entry_id.in_(entry_ids), Outcome.solved)
    if without is not None:
        wanted = wanted.where(Outcome.user_id != without)
    return {row[0]: row[1] for row in session.execute(wanted.group_by(Outcome.entry_id))}


def _gift(gift: Gift, who: Any) -> Select[str, int | None]:
    return select(literal(gift.value), cast(who, Integer))


def _hop(session: Session, actor: Actor, ref: Ref, now: datetime) -> tuple[Hop | None, Ref | None]:
    """Return what *ref* names as *actor* may see it, and what that came from."""
    if ref.kind is HopKind.THREAD:
        return _thread(session, actor, ref)
    if ref.kind is HopKind.ENTRY:
        return _entry(session, actor, ref, now)
    if ref.kind is HopKind.GAP:
        return _gap(session, actor, ref)
    if ref.kind is HopKind.CALL:
        return _call(session, ref)
    return _outcome(session, actor, ref, now)


def _thread(session: Session, actor: Actor, ref: Ref) -> tuple[Hop | None, Ref | None]:
    thread = session.scalar(select(Thread).where(Thread.key == ref.key))
    if thread is None:
        return None, None
    readable = forum_queries.may_read(actor, thread)
    hop = Hop(
        kind=HopKind.THREAD,
        row=thread.id,
        key=thread.key if readable else None,
        title=thread.title if readable else None,
        at=thread.created_at,
        merged=tuple(item.title for item in forum_queries.merged_into(session, thread.key)) if readable else (),
    )
    return hop, _before_thread(session, thread)


def _before_thread(session: Session, thread: Thread) -> Ref | None:
    """Return the gap that *thread* was started for, or that was put to it later."""
    found = parse(thread.derived_from)
    if found is not None:
        return found
    number = session.scalar(select(Gap.id).where(Gap.thread_id == thread.id).order_by(Gap.id).limit(1))
    return None if number is None else Ref(HopKind.GAP, str(number))


def _gap_of_entry(session: Session, entry: Entry) -> Ref | None:
    """Return the gap that somebody linked *entry* to: the first, where it answers several."""
    number = session.scalar(select(Gap.id).where(Gap.entry_id == entry.id).order_by(Gap.id).limit(1))
    return None if number is None else Ref(HopKind.GAP, str(number))


def _entry(session: Session, actor: Actor, ref: Ref, now: datetime) -> tuple[Hop | None, Ref | None]:
    entry = entry_queries.by_key(session, ref.key)
    if entry is None:
        return None, None
    readable = entry_queries.may_read(actor, entry, now=now)
    hop = Hop(
        kind=HopKind.ENTRY,
        row=entry.id,
        key=entry.key if readable else None,
        title=entry.shown_revision.title if readable else None,
        at=entry.created_at,
    )
    return hop, parse(entry.derived_from)


def _gap(session: Session, actor: Actor, ref: Ref) -> tuple[Hop | None, Ref | None]:
    gap = session.get(Gap, ref.number)
    if gap is None:
        return None, None
    if gap.merged_into_id is not None:  # what was asked is a part of it now
        return _gap(session, actor, Ref(HopKind.GAP, str(gap.merged_into_id)))
    readable = allowed(actor, Permission.GAP_READ)
    return Hop(
        kind=HopKind.GAP,
        row=gap.id,
        key=str(gap.id) if readable else None,
        title=gap.text if readable else None,
        at=gap.first_at,
    ), None


def _call(session: Session, ref: Ref) -> tuple[Hop | None, Ref | None]:
    """Return a call: what the customer said and the agent noted is nobody else's business, so it has no words."""
    call = session.scalar(select(Call).where(Call.reference == ref.key))
    if call is None:
        return None, None
    return Hop(kind=HopKind.CALL, row=call.id, key=None, title=None, at=call.opened_at), None


def _outcome(session: Session, actor: Actor, ref: Ref, now: datetime) -> tuple[Hop | None, Ref | None]:
    """Return an outcome by the words that were searched, leading to the entry that did not help."""
    outcome = session.get(Outcome, ref.number)
    if outcome is None:
        return None, None
    (entry,) = entry_queries.by_ids(session, [outcome.entry_id])
    readable = entry_queries.may_read(actor, entry, now=now)
    return Hop(
        kind=HopKind.OUTCOME,
        row=outcome.id,
        key=entry.key if readable else None,
        title=(outcome.text or entry.shown_revision.title) if readable else None,
        at=outcome.at,
    ), None
