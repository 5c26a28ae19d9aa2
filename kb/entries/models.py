"""Tables of entries and their revisions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from kb.db import Base, enum_type
from kb.entries.content import MAX_ANSWER, MAX_TITLE, Content, Freshness, Kind
from kb.entries.rules import Level, State
from kb.people.models import User
from kb.permissions import Role, Target
from kb.taxonomy.models import KEY_LENGTH


class Revision(Base):
    """One saved version of an entry's content. Immutable: a change, a restore even, is a new revision.

    The columns from ``title`` on are the fields of ``Content``, which says what they mean.

    Attributes:
        material: whether the editor says that it is other knowledge now; ``None`` when nobody was asked.
    """

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("entry_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    number: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(500))
    material: Mapped[bool | None]

    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    kind: Mapped[Kind] = mapped_column(enum_type(Kind))
    module_key: Mapped[str] = mapped_column(ForeignKey("modules.key"), index=True)
    tier_key: Mapped[str] = mapped_column(ForeignKey("tiers.key"))
    freshness: Mapped[Freshness] = mapped_column(enum_type(Freshness))
    answer: Mapped[str] = mapped_column(String(MAX_ANSWER))
    script: Mapped[str] = mapped_column(Text)
    steps: Mapped[str] = mapped_column(Text)
    internal_note: Mapped[str] = mapped_column(Text)
    exceptions: Mapped[str] = mapped_column(Text)
    fees: Mapped[str] = mapped_column(Text)
    deadlines: Mapped[str] = mapped_column(Text)
    transfer_to: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    products: Mapped[list[str]]
    regions: Mapped[list[str]]
    wordings: Mapped[list[str]]
    audience: Mapped[list[str]]
    related: Mapped[list[str]]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None] = mapped_column(index=True)
    review_due: Mapped[date | None]

    author: Mapped[User | None] = relationship(lazy="raise")

    @property
    def content(self) -> Content:
        """Return what was written, as a value."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in Content.__dataclass_fields__}
        for name in ("products", "regions", "wordings", "related"):
            fields[name] = tuple(fields[name])
        fields["audience"] = tuple(Role(value) for value in self.audience)
        return Content(**fields)


class Approval(Base):
    """That a reviewer approved a revision.

    Attributes:
        publish_at: when it goes live by itself, at the earliest: every scoped region has to have confirmed it first.
            ``None`` where a person publishes it.
    """

    __tablename__ = "approvals"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    publish_at: Mapped[datetime | None]


class Verification(Base):
    """That a regional verifier (区县核实) confirmed a revision for one of the regions it is scoped to."""

    __tablename__ = "verifications"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    region_key: Mapped[str] = mapped_column(ForeignKey("regions.key"), primary_key=True)
    verifier_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class Entry(Base):
    """A piece of knowledge (知识): who is responsible for it, and which of its revisions are live and in work.

    Attributes:
        key: stable public name, used in addresses, files and links.
        live_state, live_revision: what agents are served; both ``None`` until first published.
        work_state, work_revision: what is being prepared; both ``None`` when nothing is.
        verified_at: when somebody other than the author last said that the live revision is true.
        review_due: the day by which somebody must look at the live revision again: the revision's own, or a later one
            that somebody set who confirmed it.
        derived_from: where it came from: ``thread:<key>``, ``entry:<key>``, ``gap:<number>``, ``call:<reference>`` or
            ``outcome:<number>``; ``EntrySource`` has what was merged into it later.
        version: rises with every change; a change based on an older one is refused instead of lost.
    """

    __tablename__ = "entries"
    __table_args__ = (
        CheckConstraint("(live_state IS NULL) = (live_revision_id IS NULL)", name="live_slot"),
        CheckConstraint("(work_state IS NULL) = (work_revision_id IS NULL)", name="work_slot"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    level: Mapped[int] = mapped_column(default=Level.L1)
    verified_at: Mapped[datetime | None]
    review_due: Mapped[date | None] = mapped_column(index=True)
    derived_from: Mapped[str | None] = mapped_column(String(80), index=True)
    live_state: Mapped[State | None] = mapped_column(enum_type(State), index=True)
    work_state: Mapped[State | None] = mapped_column(enum_type(State), index=True)
    live_revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id", use_alter=True))
    work_revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id", use_alter=True))
    version: Mapped[int] = mapped_column()

    live_revision: Mapped[Revision | None] = relationship(foreign_keys=[live_revision_id])
    work_revision: Mapped[Revision | None] = relationship(foreign_keys=[work_revision_id])
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id], lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    @property
    def state(self) -> State:
        """Return the state people mean when they ask: the live revision's if there is one."""
        state = self.live_state or self.work_state
        if state is None:
            raise AssertionError(f"entry {self.id} has no revision")
        return state

    @property
    def shown_revision(self) -> Revision:
        """Return the live revision, or the one in work while nothing has been published."""
        revision = self.live_revision or self.work_revision
        if revision is None:
            raise AssertionError(f"entry {self.id} has no revision")
        return revision

    def target(self, revision: Revision | None = None) -> Target:
        """Return the entry as what a permission is asked about, with *revision*'s module, regions and audience."""
        revision = revision or self.shown_revision
        people = {self.created_by_id, self.owner_id, revision.author_id}
        return Target(
            people=frozenset(person for person in people if person is not None),
            module=revision.module_key,
            regions=frozenset(revision.regions),
            audience=frozenset(Role(role) for role in revision.audience),
        )


class EntrySource(Base):
    """What was merged into an entry that was there already: it came from that as well.

    Attributes:
        source: as in ``Entry.derived_from``.
    """

    __tablename__ = "entry_sources"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    at: Mapped[datetime]


@event.listens_for(Revision, "before_update")
@event.listens_for(Revision, "before_delete")
def _refuse(mapper: Mapper[Revision], connection: Any, target: Revision) -> None:
    raise AssertionError(f"revision {target.id} is immutable: save a new one")
