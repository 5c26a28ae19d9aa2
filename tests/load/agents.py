"""Agents who search as they type, for locust: a search every 20 s, eight keys each, then the first card.

At every key the desk's results are asked for, and suggestions as on the search page: more than any one page asks.
"""

import itertools
import json
import os
import random
import re
from urllib.parse import urlencode

import gevent
from locust import FastHttpUser, constant_pacing, events, task
from locust.env import Environment

from tests.load.filling import PASSWORD, SEED

KEYS = 8
BETWEEN_KEYS = 0.25
"""Seconds: a fluent typist with an input method."""
SEARCH_EVERY = 20.0
STAYED = 1.5
"""Seconds that results stand before the desk takes them for a search."""
PLAIN = os.environ.get("LOAD_PLAIN") == "1"
"""Whether the other side is the plain server, which has neither people nor cards."""

_numbers = itertools.count(1)
_questions: list[str] = []


@events.init.add_listener
def _read_questions(environment: Environment, **_: object) -> None:
    with open(os.environ["LOAD_QUESTIONS"], encoding="utf-8") as file:
        _questions.extend(json.load(file))


class Agent(FastHttpUser):
    """One agent at a desk."""

    wait_time = constant_pacing(SEARCH_EVERY)

    def on_start(self) -> None:
        """Sign in, and begin at a moment of one's own."""
        number = next(_numbers)
        self._chance = random.Random(f"{SEED} {number}")
        self._token = ""
        if not PLAIN:
            with self.client.get("/sign-in", name="sign in", catch_response=True) as page:
                token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
                if token is None:
                    page.failure("there is no form")
                    return
            fields = {"csrf_token": token[1], "username": f"agent{number:03}", "password": PASSWORD}
            self.client.post("/sign-in", fields, name="sign in")
            with self.client.get("/desk", name="desk", catch_response=True) as page:
                found = re.search(r'data-token="([^"]+)"', page.text)
                if found is None:
                    page.failure("not signed in")
                    return
                self._token = found[1]
        gevent.sleep(self._chance.uniform(0, SEARCH_EVERY))

    @task
    def search(self) -> None:
        """Type a question, look at the results, and open the first."""
        question = self._chance.choice(_questions)
        keys = min(KEYS, len(question))
        results = None
        for key in range(1, keys + 1):
            typed = urlencode({"q": question[: round(key * len(question) / keys)]})
            self.client.get(f"/suggest?{typed}", name="suggestions")
            results = self.client.get(f"/desk/results?{typed}", name="results", headers={"X-Requested-With": "fetch"})
            gevent.sleep(self._chance.uniform(0.5, 1.5) * BETWEEN_KEYS)
        if PLAIN or results is None:
            return
        gevent.sleep(STAYED)
        self.client.post("/desk/searches", {"q": question, "csrf_token": self._token}, name="search log")
        first = re.search(r'data-key="([^"]+)"', results.text or "")
        if first is not None:
            self.client.get(f"/desk/cards/{first[1]}?{urlencode({'q': question})}", name="card")
