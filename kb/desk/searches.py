"""Searches are stored, those without an answer as gaps too, and summed up when they are old.

They are no events; ``kb.desk.log`` stores them in batches for whoever was allowed to search.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from kb.clock import local_day, local_midnight
from kb.desk.models import Door, SearchRecord, SearchSummary
from kb.desk.rules import Words
from kb.gaps import asks
from kb.gaps.asks import Asked
from kb.gaps.rules import AskOrigin


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
    """Store *searches*, and the gaps among them. One statement, and those of ``kb.gaps.asks.note``.

    Args:
        timezone: IANA name; says which day an ask belongs to.
    """
    if not searches:
        return
    session.execute(insert(SearchRecord), [_record_fields(searched) for searched in searches])

    asks.note(session, [_asked(searched) for searched in searches if searched.is_gap], timezone=timezone)


def _asked(searched: Searched) -> Asked:
    return Asked(
        at=searched.at,
        user_id=searched.user_id,
        words=searched.words,
        origin=AskOrigin.SEARCH,
        door=searched.door,
        region_key=searched.region_key,
        module_key=searched.module_key,
    )


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
