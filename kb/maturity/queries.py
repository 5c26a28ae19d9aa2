"""Reading maturity: what an entry's level rests on, what is ripe for rating, how it came about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager

from kb.entries.models import Entry, Revision
from kb.entries.queries import meant_for
from kb.entries.rules import SERVED, Level
from kb.maturity import assessing
from kb.maturity.assessing import Assessed
from kb.maturity.elsewhere import WIRED, Elsewhere
from kb.maturity.gates import CALL_GATES, ENOUGH_RATERS, RATER_TEAMS, RATERS
from kb.maturity.models import LevelChange, Rating, Rubric, Standing
from kb.people.models import User
from kb.permissions import Actor, Permission, Role, Scope

CHANGES = 200
"""Level changes told of an entry at most."""


def current_rubric(session: Session) -> Rubric:
    """Return the rubric in force. One statement."""
    return session.scalars(select(Rubric).order_by(Rubric.id.desc()).limit(1)).one()


def rubrics(session: Session) -> Sequence[Rubric]:
    """Return all versions of the rubric, newest first. One statement."""
    return session.scalars(select(Rubric).order_by(Rubric.id.desc())).all()


def rating_of(session: Session, entry_id: int, user_id: int) -> Rating | None:
    """Return what a person says of an entry now. One statement."""
    return session.scalar(
        select(Rating).where(Rating.entry_id == entry_id, Rating.rater_id == user_id, Rating.replaced_at.is_(None))
    )


def ratings(session: Session, entry_id: int) -> Sequence[Rating]:
    """Return all ratings of an entry, also replaced ones, newest first: for knowledge managers. One statement."""
    return session.scalars(select(Rating).where(Rating.entry_id == entry_id).order_by(Rating.id.desc())).all()


def merits(session: Session, entry_ids: Collection[int]) -> Mapping[int, float]:
    """Return M of these entries as the index is to know it, for those whose evidence is counted. One statement."""
    rows = session.execute(select(Standing.entry_id, Standing.merit).where(Standing.entry_id.in_(entry_ids)))
    return {row[0]: row[1] for row in rows}


def is_independent(session: Session, actor: Actor, entry: Entry) -> bool:
    """Return whether *actor* neither wrote *entry* nor leads somebody who did. One statement.

    Whoever wrote any revision since evidence began wrote it; its owner answers for it.
    """
    standing = aliased(Standing)
    authors = (
        select(Revision.author_id)
        .outerjoin(standing, standing.entry_id == Revision.entry_id)
        .where(
            Revision.entry_id == entry.id,
            Revision.id >= func.coalesce(standing.base_revision_id, entry.live_revision_id),
        )
    )
    responsible = [person for person in (entry.owner_id, entry.created_by_id) if person is not None]
    theirs = or_(User.id.in_(authors), User.id.in_(responsible))
    if Role.LEADER in actor.roles and actor.team is not None:
        theirs_too = User.team.has(key=actor.team)
        return not session.scalar(select(exists().where(theirs, or_(User.id == actor.user_id, theirs_too))))
    return not session.scalar(select(exists().where(theirs, User.id == actor.user_id)))


def standing(session: Session, entry_id: int, *, now: datetime, elsewhere: Elsewhere = WIRED) -> Assessed | None:
    """Return what an entry's level rests on; ``None`` while its evidence has not been counted. Five statements."""
    return next(iter(assessing.weigh(session, [entry_id], now=now, elsewhere=elsewhere)), None)


def changes(session: Session, entry_id: int) -> Sequence[LevelChange]:
    """Return how an entry's level came about, oldest first. One statement."""
    newest = session.scalars(
        select(LevelChange)
        .where(LevelChange.entry_id == entry_id)
        .order_by(LevelChange.at.desc(), LevelChange.id.desc())
        .limit(CHANGES)
    ).all()
    return newest[::-1]


@dataclass(frozen=True, slots=True)
class News:
    """That the level of an entry changed."""

    entry: Entry
    change: LevelChange


def unseen(session: Session, actor: Actor, *, limit: int) -> Sequence[News]:
    """Return what became of the levels of what *actor* owns and they have not seen, newest first. One statement."""
    rows = session.execute(
        select(LevelChange, Entry)
        .join(Entry, Entry.id == LevelChange.entry_id)
        .join(Entry.live_revision)
        .options(contains_eager(Entry.live_revision))
        .where(Entry.owner_id == actor.user_id, LevelChange.seen_at.is_(None))
        .order_by(LevelChange.at.desc(), LevelChange.id.desc())
        .limit(limit)
    )
    return [News(row[1], row[0]) for row in rows]


def count_unseen(session: Session, actor: Actor) -> int:
    """Return how many changes of levels of what *actor* owns they have not seen. One statement."""
    return (
        session.scalar(
            select(func.count())
            .select_from(LevelChange)
            .join(Entry, Entry.id == LevelChange.entry_id)
            .where(Entry.owner_id == actor.user_id, LevelChange.seen_at.is_(None))
        )
        or 0
    )


@dataclass(frozen=True, slots=True)
class Ripe:
    """An entry that calls have proven and experts have yet to judge."""

    entry: Entry
    standing: Standing

    @property
    def missing(self) -> int:
        """How many raters it still takes."""
        return max(0, RATERS - self.standing.raters)


def ripe(session: Session, actor: Actor, *, now: datetime, limit: int, offset: int = 0) -> Sequence[Ripe]:
    """Return what is ripe for *actor* to rate: where raters are missing first, then the most used. One statement.

    Evidence has reached what L3 asks of calls, raters are missing or their word is not yet enough for L4, it is of a
    module of theirs, they neither wrote it nor lead who did, and they have not rated what it says now.
    """
    rows = session.execute(
        select(Entry, Standing)
        .join(Standing, Standing.entry_id == Entry.id)
        .join(Entry.live_revision)
        .where(_ripe_for(actor, now))
        .options(contains_eager(Entry.live_revision))
        .order_by(Standing.raters >= RATERS, (Standing.solved + Standing.unsolved).desc(), Entry.id)
        .limit(limit)
        .offset(offset)
    )
    return [Ripe(row[0], row[1]) for row in rows]


def count_ripe(session: Session, actor: Actor, *, now: datetime) -> int:
    """Return how many entries are ripe for *actor* to rate. One statement."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Entry)
            .join(Standing, Standing.entry_id == Entry.id)
            .join(Entry.live_revision)
            .where(_ripe_for(actor, now))
        )
        or 0
    )


def ripe_for_anybody(session: Session, actor: Actor, *, now: datetime, limit: int) -> Sequence[Ripe]:
    """Return what is meant for *actor* and ripe for some expert to rate, in the order of ``ripe``. One statement."""
    rows = session.execute(
        select(Entry, Standing)
        .join(Standing, Standing.entry_id == Entry.id)
        .join(Entry.live_revision)
        .where(_is_ripe(now), meant_for(actor))
        .options(contains_eager(Entry.live_revision))
        .order_by(Standing.raters >= RATERS, (Standing.solved + Standing.unsolved).desc(), Entry.id)
        .limit(limit)
    )
    return [Ripe(row[0], row[1]) for row in rows]


def _is_ripe(now: datetime) -> ColumnElement[bool]:
    gate = CALL_GATES[Level.L3]
    return and_(
        Entry.live_state.in_(SERVED),
        or_(Revision.valid_from.is_(None), Revision.valid_from <= now),
        or_(Revision.valid_until.is_(None), Revision.valid_until > now),
        Standing.solved + Standing.unsolved >= gate.outcomes,
        Standing.agents >= gate.agents,
        or_(
            Standing.raters < RATERS,
            Standing.rater_teams < RATER_TEAMS,
            and_(Standing.raters < ENOUGH_RATERS, Entry.level == Level.L3),
        ),
    )


def _ripe_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    if Scope.MODULE not in actor.scopes(Permission.ENTRY_RATE):
        return false()
    rated = exists().where(
        Rating.entry_id == Entry.id,
        Rating.rater_id == actor.user_id,
        Rating.replaced_at.is_(None),
        Rating.revision_id >= Standing.base_revision_id,
    )
    return and_(
        _is_ripe(now),
        Revision.module_key.in_(actor.modules),
        meant_for(actor),
        ~rated,
        ~_written_by(actor),
    )


def _written_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that *actor*, or a colleague they lead, wrote or owns the entry."""
    people: Select[int] = select(User.id).where(User.id == actor.user_id)
    if Role.LEADER in actor.roles and actor.team is not None:
        people = select(User.id).where(or_(User.id == actor.user_id, User.team.has(key=actor.team)))
    author = aliased(Revision)
    return or_(
        Entry.owner_id.in_(people),
        Entry.created_by_id.in_(people),
        exists().where(
            author.entry_id == Entry.id, author.id >= Standing.base_revision_id, author.author_id.in_(people)
        ),
    )
