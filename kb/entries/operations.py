"""The verbs of an entry's life: create, save, submit, approve, verify, publish, suspend, retire …

Each checks permission, moves the entry along the transition table, appends an event, and never commits.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.entries import rules
from kb.entries.content import Content
from kb.entries.going_live import go_live, verified_regions
from kb.entries.models import Approval, Entry, Revision, Verification
from kb.entries.queries import writers
from kb.entries.rules import State, Step
from kb.entries.steps import finish, record, start, work
from kb.entries.writing import add_entry, add_revision, check_content
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Verb
from kb.i18n import N_
from kb.permissions import Actor, Permission, Target, require
from kb.validity.rules import next_review


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
    check_content(session, content)
    entry = add_entry(session, actor, key, owner_id=owner_id, derived_from=derived_from, now=now)
    revision = add_revision(session, actor, entry, content, note=note, now=now)
    entry.work_revision, entry.work_state = revision, State.DRAFT
    record(session, actor, entry, Verb.CREATED, now, revision)
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
    start(entry, Step.SAVE, actor)
    return _put_to_work(session, actor, entry, content, now=now, note=note, material=material)


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
    start(entry, Step.SAVE, actor)
    wanted = session.scalar(select(Revision).where(Revision.entry_id == entry.id, Revision.number == number))
    if wanted is None:
        raise NotFoundError(N_("没有第 %(number)s 版"), number=number)
    if wanted.content == (entry.work_revision or entry.shown_revision).content:
        raise ConflictError(N_("现在的内容和第 %(number)s 版一样，不用恢复"), number=number)
    return _put_to_work(session, actor, entry, wanted.content, now=now, note=note, restored=number)


def submit(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Hand the revision in work to the reviewers."""
    start(entry, Step.SUBMIT, actor)
    finish(session, actor, entry, Step.SUBMIT, Verb.SUBMITTED, now, entry.work_revision)


def withdraw(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Take the revision in work back from the reviewers, to go on writing."""
    start(entry, Step.WITHDRAW, actor)
    finish(session, actor, entry, Step.WITHDRAW, Verb.WITHDRAWN, now, entry.work_revision)


def send_back(session: Session, actor: Actor, entry: Entry, *, reason: str, now: datetime) -> None:
    """Return the revision in work to its author (退回). A reason is required: they must know what to change.

    Raises:
        InvalidInputError: no reason.
    """
    if not reason.strip():
        raise InvalidInputError(N_("退回要写明原因"), field="reason")
    start(entry, Step.RETURN, actor)
    finish(session, actor, entry, Step.RETURN, Verb.RETURNED, now, entry.work_revision, reason=reason.strip())


def reject(session: Session, actor: Actor, entry: Entry, *, reason: str, now: datetime) -> None:
    """Say that the revision in work is not wanted (不采用). What is live stays; it takes a new draft to try again.

    Raises:
        InvalidInputError: no reason: whoever wrote it is owed one.
    """
    if not reason.strip():
        raise InvalidInputError(N_("不采用要写明原因"), field="reason")
    start(entry, Step.REJECT, actor)
    finish(session, actor, entry, Step.REJECT, Verb.REJECTED, now, entry.work_revision, reason=reason.strip())


def approve(session: Session, actor: Actor, entry: Entry, *, now: datetime, publish_at: datetime | None = None) -> None:
    """Approve the revision in work. One that is scoped to regions goes to their verifiers, others await publishing.

    Args:
        publish_at: when it goes live by itself (``kb.review.operations.publish_due``); nobody but a person publishes
            it when not given.

    Raises:
        PermissionDeniedError: *actor* may not review, or wrote any part of what is being approved.
        TransitionError: it is not under review.
    """
    scoped = entry.work_revision is not None and bool(entry.work_revision.regions)
    step = Step.APPROVE_SCOPED if scoped else Step.APPROVE
    revision = start(entry, step, actor)
    if actor.user_id is not None and actor.user_id in writers(session, entry, revision):
        raise PermissionDeniedError(N_("不能审核自己写的内容"))
    # One that was sent back and submitted again unchanged has been approved before: the later approval counts.
    session.merge(Approval(revision_id=revision.id, reviewer_id=actor.user_id, at=now, publish_at=publish_at))
    finish(session, actor, entry, step, Verb.APPROVED, now, revision)


def verify(session: Session, actor: Actor, entry: Entry, *, region: str, now: datetime) -> None:
    """Confirm the revision in work for *region* (区县核实). When every scoped region has, it awaits publishing.

    Raises:
        PermissionDeniedError: *region* is not one *actor* verifies, or they wrote any part of what is asked about.
        InvalidInputError: the revision is not scoped to *region*.
    """
    transition = rules.check(Step.VERIFY, entry.work_state)
    revision = work(entry)
    if region not in revision.regions:
        raise InvalidInputError(N_("这条知识不涉及区域 %(key)s"), field="region", key=region)
    require(actor, transition.permission, Target(regions=frozenset({region})))
    if actor.user_id is not None and actor.user_id in writers(session, entry, revision):
        raise PermissionDeniedError(N_("不能核实自己写的内容，要由当地别的核实人确认"))
    if session.get(Verification, (revision.id, region)) is None:
        session.add(Verification(revision_id=revision.id, region_key=region, verifier_id=actor.user_id, at=now))
        session.flush()
    record(session, actor, entry, Verb.VERIFIED, now, revision, region=region)
    if not set(revision.regions) - verified_regions(session, revision):
        entry.work_state = transition.target
    entry.updated_at = now


def publish(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Put the approved revision live in place of the one before it."""
    revision = start(entry, Step.PUBLISH, actor)
    approval = session.get(Approval, revision.id)
    by_other = approval is not None and approval.reviewer_id != revision.author_id
    went = go_live(session, entry, revision, approved_by_other=by_other, now=now)
    entry.verified_at = approval.at if approval is not None and by_other else None
    record(session, actor, entry, Verb.PUBLISHED, now, revision, **went)


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
    check_content(session, content)
    if entry is None:
        entry = add_entry(session, actor, key, owner_id=owner_id, derived_from=derived_from, now=now)
    elif owner_id is not None:
        entry.owner_id = owner_id
    revision = add_revision(session, actor, entry, content, note="import", now=now)
    went: dict[str, Any] = {"material": False}
    if published:
        went = go_live(session, entry, revision, approved_by_other=False, now=now)
        entry.verified_at = None
    else:
        entry.work_revision, entry.work_state, entry.updated_at = revision, State.DRAFT, now
    record(session, actor, entry, Verb.IMPORTED, now, revision, live=published, **went)
    return entry


def flag_for_review(session: Session, actor: Actor, entry: Entry, *, reason: str, now: datetime) -> None:
    """Mark the live revision as due for a look (待复核); it stays on the desk."""
    start(entry, Step.FLAG, actor)
    finish(session, actor, entry, Step.FLAG, Verb.FLAGGED, now, entry.live_revision, reason=reason)


def confirm(session: Session, actor: Actor, entry: Entry, *, now: datetime, next_due: date | None = None) -> None:
    """Say that a live revision that was due for review is still true.

    Args:
        next_due: the day by which somebody must look at it again; as long from now as its kind of knowledge stays
            fresh when not given.

    Raises:
        InvalidInputError: the next day is no later than today.
        PermissionDeniedError: *actor* may not review, or wrote it.
    """
    revision = start(entry, Step.CONFIRM, actor)
    if actor.user_id is not None and actor.user_id == revision.author_id:
        raise PermissionDeniedError(N_("不能复核自己写的内容"))
    if next_due is not None and next_due <= now.date():
        raise InvalidInputError(N_("下次复核的日子要在今天以后"), field="next_due")
    entry.verified_at = now
    entry.review_due = next_due or next_review(revision.freshness, now.date())
    finish(session, actor, entry, Step.CONFIRM, Verb.CONFIRMED, now, entry.live_revision)


def suspend(session: Session, actor: Actor, entry: Entry, *, reason: str, now: datetime) -> None:
    """Take the live revision off the desk for now (暂停)."""
    if not reason.strip():
        raise InvalidInputError(N_("暂停要写明原因"), field="reason")
    start(entry, Step.SUSPEND, actor)
    finish(session, actor, entry, Step.SUSPEND, Verb.SUSPENDED, now, entry.live_revision, reason=reason.strip())


def resume(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Put a suspended revision back on the desk."""
    start(entry, Step.RESUME, actor)
    finish(session, actor, entry, Step.RESUME, Verb.RESUMED, now, entry.live_revision)


def retire(session: Session, actor: Actor, entry: Entry, *, reason: str, now: datetime) -> None:
    """Take the entry off the desk for good (停用)."""
    start(entry, Step.RETIRE, actor)
    finish(session, actor, entry, Step.RETIRE, Verb.RETIRED, now, entry.live_revision, reason=reason)


def archive(session: Session, actor: Actor, entry: Entry, *, now: datetime) -> None:
    """Put a retired entry into the archive (归档)."""
    start(entry, Step.ARCHIVE, actor)
    finish(session, actor, entry, Step.ARCHIVE, Verb.ARCHIVED, now, entry.live_revision)


def _put_to_work(
    session: Session,
    actor: Actor,
    entry: Entry,
    content: Content,
    *,
    now: datetime,
    note: str,
    material: bool | None = None,
    **payload: Any,
) -> Revision:
    check_content(session, content)
    revision = add_revision(session, actor, entry, content, note=note, now=now, material=material)
    entry.work_revision = revision
    finish(session, actor, entry, Step.SAVE, Verb.REVISED, now, revision, note=note, **payload)
    return revision
