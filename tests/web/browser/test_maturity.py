"""An expert rates from the queue, and the third independent rating lifts the entry before the watcher's eyes."""

import pytest
from playwright.sync_api import expect

from kb.db import unit_of_work
from kb.maturity.rubric import Scores
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM
from tests.support import factories, maturity
from tests.support.installation import PASSWORD
from tests.web.browser.chromium import PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def nearly_best(installation):
    """Two entries alike; calls have proven the second, and two experts have rated it."""
    for key in ("one", "two"):
        factories.publish(installation, key, title="光猫 LOS 红灯")
    maturity.calls(installation, maturity.callers(installation, 12), "two", solved=36)
    maturity.follow(installation)
    for expert in maturity.experts(installation, 2):
        maturity.rate(installation, expert, "two", Scores(5, 5, 5, 5, 5))
    with unit_of_work(installation.sessions) as session:
        for name in ("expert", "editor", "manager"):
            people.set_password(session, SYSTEM, by_username(session, name), PASSWORD, now=installation.clock())
    installation.reindex()
    return installation


def enter(page, username):
    page.goto("/sign-in")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("header.top")).to_be_visible()


def test_the_third_rating_lifts_the_entry_tells_its_owner_and_moves_the_search(nearly_best, new_page):
    page = new_page()
    enter(page, "expert")
    page.goto("/ratings")
    page.get_by_role("link", name="光猫 LOS 红灯", exact=True).click()
    expect(page.locator("[data-rating]")).to_be_visible()
    page.wait_for_load_state("load")
    for score in "55545":
        page.keyboard.press(score)
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("逐条核过 2026 版")
    page.keyboard.press("Enter")
    expect(page.get_by_text("这条知识升到了 L4")).to_be_visible()
    nearly_best.reindex()
    page.goto("/?q=光猫亮红灯")
    first = page.locator(".hit").first
    expect(first).to_contain_text("L4")
    first.get_by_role("link").first.click()
    page.get_by_role("link", name="36 次使用解决了 36 次").click()
    expect(page.locator("svg.timeline")).to_be_visible()
    expect(page.locator(".changes")).to_contain_text("专家评分")

    owner = new_page()
    enter(owner, "editor")
    owner.goto("/levels")
    expect(owner.locator(".rows")).to_contain_text("达到条件，升级")
    owner.get_by_role("button", name="知道了").click()
    expect(owner.get_by_text("没有新的变化")).to_be_visible()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_no_page_of_maturity_scrolls_sideways(nearly_best, new_page, size):
    page = new_page(**({"viewport": PHONE} if size == "phone" else {}))
    enter(page, "manager")
    for address in (
        "/maturity",
        "/maturity/report",
        "/maturity/rubric",
        "/maturity/flags",
        "/nominations",
        "/levels",
        "/entries/two/maturity",
        "/entries/two",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
