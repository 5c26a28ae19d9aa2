"""The verbs of a call: open it, note its steps, take its outcome, write its contact record, close it.

An agent has one open call at most. Whatever may open one locks the agent's row first; whatever changes one locks it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kb.calls import queries, rules
from kb.calls.models import Call, CallStep
from kb.calls.rules import ContactRecord, Ending, Step, StepKind
from kb.desk.models import Outcome
from kb.desk.rules import Words
from kb.desk.scopes import Scope
from kb.entries.models import Entry, Revision
from kb.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.people.models import User
from kb.permissions import Actor, Permission, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a call begins.

    Attributes:
        reference: its name, if it is a new one (``rules.reference``).
        cti: the telephone system's name for it, where that opened it.
        scope: what the desk is narrowed to.
        words: the customer's words of the first search, where there was one.
        waited: how long ago its first key was pressed.
    """

    reference: str
    cti: str | None = None
    scope: Scope = field(default_factory=Scope)
    words: Words = field(default_factory=lambda: Words("", ""))
    waited: timedelta = timedelta(0)


def open_call(session: Session, actor: Actor, opening: Opening, *, timezone: str, now: datetime) -> Call:
    """Return the call that *opening* is about: the one that goes on already, else a new one.

    A search without the telephone system's name belongs to the agent's open call. A name that the system gave within
    ``rules.SAME_CTI`` means the same call again, open or closed, and a new one ends the open call. The same name at
    another agent's is another call: a customer who was put through. A name that is the reference of somebody else's
    call is no name of the system's and is left out.

    Raises:
        PermissionDeniedError: *actor* may not work the desk, or is no person.
    """
    require(actor, Permission.OUTCOME_RECORD)
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才有自己的通话"))
    # One at a time for an agent: two tabs that search at once are on one call.
    user = session.execute(select(User.id, User.region_key).where(User.id == actor.user_id).with_for_update()).one()
    cti = opening.cti if opening.cti is None or not queries.is_reference(session, opening.cti) else None
    found = queries.named(session, user.id, opening.cti, now=now) if opening.cti is not None else None
    if found is not None:
        return _heard_of(session, found, opening.words, now=now)
    going_on = _end_idle(queries.open_calls(session, user.id), now=now)
    if cti is None and going_on:
        return _heard_of(session, going_on[0], opening.words, now=now)
    for before in going_on:
        _end(before, Ending.NEXT, at=now)
    opened_at = now - min(max(opening.waited, timedelta(0)), rules.MAX_WAITED)
    call = Call(
        reference=opening.reference,
        cti=cti,
        user_id=user.id,
        team_key=actor.team,
        week=rules.week_of(opened_at, timezone),
        opened_at=opened_at,
        last_at=now,
        region_key=opening.scope.region or user.region_key,
        module_key=opening.scope.module,
        product_key=opening.scope.product,
        text=opening.words.text,
        spelling=opening.words.spelling,
        first_key_ms=None if cti is not None else 0,
    )
    session.add(call)
    session.flush()
    _tell(session, actor, call, Verb.CREATED, {"cti": cti is not None}, now=now)
    return call


def add_steps(
    session: Session, actor: Actor, call: Call, steps: Sequence[Step], *, first_key_ms: int | None, now: datetime
) -> None:
    """Note *steps* of *call*, in any order, and measure it anew. What was noted before stays as it is.

    A call takes steps after its end too: a desk without a connection tells them late. Steps about an entry that there
    is not are left out. Six statements at most.

    Args:
        first_key_ms: milliseconds from the call's beginning to the first key of its first search, once known; the
            earliest one that is told counts.

    Raises:
        NotFoundError: the call is somebody else's.
        InvalidInputError: more than ``rules.MAX_STEPS`` at once.
    """
    _require_own(actor, call)
    if len(steps) > rules.MAX_STEPS:
        raise InvalidInputError(N_("一次最多 %(most)s 步"), field="steps", most=rules.MAX_STEPS)
    _lock(session, call)
    if steps:
        revisions = _revisions(session, steps)
        entry_ids = {key: entry_id for (key, _), (entry_id, _) in revisions.items()}
        rows = [_row(call, step, entry_ids, revisions) for step in steps if not step.entry or step.entry in entry_ids]
        if rows:
            session.execute(_insert_unless_there(session), rows)
        words = next((step.words for step in steps if step.kind is StepKind.SEARCHED and step.words.spelling), None)
        if words is not None and not call.spelling:
            call.text, call.spelling = words.text, words.spelling
    if first_key_ms is not None and first_key_ms >= 0:
        known = call.first_key_ms if call.first_key_ms is not None else rules.MAX_MS
        call.first_key_ms = min(first_key_ms, known)
    if call.goes_on(now):  # what a desk tells late, of a call that is over, does not prolong it
        call.last_at = max(call.last_at, now)
    _measure(session, call)


def take_outcome(session: Session, actor: Actor, call: Call, outcome: Outcome, *, now: datetime) -> None:
    """Hang *outcome*, recorded a moment ago, on *call*: it is what the customer was told. Solved ends the call.

    Two calls of a day may have the same entry: each keeps what was said on it, though one outcome a day is evidence.

    Raises:
        NotFoundError: the call is somebody else's.
    """
    _require_own(actor, call)
    _lock(session, call)
    call.entry_id, call.revision_id = outcome.entry_id, outcome.revision_id
    call.solved, call.unsolved_reason = outcome.solved, outcome.reason
    call.outcome_ms = min(int((now - call.opened_at) / timedelta(milliseconds=1)), rules.MAX_MS)
    if call.is_open:
        call.last_at = max(call.last_at, now)
        if outcome.solved:
            _end(call, Ending.OUTCOME, at=now)
    _measure(session, call)


def keep_record(session: Session, actor: Actor, call: Call, record: ContactRecord, *, now: datetime) -> None:
    """Write *record* as the contact record of *call*, in place of what stood there. The same again changes nothing.

    Raises:
        NotFoundError: the call is somebody else's.
    """
    _require_own(actor, call)
    _lock(session, call)
    if record == call.record:
        return
    call.topic, call.ticket, call.note = record.topic, record.ticket, record.note
    call.recorded_at = now
    # The log is kept for ever and the ticket's number is not: it only says that there is one.
    payload = {"topic": record.topic, "ticket": record.ticket is not None}
    _tell(session, actor, call, Verb.RECORDED, payload, now=now)


def close_call(session: Session, actor: Actor, call: Call, *, now: datetime) -> None:
    """End *call*, as its agent says. Ending it again changes nothing.

    Raises:
        NotFoundError: the call is somebody else's.
    """
    _require_own(actor, call)
    _lock(session, call)
    if call.is_open:
        _end(call, Ending.AGENT, at=now)
        session.flush()


def _heard_of(session: Session, call: Call, words: Words, *, now: datetime) -> Call:
    _lock(session, call)
    if _end_idle([call], now=now):
        call.last_at = max(call.last_at, now)
        if words.spelling and not call.spelling:
            call.text, call.spelling = words.text, words.spelling
    session.flush()
    return call


def _end_idle(calls: Sequence[Call], *, now: datetime) -> Sequence[Call]:
    """End those of *calls* that nothing was heard of for too long; return those that go on."""
    for call in calls:
        if call.is_open and not call.goes_on(now):
            _end(call, Ending.TIMEOUT, at=call.last_at)
    return [call for call in calls if call.is_open]


def _end(call: Call, ending: Ending, *, at: datetime) -> None:
    call.closed_at, call.ending = at, ending


def _require_own(actor: Actor, call: Call) -> None:
    if actor.user_id is None or call.user_id != actor.user_id:
        raise NotFoundError(N_("没有这通电话，或者它不是你的"))


def _lock(session: Session, call: Call) -> None:
    """Read *call* anew and keep it until this unit of work ends: what is measured must see every step."""
    session.flush()
    session.refresh(call, with_for_update=True)


def _revisions(session: Session, steps: Iterable[Step]) -> dict[tuple[str, int], tuple[int, int]]:
    """Return the rows of entries and revisions that *steps* name, by key and number. One statement."""
    keys = {step.entry for step in steps if step.entry is not None}
    if not keys:
        return {}
    rows = session.execute(
        select(Entry.key, Revision.number, Entry.id, Revision.id)
        .join(Revision, Revision.entry_id == Entry.id)
        .where(Entry.key.in_(keys))
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def _row(
    call: Call, step: Step, entry_ids: dict[str, int], revisions: dict[tuple[str, int], tuple[int, int]]
) -> dict[str, Any]:
    shown = revisions.get((step.entry or "", step.revision or 0))
    return {
        "call_id": call.id,
        "page": step.page,
        "number": step.number,
        "kind": step.kind,
        "ms": min(step.ms, rules.MAX_MS),
        "entry_id": entry_ids.get(step.entry or ""),
        "revision_id": shown[1] if shown is not None else None,
        "position": step.position,
        "text": step.words.text,
        "spelling": step.words.spelling,
        "total": step.total,
        "solved": step.solved,
    }


def _insert_unless_there(session: Session) -> Insert:
    """Return an insert of steps that does nothing where a step is known."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(CallStep).on_conflict_do_nothing()
    return sqlite.insert(CallStep).on_conflict_do_nothing()


def _measure(session: Session, call: Call) -> None:
    """Bring what *call* measures up to date with all its steps. One statement, and one to write."""
    steps = queries.seen(session, call)
    measures = rules.measure(steps, first_key_ms=call.first_key_ms)
    call.searches, call.empty = measures.searches, measures.empty
    call.first_card_ms, call.position = measures.first_card_ms, measures.position
    by_outcome = call.solved is not None
    told = rules.told(
        steps,
        entry_id=call.entry_id if by_outcome else None,
        revision_id=call.revision_id if by_outcome else None,
    )
    if told is not None:
        call.entry_id, call.revision_id, call.copied = told.entry_id, told.revision_id, told.copied
    session.flush()


def _tell(session: Session, actor: Actor, call: Call, verb: Verb, payload: dict[str, Any], *, now: datetime) -> None:
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.CALL,
        subject_id=call.id,
        payload=payload,
    )
