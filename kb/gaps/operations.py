"""The verbs of gaps: report one, route it, answer it, close it once the words find the answer, decline it.

Bringing gaps together and taking them apart is ``arranging``'s; what the search log proposes is ``proposing``'s.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.desk import operations as desk
from kb.desk.models import Door, LearnedWording
from kb.desk.rules import Learning, Origin, Words
from kb.desk.scopes import Scope
from kb.entries.models import Entry
from kb.entries.queries import may_read
from kb.entries.rules import SERVED
from kb.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.forum.models import Thread
from kb.gaps import asks
from kb.gaps.asks import Asked
from kb.gaps.models import MAX_NOTE, Gap, Phrasing
from kb.gaps.rules import LIVE, AskOrigin, DeclineReason, Finding, GapState, closes, share_found
from kb.i18n import N_
from kb.permissions import Actor, Permission, require
from kb.taxonomy.models import Module, Tier


def report(
    session: Session,
    actor: Actor,
    words: Words,
    scope: Scope,
    *,
    note: str = "",
    only_note: bool = False,
    timezone: str,
    now: datetime,
) -> Gap | None:
    """Record that *actor* found no answer to *words*; return the gap, ``None`` where the words say nothing.

    Args:
        scope: what the search was narrowed to.
        note: how the caller put it.
        only_note: whether this only adds the note to what they reported a moment ago: it counts no second time.
        timezone: IANA name; says which day this is.

    Raises:
        PermissionDeniedError: *actor* may not search, or is no person.
        InvalidInputError: the note is too long.
    """
    require(actor, Permission.ENTRY_READ)
    if actor.user_id is None:
        raise PermissionDeniedError(N_("只有登录的人才能记缺口"))
    if len(note) > MAX_NOTE:
        raise InvalidInputError(N_("备注最多 %(max)s 个字"), field="note", max=MAX_NOTE)
    asked = Asked(
        at=now,
        user_id=actor.user_id,
        words=words,
        origin=AskOrigin.REPORT,
        door=Door.DESK,
        region_key=scope.region,
        module_key=scope.module,
        product_key=scope.product,
        note=" ".join(note.split()),
        times=0 if only_note else 1,
    )
    return next(iter(asks.note(session, [asked], timezone=timezone)), None)


def require_answering(actor: Actor, gap: Gap) -> None:
    """Return if *actor* may do something about *gap*; one that has no module yet is every expert's.

    Raises:
        PermissionDeniedError: they may not.
    """
    require(actor, Permission.GAP_ANSWER, gap.target if gap.module_key is not None else None)


def locked(session: Session, gap: Gap) -> Gap:
    """Return *gap* as it is now, with nobody else changing what belongs to it until this transaction ends."""
    asks.lock(session)
    session.refresh(gap)
    return gap


def place(session: Session, actor: Actor, gap: Gap, *, module: str, tier: str | None, now: datetime) -> None:
    """Say which module's experts, and which tier, a gap is for.

    Raises:
        PermissionDeniedError: *actor* may not answer it.
        InvalidInputError: there is no such module or tier.
    """
    require_answering(actor, locked(session, gap))
    if session.get(Module, module) is None:
        raise InvalidInputError(N_("没有这个业务模块：%(key)s"), field="module", key=module)
    if tier is not None and session.get(Tier, tier) is None:
        raise InvalidInputError(N_("没有这个层级：%(key)s"), field="tier", key=tier)
    if (gap.module_key, gap.tier_key, gap.module_is_guess) == (module, tier, False):
        return
    gap.module_key, gap.tier_key, gap.module_is_guess = module, tier, False
    asks.recount(session, gap)
    record(session, actor, gap, Verb.PLACED, now, module=module, tier=tier)


def link_thread(session: Session, actor: Actor, gap: Gap, thread: Thread, *, now: datetime) -> None:
    """Say that the answer is being looked for in *thread*.

    Raises:
        PermissionDeniedError: *actor* may not answer the gap.
        ConflictError: nothing is to be done about it any more.
    """
    _answerable(session, actor, gap)
    gap.thread_id = thread.id
    gap.state = GapState.ANSWERED
    record(session, actor, gap, Verb.LINKED, now, thread=thread.id)


def link_entry(session: Session, actor: Actor, gap: Gap, entry: Entry, *, now: datetime) -> None:
    """Say that *entry* answers the gap. It is closed when the words find it, which ``close`` is told.

    Raises:
        PermissionDeniedError: *actor* may not answer the gap.
        NotFoundError: *actor* may not read the entry.
        ConflictError: nothing is to be done about the gap any more.
    """
    _answerable(session, actor, gap)
    if not may_read(actor, entry, now=now):
        raise NotFoundError(N_("没有这条知识，或者你没有权限看它"))
    if gap.entry_id != entry.id:
        gap.share_found = gap.checked_at = None
        for phrasing in session.scalars(select(Phrasing).where(Phrasing.gap_id == gap.id)):
            phrasing.found = None
    gap.entry_id, gap.due = entry.id, True
    gap.state = GapState.ANSWERED
    record(session, actor, gap, Verb.LINKED, now, entry=entry.id)


def close(
    session: Session, actor: Actor, gap: Gap, findings: Sequence[Finding], *, entry_key: str, now: datetime
) -> bool:
    """Close *gap* if the words of those who met it find its entry now; return whether it is closed.

    What was found is written down either way. The floor above has searched: each phrasing, as each region sees it.

    Args:
        findings: where they are not about every phrasing of the gap (one has joined it meanwhile), nothing is closed:
            look again.
        entry_key: the entry that was looked for. Where another one is linked by now, nothing is closed either.

    Raises:
        PermissionDeniedError: *actor* may not answer the gap.
        ConflictError: nothing is to be done about it any more, or no entry that agents are served is linked.
    """
    _answerable(session, actor, gap)
    entry = session.get(Entry, gap.entry_id) if gap.entry_id is not None else None
    if entry is None or entry.live_state not in SERVED:
        raise ConflictError(N_("先关联一条已发布的知识，再关闭缺口"))
    if entry.key != entry_key:
        return False
    phrasings = session.scalars(select(Phrasing).where(Phrasing.gap_id == gap.id)).all()
    tried = {item.phrasing_id for item in findings}
    failing = {item.phrasing_id for item in findings if not item.found}
    for phrasing in phrasings:
        phrasing.found = phrasing.id not in failing if phrasing.id in tried else None
    gap.share_found, gap.checked_at = share_found(findings), now
    gap.due = not tried.issuperset(phrasing.id for phrasing in phrasings)
    if gap.due or not closes(findings):
        session.flush()
        return False
    gap.state = GapState.CLOSED
    gap.decided_at, gap.decided_by_id = now, actor.user_id
    record(session, actor, gap, Verb.CLOSED, now, entry=entry.id, share=round(gap.share_found, 2))
    return True


def decline(session: Session, actor: Actor, gap: Gap, reason: DeclineReason, *, now: datetime) -> None:
    """Say that nothing will be done about *gap*. One that another gap already is, is merged with that one instead.

    Raises:
        PermissionDeniedError: *actor* may not answer it.
        ConflictError: nothing is to be done about it any more.
    """
    _answerable(session, actor, gap)
    gap.state, gap.decline_reason = GapState.DECLINED, reason
    gap.decided_at, gap.decided_by_id = now, actor.user_id
    record(session, actor, gap, Verb.DECLINED, now, reason=reason.value)


def reopen(session: Session, actor: Actor, gap: Gap, *, now: datetime) -> None:
    """Take a decision on *gap* back.

    Raises:
        PermissionDeniedError: *actor* may not answer it.
        ConflictError: it is neither closed nor declined.
    """
    require_answering(actor, locked(session, gap))
    if gap.state not in (GapState.CLOSED, GapState.DECLINED):
        raise ConflictError(N_("这个缺口没有关闭"))
    gap.state = GapState.OPEN if gap.entry_id is None and gap.thread_id is None else GapState.ANSWERED
    gap.decline_reason = gap.decided_at = gap.decided_by_id = None
    record(session, actor, gap, Verb.REOPENED, now)


def propose_wordings(
    session: Session, actor: Actor, gap: Gap, *, learning: Learning, now: datetime
) -> Sequence[LearnedWording]:
    """Propose the words that did not find the gap's entry as wordings of it; return them, known ones included.

    Words that must not stand where everybody reads them (numbers, names) are left out.

    Raises:
        PermissionDeniedError: *actor* may not answer the gap.
        ConflictError: no entry that agents are served is linked.
    """
    _answerable(session, actor, gap)
    entry = session.get(Entry, gap.entry_id) if gap.entry_id is not None else None
    if entry is None or entry.live_state not in SERVED:
        raise ConflictError(N_("先关联一条已发布的知识，再关闭缺口"))
    failing = session.scalars(
        select(Phrasing).where(Phrasing.gap_id == gap.id, Phrasing.found.is_not(True)).order_by(Phrasing.id)
    ).all()
    made = [
        desk.propose_wording(
            session,
            actor,
            entry,
            Words(phrasing.text, phrasing.spelling),
            origin=Origin.GAP,
            learning=learning,
            now=now,
        )
        for phrasing in failing
    ]
    return [wording for wording in made if wording is not None]


def record(session: Session, actor: Actor, gap: Gap, verb: Verb, now: datetime, **payload: Any) -> None:
    """Flush, and append an event about *gap*."""
    session.flush()
    append(
        session,
        at=now,
        actor_id=actor.user_id,
        verb=verb,
        subject_kind=Subject.GAP,
        subject_id=gap.id,
        payload=payload,
    )


def _answerable(session: Session, actor: Actor, gap: Gap) -> None:
    require_answering(actor, locked(session, gap))
    if gap.state not in LIVE:
        raise ConflictError(N_("这个缺口已经不用处理了"))
