"""What callers often ask and an entry solved is offered while somebody types; looked up anew from time to time.

Each process keeps its own: looking it up takes most of a second at a large centre, so no request does.
"""

import logging
import threading
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from indexer.engine import FrequentQuery
from indexer.search import Search
from kb.clock import Clock
from kb.db import Sessions
from kb.desk import queries
from kb.entries.models import Entry

log = logging.getLogger(__name__)

PAUSE_SECONDS = 300.0
"""How often the questions are looked up: what is asked often changes in days, an outage's questions in minutes."""
SINCE = timedelta(days=30)
MOST = 2_000
"""Questions that are offered at most: some hundred kilobytes, and the least of them is seldom asked."""


def refresh(sessions: Sessions, search: Search, clock: Clock) -> int:
    """Offer what was asked often of late from now on; return how many questions. Two statements."""
    with sessions() as session:
        found = queries.frequent_queries(session, since=clock() - SINCE, limit=MOST)
        ids = {query.entry_id for query in found}
        keys = {row.id: row.key for row in session.execute(select(Entry.id, Entry.key).where(Entry.id.in_(ids)))}
    search.offer([FrequentQuery(query.text, query.count, keys.get(query.entry_id)) for query in found])
    return len(found)


def run(stop: threading.Event, sessions: Sessions, search: Search, clock: Clock) -> None:
    """Refresh now and every few minutes until *stop* is set."""
    while not stop.is_set():
        try:
            refresh(sessions, search, clock)
        except SQLAlchemyError:
            log.exception("could not look up frequent questions; trying again in a few minutes")
        stop.wait(PAUSE_SECONDS)


def start(sessions: Sessions, search: Search, clock: Clock) -> threading.Event:
    """Run in a background thread; set the event that is returned to end it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(stop, sessions, search, clock), name="frequent", daemon=True).start()
    return stop
