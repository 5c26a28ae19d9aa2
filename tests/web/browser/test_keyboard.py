import pytest
from playwright.sync_api import expect

from tests.support import factories

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    for number in range(3):
        factories.publish(
            installation, f"los-{number}", title=f"光猫红灯 {number}", script="您好，**这个红灯**表示光断了。"
        )
    factories.publish(installation, "blank", title="上门收费", script="费用是【待填：上门费】。")
    installation.reindex()


def test_an_agent_signs_in_searches_opens_copies_and_goes_back_without_a_mouse(new_page):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/sign-in")
    page.keyboard.type("agent")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.keyboard.type("光猫红灯")  # the field has the focus
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    results = page.locator(".hit h2 a")
    expect(results.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(results.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/entries/*")
    page.keyboard.press("c")
    expect(page.locator("[data-copy-label]")).to_have_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == "您好，这个红灯表示光断了。"
    page.keyboard.press("Escape")
    page.wait_for_url("**/?q=*")
    expect(results.nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_be_focused()


def test_arrows_stop_at_the_last_result_and_return_to_the_field(page):
    page.goto("/?q=光猫红灯")
    count = page.locator(".hit").count()
    for _ in range(count + 3):
        page.keyboard.press("ArrowDown")
    expect(page.locator(".hit h2 a").nth(count - 1)).to_be_focused()
    for _ in range(count):
        page.keyboard.press("ArrowUp")
    expect(page.locator("#q")).to_be_focused()


def test_keys_do_nothing_while_an_input_method_is_composing(page):
    page.goto("/?q=光猫红灯")
    page.focus("#q")
    devtools = page.context.new_cdp_session(page)
    page.evaluate("document.getElementById('q').value = ''")
    devtools.send("Input.imeSetComposition", {"text": "hong deng", "selectionStart": 9, "selectionEnd": 9})
    for key in ("ArrowDown", "ArrowUp", "Escape", "/", "c"):
        page.evaluate(
            """key => document.activeElement.dispatchEvent(
                 new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, isComposing: true }))""",
            key,
        )
        assert page.evaluate("document.activeElement.id") == "q", key
    page.evaluate(
        """() => document.activeElement.dispatchEvent(
             new KeyboardEvent("keydown", { key: "ArrowDown", keyCode: 229, bubbles: true, cancelable: true }))"""
    )
    assert page.evaluate("document.activeElement.id") == "q"
    devtools.send("Input.insertText", {"text": "红灯"})
    assert page.input_value("#q") == "红灯"
    page.keyboard.press("Escape")  # what is suggested for it goes
    page.keyboard.press("ArrowDown")
    expect(page.locator(".hit h2 a").first).to_be_focused()


def test_letters_and_slashes_are_text_inside_fields(page):
    page.goto("/entries/blank")
    page.focus("#q")
    page.keyboard.type("c/c")
    assert page.input_value("#q") == "c/c"
    assert page.locator("[data-copy-label]").text_content() == "复制"


def test_copying_warns_of_what_is_still_to_be_filled_in(new_page, sign_in):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page)
    page.goto("/entries/blank")
    page.click("button[data-copy]")
    expect(page.locator("[data-copy-label]")).to_contain_text("别照着念")


def test_copying_works_without_a_secure_address(page):
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.goto("/entries/los-0")
    page.evaluate(
        "document.addEventListener('copy', () => { window.copied = document.activeElement.value; })",
    )
    page.click("button[data-copy]")
    expect(page.locator("[data-copy-label]")).to_have_text("已复制")
    assert page.evaluate("window.copied") == "您好，这个红灯表示光断了。"


def test_the_menu_closes_with_escape(page):
    page.click(".menu summary")
    assert page.locator(".menu-panel").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".menu-panel").is_visible()
    assert page.url.endswith("/")
