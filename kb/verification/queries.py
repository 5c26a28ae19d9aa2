"""Reading overlays, and what waits to be verified."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from kb.entries.models import Approval, Entry, Revision, Verification
from kb.entries.queries import writers, written_by
from kb.entries.rules import State
from kb.errors import NotFoundError
from kb.events.models import Event, Subject, Verb
from kb.i18n import N_
from kb.people.models import RoleGrant, User
from kb.permissions import Actor, Permission, Role, Target, allowed, in_audience
from kb.taxonomy import queries as taxonomy_queries
from kb.verification.models import Overlay
from kb.verification.rules import Local, Nudge, deadlines, in_force
from kb.workdays.rules import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one region says of the revision in work.

    Attributes:
        confirmed: ``None`` while nobody there has confirmed it.
        due_at: when the managers are told that it waits.
    """

    region: str
    confirmed: Verification | None
    asked_at: datetime
    due_at: datetime

    def late(self, now: datetime) -> bool:
        """Return whether it waits for longer than it should."""
        return self.confirmed is None and now >= self.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An entry that regions are asked about, with what each says.

    Attributes:
        own: whether whoever looks wrote a part of it: others confirm it.
    """

    entry: Entry
    revision: Revision
    standings: Sequence[Standing]
    own: bool = False

    @property
    def open(self) -> Sequence[Standing]:
        """The regions that have not confirmed it."""
        return [item for item in self.standings if item.confirmed is None]

    def asks(self, actor: Actor) -> Sequence[str]:
        """Return the regions that *actor*, who looks, is asked to confirm it for: none where they wrote it."""
        return [] if self.own else self.speaks(actor)

    def speaks(self, actor: Actor) -> Sequence[str]:
        """Return the regions of *actor* that have not confirmed it."""
        return [item.region for item in self.open if may_verify(actor, item.region)]


def may_verify(actor: Actor, region: str) -> bool:
    """Return whether *actor* speaks for *region*."""
    return allowed(actor, Permission.ENTRY_VERIFY, Target(regions=frozenset({region})))


def verifiers(session: Session, regions: Collection[str], *, but: Collection[int] = ()) -> Mapping[int, Sequence[str]]:
    """Return who speaks for which of *regions*, by the person's id; nobody for none of them. Five statements.

    Args:
        but: people who are left out: whoever wrote something does not confirm it.
    """
    tree = taxonomy_queries.load(session).regions
    rows = session.execute(
        select(User.id, User.region_key)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.role == Role.VERIFIER, User.active, User.region_key.is_not(None))
        .order_by(User.id)
    )
    found = {person: [key for key in regions if home in tree.above(key)] for person, home in rows}
    return {person: keys for person, keys in found.items() if keys and person not in but}


def unheard(session: Session, item: Waiting) -> Sequence[str]:
    """Return the silent regions of *item* that nobody can confirm it for, its writers aside. Six statements."""
    silent = [standing.region for standing in item.open]
    if not silent:
        return ()
    people = verifiers(session, silent, but=writers(session, item.entry, item.revision))
    heard = {region for regions in people.values() for region in regions}
    return [region for region in silent if region not in heard]


def managers(session: Session) -> Sequence[int]:
    """Return the ids of the knowledge managers. One statement."""
    rows = select(User.id).join(RoleGrant, RoleGrant.user_id == User.id)
    return session.scalars(rows.where(RoleGrant.role == Role.MANAGER, User.active).order_by(User.id)).all()


def overlays(session: Session, entry_ids: Collection[int]) -> Mapping[int, Sequence[Local]]:
    """Return the overlays in force of these entries, by the entry's id. One statement."""
    rows = session.execute(
        select(Overlay, Revision.number)
        .join(Entry, Entry.id == Overlay.entry_id)
        .join(Revision, Revision.id == Entry.live_revision_id)
        .where(
            Overlay.entry_id.in_(entry_ids),
            Overlay.since <= Revision.number,
            or_(Overlay.until.is_(None), Overlay.until > Revision.number),
        )
        .order_by(Overlay.id)
    )
    found: dict[int, list[Local]] = defaultdict(list)
    for overlay, _ in rows:
        found[overlay.entry_id].append(overlay.local)
    return found


def ended_since(session: Session, entry_ids: Collection[int], *, seq: int) -> frozenset[int]:
    """Return those of these entries of which an overlay was withdrawn or replaced after event *seq*. One statement."""
    rows = session.scalars(
        select(Event.subject_id).where(
            Event.subject_kind == Subject.ENTRY,
            Event.subject_id.in_([str(number) for number in entry_ids]),
            Event.verb.in_((Verb.OVERLAID, Verb.OVERLAY_WITHDRAWN)),
            Event.seq > seq,
        )
    )
    return frozenset(map(int, rows))


def of_entry(session: Session, entry: Entry) -> Sequence[Overlay]:
    """Return all overlays that *entry* ever had, the newest first. One statement."""
    rows = select(Overlay).where(Overlay.entry_id == entry.id).order_by(Overlay.id.desc())
    return session.scalars(rows).all()


def changed_since(session: Session, entry: Entry, moment: datetime) -> bool:
    """Return whether what is otherwise in some region of *entry*, as it is live, has changed since. One statement."""
    live = entry.live_revision
    if live is None:
        return False
    for item in of_entry(session, entry):
        holds = in_force(item.since, item.until, live.number)
        changed = item.created_at if holds else item.ended_at
        if changed is not None and changed > moment:
            return True
    return False


def of_revision(session: Session, entry: Entry, number: int) -> Sequence[Overlay]:
    """Return the overlays that hold, or will, when revision *number* of *entry* is live. One statement."""
    return [item for item in of_entry(session, entry) if in_force(item.since, item.until, number)]


def overlay(session: Session, entry: Entry, number: int) -> Overlay:
    """Return overlay *number* of *entry*. One statement.

    Raises:
        NotFoundError: it has none of that number.
    """
    found = session.get(Overlay, number)
    if found is None or found.entry_id != entry.id:
        raise NotFoundError(N_("没有这条地方口径"))
    return found


def waiting(session: Session, actor: Actor, calendar: Calendar, *, key: str | None = None) -> Sequence[Waiting]:
    """Return the entries that wait for regions and concern *actor*, the longest asked first.

    Two statements, and one that looks for what a person wrote themselves. They concern whoever verifies one of the
    regions, may edit the entry, or reviews.

    Args:
        key: only the entry of this key.
    """
    rows = session.execute(
        select(Entry, Revision, Approval.at)
        .join(Revision, Revision.id == Entry.work_revision_id)
        .join(Approval, Approval.revision_id == Revision.id)
        .where(Entry.work_state == State.VERIFYING, Entry.key == key if key is not None else and_(True))
        .options(joinedload(Entry.live_revision))
        .order_by(Approval.at, Entry.id)
    ).unique()
    concerned = [row for row in rows if concerns(actor, row[0], row[1])]
    confirmed = _confirmed(session, [revision.id for _, revision, _ in concerned])
    own = written_by(session, actor, {entry.id: (entry, revision) for entry, revision, _ in concerned})
    return [
        Waiting(
            entry=entry,
            revision=revision,
            standings=[
                Standing(
                    region=region,
                    confirmed=confirmed.get((revision.id, region)),
                    asked_at=asked_at,
                    due_at=deadlines(asked_at, calendar)[Nudge.ESCALATED],
                )
                for region in revision.regions
            ],
            own=entry.id in own,
        )
        for entry, revision, asked_at in concerned
    ]


def concerns(actor: Actor, entry: Entry, revision: Revision) -> bool:
    """Return whether *actor* has to do with the verification of *revision*."""
    target = entry.target(revision)
    return in_audience(actor, target) and (
        any(may_verify(actor, region) for region in revision.regions)
        or allowed(actor, Permission.ENTRY_REVIEW, target)
        or allowed(actor, Permission.ENTRY_EDIT, target)
    )


def _confirmed(session: Session, revision_ids: Iterable[int]) -> Mapping[tuple[int, str], Verification]:
    rows = session.scalars(select(Verification).where(Verification.revision_id.in_(set(revision_ids))))
    return {(row.revision_id, row.region_key): row for row in rows}
