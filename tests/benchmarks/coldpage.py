"""How long until the desk's first card can be used, on a page that no cache holds and a processor slowed down.

Start ``kb demo``, then ``python -m tests.benchmarks.coldpage http://127.0.0.1:8000``. Usable is: the card's script to
copy is there, its button shown by the page's own script, so that every key works. Each load has a browser context of
its own; signing in happens outside the page and fills no cache.
"""

import argparse
import json
import re
import statistics
from html import unescape

from playwright.sync_api import Browser, BrowserContext

from tests.web.browser.chromium import DESK, chromium
from web.demo_people import DEMO_PASSWORD

ADDRESS = "/desk?q=家里那个盒子亮红灯上不了网&open=broadband-los-red&region=&module=&product="
USABLE = """
(function look() {
  const button = document.querySelector("[data-card] button[data-copy]");
  if (button && !button.hidden && button.getClientRects().length) window.usableAt = performance.now();
  else requestAnimationFrame(look);
})();
"""
WEIGHT = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .reduce((sum, entry) => sum + entry.transferSize, 0)"""


def sign_in(context: BrowserContext, url: str, username: str) -> None:
    """Sign in without a page: what the page needs is not loaded by it."""
    form = context.request.get(f"{url}/sign-in").text()
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    if token is None:
        raise SystemExit(f"no form to sign in with at {url}")
    fields = {"csrf_token": unescape(token[1]), "username": username, "password": DEMO_PASSWORD}
    answer = context.request.post(f"{url}/sign-in", form=fields, max_redirects=0)
    if answer.status != 302:
        raise SystemExit(f"{username} could not sign in: {answer.status}")


def load(browser: Browser, url: str, username: str, slower: float) -> tuple[float, int]:
    """Return the milliseconds until the card could be used, and the bytes that came over the wire."""
    context = browser.new_context(viewport=DESK, locale="zh-CN")  # type: ignore[arg-type]
    sign_in(context, url, username)
    context.add_init_script(USABLE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(url + ADDRESS)
    page.wait_for_function("window.usableAt")
    taken, weight = page.evaluate("window.usableAt"), page.evaluate(WEIGHT)
    context.close()
    return taken, weight


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--username", default="wangmin")
    parser.add_argument("--loads", type=int, default=20)
    parser.add_argument("--slower", type=float, default=4, help="times that the processor is slowed down")
    given = parser.parse_args()
    with chromium() as browser:
        load(browser, given.url, given.username, given.slower)  # the server's own first page, and the browser's
        found = [load(browser, given.url, given.username, given.slower) for _ in range(given.loads)]
    taken = sorted(milliseconds for milliseconds, _ in found)
    cuts = statistics.quantiles(taken, n=20, method="inclusive")
    report = {
        "loads": given.loads,
        "slower": given.slower,
        "usable_p50_ms": round(statistics.median(taken)),
        "usable_p95_ms": round(cuts[-1]),
        "usable_max_ms": round(taken[-1]),
        "page_kb": round(max(weight for _, weight in found) / 1000),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
