"""Which phrasings are one gap: brought together by search's own similarity, by hand, and taken apart again.

Asks hang on their phrasing and move with it, so nothing that is done here loses who asked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kb.errors import ConflictError, InvalidInputError
from kb.events.models import Verb
from kb.gaps import asks
from kb.gaps.models import Gap, Phrasing
from kb.gaps.operations import locked, record, require_answering
from kb.gaps.rules import LIVE, GapState
from kb.i18n import N_
from kb.permissions import SYSTEM, Actor


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a comparison says of a new phrasing.

    Attributes:
        alike_id: a phrasing that means the same; ``None`` where there is none among the live gaps.
        module_key: the module of what search finds nearest, to route the gap by; ``None`` where nothing is near.
    """

    phrasing_id: int
    alike_id: int | None = None
    module_key: str | None = None


def sort_in(session: Session, found: Sequence[Sorted], *, now: datetime) -> int:
    """Put new phrasings to the gaps of the same meaning; return how many moved.

    A phrasing is compared once, when it is new, and moves only while it is all that its gap has: what a person
    arranged meanwhile, or took apart ever, stays as they left it. What was compared against things that have changed
    since is left where it is.
    """
    if not found:
        return 0
    asks.lock(session)
    moved = 0
    for item in found:
        phrasing = session.get(Phrasing, item.phrasing_id, populate_existing=True)
        if phrasing is None or phrasing.compared_at is not None:
            continue
        phrasing.compared_at = now
        gap = session.get_one(Gap, phrasing.gap_id, populate_existing=True)
        target = _gap_of(session, item.alike_id)
        alone = len(session.scalars(select(Phrasing.id).where(Phrasing.gap_id == gap.id)).all()) == 1
        if target is not None and target.id != gap.id and target.state in LIVE and gap.state is GapState.OPEN and alone:
            _move_all(session, SYSTEM, gap, target, now=now)
            moved += 1
        elif gap.module_key is None and item.module_key is not None:
            gap.module_key, gap.module_is_guess = item.module_key, True
    session.flush()
    return moved


def merge(session: Session, actor: Actor, gap: Gap, into: Gap, *, now: datetime) -> None:
    """Make *gap* a part of *into*: its phrasings, with their asks, move there.

    Raises:
        PermissionDeniedError: *actor* may not answer both.
        ConflictError: they are one already, or nothing is to be done about one of them any more.
    """
    require_answering(actor, locked(session, gap))
    session.refresh(into)
    require_answering(actor, into)
    if gap.id == into.id:
        raise ConflictError(N_("不能把缺口并入它自己"))
    if gap.state not in LIVE or into.state not in LIVE:
        raise ConflictError(N_("这个缺口已经不用处理了"))
    _move_all(session, actor, gap, into, now=now)


def split(session: Session, actor: Actor, gap: Gap, phrasing_ids: Collection[int], *, now: datetime) -> Gap:
    """Make a gap of its own of some of *gap*'s phrasings, and return it. They are never put back by themselves.

    Raises:
        PermissionDeniedError: *actor* may not answer it.
        InvalidInputError: none of its phrasings, or all of them.
        ConflictError: nothing is to be done about it any more.
    """
    require_answering(actor, locked(session, gap))
    if gap.state not in LIVE:
        raise ConflictError(N_("这个缺口已经不用处理了"))
    phrasings = session.scalars(select(Phrasing).where(Phrasing.gap_id == gap.id)).all()
    leaving = [phrasing for phrasing in phrasings if phrasing.id in phrasing_ids]
    if not leaving or len(leaving) == len(phrasings):
        raise InvalidInputError(N_("选出一部分说法，剩下的留在这里"), field="phrasing")
    own = Gap(
        text=leaving[0].text,
        state=GapState.OPEN,
        module_key=gap.module_key,
        module_is_guess=gap.module_is_guess,
        tier_key=gap.tier_key,
        standing=0.0,
        first_at=gap.first_at,
        last_at=gap.last_at,
    )
    session.add(own)
    session.flush()
    for phrasing in leaving:
        phrasing.gap_id, phrasing.found = own.id, None
    for phrasing in phrasings:
        phrasing.compared_at = phrasing.compared_at or now
    session.flush()
    asks.recount(session, gap)
    asks.recount(session, own)
    record(session, actor, own, Verb.CREATED, now, split_from=gap.id)
    record(session, actor, gap, Verb.SPLIT, now, into=own.id)
    return own


def _move_all(session: Session, actor: Actor, gap: Gap, into: Gap, *, now: datetime) -> None:
    session.flush()
    session.execute(
        update(Phrasing)
        .where(Phrasing.gap_id == gap.id)
        .values(gap_id=into.id, found=None)
        .execution_options(synchronize_session="fetch")
    )
    # A gap that became a part of this one stays reachable in one step, however often it happens.
    session.execute(
        update(Gap)
        .where(Gap.merged_into_id == gap.id)
        .values(merged_into_id=into.id)
        .execution_options(synchronize_session="fetch")
    )
    gap.state, gap.merged_into_id = GapState.MERGED, into.id
    gap.decided_at, gap.decided_by_id = now, actor.user_id
    if into.thread_id is None and into.entry_id is None and (gap.thread_id is not None or gap.entry_id is not None):
        into.thread_id, into.entry_id, into.state = gap.thread_id, gap.entry_id, GapState.ANSWERED
    into.due = into.entry_id is not None
    asks.recount(session, into)
    record(session, actor, gap, Verb.MERGED, now, into=into.id)


def _gap_of(session: Session, phrasing_id: int | None) -> Gap | None:
    phrasing = session.get(Phrasing, phrasing_id, populate_existing=True) if phrasing_id is not None else None
    return None if phrasing is None else session.get(Gap, phrasing.gap_id, populate_existing=True)
