"""The verbs of corrections: report, suspend or keep as the duty, decide, say which revision is right.

Each locks the entry and then the correction, so two who decide at once, or a decision and a publication, come one after
the other and the second sees what the first did.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.corrections import rules
from kb.corrections.consequences import close, publish
from kb.corrections.holding import join_hold, lock_entry, locked, release, suspend_entry
from kb.corrections.models import Correction
from kb.corrections.rules import Hold, Report, Severity, State, Step
from kb.corrections.telling import record
from kb.entries.models import Entry, Revision
from kb.entries.rules import SERVED
from kb.entries.rules import State as EntryState
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events.models import Verb
from kb.i18n import N_
from kb.permissions import SYSTEM, Actor, Permission, allowed, require
from kb.verification.queries import changed_since

GONE = frozenset({EntryState.RETIRED, EntryState.ARCHIVED})
"""States in which an entry tells nobody anything any more."""


def report(
    session: Session, actor: Actor, entry: Entry, given: Report, *, patience: timedelta, now: datetime
) -> Correction:
    """Report that *entry* is wrong and return the correction; the same ``token`` again returns the one there is.

    One of the first severity asks the duty at once, and suspends the entry after *patience* without an answer.

    Args:
        entry: one that *actor* may read.

    Raises:
        PermissionDeniedError: *actor* may not, or is no person.
        ConflictError: the entry has never been published: its author is told in review.
        InvalidInputError: *given* can't be taken.
    """
    require(actor, Permission.CORRECTION_REPORT, entry.target())
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才能纠错"))
    given = rules.checked(given)
    lock_entry(session, entry.id)
    if given.token:
        sent = select(Correction).where(Correction.reporter_id == actor.user_id, Correction.token == given.token)
        before = session.scalar(sent)
        if before is not None:
            return before
    revision = _read(session, entry, given.revision)
    asks = given.severity is Severity.P1 and entry.live_state in SERVED and revision.id == entry.live_revision_id
    correction = Correction(
        entry_id=entry.id,
        revision_id=revision.id,
        reporter_id=actor.user_id,
        token=given.token or None,
        reported_at=now,
        reported_severity=given.severity,
        severity=given.severity,
        passage=given.passage,
        wrong=given.wrong,
        right=given.right,
        evidence=given.evidence,
        due_at=rules.due_at(given.severity, now),
        state=State.RECEIVED,
        hold=Hold.PENDING if asks else Hold.NONE,
        suspend_at=now + patience if asks else None,
    )
    session.add(correction)
    session.flush()
    if given.severity is Severity.P1 and not asks:
        join_hold(session, correction, entry)
    record(session, actor.user_id, correction, Verb.REPORTED, now, revision=revision.number)
    return correction


def suspend(session: Session, actor: Actor, number: int, *, now: datetime) -> Correction:
    """As the duty (值班), take the entry off the desk because of correction *number*. Twice is once.

    Raises:
        PermissionDeniedError: *actor* is not on duty for this entry.
        ConflictError: it is not of the first severity, or answered.
        TransitionError: the entry is not on the desk.
    """
    correction, entry = locked(session, number)
    require(actor, Permission.CORRECTION_DUTY, entry.target(correction.revision))
    if correction.severity is not Severity.P1 or not correction.is_open:
        raise ConflictError(N_("只有还没有了结的一级纠错才能暂停知识"))
    if correction.hold is Hold.HELD and entry.live_state is EntryState.SUSPENDED:
        return correction
    suspend_entry(session, actor, correction, entry, now)
    return correction


def keep(session: Session, actor: Actor, number: int, *, now: datetime) -> Correction:
    """As the duty, let the entry stay on the desk while correction *number* is decided.

    Raises:
        PermissionDeniedError: *actor* is not on duty for this entry.
        ConflictError: nobody asks any more: it was suspended, decided, or let stay.
    """
    correction, entry = locked(session, number)
    require(actor, Permission.CORRECTION_DUTY, entry.target(correction.revision))
    if correction.hold is not Hold.PENDING:
        raise ConflictError(N_("别人已经处理过了，请看现在的状态"))
    correction.hold, correction.held_by_id, correction.held_at = Hold.KEPT, actor.user_id, now
    session.flush()
    record(session, actor.user_id, correction, Verb.KEPT, now)
    return correction


def suspend_unanswered(session: Session, number: int, *, now: datetime) -> bool:
    """Suspend the entry of correction *number* because the duty has not answered in time; return whether it was.

    Not where the duty has answered meanwhile, nor where another revision is on the desk than the one reported.
    """
    correction, entry = locked(session, number)
    if correction.hold is not Hold.PENDING or correction.suspend_at is None or now < correction.suspend_at:
        return False
    if entry.live_state not in SERVED or entry.live_revision_id != correction.revision_id:
        correction.hold = Hold.NONE
        join_hold(session, correction, entry)
        session.flush()
        return False
    suspend_entry(session, SYSTEM, correction, entry, now)
    return True


def uphold(
    session: Session, actor: Actor, number: int, *, now: datetime, severity: Severity, reason: str = ""
) -> Correction:
    """Decide that correction *number* is right, and how bad it is. One of the first severity suspends the entry.

    Args:
        severity: what it really is; the deadline goes with it.

    Raises:
        PermissionDeniedError: *actor* may not decide, or not give the entry back to the desk.
        TransitionError: it was decided before.
    """
    correction, entry = _to_decide(session, actor, number, Step.UPHOLD)
    _regrade(correction, severity)
    _decided(correction, actor, Step.UPHOLD, reason, now)
    if entry.live_state in GONE:
        record(session, actor.user_id, correction, Verb.UPHELD, now)
        correction.state = rules.check(Step.CLEAR, correction.state).target
        close(session, actor, correction, Verb.PUBLISHED, now)
        return correction
    record(session, actor.user_id, correction, Verb.UPHELD, now)
    if severity is not Severity.P1:
        release(session, actor, correction, entry, now)
    elif entry.live_state in SERVED and entry.live_revision_id == correction.revision_id:
        suspend_entry(session, actor, correction, entry, now)
    elif correction.hold in (Hold.PENDING, Hold.NONE):
        correction.hold = Hold.NONE
        join_hold(session, correction, entry)
    return correction


def refuse(session: Session, actor: Actor, number: int, *, now: datetime, reason: str) -> Correction:
    """Decide that correction *number* is not right. The reporter reads why; the entry goes back to the desk.

    Raises:
        PermissionDeniedError: *actor* may not decide, wrote what was reported, or may not give the entry back.
        TransitionError: it was decided before.
        InvalidInputError: no reason.
    """
    if not reason.strip():
        raise InvalidInputError(N_("判定不属实要写明理由，报告的人会看到"), field="reason")
    correction, entry = _to_decide(session, actor, number, Step.REFUSE)
    if actor.user_id is not None and actor.user_id == correction.revision.author_id:
        raise PermissionDeniedError(N_("不能由作者自己判定不属实，请别人来判"))
    _decided(correction, actor, Step.REFUSE, reason, now)
    release(session, actor, correction, entry, now)
    close(session, actor, correction, Verb.REFUSED, now)
    return correction


def merge(session: Session, actor: Actor, number: int, *, into: int, now: datetime, reason: str = "") -> Correction:
    """Decide that correction *number* says the same as *into*, which takes over how urgent it is and its hold.

    Raises:
        PermissionDeniedError: *actor* may not decide, or not give the entry back to the desk.
        TransitionError: it was decided before.
        InvalidInputError: *into* is of another entry, is this one, or says the same as this one.
    """
    correction, entry = _to_decide(session, actor, number, Step.MERGE)
    original = _original(session, correction, into)
    _decided(correction, actor, Step.MERGE, reason, now)
    correction.duplicate_of_id = original.id
    for same in session.scalars(select(Correction).where(Correction.duplicate_of_id == correction.id)):
        same.duplicate_of_id = original.id
    if original.is_open:
        if rules.more_urgent(correction.severity, original.severity) is not original.severity:
            original.severity = correction.severity
        original.due_at = min(original.due_at, correction.due_at)
        if correction.hold in (Hold.HELD, Hold.PENDING) and original.hold is Hold.NONE:
            for name in ("hold", "suspend_at", "held_by_id", "held_at"):
                setattr(original, name, getattr(correction, name))
            correction.hold = Hold.NONE if correction.hold is Hold.PENDING else Hold.RELEASED
    release(session, actor, correction, entry, now)
    close(session, actor, correction, Verb.MERGED, now)
    return correction


def fix(session: Session, actor: Actor, number: int, *, revision: int | None, now: datetime) -> Correction:
    """Say that revision number *revision* of the entry puts correction *number* right.

    It is published when that revision goes live, at once if it is live or a later one is.

    Args:
        revision: ``None`` where it was about what is otherwise in a region (地方口径), which was changed on the desk.

    Raises:
        PermissionDeniedError: *actor* may neither edit the entry nor decide on its corrections.
        TransitionError: it is not upheld, or said to be fixed before.
        InvalidInputError: there is no such revision after the one reported, or nothing was changed in a region since.
    """
    correction, entry = locked(session, number)
    target = entry.target(correction.revision)
    if not allowed(actor, Permission.ENTRY_EDIT, target):
        require(actor, Permission.CORRECTION_DECIDE, target)
    transition = rules.check(Step.FIX, correction.state)
    found = session.scalar(select(Revision).where(Revision.entry_id == entry.id, Revision.number == revision))
    if revision is None:
        if not changed_since(session, entry, correction.reported_at):
            raise InvalidInputError(N_("报告以后台上的地方口径没有改过"), field="revision")
    elif found is None or found.number <= correction.revision.number:
        raise InvalidInputError(N_("要选比报告时更新的一版"), field="revision")
    correction.state, correction.fixed_revision = transition.target, found
    correction.fixed_by_id, correction.fixed_at = actor.user_id, now
    session.flush()
    record(session, actor.user_id, correction, Verb.FIXED, now, revision=revision)
    live = entry.live_revision
    if found is None or (live is not None and live.number >= found.number):
        release(session, actor, correction, entry, now)
        publish(session, actor, correction, now)
    return correction


def _to_decide(session: Session, actor: Actor, number: int, step: Step) -> tuple[Correction, Entry]:
    correction, entry = locked(session, number)
    require(actor, Permission.CORRECTION_DECIDE, entry.target(correction.revision))
    rules.check(step, correction.state)
    return correction, entry


def _decided(correction: Correction, actor: Actor, step: Step, reason: str, now: datetime) -> None:
    reason = reason.strip()
    if len(reason) > rules.MAX_REASON:
        raise InvalidInputError(N_("这一栏最多 %(max)s 个字"), field="reason", max=rules.MAX_REASON)
    correction.state = rules.check(step, correction.state).target
    correction.decided_by_id, correction.decided_at, correction.reason = actor.user_id, now, reason


def _regrade(correction: Correction, severity: Severity) -> None:
    if severity is not correction.severity:
        correction.severity = severity
        correction.due_at = rules.due_at(severity, correction.reported_at)


def _read(session: Session, entry: Entry, number: int | None) -> Revision:
    """Return the revision that was read: the live one, or an earlier one that a page still showed."""
    live = entry.live_revision
    if live is None:
        raise ConflictError(N_("还没有发布过的知识不用纠错，请直接告诉作者"))
    if number is None or number == live.number:
        return live
    found = session.scalar(select(Revision).where(Revision.entry_id == entry.id, Revision.number == number))
    if found is None or found.number > live.number:
        raise InvalidInputError(N_("没有第 %(number)s 版"), field="revision", number=number)
    return found


def _original(session: Session, correction: Correction, into: int) -> Correction:
    """Return what *into* stands for, locked: a duplicate's own original, so that there are no chains."""
    for _ in range(2):
        found = session.get(Correction, into, with_for_update=True, populate_existing=True)
        if found is None or found.entry_id != correction.entry_id or found.id == correction.id:
            raise InvalidInputError(N_("要选同一条知识的另一条纠错"), field="into")
        if found.duplicate_of_id is None:
            return found
        into = found.duplicate_of_id
    raise AssertionError(f"correction {into} is a duplicate of a duplicate")
