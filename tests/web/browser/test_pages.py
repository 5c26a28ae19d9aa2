import pytest
from playwright.sync_api import expect

from kb.db import unit_of_work
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.web.browser.chromium import DESK, PHONE
from web.demo_people import DEMO_PASSWORD
from web.services import services

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/?q=光猫红灯",
    "/?q=光猫红灯&module=fault&kind=faq&region=hedong",
    "/?q=红灯&source=thread",
    "/?q=zzzz&module=fault",
    "/?module=fault",
    "/entries/los-0?q=光猫红灯",
    "/threads",
    "/threads/rain",
    "/threads/new",
    "/help",
    "/me/password",
]

# For every piece of text that can be seen: its contrast with what is behind it (WCAG 2.1, 1.4.3).
TOO_FAINT = """
() => {
  const NOT_READ = "[aria-hidden=true], .visually-hidden, script, option";
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const over = (top, below) => { const a = top[3] ?? 1; return [0, 1, 2].map((i) => top[i] * a + below[i] * (1 - a)); };
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.unshift(parse(getComputedStyle(e).backgroundColor));
    return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.closest(NOT_READ) || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    let opacity = 1;
    for (let e = element; e; e = e.parentElement) opacity *= Number(getComputedStyle(e).opacity);
    const back = behind(element);
    const color = parse(style.color);
    const [a, b] = [light(over([...color.slice(0, 3), (color[3] ?? 1) * opacity], back)), light(back)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push(`${text.slice(0, 20)} ${ratio.toFixed(2)}`);
  }
  return found;
}
"""


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    texts = {
        "internal_note": "别提赔偿",
        "exceptions": "- 停电不算",
        "fees": "上门检修费用【待填：上门检修收费标准】",
        "deadlines": "两天",
        "transfer_to": "装维派单",
        "body": "## 表\n\n| 灯 | 意思 |\n|---|---|\n| LOS | 光断了，要报装维，先看有没有大面积公告，再看单户 |",
    }
    for number in range(12):
        factories.publish(installation, f"los-{number}", title=f"光猫红灯（光路中断）{number}", **texts)
    factories.thread(installation, "rain", body="长" * 300 + " https://example.invalid/" + "x" * 200)
    installation.reindex()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_pages_fit_the_screen_and_can_be_read(new_page, sign_in, size):
    page = new_page(viewport=DESK if size == "desk" else PHONE)
    sign_in(page)
    for address in PAGES:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
        assert page.evaluate(TOO_FAINT) == [], address
        assert page.locator("h1:visible").count() == 1, address


def test_five_results_can_be_seen_at_a_desk(page):
    page.goto("/?q=光猫红灯")
    bottoms = page.evaluate("[...document.querySelectorAll('.hit')].map((hit) => hit.getBoundingClientRect().bottom)")
    assert len([bottom for bottom in bottoms if bottom <= DESK["height"]]) >= 5


def test_on_a_phone_the_search_field_stays_and_filters_unfold(new_page, sign_in):
    page = new_page(viewport=PHONE)
    sign_in(page)
    page.goto("/?q=光猫红灯")
    assert not page.locator("#region").is_visible()
    page.click(".filters-toggle")
    assert page.locator("#region").is_visible()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert page.evaluate("window.scrollY") > 300
    box = page.locator("#q").bounding_box()
    assert 0 <= box["y"] < 100


def test_a_page_works_without_scripts(new_page, sign_in):
    page = new_page(java_script_enabled=False)
    sign_in(page)
    page.fill("#q", "光猫红灯")
    page.press("#q", "Enter")
    page.select_option("#region", "hedong")
    page.click(".region-form button")
    assert "region=hedong" in page.url
    page.locator(".hit h2 a").first.click()
    assert page.locator(".answer").is_visible()
    assert not page.locator("button[data-copy]").is_visible()
    page.click("a[data-back]")
    expect(page.locator(".hit")).to_have_count(10)
    page.click(".menu summary")
    page.click("text=English")
    assert page.locator("html").get_attribute("lang") == "en"


def test_choosing_a_region_searches_at_once(page):
    page.goto("/?q=光猫红灯")
    assert not page.locator(".region-form button").is_visible()
    page.select_option("#region", "hedong")
    page.wait_for_url("**region=hedong**")
    assert page.input_value("#region") == "hedong"


def test_a_click_anywhere_on_a_result_opens_it(page):
    page.goto("/?q=光猫红灯")
    box = page.locator(".hit-answer").first.bounding_box()
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    page.wait_for_url("**/entries/*")


def test_a_question_that_finds_nothing_becomes_a_thread(page):
    page.goto("/?q=zzzz 怎么办")
    page.click("text=发帖问同事")
    assert page.input_value("#title") == "zzzz 怎么办"
    page.select_option("#module", "fault.broadband")
    page.fill("#body", "客户说 zzzz")
    page.click("main button[type=submit]")
    page.wait_for_url("**/threads/t-*")
    page.fill("#body", "我也不知道")
    page.click("text=发出回复")
    page.wait_for_selector("#reply-1")
    page.click("text=采纳为答案")
    page.wait_for_selector(".post-accepted")


def test_the_demo_signs_in_with_one_click(installation, new_page, app):
    services(app).settings.demo = True
    with unit_of_work(installation.sessions) as session:
        user = by_username(session, Role.REVIEWER.value)
        people.set_password(session, SYSTEM, user, DEMO_PASSWORD, now=installation.clock())
    page = new_page()
    page.goto("/sign-in")
    page.click("button.demo-person >> text=reviewer")
    page.wait_for_selector("header.top")
    assert "审核" in page.locator(".menu-name").text_content()
