"""Calls at the desk in a browser: a link of the telephone system, a whole call by keyboard, its record found again."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kb.calls.models import Call
from kb.calls.rules import ContactRecord, Ending, StepKind, Topic
from tests.support import factories
from tests.web.browser.axe import violations
from tests.web.browser.chromium import DESK, PHONE

pytestmark = pytest.mark.browser

WIDE = "region=&module=&product="


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    factories.publish(
        installation, "los", title="光猫 LOS 红灯", script="您好，这个红灯表示光断了。", products=("broadband",)
    )
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal", wordings=("电视黑屏",))
    installation.reindex()


def rows(installation, model=Call):
    with installation.sessions() as session:
        return session.scalars(select(model).order_by(*model.__table__.primary_key)).all()


def told(page, kind, reference=""):
    """Wait until the server has said that it has a step of this kind of the call."""
    return page.expect_response(
        lambda answer: (
            answer.url.endswith(f"{reference}/steps")
            and answer.status == 204
            and kind.value in (answer.request.post_data or "")
        )
    )


def test_a_whole_call_by_keyboard_ends_in_a_contact_record_that_is_found_again(installation, new_page, sign_in):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page)
    page.goto(f"/desk?{WIDE}")
    expect(page.locator("[data-no-call]")).to_be_visible()
    with told(page, StepKind.COPIED):
        page.keyboard.type("盒子亮红灯")
        expect(page.locator(".desk-hit h3 a").first).to_contain_text("LOS")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("[data-card-title]")).to_be_focused()
        page.keyboard.press("c")
        expect(page.locator("[data-call-now]")).to_contain_text("00:0")
    (call,) = rows(installation)
    assert f"call={call.reference}" in page.url
    page.keyboard.press("e")
    expect(page.locator("[name=topic]").first).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("[name=topic][value=fault]")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("gd20261102-7")
    page.keyboard.press("Tab")
    page.keyboard.type("约晚上回拨 13800138000")
    page.keyboard.press("Escape")
    expect(page.locator("[data-call-form]")).not_to_be_visible()
    page.locator("[data-card-title]").focus()
    page.keyboard.press("1")
    expect(page.locator(".desk-feedback-said")).to_contain_text("解决了")
    expect(page.locator("[data-call-now]")).to_contain_text("已结束")
    page.keyboard.press("e")  # what was written before the outcome still stands there
    expect(page.locator("[name=ticket]")).to_have_value("GD20261102-7")
    page.keyboard.press("Enter")
    expect(page.locator("[data-call-panel] summary")).to_contain_text("GD20261102-7")
    expect(page.locator("#q")).to_be_focused()
    (call,) = rows(installation)
    assert call.record == ContactRecord(topic=Topic.FAULT, ticket="GD20261102-7", note="约晚上回拨 ***")
    assert (call.ending, call.solved, call.text, call.searches) == (Ending.OUTCOME, True, "盒子亮红灯", 1)
    assert call.position == 1
    assert call.first_card_ms is not None
    assert call.copied

    page.fill("#q", "gd20261102-7")
    page.locator("[data-ticket]").click()
    expect(page.locator(".call-item")).to_have_count(1)
    expect(page.locator(".call-item")).to_contain_text("约晚上回拨")
    expect(page.locator(".call-item")).to_contain_text("这个红灯表示光断了")
    page.wait_for_load_state()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_have_value("gd20261102-7")


def test_a_link_of_the_telephone_system_opens_the_call_with_everything_filled_in(installation, page):
    with told(page, StepKind.SEARCHED):
        page.goto("/desk?call=PBX-17&region=jiangyang&product=broadband&q=盒子亮红灯")
        expect(page.locator("[data-going-on]")).to_be_visible()
    assert page.input_value("#q") == "盒子亮红灯"
    assert page.input_value("select[name=region]") == "jiangyang"
    assert page.input_value("select[name=product]") == "broadband"
    expect(page.locator(".desk-hit h3 a").first).to_contain_text("LOS")
    (call,) = rows(installation)
    assert (call.cti, call.text, call.region_key, call.product_key) == (
        "PBX-17",
        "盒子亮红灯",
        "jiangyang",
        "broadband",
    )
    page.reload()
    expect(page.locator("[data-going-on]")).to_be_visible()
    page.goto("/desk?call=PBX-18")
    expect(page.locator("[data-going-on]")).to_be_visible()
    first, second = rows(installation)
    assert (first.ending, second.cti) == (Ending.NEXT, "PBX-18")
    with told(page, StepKind.OPENED, second.reference):
        page.fill("#q", "电视黑屏")
        page.keyboard.press("Enter")
        expect(page.locator("[data-card=tv]")).to_be_visible()
    _, second = rows(installation)
    assert second.first_key_ms is not None
    assert second.first_card_ms is not None
    assert "call=PBX-18" in page.url


def test_ending_a_call_makes_room_for_the_next(installation, page):
    page.goto(f"/desk?q=红灯&{WIDE}")
    expect(page.locator("[data-going-on]")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".desk-hit a").first.focus()
    page.keyboard.press("e")
    expect(page.locator("[name=topic]").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-call-now]")).to_contain_text("已结束")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("红灯")  # the next customer may say the same
    page.keyboard.press("Enter")
    expect(page.locator("[data-card=los]")).to_be_visible()
    expect(page.locator("[data-going-on]")).to_be_visible()
    first, second = rows(installation)
    assert (first.ending, second.ending, second.text) == (Ending.AGENT, None, "红灯")
    assert f"call={second.reference}" in page.url


def test_digits_in_the_contact_record_are_no_outcomes(installation, page):
    page.goto(f"/desk?q=红灯&{WIDE}&open=los")
    page.keyboard.press("e")
    page.locator("[data-call-form] button[value=end]").focus()
    page.keyboard.press("1")
    expect(page.locator("[name=topic][value=question]")).to_be_checked()
    page.locator("[name=ticket]").focus()
    page.keyboard.type("1234c")
    assert page.input_value("[name=ticket]") == "1234c"
    page.locator("[name=ticket]").fill("工单")
    page.keyboard.press("Enter")
    expect(page.locator("[name=ticket]:invalid")).to_be_focused()
    assert [call.solved for call in rows(installation)] == [None]


def test_two_tabs_of_a_desk_are_on_one_call(installation, page):
    page.goto(f"/desk?{WIDE}")
    with told(page, StepKind.SEARCHED):
        page.fill("#q", "红灯")
        page.keyboard.press("Enter")
        expect(page.locator("[data-going-on]")).to_be_visible()
    other = page.context.new_page()
    with told(other, StepKind.SEARCHED):
        other.goto(f"/desk?q=电视黑屏&{WIDE}")
        expect(other.locator("[data-going-on]")).to_be_visible()
    (call,) = rows(installation)
    assert f"call={call.reference}" in other.url
    assert call.searches == 2


def test_a_call_needs_no_scripts(installation, new_page, sign_in):
    page = new_page(java_script_enabled=False)
    sign_in(page)
    page.goto(f"/desk?{WIDE}")
    page.fill("#q", "红灯")
    page.press("#q", "Enter")
    (call,) = rows(installation)
    assert call.text == "红灯"
    page.locator("[data-call-panel] summary").click()
    page.locator(".call-topic", has_text="报障").click()
    page.fill("[name=ticket]", "GD20261102")
    page.click("text=结束通话")
    assert "通话已结束" in page.locator(".notice").text_content()
    (call,) = rows(installation)
    assert (call.ending, call.ticket) == (Ending.AGENT, "GD20261102")
    page.fill("#q", "电视黑屏")
    page.press("#q", "Enter")
    assert len(rows(installation)) == 2


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_everybody_can_use_it(installation, new_page, sign_in, colours, size):
    agent = installation.actor("agent")
    call = factories.call(installation, agent)
    factories.steps(installation, agent, call.reference, factories.step(1), factories.step(2, StepKind.OPENED))
    factories.recorded(installation, agent, call.reference, ContactRecord(topic=Topic.FAULT, ticket="GD20261102"))
    page = new_page(viewport=DESK if size == "desk" else PHONE, color_scheme=colours)
    sign_in(page)
    found = {}
    for address in ("/desk/tickets?number=GD20261102", "/desk/tickets?number=工单", "/desk/mine"):
        page.goto(address)
        found[address] = violations(page)
    page.goto(f"/desk?q=红灯&{WIDE}")
    page.locator("[data-call-panel] summary").click()
    expect(page.locator("[data-call-form]")).to_be_visible()
    found["record"] = violations(page)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide
