"""What survives when the serving process is killed: every acknowledged edit, no ghost, an index that catches up."""

import http.client
import json
import random
import socket
import subprocess
import sys
import threading
from urllib.parse import quote

import pytest
from sqlalchemy import select

from indexer import maintenance
from indexer.engine import Filters
from kb.db import unit_of_work
from kb.entries.models import Revision
from kb.events import queries as event_queries
from kb.people import operations as people
from kb.people import queries as people_queries
from kb.permissions import SYSTEM
from tests.support import factories
from tests.support.doomed_server import GHOST

EDITS, KILLS, SEED = 200, 20, 20261121
EDITS_IN_A_LIFE = 14
"""More than EDITS / KILLS, so that kills interrupt; the last life finishes the rest."""


class Life:
    """One life of the serving process."""

    def __init__(self, installation, port, edits, keys, seed):
        order = {
            "home": str(installation.settings.home),
            "database_url": installation.settings.url,
            "port": port,
            "edits": edits,
            "entries": keys,
            "seed": seed,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.doomed_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.process.stdin.write(json.dumps(order))
        self.process.stdin.close()

    def kill(self):
        """Kill the process and return the edits that it had acknowledged, and what it complained about."""
        self.process.kill()
        acknowledged = [int(line.split()[1]) for line in self.process.stdout if line.endswith("\n")]
        complaints = self.process.stderr.read()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        return acknowledged, complaints


class Searches(threading.Thread):
    """Somebody who searches all the time and notes every answer that is no answer."""

    def __init__(self, port, token):
        super().__init__(daemon=True)
        self.port, self.token = port, token
        self.stop, self.answered = threading.Event(), threading.Event()
        self.good, self.bad = 0, []

    def run(self):
        while not self.stop.is_set():
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                connection.request(
                    "GET", f"/api/v1/search?q={quote('红灯')}", headers={"Authorization": f"Bearer {self.token}"}
                )
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                self.stop.wait(0.02)  # nobody is there: it has just been killed
                continue
            finally:
                connection.close()
            if answer.status == 200 and json.loads(body)["total"] > 0:
                self.good += 1
                self.answered.set()
            else:
                self.bad.append((answer.status, body[:300]))


@pytest.fixture
def port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_no_ghost_stays(any_installation, port):
    installation, chance = any_installation, random.Random(SEED)
    keys = [factories.publish(installation, f"entry-{number}") for number in range(12)]
    installation.reindex()
    with unit_of_work(installation.sessions) as session:
        agent = people_queries.by_username(session, "agent")
        token = people.issue_token(session, SYSTEM, agent, label="test", now=installation.clock())
    searches = Searches(port, token)
    searches.start()
    acknowledged, complaints = set(), []

    def live(edits, seconds):
        life = Life(installation, port, edits, keys, chance.randrange(2**32))
        searches.answered.clear()
        assert searches.answered.wait(60), life.kill()
        threading.Event().wait(seconds)
        done, said = life.kill()
        acknowledged.update(done)
        complaints.append(said)

    def left():
        return [number for number in range(EDITS) if number not in acknowledged]

    for _ in range(KILLS):
        live(left()[:EDITS_IN_A_LIFE], chance.uniform(0, 0.6))
    while left():
        live(left(), 5)
    searches.stop.set()
    searches.join()

    assert searches.bad == []
    assert searches.good > KILLS
    installation.reindex()
    report = maintenance.check(installation.sessions, installation.search.engine)
    assert (report.pending, report.differences) == (0, ())
    with installation.sessions() as session:
        notes = set(session.scalars(select(Revision.note)))
        assert {f"edit {number}" for number in range(EDITS)} <= notes
        assert not [note for note in notes if GHOST in note]
        ghosts = installation.search.run(session, SYSTEM, f"“{GHOST}”", Filters(), now=installation.clock())
        assert ghosts.total == 0
        numbers = [event.seq for event in event_queries.after(session, 0, limit=100_000)]
        assert numbers == list(range(1, len(numbers) + 1))
    assert [text for text in complaints if "Traceback" in text] == []
