"""What happens to gaps without anybody waiting for it: in a thread beside the search log, in one process at a time.

New phrasings are put to the gaps that mean the same; outcomes become asks; gaps are closed whose words find the entry
by now; whoever is to be told gets a notice. Each step is a unit of work of its own that a kill undoes or leaves done.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from indexer import gaps as likeness
from indexer.engine import IndexBusyError, IndexNotReadyError
from indexer.locks import exclusive
from indexer.search import Search
from kb.clock import Clock
from kb.db import Sessions, unit_of_work
from kb.errors import ConflictError
from kb.events import cursors
from kb.gaps import arranging, following, operations, proposing, queries
from kb.gaps.arranging import Sorted
from kb.gaps.proposing import Opened
from kb.notices import operations as notices
from kb.permissions import SYSTEM
from web.services import Services

log = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
"""How often it looks: a gap is in its place, and an agent told, within seconds."""
PROPOSE_EVERY = timedelta(hours=1)
PROPOSE_FROM = timedelta(days=14)
"""Searches that are looked through for proposals."""
BATCH = 50
LIVE_GAPS = 1_000
"""Gaps that a new phrasing is compared with, the most urgent ones: the others nobody has asked for a long time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the steps need.

    Attributes:
        timezone: IANA name; says which day an ask belongs to.
        opened: says which results were opened, where that is kept.
    """

    sessions: Sessions
    search: Search
    clock: Clock
    timezone: str
    opened: Opened | None = None


def work_of(parts: Services) -> Work:
    """Return the work of the installation that *parts* are."""
    return Work(sessions=parts.sessions, search=parts.search, clock=parts.clock, timezone=parts.settings.timezone)


def sort_in(work: Work) -> int:
    """Compare new phrasings with the live gaps; return how many were looked at."""
    with work.sessions() as session:
        new = queries.new_phrasings(session, limit=BATCH)
        if not new:
            return 0
        # What is alike can only be older: of two new ones that mean the same, the second joins the first.
        live = queries.live_phrasings(session, limit=LIVE_GAPS)
        found = []
        for phrasing in new:
            others = [other for other in live if other.gap_id != phrasing.gap_id and other.id < phrasing.id]
            index = likeness.same_meaning(work.search.engine, phrasing.text, [other.text for other in others])
            module = likeness.nearest_module(work.search, session, phrasing.text, now=work.clock())
            found.append(Sorted(phrasing.id, None if index is None else others[index].id, module))
    with unit_of_work(work.sessions) as session:
        arranging.sort_in(session, found, now=work.clock())
    return len(new)


def take_outcomes(work: Work) -> int:
    """Make asks of what agents said was missing; return how many events were read."""
    with work.sessions() as session:
        if not cursors.is_behind(session, following.OUTCOMES, following.OUTCOME_KINDS):
            return 0
    with unit_of_work(work.sessions) as session:
        return following.take_outcomes(session, timezone=work.timezone)


def take_entries(work: Work) -> int:
    """Mark the gaps that entries may answer as far as the index has taken them in; return how many events were read."""
    watermark = work.search.engine.watermark()
    with work.sessions() as session:
        if not cursors.is_behind(session, following.ENTRIES, following.ENTRY_KINDS, up_to=watermark):
            return 0
    with unit_of_work(work.sessions) as session:
        return following.take_entries(session, up_to=watermark)


def close_found(work: Work) -> int:
    """Try the words of the gaps that may be answered by now, and close those that are; return how many closed."""
    with work.sessions() as session:
        due = [(gap.id, gap.entry.key) for gap in queries.due(session, limit=BATCH) if gap.entry is not None]
    closed = 0
    for gap_id, key in due:
        with work.sessions() as session:
            words = queries.to_try(session, gap_id)
            findings = likeness.try_words(work.search, session, key, words, now=work.clock())
        with unit_of_work(work.sessions) as session:
            gap = queries.gap(session, SYSTEM, gap_id)
            try:
                closed += operations.close(session, SYSTEM, gap, findings, entry_key=key, now=work.clock())
            except ConflictError:
                log.info("gap %d was decided on meanwhile", gap_id)
    return closed


def tell(work: Work) -> int:
    """Make the notices of what has happened; return how many events were read."""
    with work.sessions() as session:
        if not cursors.is_behind(session, notices.READER, notices.KINDS):
            return 0
    with unit_of_work(work.sessions) as session:
        return notices.deliver(session)


def propose(work: Work) -> int:
    """Look through the search log for words to propose as gaps; return how many are proposed."""
    with unit_of_work(work.sessions) as session:
        return proposing.propose(session, since=work.clock() - PROPOSE_FROM, opened=work.opened)


STEPS: tuple[Callable[[Work], int], ...] = (take_outcomes, sort_in, take_entries, close_found, tell)


def settle(work: Work) -> None:
    """Do everything there is to do now. Steps follow each other: what one closes, the next tells."""
    while sum(step(work) for step in STEPS):
        pass


def run(stop: threading.Event, work: Work, locks: Path) -> None:
    """Do what there is to do until *stop* is set, in one process at a time; stand by where another does.

    Args:
        locks: folder of the lock files.
    """
    while not stop.is_set():
        try:
            with exclusive(locks / "gaps.lock"):
                _run_alone(stop, work)
        except IndexBusyError:
            stop.wait(PAUSE_SECONDS)


def _run_alone(stop: threading.Event, work: Work) -> None:
    proposed_at = None
    while not stop.is_set():
        try:
            settle(work)
            if proposed_at is None or work.clock() - proposed_at >= PROPOSE_EVERY:
                propose(work)
                proposed_at = work.clock()
        except IndexNotReadyError:
            log.debug("the index is being built; gaps can wait")
        except SQLAlchemyError:
            log.exception("could not look after the gaps; trying again in %.0f s", PAUSE_SECONDS)
        stop.wait(PAUSE_SECONDS)


def start(work: Work, locks: Path) -> threading.Event:
    """Run in a background thread; set the event that is returned to end it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(stop, work, locks), name="gaps", daemon=True).start()
    return stop
