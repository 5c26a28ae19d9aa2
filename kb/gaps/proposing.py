"""Searches that had results and still do not seem to help: found in the search log, decided on by a person."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from kb.desk.models import Outcome, SearchRecord
from kb.desk.rules import Words
from kb.errors import ConflictError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.gaps import asks
from kb.gaps.asks import Asked
from kb.gaps.models import Gap, GapProposal, Phrasing, ProposalState
from kb.gaps.rules import MIN_AGENTS, REFORMULATED_WITHIN, AskOrigin, Evidence, proposed_as
from kb.i18n import N_
from kb.permissions import Actor, Permission, Target, require

Opened = Callable[[Session, datetime, Collection[str]], Mapping[str, int]]
"""Says how often a result was opened, since a moment, for each of these spellings; one that is missing was not."""

MOST = 500
"""Words that are looked at, those of most agents first."""


def propose(session: Session, *, since: datetime, opened: Opened | None = None) -> int:
    """Look through the searches since *since* for words to propose as gaps; return how many are proposed now.

    What a person decided on stays decided. What is a gap's phrasing already, or no longer stands out, is not proposed.
    Five statements, and one for each different proposal.
    """
    found = evidence(session, since=since, opened=opened)
    asks.lock(session)
    taken = set(session.scalars(select(Phrasing.spelling).where(Phrasing.spelling.in_(found))))
    known = {row.spelling: row for row in session.scalars(select(GapProposal))}
    current = 0
    for spelling, said in found.items():
        kind = None if spelling in taken else proposed_as(said)
        row = known.get(spelling)
        if row is not None and row.state is not ProposalState.PROPOSED:
            continue
        if kind is None:
            continue
        if row is None:
            text, region, module, last_at = _latest(session, spelling, since)
            row = GapProposal(spelling=spelling, text=text, state=ProposalState.PROPOSED)
            row.region_key, row.module_key, row.last_at = region, module, last_at
            session.add(row)
        row.kind, row.searches, row.agents, row.followed = kind, said.searches, said.agents, said.followed
        current += 1
    for spelling, row in known.items():
        still = spelling in found and spelling not in taken and proposed_as(found[spelling]) is not None
        if row.state is ProposalState.PROPOSED and not still:
            session.delete(row)
    session.flush()
    return current


def evidence(session: Session, *, since: datetime, opened: Opened | None = None) -> Mapping[str, Evidence]:
    """Return what the log since *since* says about the words that found something, by spelling. Three statements."""
    rows = session.execute(
        select(SearchRecord.spelling, func.count(), func.count(SearchRecord.user_id.distinct()))
        .where(SearchRecord.at >= since, SearchRecord.answered, SearchRecord.spelling != "", ~SearchRecord.forum)
        .group_by(SearchRecord.spelling)
        .having(func.count(SearchRecord.user_id.distinct()) >= MIN_AGENTS)
        .order_by(func.count(SearchRecord.user_id.distinct()).desc(), SearchRecord.spelling)
        .limit(MOST)
    ).all()
    spellings = {row[0] for row in rows}
    followed = _followed(session, spellings, since)
    solved = {
        row[0]: row[1]
        for row in session.execute(
            select(Outcome.spelling, func.sum(case((Outcome.solved, 1), else_=0)))
            .where(Outcome.spelling.in_(spellings))
            .group_by(Outcome.spelling)
        )
    }
    openings = opened(session, since, spellings) if opened is not None else None
    return {
        row[0]: Evidence(
            searches=row[1],
            agents=row[2],
            followed=followed[row[0]],
            solved=solved.get(row[0], 0),
            opened=None if openings is None else openings.get(row[0], 0),
        )
        for row in rows
    }


def _followed(session: Session, spellings: Collection[str], since: datetime) -> Counter[str]:
    """Return how many searches for each of *spellings* other words of the same person followed at once."""
    order = (SearchRecord.at, SearchRecord.id)
    searched = (
        select(
            SearchRecord.spelling,
            SearchRecord.at,
            func.lead(SearchRecord.spelling, type_=SearchRecord.spelling.type)
            .over(partition_by=SearchRecord.user_id, order_by=order)
            .label("next_spelling"),
            func.lead(SearchRecord.at, type_=SearchRecord.at.type)
            .over(partition_by=SearchRecord.user_id, order_by=order)
            .label("next_at"),
        )
        .where(SearchRecord.at >= since, SearchRecord.user_id.is_not(None))
        .subquery()
    )
    rows = session.execute(
        select(searched.c.spelling, searched.c.at, searched.c.next_at).where(
            searched.c.spelling.in_(spellings),
            searched.c.next_spelling != "",
            searched.c.next_spelling != searched.c.spelling,
        )
    )
    # Moments are subtracted here: databases do it each in their own way.
    return Counter(row[0] for row in rows if row[2] - row[1] <= REFORMULATED_WITHIN)


def _latest(session: Session, spelling: str, since: datetime) -> tuple[str, str | None, str | None, datetime]:
    row = session.execute(
        select(SearchRecord.text, SearchRecord.region_key, SearchRecord.module_key, SearchRecord.at)
        .where(SearchRecord.spelling == spelling, SearchRecord.at >= since, SearchRecord.answered)
        .order_by(SearchRecord.at.desc(), SearchRecord.id.desc())
        .limit(1)
    ).one()
    return row[0], row[1], row[2], row[3]


def accept(
    session: Session, actor: Actor, proposal: GapProposal, *, since: datetime, timezone: str, now: datetime
) -> Gap:
    """Make a gap of *proposal*, asked by everybody who searched those words since *since*; return it.

    Raises:
        PermissionDeniedError: *actor* may not answer gaps there.
        ConflictError: somebody has decided on it already, or nobody searches it any more.
    """
    _require_open(session, actor, proposal)
    rows = session.scalars(
        select(SearchRecord)
        .where(SearchRecord.spelling == proposal.spelling, SearchRecord.at >= since, ~SearchRecord.forum)
        .order_by(SearchRecord.at)
    ).all()
    asked = [
        Asked(
            at=row.at,
            user_id=row.user_id,
            words=Words(row.text, row.spelling),
            origin=AskOrigin.PROPOSAL,
            door=row.door,
            region_key=row.region_key,
            module_key=row.module_key,
        )
        for row in rows
    ]
    gaps = asks.note(session, asked, timezone=timezone)
    if not gaps:
        raise ConflictError(N_("这些搜索记录已经没有了"))
    _decide(session, actor, proposal, ProposalState.ACCEPTED, Verb.ACCEPTED, now=now)
    proposal.gap_id = gaps[0].id
    return gaps[0]


def dismiss(session: Session, actor: Actor, proposal: GapProposal, *, now: datetime) -> None:
    """Say that the words of *proposal* are no gap: they are never proposed again.

    Raises:
        PermissionDeniedError: *actor* may not answer gaps there.
        ConflictError: somebody has decided on it already.
    """
    _require_open(session, actor, proposal)
    _decide(session, actor, proposal, ProposalState.DISMISSED, Verb.DISMISSED, now=now)


def _require_open(session: Session, actor: Actor, proposal: GapProposal) -> None:
    require(actor, Permission.GAP_ANSWER, Target(module=proposal.module_key) if proposal.module_key else None)
    asks.lock(session)
    session.refresh(proposal)
    if proposal.state is not ProposalState.PROPOSED:
        raise ConflictError(N_("这条提议已经有人处理了"))


def _decide(
    session: Session, actor: Actor, proposal: GapProposal, state: ProposalState, verb: Verb, *, now: datetime
) -> None:
    proposal.state, proposal.decided_at, proposal.decided_by_id = state, now, actor.user_id
    session.flush()
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.GAP_PROPOSAL,
        subject_id=proposal.id,
        payload={"text": proposal.text},
    )
