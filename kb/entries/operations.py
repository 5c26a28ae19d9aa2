"""The verbs of an entry's life: create, save, submit, approve, verify, publish, suspend, retire …

Each checks permission, moves the entry along the transition table, appends an event, and never commits.
"""

import secrets
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.corrections import consequences
from kb.entries import rules
from kb.entries.content import Content, problems
from kb.entries.material import is_material
from kb.entries.models import Approval, Entry, Revision, Verification
from kb.entries.rules import Slot, State, Step
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import Actor, Permission, Target, require
from kb.taxonomy import queries as taxonomy_queries


def create(
    session: Session,
    actor: Actor,
    content: Content,
    *,
    now: datetime,
    key: str | None = None,
    owner_id: int | None = None,
    derived_from: str | None = None,
    note: str = "",
) -> Entry:
    """Create an entry with *content* as its first draft and return it.

    Args:
        key: stable public name; made up when not given.
        owner_id: who answers for it; the author when not given.
        derived_from: ``thread:<key>`` or ``entry:<key>``.

    Raises:
        PermissionDeniedError: *actor* may not create entries.
        InvalidInputError: something in *content* can't be stored.
        ConflictError: *key* is taken.
    """
    require(actor, Permission.ENTRY_CREATE)
    _check_content(session, content)
    entry = _add_entry(session, actor, key, owner_id=owner_id, derived_from=derived_from, now=now)
    revision = _add_revision(session, actor, entry, content, note=note, now=now)
    entry.work_revision, entry.work_state = revision, State.DRAFT
    _record(session, actor, entry, Verb.CREATED, now, revision)
    return entry


def save(
    session: Session,
    actor: Actor,
    entry: Entry,
    content: Content,
    *,
    now: datetime,
    note: str = "",
    material: bool = True,
) -> Revision:
    """Save *content* as a new draft revision of *entry*; what is live stays live.

    Args:
        material: whether the editor says that it is other knowledge now (``kb.entries.material``).

    Raises:
        PermissionDeniedError: *actor* may not edit this entry.
        TransitionError: a revision is under review; it has to be withdrawn or returned first.
        InvalidInputError: something in *content* can't be stored.
    """
    _start(entry, Step.SAVE, actor)
    _check_content(session, content)
    revision = _add_revision(session, actor, entry, content, note=note, now=now, material=material)
    entry.work_revision = revision
    _finish(session, actor, entry, Step.SAVE, Verb.REVISED, now, revision, note=note)
    return revision


def restore(session: Session, actor: Actor, entry: Entry, number: int, *, now: datetime, note: str = "") -> Revision:
    """Save what revision *number* of *entry* says as a new draft revision; what is live stays live.

    Args:
        note: why; said in the history.

    Raises:
        PermissionDeniedError: *actor* may not edit this entry.
        NotFoundError: it has no such revision.
        ConflictError: the newest content is the same.
        TransitionError: a revision is under review; it has to be withdrawn or returned first.
        InvalidInputError: something in it can't be stored any more, for instance a module that was retired.
    """
    _start(entry, Step.SAVE, actor)
    wanted = session.scalar(select(Revision).where(Revision.entry_id == entry.id, Revision.number == number))
    if wanted is None:
        raise NotFoundError(N_("没有第 %(number)s 版"), number=number)
    if wanted.content == (entry.work_revision or entry.shown_revision).content:
        raise ConflictError(N_("现在的内容和第 %(number)s 版一样，不用恢复"), number=number)
    _check_content(session, wanted.content)
    revision = _add_revision(session, actor, entry, wanted.content, note=note, now=now)
    entry.work_revision = revision
    _finish(session, actor, entry, Step.SAVE, Verb.REVISED, now, revision, note=note, restored=number)
    return revision


def submit(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Hand the revision in work to the reviewers."""
    _start(entry, Step.SUBMIT, actor)
    _finish(session, actor, entry, Step.SUBMIT, Verb.SUBMITTED, now, entry.work_revision)


def withdraw(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Take the revision in work back from the reviewers, to go on writing."""
    _start(entry, Step.WITHDRAW, actor)
    _finish(session, actor, entry, Step.WITHDRAW, Verb.WITHDRAWN, now, entry.work_revision)


def send_back(session: Session, actor: Actor, entry: Entry, *, reason: str, now: datetime) -> None:
    """Return the revision in work to its author (退回). A reason is required: they must know what to change.

    Raises:
        InvalidInputError: no reason.
    """
    if not reason.strip():
        raise InvalidInputError(N_("退回要写明原因"), field="reason")
    _start(entry, Step.RETURN, actor)
    _finish(session, actor, entry, Step.RETURN, Verb.RETURNED, now, entry.work_revision, reason=reason.strip())


def approve(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Approve the revision in work. One that is scoped to regions goes to their verifiers, others await publishing.

    Raises:
        PermissionDeniedError: *actor* may not review, or wrote any part of what is being approved.
        TransitionError: it is not under review.
    """
    scoped = entry.work_revision is not None and bool(entry.work_revision.regions)
    step = Step.APPROVE_SCOPED if scoped else Step.APPROVE
    revision = _start(entry, step, actor)
    if actor.user_id is not None and actor.user_id in _authors_since_live(session, entry):
        raise PermissionDeniedError(N_("不能审核自己写的内容"))
    # One that was sent back and submitted again unchanged has been approved before: the later approval counts.
    session.merge(Approval(revision_id=revision.id, reviewer_id=actor.user_id, at=now))
    _finish(session, actor, entry, step, Verb.APPROVED, now, revision)


def verify(session: Session, actor: Actor, entry: Entry, *, region: str, now: datetime) -> None:
    """Confirm the revision in work for *region* (区县核实). When every scoped region has, it awaits publishing.

    Raises:
        PermissionDeniedError: *region* is not one *actor* verifies.
        InvalidInputError: the revision is not scoped to *region*.
    """
    transition = rules.check(Step.VERIFY, entry.work_state)
    revision = _work(entry)
    if region not in revision.regions:
        raise InvalidInputError(N_("这条知识不涉及区域 %(key)s"), field="region", key=region)
    require(actor, transition.permission, Target(regions=frozenset({region})))
    if session.get(Verification, (revision.id, region)) is None:
        session.add(Verification(revision_id=revision.id, region_key=region, verifier_id=actor.user_id, at=now))
        session.flush()
    _record(session, actor, entry, Verb.VERIFIED, now, revision, region=region)
    if not set(revision.regions) - _verified_regions(session, revision):
        entry.work_state = transition.target
    entry.updated_at = now


def publish(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Put the approved revision live in place of the one before it."""
    revision = _start(entry, Step.PUBLISH, actor)
    approval = session.get(Approval, revision.id)
    by_other = approval is not None and approval.reviewer_id != revision.author_id
    went = _go_live(session, entry, revision, approved_by_other=by_other, now=now)
    entry.verified_at = approval.at if approval is not None and by_other else None
    _record(session, actor, entry, Verb.PUBLISHED, now, revision, **went)


def import_content(
    session: Session,
    actor: Actor,
    content: Content,
    *,
    key: str,
    now: datetime,
    entry: Entry | None = None,
    published: bool = True,
    owner_id: int | None = None,
    derived_from: str | None = None,
) -> Entry:
    """Take over *content* from another system: as the live revision at level L1 when *published*, else as a draft.

    Nobody here has approved it, so its level says 未验证 until somebody does. An import wins over a revision in work,
    which stays in the history.

    Raises:
        PermissionDeniedError: *actor* may not import.
        InvalidInputError: something in *content* can't be stored.
    """
    require(actor, Permission.ENTRY_IMPORT)
    _check_content(session, content)
    if entry is None:
        entry = _add_entry(session, actor, key, owner_id=owner_id, derived_from=derived_from, now=now)
    elif owner_id is not None:
        entry.owner_id = owner_id
    revision = _add_revision(session, actor, entry, content, note="import", now=now)
    went: dict[str, Any] = {"material": False}
    if published:
        went = _go_live(session, entry, revision, approved_by_other=False, now=now)
        entry.verified_at = None
    else:
        entry.work_revision, entry.work_state, entry.updated_at = revision, State.DRAFT, now
    _record(session, actor, entry, Verb.IMPORTED, now, revision, live=published, **went)
    return entry


def flag_for_review(session: Session, actor: Actor, entry: Entry, *, reason: str, now: datetime) -> None:
    """Mark the live revision as due for a look (待复核); it stays on the desk."""
    _start(entry, Step.FLAG, actor)
    _finish(session, actor, entry, Step.FLAG, Verb.FLAGGED, now, entry.live_revision, reason=reason)


def confirm(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Say that a live revision that was due for review is still true.

    Raises:
        PermissionDeniedError: *actor* may not review, or wrote it.
    """
    revision = _start(entry, Step.CONFIRM, actor)
    if actor.user_id is not None and actor.user_id == revision.author_id:
        raise PermissionDeniedError(N_("不能复核自己写的内容"))
    entry.verified_at = now
    _finish(session, actor, entry, Step.CONFIRM, Verb.CONFIRMED, now, entry.live_revision)


def suspend(session: Session, actor: Actor, entry: Entry, *, reason: str, now: datetime) -> None:
    """Take the live revision off the desk for now (暂停)."""
    if not reason.strip():
        raise InvalidInputError(N_("暂停要写明原因"), field="reason")
    _start(entry, Step.SUSPEND, actor)
    _finish(session, actor, entry, Step.SUSPEND, Verb.SUSPENDED, now, entry.live_revision, reason=reason.strip())


def resume(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Put a suspended revision back on the desk."""
    _start(entry, Step.RESUME, actor)
    _finish(session, actor, entry, Step.RESUME, Verb.RESUMED, now, entry.live_revision)


def retire(session: Session, actor: Actor, entry: Entry, *, reason: str, now: datetime) -> None:
    """Take the entry off the desk for good (停用)."""
    _start(entry, Step.RETIRE, actor)
    _finish(session, actor, entry, Step.RETIRE, Verb.RETIRED, now, entry.live_revision, reason=reason)


def archive(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Put a retired entry into the archive (归档)."""
    _start(entry, Step.ARCHIVE, actor)
    _finish(session, actor, entry, Step.ARCHIVE, Verb.ARCHIVED, now, entry.live_revision)


def _start(entry: Entry, step: Step, actor: Actor) -> Revision:
    """Check that *actor* may take *step* now; return the revision it is about."""
    slot = rules.TRANSITIONS[step].slot
    state = entry.work_state if slot is Slot.WORK else entry.live_state
    revision = entry.work_revision if slot is Slot.WORK else entry.live_revision
    target = entry.target(revision)
    if step is Step.SAVE and entry.live_revision is not None:
        # Who may edit what is live must not change with what an unpublished draft says.
        require(actor, Permission.ENTRY_EDIT, entry.target(entry.live_revision))
    require(actor, rules.TRANSITIONS[step].permission, target)
    rules.check(step, state)
    return revision if revision is not None else entry.shown_revision


def _finish(
    session: Session,
    actor: Actor,
    entry: Entry,
    step: Step,
    verb: Verb,
    now: datetime,
    revision: Revision | None,
    **payload: Any,
) -> None:
    transition = rules.TRANSITIONS[step]
    if transition.slot is Slot.WORK:
        entry.work_state = transition.target
    else:
        entry.live_state = transition.target
    entry.updated_at = now
    _record(session, actor, entry, verb, now, revision, **payload)


def _go_live(
    session: Session, entry: Entry, revision: Revision, *, approved_by_other: bool, now: datetime
) -> dict[str, Any]:
    """Put *revision* live; return what the event tells of it: whether it is other knowledge, and the level before.

    A level earned on calls stays through an edit that is not material, as long as somebody else approved it.
    """
    before, level_before = entry.live_revision, entry.level
    material = before is None or is_material(
        _said_material(session, entry, before, revision), before.content, revision.content
    )
    entry.live_revision, entry.live_state = revision, rules.TRANSITIONS[Step.PUBLISH].target
    entry.work_revision, entry.work_state = None, None
    entry.updated_at = now
    level = rules.level_when_published(
        approved_by_other=approved_by_other,
        has_owner=entry.owner_id is not None,
        has_validity=revision.review_due is not None or revision.valid_until is not None,
        regions_verified=not set(revision.regions) - _verified_regions(session, revision),
    )
    keeps = not material and level is rules.Level.L2
    entry.level = max(level, level_before) if keeps else level
    return {"material": material, "level_before": None if before is None else level_before, "level": int(entry.level)}


def _said_material(session: Session, entry: Entry, before: Revision, after: Revision) -> bool | None:
    """Return the editors' word on all revisions since *before*: one material step makes the whole way material."""
    said = session.scalars(
        select(Revision.material).where(
            Revision.entry_id == entry.id, Revision.number > before.number, Revision.number <= after.number
        )
    ).all()
    return None if all(word is None for word in said) else any(said)


def _add_entry(
    session: Session, actor: Actor, key: str | None, *, owner_id: int | None, derived_from: str | None, now: datetime
) -> Entry:
    key = key or f"e-{secrets.token_hex(5)}"
    if session.scalar(select(Entry.id).where(Entry.key == key)) is not None:
        raise ConflictError(N_("编号 %(key)s 已经有了"), key=key)
    entry = Entry(
        key=key,
        created_at=now,
        updated_at=now,
        created_by_id=actor.user_id,
        owner_id=owner_id if owner_id is not None else actor.user_id,
        level=rules.Level.L1,
        derived_from=derived_from,
    )
    session.add(entry)
    session.flush()
    return entry


def _add_revision(
    session: Session,
    actor: Actor,
    entry: Entry,
    content: Content,
    *,
    note: str,
    now: datetime,
    material: bool | None = None,
) -> Revision:
    # Whoever else is writing to this entry gets to commit first; its version is then stale and nobody's work is lost.
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    last = session.scalar(select(func.max(Revision.number)).where(Revision.entry_id == entry.id)) or 0
    fields = asdict(content)
    for name in ("products", "regions", "wordings", "audience", "related"):
        fields[name] = list(fields[name])
    revision = Revision(
        entry_id=entry.id,
        number=last + 1,
        author_id=actor.user_id,
        created_at=now,
        note=note[:500],
        material=material,
        **fields,
    )
    session.add(revision)
    session.flush()
    return revision


def _check_content(session: Session, content: Content) -> None:
    for problem in problems(content, taxonomy_queries.load(session)):
        raise problem


def _work(entry: Entry) -> Revision:
    if entry.work_revision is None:
        raise AssertionError(f"entry {entry.id}: work state without a revision")
    return entry.work_revision


def _authors_since_live(session: Session, entry: Entry) -> set[int | None]:
    """Return who wrote any revision newer than the live one: all of them wrote what is being approved."""
    live = entry.live_revision.number if entry.live_revision is not None else 0
    return set(session.scalars(select(Revision.author_id).where(Revision.entry_id == entry.id, Revision.number > live)))


def _verified_regions(session: Session, revision: Revision) -> set[str]:
    return set(session.scalars(select(Verification.region_key).where(Verification.revision_id == revision.id)))


def _record(
    session: Session,
    actor: Actor,
    entry: Entry,
    verb: Verb,
    now: datetime,
    revision: Revision | None,
    **payload: Any,
) -> None:
    if revision is not None:
        payload["revision"] = revision.number
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.ENTRY,
        subject_id=entry.id,
        payload=payload,
    )
    consequences.follow(session, actor, entry, verb, now, revision=revision, restored=payload.get("restored"))
