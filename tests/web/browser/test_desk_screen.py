"""The desk in a browser: a whole call by keyboard, input methods, phones, late answers, weight, access."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kb.desk.models import DeskScope, Outcome, SearchRecord
from kb.desk.rules import Reason
from tests.support import factories
from tests.web.browser.axe import violations
from tests.web.browser.chromium import DESK, PHONE
from web.services import services

pytestmark = pytest.mark.browser

WIDE = "region=&module=&product="


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    factories.publish(
        installation,
        "los",
        title="光猫 LOS 红灯",
        script="您好，**这个红灯**表示光断了。",
        internal_note="先报班长",
        fees="免费",
        transfer_to="装维派单",
        related=("tv",),
    )
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal", wordings=("电视黑屏",))
    for number in range(8):
        factories.publish(installation, f"more-{number}", title=f"宽带慢 {number}", wordings=(f"网速慢得很 {number}",))
    installation.reindex()


def rows(app, installation, model):
    services(app).search_log.flush()
    with installation.sessions() as session:
        return session.scalars(select(model)).all()


def listen(page) -> None:
    page.add_init_script(
        """window.told = [];
        for (const name of ["searched", "opened", "copied", "outcome"])
          document.addEventListener(`desk:${name}`, (event) => window.told.push([name, event.detail]));"""
    )


def test_a_whole_call_by_keyboard_alone(app, installation, new_page, sign_in):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page)
    listen(page)
    page.goto(f"/desk?{WIDE}&call=c-7")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("盒子亮红灯")
    first = page.locator(".desk-hit h3 a").first
    expect(first).to_contain_text("LOS")
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    expect(page.locator(".desk-hit .evidence").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-card-title]")).to_be_focused()
    assert "open=los" in page.url
    assert "call=c-7" in page.url
    page.keyboard.press("c")
    expect(page.locator("[data-copy-label]")).to_have_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == "您好，这个红灯表示光断了。"
    page.keyboard.press("2")
    expect(page.locator(".desk-reasons button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("details[data-panel='2']")).not_to_have_attribute("open", "")
    page.keyboard.press("1")
    expect(page.locator(".desk-feedback-said")).to_contain_text("解决了")
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_be_focused()
    told = page.evaluate("window.told")
    assert [name for name, _ in told] == ["searched", "opened", "copied", "outcome"]
    assert told[1][1] == {"entry": "los", "position": 1, "query": "盒子亮红灯", "call": "c-7"}
    assert told[3][1] == {"entry": "los", "solved": True, "reason": None, "call": "c-7"}
    (outcome,) = rows(app, installation, Outcome)
    assert (outcome.solved, outcome.text) == (True, "盒子亮红灯")
    assert [record.text for record in rows(app, installation, SearchRecord)] == ["盒子亮红灯"]


def test_enter_in_the_field_opens_the_first_even_before_the_list_is_there(page):
    page.goto(f"/desk?{WIDE}")
    page.keyboard.type("盒子亮红灯")
    page.keyboard.press("Enter")
    expect(page.locator("[data-card=los]")).to_be_visible()


def test_a_reason_by_two_digits(app, installation, page):
    page.goto(f"/desk?q=红灯&{WIDE}&open=los")
    page.keyboard.press("2")
    page.keyboard.press("4")
    expect(page.locator(".desk-feedback-said")).to_contain_text("看不懂")
    (outcome,) = rows(app, installation, Outcome)
    assert outcome.reason is Reason.UNCLEAR


def test_letters_and_digits_are_text_inside_the_field(app, installation, page):
    page.goto(f"/desk?q=红灯&{WIDE}&open=los")
    page.keyboard.press("/")
    page.keyboard.type("c12g?/")
    assert page.input_value("#q") == "c12g?/"
    assert not page.locator("[data-help-panel]").is_visible()
    assert rows(app, installation, Outcome) == []


def test_nothing_happens_while_an_input_method_composes(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/desk/results" in request.url else None)
    page.goto(f"/desk?q=宽带慢&{WIDE}")
    page.focus("#q")
    page.evaluate("document.getElementById('q').value = ''")
    devtools = page.context.new_cdp_session(page)
    for part in ("h", "hong", "hong deng"):
        devtools.send("Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)})
    for key, code in (("ArrowDown", 0), ("Escape", 0), ("Enter", 229), ("c", 229), ("1", 229), ("?", 229)):
        page.evaluate(
            """([key, keyCode]) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
                 { key, keyCode, bubbles: true, cancelable: true, isComposing: keyCode === 0 }))""",
            [key, code],
        )
        assert page.evaluate("document.activeElement.id") == "q", key
    assert asked == []
    assert not page.locator("[data-help-panel]").is_visible()
    with page.expect_response("**/desk/results*"):
        devtools.send("Input.insertText", {"text": "红灯"})
    expect(page.locator(".desk-hit h3 a").first).to_contain_text("LOS")
    assert page.input_value("#q") == "红灯"


def test_a_late_answer_to_an_older_question_is_dropped(page):
    held = []
    page.goto(f"/desk?{WIDE}")
    # Even an answer that could not be stopped any more: aborting is taken away.
    page.evaluate("AbortController.prototype.abort = () => undefined")
    page.route(re.compile(r"/desk/results\?q=%E7%94%B5%E8%A7%86"), lambda route: held.append(route))  # noqa: PLW0108 - 电视
    page.fill("#q", "电视没信号")
    expect(page.locator("[data-list].is-slow")).to_be_visible()
    page.fill("#q", "红灯")
    first = page.locator(".desk-hit h3 a").first
    expect(first).to_contain_text("LOS")
    expect(page.locator("[data-list].is-slow")).to_have_count(0)
    with page.expect_response(re.compile("%E7%94%B5%E8%A7%86")) as late:
        held[0].continue_()
    late.value.finished()
    page.evaluate("() => new Promise((done) => setTimeout(done, 0))")
    expect(first).to_contain_text("LOS")


def test_back_and_forward_restore_the_desk(page):
    page.goto(f"/desk?{WIDE}")
    page.fill("#q", "红灯")
    page.locator(".desk-hit[data-key=los] a").click()
    expect(page.locator("[data-card=los]")).to_be_visible()
    page.locator(".desk-related a").click()
    expect(page.locator("[data-card=tv]")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-card=los]")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-card]")).to_have_count(0)
    assert page.input_value("#q") == "红灯"
    page.go_forward()
    expect(page.locator("[data-card=los]")).to_be_visible()
    page.reload()
    expect(page.locator("[data-card=los]")).to_be_visible()
    assert page.input_value("#q") == "红灯"


def test_the_scope_narrows_at_once_and_is_remembered(app, installation, page):
    page.goto(f"/desk?q=没信号&{WIDE}")
    with page.expect_response("**/desk/scope"):
        page.select_option("select[name=module]", "tv")
    page.wait_for_url("**module=tv**")
    (kept,) = rows(app, installation, DeskScope)
    assert kept.module_key == "tv"
    page.goto("/desk")
    assert page.input_value("select[name=module]") == "tv"


def test_a_gap_is_one_key(page):
    page.goto(f"/desk?q=zzzz&{WIDE}")
    page.keyboard.press("Escape")  # the search field is emptied by Escape; the list is left alone
    page.goto(f"/desk?q=宽带慢&{WIDE}")
    expect(page.locator(".desk-hit")).to_have_count(7)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("g")
    expect(page.locator(".desk-gap")).to_contain_text("记下了")


def test_help_opens_and_closes_by_key(page):
    page.goto(f"/desk?q=红灯&{WIDE}&open=los")
    page.keyboard.press("?")
    expect(page.locator("[data-help-panel]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-help-panel]")).not_to_be_visible()


def test_on_a_phone_the_card_fills_the_screen_and_goes_back(new_page, sign_in):
    page = new_page(viewport=PHONE, has_touch=True)
    sign_in(page)
    page.goto(f"/desk?q=红灯&{WIDE}")
    assert not page.locator("[data-open]").is_visible()
    page.locator(".desk-hit[data-key=los] a").tap()
    box = page.locator("[data-open]").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, PHONE["width"], PHONE["height"])
    page.locator("[data-feedback] button[name=solved]").tap()
    expect(page.locator(".desk-feedback-said")).to_contain_text("解决了")
    page.locator("[data-close]").tap()
    expect(page.locator("[data-open]")).not_to_be_visible()
    expect(page.locator(".desk-hit[data-key=los] a")).to_be_focused()


def test_on_a_phone_there_is_a_way_back_from_what_cannot_be_opened(new_page, sign_in):
    page = new_page(viewport=PHONE, has_touch=True)
    sign_in(page)
    page.goto(f"/desk?q=红灯&open=missing&{WIDE}")
    expect(page.locator("[data-open]")).to_contain_text("打不开这条知识")
    page.locator("[data-open] [data-close]").tap()
    expect(page.locator("[data-open]")).not_to_be_visible()
    expect(page.locator(".desk-hit[data-key=los] a")).to_be_visible()


def test_the_desk_works_without_scripts(new_page, sign_in):
    page = new_page(java_script_enabled=False)
    sign_in(page)
    page.goto(f"/desk?{WIDE}")
    page.fill("#q", "红灯")
    page.press("#q", "Enter")
    page.locator(".desk-hit[data-key=los] a").click()
    page.locator("[data-feedback] button[name=solved]").click()
    assert "解决了" in page.locator(".desk-feedback-said").text_content()
    page.select_option("select[name=module]", "fault")
    page.click(".desk-scope button")
    assert "module=fault" in page.url
    assert "open=los" in page.url


def test_the_page_weighs_less_than_a_quarter_of_a_megabyte(page):
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(f"/desk?q=宽带慢&{WIDE}&open=los", wait_until="networkidle")
    assert len(sizes) > 8
    assert sum(sizes) < 250_000


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_everybody_can_use_it(new_page, sign_in, colours, size):
    page = new_page(viewport=DESK if size == "desk" else PHONE, color_scheme=colours)
    sign_in(page)
    found = {}
    for address in ("/desk", f"/desk?q=宽带慢&{WIDE}", f"/desk?q=zzzz&{WIDE}", f"/desk?q=红灯&{WIDE}&open=los"):
        page.goto(address)
        found[address] = violations(page)
    if size == "desk":
        page.keyboard.press("2")
        found["reasons"] = violations(page)
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        found["help"] = violations(page)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide
