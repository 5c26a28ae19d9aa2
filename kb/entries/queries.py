"""Reading entries."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Text, and_, cast, false, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from kb.entries.models import Entry, EntrySource, Revision
from kb.entries.rules import SERVED, State
from kb.errors import NotFoundError
from kb.i18n import N_
from kb.permissions import Actor, Permission, allowed, in_audience


def _with_revisions() -> Select[Entry]:
    return select(Entry).options(joinedload(Entry.live_revision), joinedload(Entry.work_revision))


def by_key(session: Session, key: str) -> Entry | None:
    """Return the entry called *key* with its revisions. One statement (and two for a loaded owner's roles)."""
    return session.scalar(_with_revisions().where(Entry.key == key))


def by_ids(session: Session, ids: Iterable[int]) -> Sequence[Entry]:
    """Return the entries with these *ids*, with their revisions, in no order."""
    return session.scalars(_with_revisions().where(Entry.id.in_(set(ids)))).unique().all()


def may_read(actor: Actor, entry: Entry, *, now: datetime) -> bool:
    """Return whether *actor* may read what *entry* shows: what is served and valid, or what they work on."""
    live = entry.live_revision
    if live is not None and entry.live_state in SERVED and valid_at(live, now):
        return allowed(actor, Permission.ENTRY_READ, entry.target(live))
    return allowed(actor, Permission.ENTRY_READ_UNPUBLISHED, entry.target())


def valid_at(revision: Revision, now: datetime) -> bool:
    """Return whether *revision*'s validity includes the moment *now*."""
    return (revision.valid_from is None or revision.valid_from <= now) and (
        revision.valid_until is None or now < revision.valid_until
    )


def readable_ids(
    session: Session, actor: Actor, ids: Iterable[int], *, states: frozenset[State], now: datetime
) -> frozenset[int]:
    """Return those of *ids* whose entries are in one of *states* and may be read by *actor* now. One statement."""
    rows = session.scalars(_with_revisions().where(Entry.id.in_(set(ids)))).unique()
    return frozenset(entry.id for entry in rows if entry.state in states and may_read(actor, entry, now=now))


def readable_revision(session: Session, actor: Actor, key: str, *, now: datetime) -> tuple[Entry, Revision]:
    """Return the entry called *key* and the revision of it that *actor* gets to see at the moment *now*.

    Raises:
        NotFoundError: there is none, or none that they may see; the two can't be told apart.
    """
    entry = by_key(session, key)
    if entry is not None and may_read(actor, entry, now=now):
        return entry, entry.shown_revision
    raise NotFoundError(N_("没有这条知识，或者你没有权限看它"))


def in_work(session: Session, state: State) -> Sequence[Entry]:
    """Return the entries whose revision in work is in *state*, oldest change first. One statement."""
    return session.scalars(_with_revisions().where(Entry.work_state == state).order_by(Entry.updated_at)).unique().all()


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


def revision(session: Session, actor: Actor, entry: Entry, number: int) -> Revision:
    """Return revision *number* of *entry*. One statement.

    Raises:
        NotFoundError: it has none, or one that is meant for others than *actor*.
    """
    found = session.scalar(select(Revision).where(Revision.entry_id == entry.id, Revision.number == number))
    if found is None or not in_audience(actor, entry.target(found)):
        raise NotFoundError(N_("没有第 %(number)s 版"), number=number)
    return found


def derived_from(session: Session, sources: Iterable[str]) -> Sequence[tuple[str, Entry]]:
    """Return the entries, in whatever state, that came from *sources* or took them in, oldest first. Two statements.

    Args:
        sources: as in ``Entry.derived_from``.
    """
    wanted = set(sources)
    began = _with_revisions().where(Entry.derived_from.in_(wanted)).order_by(Entry.id)
    found = [(entry.derived_from or "", entry) for entry in session.scalars(began).unique()]
    took_in = select(EntrySource.source, Entry).join(Entry, Entry.id == EntrySource.entry_id)
    took_in = took_in.options(joinedload(Entry.live_revision), joinedload(Entry.work_revision))
    rows = session.execute(took_in.where(EntrySource.source.in_(wanted)).order_by(EntrySource.at, Entry.id))
    return [*found, *((row[0], row[1]) for row in rows)]


def sources(session: Session, entry_ids: Iterable[int]) -> Sequence[EntrySource]:
    """Return what was merged into the entries *entry_ids*, in the order in which it was. One statement."""
    wanted = select(EntrySource).where(EntrySource.entry_id.in_(set(entry_ids)))
    return session.scalars(wanted.order_by(EntrySource.at, EntrySource.source)).all()


def writers(session: Session, entry: Entry, revision: Revision) -> frozenset[int]:
    """Return who wrote a part of *revision*: neither approving nor confirming it is theirs. One statement.

    That is whoever wrote any revision newer than the live one, or the same text before: a text that somebody else has
    brought back is still its author's.
    """
    rows = session.scalars(select(Revision).where(Revision.entry_id == entry.id))
    return frozenset(row.author_id for row in rows if row.author_id is not None and _is_part(row, entry, revision))


def written_by(session: Session, actor: Actor, works: Mapping[int, tuple[Entry, Revision]]) -> frozenset[int]:
    """Return those entries of *works*, by row, of whose revision there *actor* wrote a part. One statement, if any."""
    if actor.user_id is None or not works:
        return frozenset()
    rows = session.scalars(select(Revision).where(Revision.entry_id.in_(works), Revision.author_id == actor.user_id))
    return frozenset(row.entry_id for row in rows if _is_part(row, *works[row.entry_id]))


def _is_part(row: Revision, entry: Entry, revision: Revision) -> bool:
    live = entry.live_revision.number if entry.live_revision is not None else 0
    return row.number > live or row.content == revision.content


def count_by_state(session: Session) -> dict[State, int]:
    """Return how many entries show each state. One statement."""
    state = func.coalesce(Entry.live_state, Entry.work_state)
    rows = session.execute(
        select(state, func.count())
        .where(or_(Entry.live_state.is_not(None), Entry.work_state.is_not(None)))
        .group_by(state)
    )
    return {State(row[0]): row[1] for row in rows}


def titles(session: Session, actor: Actor, keys: Iterable[str], *, now: datetime) -> dict[str, str]:
    """Return the titles of the served entries among *keys* that *actor* may read now, by key. One statement."""
    # The state is looked at here: asked for it as well, SQLite goes through all entries that are published.
    found = session.scalars(_with_revisions().where(Entry.key.in_(set(keys)))).unique()
    return {
        entry.key: entry.shown_revision.title
        for entry in found
        if entry.live_state in SERVED and may_read(actor, entry, now=now)
    }


def count_by_module(session: Session, actor: Actor, *, now: datetime) -> Mapping[str, int]:
    """Return how many entries *actor* is served at the moment *now*, by module key. One statement."""
    rows = session.execute(
        select(Revision.module_key, func.count())
        .select_from(Entry)
        .join(Entry.live_revision)
        .where(is_served_to(actor, now))
        .group_by(Revision.module_key)
    )
    return {row[0]: row[1] for row in rows}


def served_to(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    limit: int,
    offset: int = 0,
    modules: Collection[str] | None = None,
    derived_from: str | None = None,
) -> Sequence[Entry]:
    """Return what *actor* is served at the moment *now*, the latest change first. One statement.

    Args:
        modules: keys to narrow it to; levels below are not added.
        derived_from: ``thread:<key>`` or ``entry:<key>``: only what came from there.
    """
    wanted = select(Entry).join(Entry.live_revision).options(contains_eager(Entry.live_revision))
    wanted = wanted.where(is_served_to(actor, now))
    if modules is not None:
        wanted = wanted.where(Revision.module_key.in_(modules))
    if derived_from is not None:
        wanted = wanted.where(Entry.derived_from == derived_from)
    wanted = wanted.order_by(Entry.updated_at.desc(), Entry.id.desc()).limit(limit).offset(offset)
    return session.scalars(wanted).all()


def is_served_to(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Return the condition on an entry and its live revision that *actor* is served it: search's filter, in SQL."""
    return and_(
        true() if actor.scopes(Permission.ENTRY_READ) else false(),
        Entry.live_state.in_(SERVED),
        or_(Revision.valid_from.is_(None), Revision.valid_from <= now),
        or_(Revision.valid_until.is_(None), Revision.valid_until > now),
        meant_for(actor),
    )


def meant_for(actor: Actor) -> ColumnElement[bool]:
    """Return ``kb.permissions.in_audience`` as a condition."""
    if actor.is_system:
        return true()
    # A JSON array of role names reads the same as text on every database.
    audience = cast(Revision.audience, Text)
    return or_(
        audience == "[]",
        *(audience.contains(f'"{role.value}"', autoescape=True) for role in sorted(actor.roles)),
        *(column == actor.user_id for column in (Entry.owner_id, Entry.created_by_id, Revision.author_id)),
    )
