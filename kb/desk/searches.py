"""Searches are stored, those without an answer as gaps too, and summed up when they are old.

They are no events; ``kb.desk.log`` stores them in batches for whoever was allowed to search.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Insert, Table, case, delete, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kb.clock import local_day, local_midnight
from kb.desk.models import Door, Gap, GapReport, SearchRecord, SearchSummary
from kb.desk.rules import Words
from kb.events.models import Subject, Verb
from kb.events.operations import append


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """One search, as its record wants it. The fields are those of ``SearchRecord``.

    Attributes:
        is_gap: whether it counts as a gap: an explicit search without a good answer anywhere.
    """

    at: datetime
    user_id: int | None
    words: Words
    region_key: str | None = None
    module_key: str | None = None
    forum: bool = False
    total: int
    answered: bool
    top: tuple[str, ...] = ()
    took_ms: float
    door: Door
    is_gap: bool = False


def store_searches(session: Session, searches: Sequence[Searched], *, timezone: str) -> None:
    """Store *searches*, and the gaps among them. One statement, and five for each gap.

    Args:
        timezone: IANA name; says which day a gap belongs to.
    """
    if not searches:
        return
    session.execute(insert(SearchRecord), [_record_fields(searched) for searched in searches])

    def key(searched: Searched) -> tuple[str, str]:
        return local_day(searched.at, timezone).isoformat(), searched.words.spelling

    # In the order of their keys: two processes that store the same gaps lock them in the same order.
    gaps = sorted((searched for searched in searches if searched.is_gap and searched.words.spelling), key=key)
    for _, same in groupby(gaps, key=key):
        _note_gap(session, sorted(same, key=lambda searched: searched.at), timezone)


def _record_fields(searched: Searched) -> dict[str, object]:
    return {
        "at": searched.at,
        "user_id": searched.user_id,
        "text": searched.words.text,
        "spelling": searched.words.spelling,
        "region_key": searched.region_key,
        "module_key": searched.module_key,
        "forum": searched.forum,
        "total": searched.total,
        "answered": searched.answered,
        "top": list(searched.top),
        "took_ms": searched.took_ms,
        "door": searched.door,
    }


def _note_gap(session: Session, searches: Sequence[Searched], timezone: str) -> None:
    """Add *searches*, all for the same words on the same day and oldest first, to their gap."""
    first = searches[0]
    day = local_day(first.at, timezone)
    session.execute(
        _insert_unless_there(session, Gap.__table__).values(  # type: ignore[arg-type]  # a Table, typed as any selectable
            day=day,
            spelling=first.words.spelling,
            text=first.words.text,
            region_key=first.region_key,
            module_key=first.module_key,
            first_at=first.at,
            last_at=first.at,
            searches=0,
            agents=0,
        )
    )
    gap = session.scalars(
        select(Gap).where(Gap.day == day, Gap.spelling == first.words.spelling).with_for_update()
    ).one()
    for user_id in sorted({searched.user_id for searched in searches if searched.user_id is not None}):
        report = _insert_unless_there(session, GapReport.__table__)  # type: ignore[arg-type]  # as above
        session.execute(report.values(gap_id=gap.id, user_id=user_id))
    is_new = gap.searches == 0
    gap.searches += len(searches)
    gap.last_at = max(gap.last_at, searches[-1].at)
    gap.agents = session.scalar(select(func.count()).where(GapReport.gap_id == gap.id)) or 0
    if is_new:
        append(
            session,
            at=first.at,
            actor_id=first.user_id,
            verb=Verb.CREATED,
            subject_kind=Subject.GAP,
            subject_id=gap.id,
        )


def _insert_unless_there(session: Session, table: Table) -> Insert:
    """Return an insert that does nothing where the key exists: another process may be storing the same gap."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def summarise(session: Session, *, keep_days: int, timezone: str, now: datetime) -> int:
    """Sum up the oldest day of searches that lies more than *keep_days* days back; return how many records went.

    One day at a time, each in a unit of work of its own: call it until it returns 0. Four statements.
    """
    # The lock makes a second process wait here; the row is gone when its turn comes, and it does nothing.
    oldest = session.scalar(
        select(SearchRecord.at).order_by(SearchRecord.at, SearchRecord.id).limit(1).with_for_update()
    )
    kept_from = local_midnight(local_day(now, timezone) - timedelta(days=keep_days), timezone)
    if oldest is None or oldest >= kept_from:
        return 0
    day = local_day(oldest, timezone)
    begin, end = local_midnight(day, timezone), local_midnight(day + timedelta(days=1), timezone)
    of_the_day = (SearchRecord.at >= begin, SearchRecord.at < end)
    count = session.scalar(select(func.count()).select_from(SearchRecord).where(*of_the_day)) or 0
    session.execute(
        insert(SearchSummary).from_select(
            ["day", "spelling", "text", "searches", "answered", "people"],
            select(
                literal(day),
                SearchRecord.spelling,
                func.max(SearchRecord.text),
                func.count(),
                func.sum(case((SearchRecord.answered, 1), else_=0)),
                func.count(SearchRecord.user_id.distinct()),
            )
            .where(*of_the_day)
            .group_by(SearchRecord.spelling),
        )
    )
    session.execute(delete(SearchRecord).where(*of_the_day).execution_options(synchronize_session=False))
    return count
