"""What gaps make of the event log: outcomes that say that content is missing, entries that may answer by now.

Each is a reader of the log with a place of its own, so every event takes effect exactly once.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.desk.models import Door, Outcome
from kb.desk.rules import Words
from kb.entries import queries as entry_queries
from kb.entries.models import Entry
from kb.events import cursors
from kb.events.models import Subject, Verb
from kb.gaps import asks, queries
from kb.gaps.asks import Asked
from kb.gaps.operations import record
from kb.gaps.rules import CONTENT_MISSING, AskOrigin, GapState
from kb.permissions import SYSTEM

OUTCOMES = "gaps.outcomes"
ENTRIES = "gaps.entries"
OUTCOME_KINDS = frozenset({Subject.OUTCOME})
ENTRY_KINDS = frozenset({Subject.ENTRY})

_MAY_ANSWER = frozenset({Verb.PUBLISHED, Verb.IMPORTED, Verb.RESUMED, Verb.WORDING_ACCEPTED})


def take_outcomes(session: Session, *, timezone: str, limit: int = 200) -> int:
    """Make an ask of each outcome that says that what was searched is not there; return how many events were read.

    Where the agent changed their mind meanwhile, their last word counts.

    Args:
        timezone: IANA name; says which day an ask belongs to.
    """
    events = cursors.take(session, OUTCOMES, OUTCOME_KINDS, limit=limit)
    ids = {int(event.subject_id) for event in events if event.verb is Verb.RECORDED}
    outcomes = session.scalars(select(Outcome).where(Outcome.id.in_(ids)).order_by(Outcome.id)) if ids else ()
    asked = [
        Asked(
            at=outcome.at,
            user_id=outcome.user_id,
            words=Words(outcome.text, outcome.spelling),
            origin=AskOrigin.OUTCOME,
            door=Door.DESK,
        )
        for outcome in outcomes
        if not outcome.solved and outcome.reason in CONTENT_MISSING
    ]
    asks.note(session, asked, timezone=timezone)
    return len(events)


def take_entries(session: Session, *, up_to: int, limit: int = 200) -> int:
    """Mark the gaps that an entry may answer by now; return how many events were read.

    An entry that came from the thread where the answer was looked for is linked to the gap by itself.

    Args:
        up_to: the number of the last event that the index has taken in: sooner the words can't find the entry.
    """
    events = cursors.take(session, ENTRIES, ENTRY_KINDS, limit=limit, up_to=up_to)
    ids = {int(event.subject_id) for event in events if event.verb in _MAY_ANSWER}
    if not ids:
        return len(events)
    asks.lock(session)
    _link_what_threads_became(session, ids)
    for gap in queries.answered_by(session, ids):
        gap.due = True
    session.flush()
    return len(events)


def _link_what_threads_became(session: Session, entry_ids: set[int]) -> None:
    entries = {entry.id: entry for entry in session.scalars(select(Entry).where(Entry.id.in_(entry_ids)))}
    sources = [(item.source, entries[item.entry_id]) for item in entry_queries.sources(session, entries)]
    sources += [(entry.derived_from or "", entry) for entry in entries.values()]
    came_from = {source.partition(":")[2]: entry for source, entry in sources if source.startswith("thread:")}
    for gap in queries.discussed_in(session, came_from):
        entry = came_from[gap.thread.key] if gap.thread is not None else None
        if entry is not None:
            gap.entry_id, gap.state = entry.id, GapState.ANSWERED
            record(session, SYSTEM, gap, Verb.LINKED, entry.updated_at, entry=entry.id)
