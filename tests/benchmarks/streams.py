"""What open desks cost a running demo: how long a search takes beside so many streams, and how soon a push arrives.

Start ``kb demo``, then ``python -m tests.benchmarks.streams http://127.0.0.1:8000 60``.
"""

import argparse
import re
import statistics
import threading
import time
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from web.demo_people import DEMO_PASSWORD

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
SEARCHES = 100
PUSHES = 5


def sign_in(url: str, username: str) -> OpenerDirector:
    """Return a browser's worth of cookies of somebody signed in."""
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    post(opener, f"{url}/sign-in", f"{url}/sign-in", username=username, password=DEMO_PASSWORD)
    return opener


def post(opener: OpenerDirector, page: str, address: str, **fields: str) -> str:
    token = TOKEN.search(opener.open(page).read().decode())
    assert token is not None, page
    data = urlencode({"csrf_token": token[1], **fields}).encode()
    return str(opener.open(address, data).geturl())


class Listener(threading.Thread):
    """An open desk: notes when it is told to look."""

    def __init__(self, opener: OpenerDirector, url: str) -> None:
        super().__init__(daemon=True)
        self.answer = opener.open(f"{url}/bulletins/stream")
        self.told: list[float] = []
        self.ready = threading.Event()

    def run(self) -> None:
        for line in self.answer:
            if line.startswith(b"event:"):
                self.told.append(time.perf_counter())
                self.ready.set()


def searches(opener: OpenerDirector, url: str) -> str:
    took = []
    for _ in range(SEARCHES):
        started = time.perf_counter()
        opener.open(f"{url}/api/v1/search?{urlencode({'q': '光猫亮红灯'})}").read()
        took.append((time.perf_counter() - started) * 1000)
    return f"p50 {statistics.median(took):.0f} ms, p95 {statistics.quantiles(took, n=20)[-1]:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("streams", type=int)
    parser.add_argument("--publish-at", help="address of another process of the same installation")
    given = parser.parse_args()
    there = given.publish_at or given.url
    agent, leader = sign_in(given.url, "wangmin"), sign_in(there, "guoning")
    print(f"no stream: search {searches(agent, given.url)}")
    desks = [Listener(agent, given.url) for _ in range(given.streams)]
    listening = [desk for desk in desks if desk.answer.status == 200]
    for desk in listening:
        desk.start()
    for desk in listening:
        desk.ready.wait()
    print(f"{len(listening)} streams, {len(desks) - len(listening)} told to poll: search {searches(agent, given.url)}")
    delays = []
    for number in range(PUSHES):
        for desk in listening:
            desk.told.clear()
            desk.ready.clear()
        page = f"{there}/bulletins/new"
        started = time.perf_counter()
        post(leader, page, page, title=f"量一量 {number}", script="口径")
        for desk in listening:
            desk.ready.wait()
            delays.append(desk.told[0] - started)
    print(f"publish to desk: median {statistics.median(delays):.2f} s, worst {max(delays):.2f} s")


if __name__ == "__main__":
    main()
