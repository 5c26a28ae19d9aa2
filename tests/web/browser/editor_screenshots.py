"""Takes a picture of every state of the editor on a running demo: both sizes, light and dark, for people to look at.

Start ``kb demo``, then ``python -m tests.web.browser.editor_screenshots http://127.0.0.1:8000 FOLDER``.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.web.browser.chromium import DESK, PHONE, chromium
from tests.web.browser.screenshots import sign_in, take

WRITTEN = {
    "title": "光猫红灯，电话里三步判断",
    "answer": "先看尾纤，再重启，仍红灯就安排师傅上门。",
    "wordings": "家里那个盒子亮红灯上不了网\n猫上面有个红灯一直闪\n刚搬完家盒子就红了",
    "script": "您好，我先陪您看两个地方，可能不用等师傅。要是还红，我马上给您派单。",
}

WITHOUT_BULLETINS = """
addEventListener("DOMContentLoaded", () => document.getElementById("bulletins")?.setAttribute("hidden", ""));
"""


def start(page: Page) -> None:
    page.goto("/editor")


def from_thread(page: Page) -> None:
    page.goto("/editor?origin=thread:los-after-rain")


def blank(page: Page) -> None:
    start(page)
    page.click("button[value=faq]")
    page.wait_for_selector("[data-beside=found] h2")


def written(page: Page) -> None:
    start(page)
    page.click("button[value=best_practice]")
    for name, text in WRITTEN.items():
        page.fill(f"#{name}", text)
    page.select_option("#module_key", "fault.broadband")
    page.wait_for_selector(".editor-near li")


def written_end(page: Page) -> None:
    written(page)
    page.evaluate("document.querySelector('.editor-beside').scrollTop = 99999; scrollTo(0, 99999)")


def offline(page: Page) -> None:
    written(page)
    page.context.set_offline(True)
    page.fill("#title", "没连上时写的标题")
    page.wait_for_selector("[data-state=away]")


def edit(page: Page) -> None:
    page.goto("/entries/broadband-slow")
    page.click(".entry-edit button")
    page.wait_for_selector("[data-beside=found] li")


def beside(page: Page) -> None:
    written(page)
    page.click(".near-do a")


def handover(page: Page) -> None:
    page.goto("/editor/handover")
    page.select_option("#person", index=1)
    page.click(".handover-who button")


STATES: dict[str, Callable[[Page], None]] = {
    state.__name__: state
    for state in (start, from_thread, blank, written, written_end, edit, beside, handover, offline)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--username", default="guoning")
    parser.add_argument("--only", nargs="*", choices=STATES, default=list(STATES))
    parser.add_argument("--sizes", nargs="*", choices=("desk", "phone"), default=["desk", "phone"])
    parser.add_argument("--colours", nargs="*", choices=("light", "dark"), default=["light", "dark"])
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for size in given.sizes:
            for colours in given.colours:
                context = browser.new_context(
                    base_url=given.url,
                    viewport=DESK if size == "desk" else PHONE,
                    locale="zh-CN",
                    color_scheme=colours,
                )
                context.add_init_script(WITHOUT_BULLETINS)
                sign_in(context, given.url, given.username).close()
                for name in given.only:
                    page = context.new_page()
                    STATES[name](page)
                    page.wait_for_timeout(150)
                    take(page, given.folder, f"{size}-{colours}-{name}", whole=False)
                    context.set_offline(False)
                    page.close()
                context.close()


if __name__ == "__main__":
    main()
