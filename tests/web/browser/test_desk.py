import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kb.db import unit_of_work
from kb.desk.models import LearnedWording, Outcome
from kb.desk.rules import Reason, WordingState
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.support.installation import PASSWORD
from tests.web.browser.chromium import DESK, PHONE
from tests.web.browser.test_pages import TOO_FAINT
from web.services import services

pytestmark = pytest.mark.browser

SAID = ("盒子上冒红光", "猫在闪", "灯是红的上不去", "网没了灯红了")


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    factories.publish(installation, "los", title="光猫红灯（光路中断）")
    for number, text in enumerate(SAID):
        agent = factories.person(installation, f"agent-{number}", Role.AGENT)
        factories.outcome(installation, agent, "los", text)
    installation.reindex()


@pytest.fixture
def as_editor(installation):
    """Sign in as the editor."""
    with unit_of_work(installation.sessions) as session:
        editor = by_username(session, "editor")
        people.set_password(session, SYSTEM, editor, PASSWORD, now=installation.clock())

    def sign_in(page):
        page.goto("/sign-in")
        page.fill("#username", "editor")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector("header.top")
        return page

    return sign_in


def states(installation):
    with installation.sessions() as session:
        return [row.state.value for row in session.scalars(select(LearnedWording).order_by(LearnedWording.id))]


def outcome(installation):
    with installation.sessions() as session:
        user = by_username(session, "agent")
        return session.scalar(select(Outcome).where(Outcome.user_id == user.id))


def test_an_editor_goes_through_the_queue_by_keyboard(installation, new_page, as_editor):
    page = as_editor(new_page())
    page.goto("/wordings")
    links = page.locator(".hit h2 a")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator(".undo")).to_contain_text("已采纳“猫在闪”")
    expect(links.nth(1)).to_be_focused()
    expect(links.nth(1)).to_contain_text(SAID[2])
    page.keyboard.press("R")
    expect(page.locator(".undo")).to_contain_text(f"已拒绝“{SAID[2]}”")
    assert states(installation) == ["proposed", "accepted", "rejected", "proposed"]
    expect(links.nth(1)).to_be_focused()
    box = page.locator(".undo").bounding_box()
    assert box["y"] + box["height"] <= DESK["height"]
    page.keyboard.press("u")
    expect(page.locator("#wording-3 h2 a")).to_be_focused()
    assert states(installation) == ["proposed", "accepted", "proposed", "proposed"]
    assert page.locator(".undo").count() == 0
    page.keyboard.press("ArrowUp")
    for left in (2, 1, 0):
        expect(page.locator(".hit h2 a:focus")).to_have_count(1)  # the page's script is there, and takes keys
        page.keyboard.press("a")
        expect(page.locator(".hit")).to_have_count(left)
    assert states(installation) == ["accepted"] * 4
    expect(page.locator(".empty")).to_be_visible()


def test_keys_are_text_inside_the_search_field_and_while_composing(installation, new_page, as_editor):
    page = as_editor(new_page())
    page.goto("/wordings")
    page.keyboard.press("/")
    page.keyboard.type("aru")
    assert page.input_value("#q") == "aru"
    page.keyboard.press("ArrowDown")
    page.evaluate(
        """() => document.activeElement.dispatchEvent(
             new KeyboardEvent("keydown", { key: "a", bubbles: true, cancelable: true, isComposing: true }))"""
    )
    page.keyboard.press("Control+a")
    assert states(installation) == ["proposed"] * 4


@pytest.mark.parametrize("scripts", [True, False])
def test_the_queue_works_by_mouse_with_and_without_scripts(installation, new_page, as_editor, scripts):
    page = as_editor(new_page(java_script_enabled=scripts))
    page.goto("/wordings")
    page.locator("#wording-1 >> text=采纳").click()
    page.wait_for_selector(".undo")
    page.locator("#wording-2 >> text=拒绝").click()
    page.wait_for_selector(".undo >> text=已拒绝")
    assert states(installation) == ["accepted", "rejected", "proposed", "proposed"]
    page.click(".undo button")
    page.wait_for_selector("#wording-2")
    assert states(installation) == ["accepted", "proposed", "proposed", "proposed"]


def test_an_agent_says_by_key_that_an_entry_solved_the_call(installation, page):
    page.goto("/entries/los?q=红光一闪一闪")
    page.keyboard.press("1")
    expect(page.locator(".notice")).to_contain_text("谢谢")
    expect(page.locator(".outcome-before")).to_contain_text("解决了")
    assert outcome(installation).solved
    page.wait_for_load_state()  # keys are listened to from then on
    page.keyboard.press("Escape")
    page.wait_for_url("**/?q=*")


def test_an_agent_says_by_key_why_an_entry_did_not_help(installation, page):
    page.goto("/entries/los?q=红光一闪一闪")
    page.keyboard.press("2")
    expect(page.locator(".outcome-reasons button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".outcome-reasons")).to_be_hidden()
    assert "/entries/los" in page.url
    page.keyboard.press("2")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("谢谢")
    found = outcome(installation)
    assert (found.solved, found.reason) == (False, Reason.INCOMPLETE)


def test_an_outcome_needs_no_scripts(installation, new_page, sign_in):
    page = new_page(java_script_enabled=False)
    sign_in(page)
    page.goto("/entries/los?q=红光一闪一闪")
    page.click(".outcome-why summary")
    page.click("text=内容不对或过时")
    page.wait_for_selector(".outcome-before")
    assert outcome(installation).reason is Reason.WRONG
    page.click("[data-solved]")
    page.wait_for_selector(".outcome-before >> text=解决了")
    assert outcome(installation).solved


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_desks_pages_fit_the_screen_and_can_be_read(app, installation, new_page, as_editor, viewport):
    page = as_editor(new_page(viewport=viewport))
    page.goto("/?q=" + "没有这样的东西" * 8)
    services(app).search_log.flush()
    addresses = ["/wordings", "/wordings?state=accepted", "/gaps", "/entries/los?q=盒子上冒红光"]
    for address in addresses:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
        assert page.evaluate(TOO_FAINT) == [], address
        assert page.locator("h1:visible").count() == 1, address
    page.keyboard.press("1")
    page.wait_for_selector(".outcome-before")
    page.keyboard.press("2")
    assert page.evaluate(TOO_FAINT) == []
    page.goto("/wordings")
    page.locator("#wording-1 >> text=采纳").click()
    page.wait_for_selector(".undo")
    assert page.evaluate(TOO_FAINT) == []
    assert states(installation)[0] == WordingState.ACCEPTED
