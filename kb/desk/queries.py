"""Reading the desk: what was searched, what was learned."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, case, false, func, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from kb.desk.models import LearnedWording, Outcome, SearchRecord
from kb.desk.rules import Tally, WordingState, Words, grade, may_become_wording
from kb.entries.models import Entry, Revision
from kb.entries.queries import meant_for
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.permissions import Actor, Permission, Scope, allowed

RECENT_WINDOW = 50
"""How many searches are looked at for each recent query that is wanted."""

_SOLVED = func.sum(case((Outcome.solved, 1), else_=0))
_UNSOLVED = func.sum(case((Outcome.solved, 0), else_=1))
_AGENTS = func.count(case((Outcome.solved, Outcome.user_id)).distinct())


def outcome_of(session: Session, entry: Entry, user_id: int, day: date) -> Outcome | None:
    """Return what this person said about *entry* on *day*. One statement."""
    return session.scalar(
        select(Outcome).where(Outcome.entry_id == entry.id, Outcome.user_id == user_id, Outcome.day == day)
    )


def tally(session: Session, entry_id: int, spelling: str) -> Tally:
    """Return what agents said about one entry for the same words. One statement."""
    row = session.execute(
        select(_SOLVED, _UNSOLVED, _AGENTS).where(Outcome.entry_id == entry_id, Outcome.spelling == spelling)
    ).one()
    return Tally(row[0] or 0, row[1] or 0, row[2])


def tallies(session: Session, entry_ids: Iterable[int]) -> Mapping[int, Tally]:
    """Return what agents said about each of these entries, whatever the words; none where nobody did. One statement."""
    rows = session.execute(
        select(Outcome.entry_id, _SOLVED, _UNSOLVED, _AGENTS)
        .where(Outcome.entry_id.in_(set(entry_ids)))
        .group_by(Outcome.entry_id)
    )
    return {row[0]: Tally(row[1], row[2], row[3]) for row in rows}


def accepted(session: Session, entry_ids: Iterable[int]) -> Mapping[int, Sequence[LearnedWording]]:
    """Return the accepted learned wordings of these entries, by entry, oldest first. One statement."""
    rows = session.scalars(
        select(LearnedWording)
        .where(LearnedWording.entry_id.in_(set(entry_ids)), LearnedWording.state == WordingState.ACCEPTED)
        .order_by(LearnedWording.id)
    )
    found: dict[int, list[LearnedWording]] = defaultdict(list)
    for wording in rows:
        found[wording.entry_id].append(wording)
    return found


def wording(session: Session, actor: Actor, wording_id: int) -> LearnedWording:
    """Return a learned wording with its entry. One statement.

    Raises:
        NotFoundError: there is none that *actor* may decide on.
    """
    found = session.scalar(
        select(LearnedWording)
        .where(LearnedWording.id == wording_id)
        .options(joinedload(LearnedWording.entry).joinedload(Entry.live_revision))
    )
    if found is not None and allowed(actor, Permission.WORDING_DECIDE, found.entry.target()):
        return found
    raise NotFoundError(N_("没有这条说法建议，或者你没有权限看它"))


def proposals(
    session: Session, actor: Actor, state: WordingState, *, limit: int, offset: int = 0
) -> Sequence[LearnedWording]:
    """Return the learned wordings in *state* that *actor* may decide on, with their entries. One statement.

    Open ones come with the best supported first, decided ones with the latest decision first.
    """
    order = (
        ((LearnedWording.solved - LearnedWording.unsolved).desc(), LearnedWording.agents.desc(), LearnedWording.id)
        if state is WordingState.PROPOSED
        else (LearnedWording.decided_at.desc(), LearnedWording.id.desc())
    )
    wanted: Select[LearnedWording] = (
        select(LearnedWording)
        .join(LearnedWording.entry)
        .join(Entry.live_revision)
        .where(LearnedWording.state == state, _theirs_to_decide(actor))
        .options(
            contains_eager(LearnedWording.entry).contains_eager(Entry.live_revision),
            joinedload(LearnedWording.decided_by),
        )
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    return session.scalars(wanted).unique().all()


def count_proposals(session: Session, actor: Actor) -> Mapping[WordingState, int]:
    """Return how many learned wordings *actor* may decide on, by state. One statement."""
    rows = session.execute(
        select(LearnedWording.state, func.count())
        .join(LearnedWording.entry)
        .join(Entry.live_revision)
        .where(_theirs_to_decide(actor))
        .group_by(LearnedWording.state)
    )
    counts = {row[0]: row[1] for row in rows}
    return {state: counts.get(state, 0) for state in WordingState}


def _theirs_to_decide(actor: Actor) -> ColumnElement[bool]:
    """Return ``WORDING_DECIDE`` as a condition on an entry and its live revision."""
    scopes = actor.scopes(Permission.WORDING_DECIDE)
    if Scope.ALL in scopes:
        return true() & meant_for(actor)
    if Scope.MODULE in scopes:
        return Revision.module_key.in_(actor.modules) & meant_for(actor)
    return false()


def recent_queries(session: Session, limit: int) -> Sequence[str]:
    """Return the newest *limit* different queries as they were typed, newest first. One statement.

    It looks at the newest ``RECENT_WINDOW`` × *limit* searches only, however many there are.
    """
    newest = (
        select(SearchRecord.id, SearchRecord.spelling)
        .where(SearchRecord.spelling != "")
        .order_by(SearchRecord.id.desc())
        .limit(RECENT_WINDOW * limit)
        .subquery()
    )
    last = select(func.max(newest.c.id)).group_by(newest.c.spelling).order_by(func.max(newest.c.id).desc()).limit(limit)
    return session.scalars(
        select(SearchRecord.text).where(SearchRecord.id.in_(last)).order_by(SearchRecord.id.desc())
    ).all()


@dataclass(frozen=True, slots=True)
class FrequentQuery:
    """A query that is searched often and has been solved.

    Attributes:
        text: one of the ways it was typed.
        count: how often it was searched.
        entry_id: the entry that solved it most often. Whoever is shown the query must be allowed to read that.
    """

    text: str
    spelling: str
    count: int
    entry_id: int


def frequent_queries(session: Session, *, since: datetime, limit: int) -> Sequence[FrequentQuery]:
    """Return the *limit* queries searched most often since *since* that an entry solved, most frequent first.

    Only words that may stand where everybody reads them: nothing with a number or a name in it. One statement.
    """
    solved = (
        select(
            Outcome.spelling,
            Outcome.entry_id,
            func.row_number()
            .over(partition_by=Outcome.spelling, order_by=((_SOLVED - _UNSOLVED).desc(), Outcome.entry_id))
            .label("place"),
        )
        .where(Outcome.spelling != "")
        .group_by(Outcome.spelling, Outcome.entry_id)
        .having(_SOLVED > _UNSOLVED)
        .subquery()
    )
    rows = session.execute(
        select(func.max(SearchRecord.text), SearchRecord.spelling, func.count(), solved.c.entry_id)
        .join(solved, (solved.c.spelling == SearchRecord.spelling) & (solved.c.place == 1))
        .where(SearchRecord.at >= since)
        .group_by(SearchRecord.spelling, solved.c.entry_id)
        .order_by(func.count().desc(), SearchRecord.spelling)
    )
    found = []
    for row in rows:
        if may_become_wording(Words(row[0], row[1])):
            found.append(FrequentQuery(row[0], row[1], row[2], row[3]))
        if len(found) == limit:
            break
    return found


@dataclass(frozen=True, slots=True)
class Judged:
    """What agents' outcomes say about an entry for a query.

    Attributes:
        text: one of the ways it was typed.
        spelling: tells queries apart.
        grade: 1 it helped, 2 surely (``rules.grade``).
        agents: different people whom it helped.
    """

    text: str
    spelling: str
    entry_key: str
    grade: int
    agents: int


def judged(session: Session) -> Sequence[Judged]:
    """Return every query with each entry that helped with it, by query, the surest first. One statement.

    Words with a number or a name in them are left out: a judged set is made to be passed on.
    """
    rows = session.execute(
        select(func.max(Outcome.text), Outcome.spelling, Entry.key, _SOLVED, _UNSOLVED, _AGENTS)
        .join(Entry, Entry.id == Outcome.entry_id)
        .where(Outcome.spelling != "")
        .group_by(Outcome.spelling, Entry.key)
    )
    found = [
        Judged(row[0], row[1], row[2], grade(Tally(row[3], row[4], row[5])), row[5])
        for row in rows
        if may_become_wording(Words(row[0], row[1]))
    ]
    kept = (item for item in found if item.grade)
    return sorted(kept, key=lambda item: (item.spelling, -item.grade, -item.agents, item.entry_key))
