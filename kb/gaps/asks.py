"""That somebody met a gap: stored so that the same words are one phrasing, and counted.

Gaps of the same meaning are brought together afterwards (``operations.sort_in``): an agent waits for no comparison.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kb.clock import local_day
from kb.desk.models import Door
from kb.desk.rules import Words
from kb.events.models import Subject, Verb
from kb.events.operations import append
from kb.gaps.models import Ask, Gap, Phrasing
from kb.gaps.rules import AskOrigin, GapState, Met, standing, tier_weight
from kb.taxonomy.models import Module, Tier

GAPS_LOCK = 0x47_41_50  # any constant that nothing else in this database locks


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """That somebody asked something in vain; the fields are those of ``Ask``.

    Attributes:
        times: 0 where it only adds a note to what was asked before.
    """

    at: datetime
    user_id: int | None
    words: Words
    origin: AskOrigin
    door: Door | None = None
    region_key: str | None = None
    module_key: str | None = None
    product_key: str | None = None
    note: str = ""
    times: int = 1


def lock(session: Session) -> None:
    """Let one transaction at a time change what belongs to which gap; held until it ends.

    SQLite has one writer anyway. Take it before any other lock that two of them could meet at.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": GAPS_LOCK})


def note(session: Session, asked: Sequence[Asked], *, timezone: str) -> Sequence[Gap]:
    """Store *asked* and return the gaps they belong to, in no order. Words that say nothing are left out.

    The same words go to the gap that has them, others make a new one. A gap that was closed is open again when its
    words fail after that; a declined one stays what it is and counts on. Ten statements at most for each wording.

    Args:
        timezone: IANA name; says which day an ask belongs to.
    """

    def key(item: Asked) -> str:
        return item.words.spelling

    wanted = sorted((item for item in asked if item.words.spelling), key=key)
    if not wanted:
        return []
    lock(session)
    gaps: dict[int, Gap] = {}
    for _, same in groupby(wanted, key=key):
        gap = _note_words(session, sorted(same, key=lambda item: item.at), timezone)
        gaps[gap.id] = gap
    for gap in gaps.values():
        recount(session, gap)
    return list(gaps.values())


def _note_words(session: Session, asked: Sequence[Asked], timezone: str) -> Gap:
    """Store *asked*, all the same words and oldest first; return their gap."""
    first, last = asked[0], asked[-1]
    phrasing = session.scalar(select(Phrasing).where(Phrasing.spelling == first.words.spelling))
    if phrasing is None:
        gap = Gap(
            text=first.words.text, state=GapState.OPEN, standing=0.0, first_at=first.at, last_at=last.at, agents=0
        )
        session.add(gap)
        session.flush()
        phrasing = Phrasing(gap_id=gap.id, text=first.words.text, spelling=first.words.spelling)
        session.add(phrasing)
        session.flush()
        append(
            session,
            at=first.at,
            actor_id=first.user_id,
            verb=Verb.CREATED,
            subject_kind=Subject.GAP,
            subject_id=gap.id,
        )
    else:
        gap = session.get_one(Gap, phrasing.gap_id, populate_existing=True)
        _reopen_if_it_failed_again(session, gap, last)
    _add(session, phrasing, asked, timezone)
    return gap


def _reopen_if_it_failed_again(session: Session, gap: Gap, last: Asked) -> None:
    if gap.state is not GapState.CLOSED or (gap.decided_at is not None and last.at <= gap.decided_at):
        return
    gap.state = GapState.OPEN if gap.entry_id is None and gap.thread_id is None else GapState.ANSWERED
    gap.decided_at = gap.decided_by_id = None
    append(
        session,
        at=last.at,
        actor_id=last.user_id,
        verb=Verb.REOPENED,
        subject_kind=Subject.GAP,
        subject_id=gap.id,
    )


def _add(session: Session, phrasing: Phrasing, asked: Sequence[Asked], timezone: str) -> None:
    """Add *asked* to the rows of their day, or as new ones."""
    days = {local_day(item.at, timezone) for item in asked}
    rows = session.scalars(select(Ask).where(Ask.phrasing_id == phrasing.id, Ask.day.in_(days)))
    known = {_identity(row, row.day.isoformat()): row for row in rows}
    for item in asked:
        day = local_day(item.at, timezone)
        row = known.get(_identity(item, day.isoformat()))
        if row is None:
            row = Ask(
                phrasing_id=phrasing.id,
                user_id=item.user_id,
                day=day,
                origin=item.origin,
                door=item.door,
                region_key=item.region_key,
                module_key=item.module_key,
                product_key=item.product_key,
                note=item.note,
                times=0,
                first_at=item.at,
                last_at=item.at,
            )
            session.add(row)
            known[_identity(item, day.isoformat())] = row
        row.times = max(row.times + item.times, 1)
        row.last_at = max(row.last_at, item.at)
        row.note = item.note or row.note
    session.flush()


def _identity(item: Ask | Asked, day: str) -> tuple[object, ...]:
    return (item.user_id, day, item.origin, item.door, item.region_key, item.module_key, item.product_key)


def recount(session: Session, gap: Gap) -> None:
    """Bring what a gap says of its asks up to date: counting anew, so that no figure can drift. Four statements.

    The caller holds the lock, and the gap has an ask.
    """
    rows = session.execute(
        select(
            Phrasing.id,
            Phrasing.text,
            Ask.user_id,
            func.sum(Ask.times),
            func.min(Ask.first_at),
            func.max(Ask.last_at),
        )
        .join(Ask, Ask.phrasing_id == Phrasing.id)
        .where(Phrasing.gap_id == gap.id)
        .group_by(Phrasing.id, Phrasing.text, Ask.user_id)
    ).all()
    by_person: dict[int | None, Met] = {}
    support: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    for phrasing_id, words, user_id, times, _, last_at in rows:
        before = by_person.get(user_id)
        by_person[user_id] = Met(
            times + (before.times if before else 0), max(last_at, before.last_at if before else last_at)
        )
        support[phrasing_id, words][0] += user_id is not None
        support[phrasing_id, words][1] += times
    tiers = session.scalars(select(Tier.key).order_by(Tier.position)).all()
    position = tiers.index(gap.tier_key) if gap.tier_key in tiers else None
    gap.agents = len(by_person.keys() - {None})
    gap.times = sum(item.times for item in by_person.values())
    gap.first_at, gap.last_at = min(row[4] for row in rows), max(row[5] for row in rows)
    gap.standing = standing(list(by_person.values()), tier_weight(position, len(tiers)))
    # The most used way of putting it names the gap; of equals the oldest, so that the name does not jump.
    gap.text = max(support, key=lambda item: (*support[item], -item[0]))[1]
    if gap.module_key is None or gap.module_is_guess:
        _take_module_of_asks(session, gap)
    session.flush()


def _take_module_of_asks(session: Session, gap: Gap) -> None:
    """Give *gap* the module that most of its askers had narrowed their search to, if any had."""
    found = session.execute(
        select(Ask.module_key)
        .join(Phrasing, Phrasing.id == Ask.phrasing_id)
        .join(Module, Module.key == Ask.module_key)
        .where(Phrasing.gap_id == gap.id)
        .group_by(Ask.module_key)
        .order_by(func.count(Ask.user_id.distinct()).desc(), Ask.module_key)
        .limit(1)
    ).first()
    if found is not None:
        gap.module_key, gap.module_is_guess = found[0], False
