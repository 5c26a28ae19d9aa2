"""Reading entries."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from kb.entries.models import Entry, Revision
from kb.entries.rules import SERVED, State
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.permissions import Actor, Permission, allowed


def _with_revisions() -> Select[Entry]:
    return select(Entry).options(
        joinedload(Entry.live_revision), joinedload(Entry.work_revision), joinedload(Entry.owner)
    )


def by_key(session: Session, key: str) -> Entry | None:
    """Return the entry called *key* with its revisions. One statement (and two for a loaded owner's roles)."""
    return session.scalar(_with_revisions().where(Entry.key == key))


def by_ids(session: Session, ids: Iterable[int]) -> Sequence[Entry]:
    """Return the entries with these *ids*, with their revisions, in no order."""
    return session.scalars(_with_revisions().where(Entry.id.in_(set(ids)))).unique().all()


def served(entry: Entry) -> bool:
    """Return whether the live revision is in a state that agents are given (validity is the search's to check)."""
    return entry.live_state in SERVED


def readable_revision(session: Session, actor: Actor, key: str) -> tuple[Entry, Revision]:
    """Return the entry called *key* and the revision of it that *actor* gets to see.

    Raises:
        NotFoundError: there is none, or none that they may see; the two can't be told apart.
    """
    entry = by_key(session, key)
    if entry is not None:
        live = entry.live_revision
        if live is not None and entry.live_state in SERVED:
            if allowed(actor, Permission.ENTRY_READ, entry.target(live)):
                return entry, live
        elif allowed(actor, Permission.ENTRY_READ_UNPUBLISHED, entry.target()):
            return entry, entry.shown_revision
    raise NotFoundError(N_("没有这条知识，或者你没有权限看它"))


def revisions(session: Session, entry: Entry) -> Sequence[Revision]:
    """Return all revisions of *entry*, newest first, with their authors."""
    return (
        session.scalars(
            select(Revision)
            .where(Revision.entry_id == entry.id)
            .options(joinedload(Revision.author))
            .order_by(Revision.number.desc())
        )
        .unique()
        .all()
    )


def count_by_state(session: Session) -> dict[State, int]:
    """Return how many entries show each state. One statement."""
    state = func.coalesce(Entry.live_state, Entry.work_state)
    rows = session.execute(
        select(state, func.count())
        .where(or_(Entry.live_state.is_not(None), Entry.work_state.is_not(None)))
        .group_by(state)
    )
    return {State(row[0]): row[1] for row in rows}


def titles(session: Session, actor: Actor, keys: Iterable[str]) -> dict[str, str]:
    """Return the titles of the served entries among *keys* that *actor* may read, by key."""
    found = session.scalars(_with_revisions().where(Entry.key.in_(set(keys)), Entry.live_state.in_(SERVED))).unique()
    return {
        entry.key: entry.live_revision.title
        for entry in found
        if entry.live_revision is not None and allowed(actor, Permission.ENTRY_READ, entry.target(entry.live_revision))
    }
