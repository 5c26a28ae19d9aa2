"""The desk's verbs: record an outcome, decide on a wording. What becomes of searches is in ``searches``."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.clock import local_day
from kb.desk import queries, rules
from kb.desk.models import LearnedWording, Outcome
from kb.desk.rules import Learning, Origin, Reason, WordingState, Words
from kb.entries.models import Entry
from kb.entries.rules import SERVED
from kb.errors import ConflictError, InvalidInputError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.i18n import N_
from kb.permissions import Actor, Permission, require

_DECISION_VERBS = {
    WordingState.ACCEPTED: Verb.WORDING_ACCEPTED,
    WordingState.REJECTED: Verb.WORDING_REJECTED,
    WordingState.PROPOSED: Verb.WORDING_REOPENED,
}


def record_outcome(
    session: Session,
    actor: Actor,
    entry: Entry,
    words: Words,
    *,
    solved: bool,
    learning: Learning,
    now: datetime,
    reason: Reason | None = None,
) -> Outcome:
    """Record that *entry* solved *actor*'s call, or did not, and learn from the words that were searched.

    One outcome per person, entry and day counts: a later one the same day replaces it. Words that solved a call and are
    not in the entry yet are proposed as a wording of it; enough different agents accept it (``rules.state_after``).

    Args:
        words: what was searched; with an empty spelling nothing is learned.
        reason: why not; taken no notice of when it did.

    Raises:
        PermissionDeniedError: *actor* may not read the entry, or is no person.
        ConflictError: the entry is not being served.
        InvalidInputError: not solved, and no reason.
    """
    require(actor, Permission.OUTCOME_RECORD, entry.target())
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才能记录结果"))
    if entry.live_revision is None or entry.live_state not in SERVED:
        raise ConflictError(N_("这条知识现在不对坐席提供，不能记录结果"))
    if not solved and reason is None:
        raise InvalidInputError(N_("没解决要选一个原因"), field="reason")
    # One at a time per entry: two agents at once must both be counted, and a double click only once.
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    fields = {
        "revision_id": entry.live_revision.id,
        "solved": solved,
        "reason": None if solved else reason,
        "text": words.text,
        "spelling": words.spelling,
    }
    day = local_day(now, learning.timezone)
    outcome = queries.outcome_of(session, entry, actor.user_id, day)
    before = outcome.spelling if outcome is not None else ""
    if outcome is None:
        outcome = Outcome(entry_id=entry.id, user_id=actor.user_id, day=day, at=now, **fields)
        session.add(outcome)
    elif all(getattr(outcome, name) == value for name, value in fields.items()):
        return outcome
    for name, value in fields.items():
        setattr(outcome, name, value)
    outcome.at = now
    session.flush()
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=Verb.RECORDED,
        subject_kind=Subject.OUTCOME,
        subject_id=outcome.id,
        payload={"entry": entry.id, "solved": solved, "reason": outcome.reason},
    )
    if before and before != words.spelling:
        _count_again(session, entry, before, learning, now=now)
    _learn(session, actor, entry, outcome, learning, now=now)
    return outcome


def decide(session: Session, actor: Actor, wording: LearnedWording, state: WordingState, *, now: datetime) -> None:
    """Accept or reject *wording* for its entry, or put it back among the open ones. The same again changes nothing.

    Args:
        wording: loaded with its entry (``queries.wording``).

    Raises:
        PermissionDeniedError: *actor* may not decide on wordings of this entry.
    """
    require(actor, Permission.WORDING_DECIDE, wording.entry.target())
    # An agent's outcome may be changing it: the last decision of a person stands.
    session.refresh(wording, attribute_names=["state", "decided_by_id", "decided_at"], with_for_update=True)
    is_open = state is WordingState.PROPOSED
    if wording.state is state and (is_open or wording.decided_by_id is not None):
        return
    wording.decided_by_id = None if is_open else actor.user_id
    wording.decided_at = None if is_open else now
    _put_state(session, wording, state, actor_id=actor.user_id, now=now)


def _learn(
    session: Session, actor: Actor, entry: Entry, outcome: Outcome, learning: Learning, *, now: datetime
) -> None:
    """Bring the wording that *outcome*'s words are up to date, proposing it if it is a new one."""
    words = Words(outcome.text, outcome.spelling)
    if not words.spelling:
        return
    wording = _count_again(session, entry, words.spelling, learning, now=now)
    if wording is not None:
        wording.last_seen_at = now
        return
    if not outcome.solved:
        return
    if _propose(session, actor, entry, words, Origin.CALL, learning, now=now) is not None:
        _count_again(session, entry, words.spelling, learning, now=now)


def propose_wording(
    session: Session, actor: Actor, entry: Entry, words: Words, *, origin: Origin, learning: Learning, now: datetime
) -> LearnedWording | None:
    """Propose *words* as a wording of *entry* for the editors to decide on; return it, in whatever state it is.

    One that was proposed before stays as it was decided: a rejected wording never comes back. ``None`` where the entry
    has the words already, or they must not stand where everybody reads them.

    Raises:
        PermissionDeniedError: *actor* may not say anything about the entry.
    """
    require(actor, Permission.OUTCOME_RECORD, entry.target())
    # One at a time per entry, as with outcomes: the same words must become one proposal.
    session.execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    known = session.scalar(
        select(LearnedWording).where(LearnedWording.entry_id == entry.id, LearnedWording.spelling == words.spelling)
    )
    return known or _propose(session, actor, entry, words, origin, learning, now=now)


def _propose(
    session: Session, actor: Actor, entry: Entry, words: Words, origin: Origin, learning: Learning, *, now: datetime
) -> LearnedWording | None:
    """Propose *words* unless the entry has them or nobody may read them; they are no learned wording of it yet."""
    revision = entry.shown_revision
    known = rules.is_known(words, (revision.title, *revision.wordings), learning.normalise)
    if known or not rules.may_become_wording(words):
        return None
    wording = LearnedWording(
        entry_id=entry.id,
        text=words.text,
        spelling=words.spelling,
        state=WordingState.PROPOSED,
        origin=origin,
        first_seen_at=now,
        last_seen_at=now,
    )
    session.add(wording)
    session.flush()
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=Verb.CREATED,
        subject_kind=Subject.WORDING,
        subject_id=wording.id,
        payload={"entry": entry.id},
    )
    return wording


def _count_again(
    session: Session, entry: Entry, spelling: str, learning: Learning, *, now: datetime
) -> LearnedWording | None:
    """Count the outcomes of a wording anew and let the threshold decide; return it, ``None`` if there is none.

    Counting anew instead of adding one: an outcome that was replaced needs no taking back, and figures can't drift.
    """
    wording = session.scalar(
        select(LearnedWording)
        .where(LearnedWording.entry_id == entry.id, LearnedWording.spelling == spelling)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if wording is None:
        return None
    tally = queries.tally(session, entry.id, spelling)
    wording.solved, wording.unsolved, wording.agents = tally.solved, tally.unsolved, tally.agents
    by_person = wording.decided_by_id is not None
    state = rules.state_after(wording.state, tally, by_person=by_person, threshold=learning.threshold)
    if state is not wording.state:
        wording.decided_at = None if state is WordingState.PROPOSED else now
        _put_state(session, wording, state, actor_id=None, now=now)
    return wording


def _put_state(
    session: Session, wording: LearnedWording, state: WordingState, *, actor_id: int | None, now: datetime
) -> None:
    """Set the state. The event is the entry's: what callers find it by has changed, so it is indexed again."""
    wording.state = state
    append(
        session,
        at=now,
        actor_id=actor_id,
        verb=_DECISION_VERBS[state],
        subject_kind=Subject.ENTRY,
        subject_id=wording.entry_id,
        payload={"wording": wording.id},
    )
