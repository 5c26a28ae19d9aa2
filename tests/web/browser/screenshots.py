"""Takes a picture of every page of a running demo, at a desk's and at a phone's size, for people to look at.

Start ``kb demo``, then ``python -m tests.web.browser.screenshots http://127.0.0.1:8000 FOLDER``.
"""

import argparse
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.web.browser.chromium import DESK, PHONE, chromium
from web.demo_people import DEMO_PASSWORD

PAGES = {
    "home": "/",
    "results": "/?q=家里那个盒子亮红灯上不了网",
    "results-filtered": "/?q=宽带&module=fault&kind=faq&region=jiangyang",
    "results-threads": "/?q=红灯&source=thread",
    "nothing": "/?q=zzzz&module=fault",
    "browse": "/?module=fault.broadband",
    "entry": "/entries/broadband-los-red?q=家里那个盒子亮红灯上不了网",
    "threads": "/threads",
    "thread": "/threads/los-after-rain",
    "new-thread": "/threads/new?title=盒子亮红灯",
    "help": "/help",
    "password": "/me/password",
    "status": "/status",
    "missing": "/entries/no-such-entry",
}


def take(page: Page, folder: Path, name: str, *, whole: bool) -> None:
    page.screenshot(path=folder / f"{name}.png", full_page=whole)
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    if wide:
        print(f"{name}: scrolls sideways")


def sign_in(context: BrowserContext, url: str, username: str) -> Page:
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.fill("#username", username)
    page.fill("#password", DEMO_PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector(".top")
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--username", default="guoning")
    parser.add_argument("--locale", default="zh-CN")
    parser.add_argument("--only", nargs="*", choices=PAGES, default=list(PAGES))
    parser.add_argument("--whole", action="store_true", help="the whole page, not what a screen shows")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for size, viewport in (("desk", DESK), ("phone", PHONE)):
            context = browser.new_context(viewport=viewport, locale=given.locale)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(f"{given.url}/sign-in")
            take(page, given.folder, f"{size}-sign-in", whole=given.whole)
            page = sign_in(context, given.url, given.username)
            for name in given.only:
                page.goto(given.url + PAGES[name])
                take(page, given.folder, f"{size}-{name}", whole=given.whole)
            context.close()


if __name__ == "__main__":
    main()
