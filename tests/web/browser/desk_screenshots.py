"""Takes a picture of every state of the desk on a running demo: both sizes, light and dark, for people to look at.

Start ``kb demo``, then ``python -m tests.web.browser.desk_screenshots http://127.0.0.1:8000 FOLDER``.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route

from tests.web.browser.chromium import DESK, PHONE, chromium
from tests.web.browser.screenshots import sign_in, take

NEVER_ANSWERS = """
const real = fetch;
window.fetch = (address, ...rest) =>
  String(address).includes("/desk/results") ? new Promise(() => {}) : real(address, ...rest);
"""
QUESTION = "家里那个盒子亮红灯上不了网"


def empty(page: Page) -> None:
    page.goto("/desk?region=&module=&product=")


def results(page: Page) -> None:
    page.goto(f"/desk?q={QUESTION}&region=&module=&product=")


def card(page: Page) -> None:
    results(page)
    page.locator(".desk-hit:has(.badge) a, .desk-hit:has(.has-evidence) a").first.click()
    page.wait_for_selector("[data-card]")


def card_end(page: Page) -> None:
    card(page)
    page.evaluate("document.querySelector('[data-open]').scrollTop = 99999")


def reasons(page: Page) -> None:
    card(page)
    page.keyboard.press("2")


def correction(page: Page) -> None:
    card(page)
    page.keyboard.press("3")


def evidence(page: Page) -> None:
    results(page)
    page.keyboard.press("ArrowDown")


def nothing(page: Page) -> None:
    page.goto("/desk?q=zzzz&region=&module=&product=")


def nearest(page: Page) -> None:
    page.goto("/desk?q=附近哪里有好吃的火锅店&region=&module=&product=")


def narrowed(page: Page) -> None:
    page.goto("/desk?q=话费&region=jiangyang&module=tv&product=tv")


def shortcuts(page: Page) -> None:
    card(page)
    page.keyboard.press("?")


def missing(page: Page) -> None:
    page.goto(f"/desk?q={QUESTION}&region=&open=no-such-entry")


def slow(page: Page) -> None:
    results(page)
    page.evaluate(NEVER_ANSWERS)
    page.fill("#q", "宽带")
    page.wait_for_selector(".desk-list.is-slow")


def failing(page: Page) -> None:
    results(page)
    page.route("**/desk/results*", lambda route: route.fulfill(status=500, body=""))
    page.fill("#q", "宽带")
    page.wait_for_selector("[data-trouble]:not([hidden])")


def offline(page: Page) -> None:
    card(page)

    def refuse(route: Route) -> None:
        route.abort("connectionrefused")

    page.route("**/desk/**", refuse)
    page.route("**/healthz", refuse)
    page.fill("#q", "宽带")
    page.wait_for_selector(".desk-kept")


STATES: dict[str, Callable[[Page], None]] = {
    state.__name__: state
    for state in (
        empty, results, evidence, card, card_end, reasons, correction, nothing, nearest, narrowed, shortcuts, missing,
        slow, failing, offline,
    )
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--username", default="guoning")
    parser.add_argument("--locale", default="zh-CN")
    parser.add_argument("--only", nargs="*", choices=STATES, default=list(STATES))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for size, viewport in (("desk", DESK), ("phone", PHONE)):
            for colours in ("light", "dark"):
                context = browser.new_context(
                    base_url=given.url, viewport=viewport, locale=given.locale, color_scheme=colours
                )  # type: ignore[arg-type, call-overload]
                sign_in(context, given.url, given.username).close()
                for name in given.only:
                    page = context.new_page()
                    STATES[name](page)
                    page.wait_for_timeout(150)
                    take(page, given.folder, f"{size}-{colours}-{name}", whole=False)
                    page.close()
                context.close()


if __name__ == "__main__":
    main()
