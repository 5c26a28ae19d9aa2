"""Suggestions under the search field: keys, mouse, touch, input methods and answers that come too late."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support import factories
from tests.web.browser.chromium import PHONE

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    factories.publish(installation, "box", title="机顶盒没信号", wordings=("电视盒子黑屏了",))
    factories.publish(installation, "restart", title="机顶盒怎么重启", wordings=("盒子卡住了",))
    factories.publish(installation, "county", title="机顶盒河东停播", wordings=(), regions=("hedong",))
    factories.publish(installation, "los")
    installation.reindex()


def options(page: Page):
    return page.locator("#suggestions [role=option]")


def type_in(page: Page, text: str) -> None:
    page.focus("#q")
    page.keyboard.type(text)
    expect(page.locator("#suggestions")).to_be_visible()


def compose(page: Page, text: str) -> None:
    page.context.new_cdp_session(page).send(
        "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
    )


def test_typing_initials_suggests_and_the_keys_choose(page):
    field = page.locator("#q")
    expect(field).to_have_attribute("role", "combobox")
    expect(field).to_have_attribute("aria-expanded", "false")
    type_in(page, "jdh")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(options(page)).to_have_count(3)
    expect(options(page).first.locator("mark")).to_have_text("机顶盒")
    expect(field).not_to_have_attribute("aria-activedescendant", "suggestion-0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "suggestion-1")
    expect(options(page).nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("option", selected=True)).to_have_count(1)
    assert page.input_value("#q") == "jdh"
    text = options(page).nth(1).locator(".suggestion-text").text_content()
    page.keyboard.press("Enter")
    page.wait_for_url("**/entries/*")
    expect(page.locator("h1")).to_have_text(text)
    page.keyboard.press("Escape")
    page.wait_for_url("**/?q=*")
    assert page.input_value("#q") == text


def test_arrows_go_round_by_way_of_the_field(page):
    type_in(page, "机顶")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "suggestion-2")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "suggestion-0")


def test_enter_with_nothing_chosen_searches_for_what_was_typed(page):
    type_in(page, "机顶")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    assert page.input_value("#q") == "机顶"


def test_escape_closes_and_keeps_what_was_typed_and_an_arrow_brings_it_back(page):
    type_in(page, "机顶")
    page.keyboard.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    assert page.input_value("#q") == "机顶"
    page.keyboard.press("ArrowDown")
    expect(page.locator("#suggestions")).to_be_visible()


def test_a_mouse_opens_what_it_presses(page):
    type_in(page, "盒子亮")
    option = options(page).first
    expect(option.locator(".suggestion-title")).to_have_text("光猫 LOS 红灯")
    expect(option.locator(".suggestion-kind")).to_have_text("客户说")
    expect(option.locator("mark")).to_have_text("盒子亮")
    option.click()
    page.wait_for_url("**/entries/los?*")


def test_a_finger_opens_what_it_presses(new_page, sign_in):
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    sign_in(page)
    type_in(page, "jidingh")
    options(page).first.tap()
    page.wait_for_url("**/entries/*")


def test_going_elsewhere_closes(page):
    type_in(page, "机顶")
    page.keyboard.press("Tab")
    expect(page.locator("#suggestions")).to_be_hidden()


def test_emptying_the_field_closes(page):
    type_in(page, "机")
    page.keyboard.press("Backspace")
    expect(page.locator("#suggestions")).to_be_hidden()


def test_on_the_results_page_arrows_walk_results_until_somebody_types(page):
    page.goto("/?q=机顶盒&region=jiangyang")
    page.focus("#q")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".hit h2 a").first).to_be_focused()
    page.focus("#q")
    page.fill("#q", "机顶")
    expect(options(page)).to_have_count(2)  # the region still narrows
    page.keyboard.press("ArrowDown")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "suggestion-0")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".hit h2 a").first).to_be_focused()


def test_nothing_is_asked_while_an_input_method_composes(page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/suggest?" in request.url else None)
    page.clock.install()
    page.goto("/")
    page.focus("#q")
    compose(page, "ji ding")
    compose(page, "ji ding he")
    assert page.input_value("#q") == "ji ding he"
    page.clock.run_for(1000)
    assert asked == []
    expect(page.locator("#suggestions")).to_be_hidden()
    page.context.new_cdp_session(page).send("Input.insertText", {"text": "机顶盒"})
    page.clock.run_for(1000)
    expect(page.locator("#suggestions")).to_be_visible()
    assert len(asked) == 1


def test_keys_of_an_input_method_choose_no_suggestion(page):
    type_in(page, "机顶")
    for key in ("ArrowDown", "Enter", "Escape"):
        page.evaluate(
            """key => document.activeElement.dispatchEvent(
                 new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, isComposing: true }))""",
            key,
        )
    expect(page.get_by_role("option", selected=True)).to_have_count(0)
    expect(page.locator("#suggestions")).to_be_visible()
    compose(page, "he")
    expect(page.locator("#suggestions")).to_be_hidden()


def test_an_answer_that_comes_too_late_is_dropped(page):
    """The first answer is held back until the second has been shown, by a fetch that can't be stopped."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if len(held) == 0:
            held.append(route)
        else:
            route.continue_()

    page.evaluate(
        """() => {
          const fetch = window.fetch;
          window.answers = [];
          window.fetch = (address) => {
            const answer = fetch(address);
            window.answers.push(answer.then((given) => given.clone().text()));
            return answer;
          };
        }"""
    )
    page.route("**/suggest?*", hold)
    page.focus("#q")
    with page.expect_request("**/suggest?*"):
        page.keyboard.type("盒子亮")
    page.fill("#q", "机顶")
    expect(options(page)).to_have_count(3)
    with page.expect_response("**/suggest?q=%E7%9B%92*"):
        held[0].continue_()
    assert page.evaluate("Promise.all(window.answers).then((answers) => new Promise(requestAnimationFrame))")
    expect(options(page)).to_have_count(3)


def test_a_question_that_is_out_of_date_is_stopped(page):
    held: list[Route] = []
    page.route("**/suggest?*", lambda route: held.append(route) if not held else route.continue_())
    page.focus("#q")
    with page.expect_request("**/suggest?*"):
        page.fill("#q", "盒子亮")
    with page.expect_event("requestfailed", lambda request: request == held[0].request) as stopped:
        page.fill("#q", "机顶")
    assert stopped.value.failure == "net::ERR_ABORTED"
    expect(options(page)).to_have_count(3)


def test_a_search_that_was_started_is_not_covered_by_suggestions(page):
    page.route("**/suggest?*", lambda route: None)  # never answered
    page.focus("#q")
    with page.expect_request("**/suggest?*"):
        page.keyboard.type("机顶")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    expect(page.locator("#suggestions")).to_be_hidden()


def test_text_of_a_suggestion_is_text(page, installation):
    factories.publish(installation, "odd", title="<b>奇怪</b>&amp;的标题")
    installation.reindex()
    type_in(page, "b奇")
    expect(options(page).locator(".suggestion-text")).to_have_text("<b>奇怪</b>&amp;的标题")


def test_without_scripts_the_field_searches(new_page, sign_in):
    page = new_page(java_script_enabled=False)
    sign_in(page)
    expect(page.locator("#suggestions")).to_be_hidden()
    assert page.locator("#q").get_attribute("role") is None
    page.fill("#q", "机顶盒")
    page.press("#q", "Enter")
    page.wait_for_url("**/?q=*")
    expect(page.locator(".hit").first).to_be_visible()
