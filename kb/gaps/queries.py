"""Reading gaps: the queue, one gap with who asked it, and what is still to be compared or tried."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from kb.entries.models import Entry
from kb.entries.rules import SERVED
from kb.errors import NotFoundError
from kb.forum.models import Thread
from kb.gaps.models import Ask, Gap, GapProposal, Phrasing, ProposalState
from kb.gaps.rules import LIVE, GapState
from kb.i18n import N_
from kb.permissions import Actor, Permission, allowed


def gap(session: Session, actor: Actor, number: int) -> Gap:
    """Return a gap with its entry and thread. One statement.

    Raises:
        NotFoundError: there is none that *actor* may see.
    """
    found = session.scalar(
        select(Gap)
        .where(Gap.id == number)
        .options(
            joinedload(Gap.entry).joinedload(Entry.live_revision),
            joinedload(Gap.entry).joinedload(Entry.work_revision),
            joinedload(Gap.thread),
            joinedload(Gap.decided_by),
        )
    )
    if found is not None and allowed(actor, Permission.GAP_READ):
        return found
    raise NotFoundError(N_("没有这个缺口，或者你没有权限看它"))


def page(
    session: Session,
    states: Collection[GapState],
    *,
    modules: Collection[str] | None = None,
    limit: int,
    offset: int = 0,
) -> Sequence[Gap]:
    """Return gaps, the most urgent first, decided ones by the latest decision. One statement.

    Args:
        modules: keys to narrow it to, levels below not added; ``None`` for all and for those without one.
    """
    order = (
        (Gap.standing.desc(), Gap.id)
        if LIVE.issuperset(states)
        else (Gap.decided_at.desc(), Gap.standing.desc(), Gap.id)
    )
    return session.scalars(
        select(Gap)
        .where(Gap.state.in_(states), _within(modules))
        .options(
            joinedload(Gap.entry).joinedload(Entry.live_revision),
            joinedload(Gap.entry).joinedload(Entry.work_revision),
            joinedload(Gap.thread),
        )
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    ).all()


def counts(session: Session, modules: Collection[str] | None = None) -> Mapping[GapState, int]:
    """Return how many gaps are in each state. One statement."""
    rows = session.execute(select(Gap.state, func.count()).where(_within(modules)).group_by(Gap.state))
    found = {row[0]: row[1] for row in rows}
    return {state: found.get(state, 0) for state in GapState}


def count_by_module(session: Session, states: Collection[GapState]) -> Mapping[str, int]:
    """Return how many gaps in *states* there are by module key. One statement."""
    rows = session.execute(
        select(Gap.module_key, func.count())
        .where(Gap.state.in_(states), Gap.module_key.is_not(None))
        .group_by(Gap.module_key)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def _within(modules: Collection[str] | None) -> ColumnElement[bool]:
    return true() if modules is None else Gap.module_key.in_(modules)


def phrasings(session: Session, gap_id: int) -> Sequence[Phrasing]:
    """Return the phrasings of a gap, oldest first. One statement."""
    return session.scalars(select(Phrasing).where(Phrasing.gap_id == gap_id).order_by(Phrasing.id)).all()


def asks(session: Session, gap_id: int, *, limit: int) -> Sequence[tuple[Ask, str]]:
    """Return the newest *limit* asks of a gap with the words that were used. One statement."""
    rows = session.execute(
        select(Ask, Phrasing.text)
        .join(Phrasing, Phrasing.id == Ask.phrasing_id)
        .where(Phrasing.gap_id == gap_id)
        .order_by(Ask.last_at.desc(), Ask.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def people(session: Session, gap_id: int) -> Sequence[int]:
    """Return the ids of all who met a gap. One statement."""
    found = session.scalars(
        select(Ask.user_id)
        .join(Phrasing, Phrasing.id == Ask.phrasing_id)
        .where(Phrasing.gap_id == gap_id, Ask.user_id.is_not(None))
        .distinct()
        .order_by(Ask.user_id)
    )
    return [user_id for user_id in found if user_id is not None]


def last_words(session: Session, gap_id: int) -> Mapping[int, tuple[str, str | None]]:
    """Return for each person who met a gap the words they used last and the region they had chosen. One statement."""
    rows = session.execute(
        select(Ask.user_id, Phrasing.text, Ask.region_key)
        .join(Phrasing, Phrasing.id == Ask.phrasing_id)
        .where(Phrasing.gap_id == gap_id, Ask.user_id.is_not(None))
        .order_by(Ask.last_at, Ask.id)
    )
    return {row[0]: (row[1], row[2]) for row in rows if row[0] is not None}


@dataclass(frozen=True, slots=True)
class Tried:
    """Words of a gap as they were searched: to be searched again.

    Attributes:
        agents: different people who asked it in that region.
    """

    phrasing_id: int
    text: str
    region_key: str | None
    agents: int


def to_try(session: Session, gap_id: int) -> Sequence[Tried]:
    """Return every phrasing of a gap with each region it was asked in. One statement."""
    rows = session.execute(
        select(Phrasing.id, Phrasing.text, Ask.region_key, func.count(Ask.user_id.distinct()))
        .join(Ask, Ask.phrasing_id == Phrasing.id)
        .where(Phrasing.gap_id == gap_id)
        .group_by(Phrasing.id, Phrasing.text, Ask.region_key)
        .order_by(Phrasing.id, Ask.region_key)
    )
    return [Tried(row[0], row[1], row[2], row[3]) for row in rows]


def answered_by(session: Session, entry_ids: Iterable[int]) -> Sequence[Gap]:
    """Return the live gaps that one of these entries is linked to, with it. One statement."""
    return session.scalars(
        select(Gap)
        .where(Gap.entry_id.in_(set(entry_ids)), Gap.state.in_(LIVE))
        .options(joinedload(Gap.entry))
        .order_by(Gap.id)
    ).all()


def due(session: Session, *, limit: int) -> Sequence[Gap]:
    """Return live gaps whose words are to be tried and whose entry is served, with it, the most urgent first.

    One statement.
    """
    return session.scalars(
        select(Gap)
        .join(Gap.entry)
        .where(Gap.due, Gap.state.in_(LIVE), Entry.live_state.in_(SERVED))
        .options(contains_eager(Gap.entry))
        .order_by(Gap.standing.desc(), Gap.id)
        .limit(limit)
    ).all()


def discussed_in(session: Session, thread_keys: Iterable[str]) -> Sequence[Gap]:
    """Return the live gaps without an entry whose answer is looked for in one of these threads. One statement."""
    return session.scalars(
        select(Gap)
        .join(Gap.thread)
        .where(Thread.key.in_(set(thread_keys)), Gap.entry_id.is_(None), Gap.state.in_(LIVE))
        .options(contains_eager(Gap.thread))
        .order_by(Gap.id)
    ).all()


@dataclass(frozen=True, slots=True)
class Put:
    """A phrasing as a comparison wants it."""

    id: int
    gap_id: int
    text: str


def new_phrasings(session: Session, *, limit: int) -> Sequence[Put]:
    """Return phrasings that were not yet looked at for others of the same meaning, oldest first. One statement."""
    rows = session.execute(
        select(Phrasing.id, Phrasing.gap_id, Phrasing.text)
        .where(Phrasing.compared_at.is_(None))
        .order_by(Phrasing.id)
        .limit(limit)
    )
    return [Put(row[0], row[1], row[2]) for row in rows]


def live_phrasings(session: Session, *, limit: int) -> Sequence[Put]:
    """Return the phrasings of the *limit* most urgent live gaps. One statement."""
    urgent = select(Gap.id).where(Gap.state.in_(LIVE)).order_by(Gap.standing.desc()).limit(limit).subquery()
    rows = session.execute(
        select(Phrasing.id, Phrasing.gap_id, Phrasing.text)
        .join(urgent, urgent.c.id == Phrasing.gap_id)
        .order_by(Phrasing.id)
    )
    return [Put(row[0], row[1], row[2]) for row in rows]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A gap as a brief tells it: its words, and how often and by how many it was met in some time."""

    text: str
    spelling: str
    times: int
    agents: int


def met_since(session: Session, since: datetime, *, limit: int) -> Sequence[Unanswered]:
    """Return the live gaps that were met since *since*, those of most agents first. One statement."""
    agents, times = func.count(Ask.user_id.distinct()), func.sum(Ask.times)
    rows = session.execute(
        select(Gap.text, func.min(Phrasing.spelling), times, agents)
        .join(Phrasing, Phrasing.gap_id == Gap.id)
        .join(Ask, Ask.phrasing_id == Phrasing.id)
        .where(Ask.last_at >= since, Gap.state.in_(LIVE))
        .group_by(Gap.id, Gap.text)
        .order_by(agents.desc(), times.desc(), Gap.id)
        .limit(limit)
    )
    return [Unanswered(row[0], row[1], row[2], row[3]) for row in rows]


def proposals(session: Session, *, limit: int, offset: int = 0) -> Sequence[GapProposal]:
    """Return the proposed gaps that nobody has decided on, those of most agents first. One statement."""
    return session.scalars(
        select(GapProposal)
        .where(GapProposal.state == ProposalState.PROPOSED)
        .order_by(GapProposal.agents.desc(), GapProposal.searches.desc(), GapProposal.id)
        .limit(limit)
        .offset(offset)
    ).all()


def count_proposals(session: Session) -> int:
    """Return how many proposed gaps nobody has decided on. One statement."""
    return (
        session.scalar(select(func.count()).select_from(GapProposal).where(GapProposal.state == ProposalState.PROPOSED))
        or 0
    )


def proposal(session: Session, actor: Actor, number: int) -> GapProposal:
    """Return a proposed gap. One statement.

    Raises:
        NotFoundError: there is none that *actor* may see.
    """
    found = session.get(GapProposal, number)
    if found is not None and allowed(actor, Permission.GAP_READ):
        return found
    raise NotFoundError(N_("没有这条提议，或者你没有权限看它"))
