"""Take pictures of a running demo, every scene on a desk and a phone, light and dark: ``python -m tests.pictures``.

``kb demo --quarter`` makes the installation that the scenes are about. What is looked at goes into a folder of one's
own; the good ones are copied to ``docs/images`` by hand.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, Route, ViewportSize

from tests.web.browser.chromium import DESK, PHONE, chromium
from web.demo_people import DEMO_PASSWORD

AGENT, EXPERT, MANAGER, LEADER = "wangmin", "liuhao", "guoning", "luofang"
SAID = "盒子亮红灯上不了网"
Scene = Callable[[Page], None]


def typed(page: Page, text: str = SAID) -> None:
    """Have *text* typed on the desk, and wait for what comes of it."""
    page.goto("/desk")
    page.fill("#q", text)
    page.wait_for_selector(".desk-list [data-key], .desk-list .no-answer, .desk-list .quiet")
    page.wait_for_timeout(600)


def opened(page: Page) -> None:
    """Open the first result by its key."""
    typed(page)
    page.press("#q", "Enter")
    page.wait_for_selector(".desk-open .answer")
    page.wait_for_timeout(400)


def not_solved(page: Page) -> None:
    """Say that the card did not help, and be asked why."""
    opened(page)
    page.locator("#desk-card").focus()
    page.keyboard.press("2")
    page.wait_for_timeout(300)


def correcting(page: Page) -> None:
    """Begin a correction of the card."""
    opened(page)
    page.locator("#desk-card").focus()
    page.keyboard.press("3")
    page.wait_for_timeout(300)


def keys(page: Page) -> None:
    """Have the keys shown."""
    opened(page)
    page.locator("#desk-card").focus()
    page.keyboard.press("?")
    page.wait_for_timeout(300)


def slow(page: Page) -> None:
    """Search where the server takes its time."""
    typed(page)
    page.route("**/desk/results*", lambda route: None)
    page.fill("#q", "机顶盒没信号")
    page.wait_for_timeout(2500)


def failing(page: Page) -> None:
    """Search where the server fails."""
    typed(page)
    page.route("**/desk/results*", _fail)
    page.fill("#q", "机顶盒没信号")
    page.wait_for_timeout(1500)


def offline(page: Page) -> None:
    """Go on while the server is away."""
    opened(page)
    page.context.set_offline(True)
    page.fill("#q", "机顶盒没信号")
    page.wait_for_timeout(2500)


def _fail(route: Route) -> None:
    route.fulfill(status=500, body="")


def first(listed: str, link: str) -> Scene:
    """Return the scene of the first *link* of the page *listed*."""

    def scene(page: Page) -> None:
        page.goto(listed)
        page.goto(page.locator(link).first.get_attribute("href") or listed)

    return scene


def wrote(page: Page) -> None:
    """Write half an entry."""
    page.goto("/editor")
    page.click("button[value=best_practice]")
    page.fill("#title", "光猫红灯，电话里三步判断")
    page.fill("#answer", "先看尾纤，再重启，仍红灯就报修。")
    page.fill("#wordings", "盒子亮红灯上不了网\n刚搬完家盒子就红了")
    page.fill("#script", "您好，我先陪您看两个地方，给您派单。")
    page.wait_for_timeout(4000)


def page_of(address: str) -> Scene:
    """Return the scene of a page by its address."""
    return lambda page: page.goto(address) and None


SCENES: Mapping[str, Mapping[str, Scene]] = {
    AGENT: {
        "search": page_of(f"/?q={SAID}"),
        "desk-empty": page_of("/desk"),
        "desk-results": typed,
        "desk-card": opened,
        "desk-not-solved": not_solved,
        "desk-correction": correcting,
        "desk-keys": keys,
        "desk-slow": slow,
        "desk-error": failing,
        "desk-offline": offline,
        "desk-no-answer": lambda page: typed(page, "我想在你们这里买火车票"),
        "desk-put-right": lambda page: typed(page, "光猫红登"),
        "bulletins": page_of("/bulletins"),
        "calls-mine": page_of("/calls/mine"),
        "study": page_of("/study"),
        "week": page_of("/study/week"),
        "exams": page_of("/exams"),
        "training-mine": page_of("/training/mine"),
        "threads": page_of("/threads"),
        "thread": first("/threads", ".thread-row a"),
    },
    EXPERT: {
        "editor": wrote,
        "ratings": page_of("/ratings"),
        "rating": first("/ratings", "main a[href*='/rating']"),
        "maturity-entry": first("/ratings", "main a[href*='/maturity']"),
        "nominations": page_of("/nominations"),
        "people": page_of("/people"),
        "person": first("/people", ".who a"),
        "must-reads": page_of("/must-reads"),
    },
    MANAGER: {
        "maturity-board": page_of("/maturity"),
        "maturity-report": page_of("/maturity/report"),
        "maturity-flags": page_of("/maturity/flags"),
        "rubric": page_of("/maturity/rubric"),
        "gaps": page_of("/gaps"),
        "why": page_of(f"/search/why?q={SAID}"),
        "lexicon": page_of("/lexicon"),
        "figures": page_of("/calls/figures"),
        "training": page_of("/training"),
        "training-report": first("/training", "main a[href*='/report'], main a[href*='/plans/']"),
        "review": page_of("/review"),
        "status": page_of("/status"),
        "corrections": page_of("/corrections"),
    },
    LEADER: {"brief": page_of("/brief"), "bulletins-manage": page_of("/bulletins/manage")},
}
VARIANTS: Mapping[str, tuple[ViewportSize, str]] = {
    "desk-light": (ViewportSize(width=DESK["width"], height=DESK["height"]), "light"),
    "desk-dark": (ViewportSize(width=DESK["width"], height=DESK["height"]), "dark"),
    "phone-light": (ViewportSize(width=PHONE["width"], height=PHONE["height"]), "light"),
    "phone-dark": (ViewportSize(width=PHONE["width"], height=PHONE["height"]), "dark"),
}


def main() -> None:
    """Take the pictures, and say which pages are wider than the screen or don't come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--only", nargs="*", default=[], help="names of scenes")
    parser.add_argument("--variants", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for username, scenes in SCENES.items():
            wanted = {name: scene for name, scene in scenes.items() if not options.only or name in options.only}
            for variant in options.variants if wanted else ():
                _take(browser, options, username, wanted, variant)


def _take(
    browser: Browser, options: argparse.Namespace, username: str, scenes: Mapping[str, Scene], variant: str
) -> None:
    viewport, scheme = VARIANTS[variant]
    for name, scene in scenes.items():
        context = browser.new_context(
            base_url=options.url,
            viewport=viewport,
            color_scheme="dark" if scheme == "dark" else "light",
            locale="zh-CN",
            reduced_motion="reduce",
        )
        page = context.new_page()
        try:
            page.goto("/sign-in")
            page.fill("#username", username)
            page.fill("#password", DEMO_PASSWORD)
            page.press("#password", "Enter")
            page.wait_for_selector(".top")
            scene(page)
            page.wait_for_timeout(300)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > viewport["width"]:
                print(f"{name} {variant}: {wide} pixels wide", flush=True)
            page.screenshot(path=str(options.folder / f"{name}-{variant}.png"))
        except Error as error:
            print(f"{name} {variant}: {str(error).splitlines()[0]}", flush=True)
        finally:
            context.close()


if __name__ == "__main__":
    main()
