"""A serving process that also edits, to be killed: ``python -m tests.support.doomed_server``.

Reads its order as JSON from standard input. Prints ``ack N`` once edit N is committed, and never for the edits it
rolls back.
"""

import json
import random
import sys
import threading
from pathlib import Path

from kb.clock import system_clock
from kb.db import Sessions, make_engine, make_sessions, unit_of_work
from kb.entries import operations as entries
from kb.entries import queries as entry_queries
from kb.people import queries as people_queries
from kb.permissions import Actor
from kb.taxonomy import queries as taxonomy_queries
from tests.support import factories
from tests.support.installation import settings_for
from web.server import serve

ROLLED_BACK_EVERY = 4
GHOST = "幽灵"


def main() -> None:
    order = json.load(sys.stdin)
    settings = settings_for(Path(order["home"]), order["database_url"]).model_copy(update={"port": order["port"]})
    sessions = make_sessions(make_engine(settings.url))
    writer = threading.Thread(target=_edit, args=(sessions, order["edits"], order["entries"], order["seed"]))
    writer.daemon = True
    writer.start()
    serve(settings)


def _edit(sessions: Sessions, numbers: list[int], keys: list[str], seed: int) -> None:
    chance = random.Random(seed)
    editor, reviewer = _actor(sessions, "editor"), _actor(sessions, "reviewer")
    pause = threading.Event()
    for number in numbers:
        pause.wait(chance.uniform(0, 0.08))
        if number % ROLLED_BACK_EVERY == 0:
            with sessions() as session:
                _revise(session, editor, reviewer, chance.choice(keys), f"{GHOST} {number}")
                session.flush()
                session.rollback()
        with unit_of_work(sessions) as session:
            _revise(session, editor, reviewer, chance.choice(keys), f"edit {number}")
        sys.stdout.write(f"ack {number}\n")
        sys.stdout.flush()


def _revise(session, editor: Actor, reviewer: Actor, key: str, note: str) -> None:
    """Save, submit, approve and publish in one transaction: operations compose."""
    now = system_clock()
    entry = entry_queries.by_key(session, key)
    entries.save(session, editor, entry, factories.content(title=f"红灯 {note}"), note=note, now=now)
    entries.submit(session, editor, entry, now=now)
    entries.approve(session, reviewer, entry, now=now)
    entries.publish(session, reviewer, entry, now=now)


def _actor(sessions: Sessions, username: str) -> Actor:
    with sessions() as session:
        return people_queries.actor(people_queries.by_username(session, username), taxonomy_queries.load(session))


if __name__ == "__main__":
    main()
