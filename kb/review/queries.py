"""Reading what is under review: the queue, remarks, and what is due to go live."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload

from kb.entries.models import Approval, Entry, Revision
from kb.entries.queries import meant_for
from kb.entries.rules import State
from kb.errors import NotFoundError
from kb.events.models import Event, Subject, Verb
from kb.i18n import N_
from kb.permissions import Actor, Permission, allowed, in_audience
from kb.review.models import Remark


class Tab(StrEnum):
    """The lists of the queue."""

    WAITING = "waiting"
    """Under review, others' work only."""
    SCHEDULED = "scheduled"
    """Approved and not live yet."""
    MINE = "mine"
    """One's own work, wherever it stands."""

    @property
    def label(self) -> str:
        """The Chinese name."""
        return TAB_LABELS[self]


TAB_LABELS: Mapping[Tab, str] = {
    Tab.WAITING: N_("待审"),
    Tab.SCHEDULED: N_("待发布"),
    Tab.MINE: N_("我写的"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """An entry in the queue.

    Attributes:
        revision: the one in work.
        since: when it came to where it stands.
        remarks: how many of its remarks are open.
        publish_at: when it goes live by itself; ``None`` where it does not.
    """

    entry: Entry
    revision: Revision
    since: datetime
    remarks: int
    publish_at: datetime | None

    @property
    def first(self) -> bool:
        """Whether nothing of it is live yet."""
        return self.entry.live_revision_id is None


def queue(
    session: Session, actor: Actor, tab: Tab, *, modules: Iterable[str] | None, limit: int, offset: int = 0
) -> Sequence[Queued]:
    """Return one list of the queue for *actor*, what waits longest first. Three statements.

    Args:
        modules: keys to narrow it to, those below included already; ``None`` for all.
    """
    live = aliased(Revision)
    rows = (
        session.execute(
            select(Entry, Revision, Approval.publish_at)
            .join(Revision, Revision.id == Entry.work_revision_id)
            .outerjoin(live, live.id == Entry.live_revision_id)
            .outerjoin(Approval, Approval.revision_id == Revision.id)
            .where(_within(actor, tab, modules))
            .options(joinedload(Entry.live_revision))
            .order_by(*((Approval.publish_at, Entry.id) if tab is Tab.SCHEDULED else (Entry.updated_at, Entry.id)))
            .limit(limit)
            .offset(offset)
        )
        .unique()
        .all()
    )
    ids = [entry.id for entry, _, _ in rows]
    moved, remarks = _moved(session, ids), _open_remarks(session, ids)
    return [
        Queued(
            entry=entry,
            revision=revision,
            since=moved.get(entry.id, entry.updated_at),
            remarks=remarks[entry.id],
            publish_at=publish_at,
        )
        for entry, revision, publish_at in rows
    ]


def count(session: Session, actor: Actor, tab: Tab) -> Mapping[str, int]:
    """Return how many entries are in one list of the queue for *actor*, by module key. One statement."""
    rows = session.execute(
        select(Revision.module_key, func.count())
        .select_from(Entry)
        .join(Revision, Revision.id == Entry.work_revision_id)
        .where(_within(actor, tab, None))
        .group_by(Revision.module_key)
    )
    return {row[0]: row[1] for row in rows}


def count_own_waiting(session: Session, actor: Actor) -> int:
    """Return how many entries under review *actor* wrote a part of: others have to review them. One statement."""
    rows = (
        select(func.count())
        .select_from(Entry)
        .join(Revision, Revision.id == Entry.work_revision_id)
        .where(Entry.work_state == State.IN_REVIEW, _wrote(actor))
    )
    return session.scalar(rows) or 0


def to_read(session: Session, actor: Actor, key: str) -> tuple[Entry, Revision]:
    """Return the entry *key* with the revision in work, for whoever reads drafts of it. One statement.

    Raises:
        NotFoundError: there is none, nothing is in work, or they may not know of it; these can't be told apart.
    """
    entry = session.scalar(
        select(Entry).where(Entry.key == key).options(joinedload(Entry.live_revision), joinedload(Entry.work_revision))
    )
    if entry is not None and entry.work_revision is not None:
        revision = entry.work_revision
        if allowed(actor, Permission.ENTRY_READ_UNPUBLISHED, entry.target(revision)):
            return entry, revision
    raise NotFoundError(N_("没有在审的这条知识，或者你没有权限看它"))


def has_a_say(actor: Actor, entry: Entry, revision: Revision) -> bool:
    """Return whether *actor* reviews, verifies or edits the entry."""
    target = entry.target(revision)
    says = (Permission.ENTRY_REVIEW, Permission.ENTRY_VERIFY, Permission.ENTRY_EDIT)
    return in_audience(actor, target) and any(allowed(actor, permission, target) for permission in says)


def writers(session: Session, entry: Entry) -> frozenset[int]:
    """Return who wrote any revision newer than the live one: none of them can approve it. One statement."""
    live = entry.live_revision.number if entry.live_revision is not None else 0
    rows = session.scalars(select(Revision.author_id).where(Revision.entry_id == entry.id, Revision.number > live))
    return frozenset(author for author in rows if author is not None)


def remarks(session: Session, entry: Entry) -> Sequence[Remark]:
    """Return the remarks on all revisions since the live one, and those that are open on older ones. One statement.

    Open ones come first, each in the order they were made.
    """
    live = entry.live_revision.number if entry.live_revision is not None else 0
    return session.scalars(
        select(Remark)
        .join(Remark.revision)
        .options(joinedload(Remark.revision))
        .where(Remark.entry_id == entry.id, or_(Remark.resolved_at.is_(None), Revision.number > live))
        .order_by(Remark.resolved_at.is_not(None), Remark.id)
    ).all()


def remark(session: Session, entry: Entry, number: int) -> Remark | None:
    """Return remark *number* if it is one on *entry*. One statement."""
    return session.scalar(
        select(Remark)
        .options(joinedload(Remark.revision))
        .where(Remark.id == number, Remark.entry_id == entry.id)
        .with_for_update(of=Remark)
    )


def approval(session: Session, revision: Revision) -> Approval | None:
    """Return who approved *revision*, and when it goes live; ``None`` where nobody did. One statement."""
    return session.get(Approval, revision.id)


def due(session: Session, *, now: datetime, limit: int) -> Sequence[Entry]:
    """Return the entries that were approved to go live by *now*, the oldest time first. One statement."""
    return (
        session.scalars(
            select(Entry)
            .join(Approval, Approval.revision_id == Entry.work_revision_id)
            .options(joinedload(Entry.live_revision), joinedload(Entry.work_revision))
            .where(Entry.work_state == State.SCHEDULED, Approval.publish_at <= now)
            .order_by(Approval.publish_at, Entry.id)
            .limit(limit)
        )
        .unique()
        .all()
    )


def _within(actor: Actor, tab: Tab, modules: Iterable[str] | None) -> ColumnElement[bool]:
    chosen = true() if modules is None else Revision.module_key.in_(set(modules))
    match tab:
        case Tab.WAITING:
            return and_(Entry.work_state == State.IN_REVIEW, ~_wrote(actor), meant_for(actor), chosen)
        case Tab.SCHEDULED:
            return and_(Entry.work_state == State.SCHEDULED, meant_for(actor), chosen)
        case Tab.MINE:
            return and_(Entry.work_state.is_not(None), _wrote(actor), chosen)


def _wrote(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that *actor* wrote a revision newer than the live one."""
    written, live = aliased(Revision), aliased(Revision)
    number = select(live.number).where(live.id == Entry.live_revision_id).correlate(Entry).scalar_subquery()
    return exists(
        select(written.id)
        .where(
            written.entry_id == Entry.id,
            written.author_id == actor.user_id,
            written.number > func.coalesce(number, 0),
        )
        .correlate(Entry)
    )


def _moved(session: Session, ids: Sequence[int]) -> Mapping[int, datetime]:
    """Return when each entry last took a step of its work slot."""
    steps = (Verb.SUBMITTED, Verb.APPROVED, Verb.VERIFIED, Verb.RETURNED, Verb.WITHDRAWN, Verb.REVISED, Verb.CREATED)
    rows = session.execute(
        select(Event.subject_id, func.max(Event.at))
        .where(
            Event.subject_kind == Subject.ENTRY,
            Event.subject_id.in_([str(number) for number in ids]),
            Event.verb.in_((*steps, Verb.REJECTED)),
        )
        .group_by(Event.subject_id)
    )
    return {int(row[0]): row[1] for row in rows}


def _open_remarks(session: Session, ids: Sequence[int]) -> Counter[int]:
    rows = session.execute(
        select(Remark.entry_id, func.count())
        .where(Remark.entry_id.in_(ids), Remark.resolved_at.is_(None))
        .group_by(Remark.entry_id)
    )
    return Counter({row[0]: row[1] for row in rows})
