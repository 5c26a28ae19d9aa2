"""Corrections in a browser: from the key of an agent to the answer that they read, and the history of an entry."""

import pytest
from playwright.sync_api import expect

from kb.corrections.models import Correction
from kb.corrections.rules import Hold, Severity, State
from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.support import factories
from tests.support.installation import PASSWORD
from tests.web.browser.axe import violations
from tests.web.browser.chromium import DESK, PHONE

pytestmark = pytest.mark.browser

WIDE = "region=&module=&product="


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    factories.publish(
        installation, "los", title="光猫 LOS 红灯", script="您好，**这个红灯**表示光断了。", fees="上门 30 元"
    )
    installation.reindex()


@pytest.fixture
def sign_in_as(installation):
    """Sign a page in as the person of a role."""

    def become(page, role: Role):
        with unit_of_work(installation.sessions) as session:
            person = by_username(session, role.value)
            people.set_password(session, SYSTEM, person, PASSWORD, now=installation.clock())
        page.goto("/sign-in")
        page.fill("#username", role.value)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector("header.top")
        return page

    return become


def get(installation, number=1) -> Correction:
    with installation.sessions() as session:
        return session.get_one(Correction, number)


def test_from_the_agents_key_to_the_answer_that_they_read(installation, new_page, sign_in, sign_in_as):
    agent, leader, editor = new_page(), new_page(), new_page()
    sign_in(agent)
    sign_in_as(leader, Role.LEADER)
    sign_in_as(editor, Role.EXPERT)

    # The agent marks the wrong words, and says by keyboard alone what is wrong with them.
    agent.goto(f"/desk?q=红灯&{WIDE}&open=los")
    agent.evaluate("getSelection().selectAllChildren(document.querySelector('.fact .prose'))")
    agent.keyboard.press("3")
    expect(agent.locator("input[name=severity]:checked")).to_be_focused()
    expect(agent.locator("[name=passage]")).to_have_value("上门 30 元")
    expect(agent.locator("[data-urgent]")).to_be_hidden()
    agent.keyboard.press("1")
    expect(agent.locator("[data-urgent]")).to_be_visible()
    expect(agent.locator("textarea[name=wrong]")).to_be_focused()
    agent.keyboard.type("上门费已经调了")
    agent.keyboard.press("Tab")
    agent.keyboard.type("50 元")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator(".desk-feedback-said")).to_contain_text("纠错收到了")
    expect(agent.locator(".desk-underway")).to_contain_text("有一条纠错在处理")
    assert get(installation).passage == "上门 30 元"

    # The duty reads it on the page that is open, and confirms with one key.
    leader.goto("/")
    expect(leader.locator("[data-alarm]")).to_contain_text("上门费已经调了")
    leader.locator("[data-alarm] a").click()
    leader.wait_for_url("**/corrections/1")
    leader.wait_for_load_state()  # its keys come with its scripts
    expect(leader.locator("h1")).to_contain_text("光猫 LOS 红灯")
    leader.keyboard.press("s")
    expect(leader.locator(".notice")).to_contain_text("知识暂停了")
    assert get(installation).hold is Hold.HELD

    # It is gone from the desk, and says so where it is open.
    installation.reindex()
    agent.goto(f"/desk?q=红灯&{WIDE}")
    expect(agent.locator("[data-list]")).to_be_visible()
    expect(agent.locator(".desk-hit[data-key=los]")).to_have_count(0)

    # Decided, fixed, published.
    editor.goto("/corrections")
    editor.locator("[data-results] h2 a").first.click()
    editor.wait_for_url("**/corrections/1")
    editor.wait_for_load_state()
    expect(editor.locator(".correction-passage mark")).to_have_text("上门 30 元")
    editor.keyboard.press("1")
    editor.click("button:has-text('判定')")
    expect(editor.locator(".notice")).to_contain_text("判定好了")
    with unit_of_work(installation.sessions) as session:
        entry, actor = by_key(session, "los"), installation.actors[Role.EDITOR]
        fixed = factories.content(title="光猫 LOS 红灯", fees="上门 50 元")
        entries.save(session, actor, entry, fixed, now=installation.clock())
    editor.reload()
    editor.click("button:has-text('第 2 版改好了')")
    expect(editor.locator("main")).to_contain_text("上线以后自动了结")
    factories.release(installation, "los")
    installation.reindex()
    assert get(installation).state is State.PUBLISHED

    # The agent reads what became of it, and has the right answer.
    agent.goto("/corrections/mine")
    expect(agent.locator(".correction-result")).to_contain_text("第 2 版起是对的")
    agent.goto(f"/desk?q=红灯&{WIDE}&open=los")
    expect(agent.locator(".facts")).to_contain_text("上门 50 元")
    expect(agent.locator(".desk-underway")).to_have_count(0)


def test_escape_leaves_the_form_and_digits_are_text_in_it(page, installation):
    page.goto(f"/desk?q=红灯&{WIDE}&open=los")
    page.keyboard.press("3")
    page.keyboard.press("3")
    page.keyboard.type("第 1 步和第 2 步反了 /?gc")
    expect(page.locator("textarea[name=wrong]")).to_have_value("第 1 步和第 2 步反了 /?gc")
    expect(page.locator("input[name=severity]:checked")).to_have_value("p3")
    page.keyboard.press("Escape")
    expect(page.locator("[data-card-title]")).to_be_focused()
    page.keyboard.press("3")
    expect(page.locator("textarea[name=wrong]")).to_have_value("第 1 步和第 2 步反了 /?gc")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.locator(".desk-feedback-said")).to_contain_text("解决了")


def test_without_saying_what_is_wrong_nothing_is_sent(page, installation):
    page.goto(f"/desk?q=红灯&{WIDE}&open=los")
    page.keyboard.press("3")
    page.keyboard.press("2")
    page.keyboard.press("Control+Enter")
    expect(page.locator("textarea[name=wrong]:invalid")).to_be_focused()
    expect(page.locator(".desk-underway")).to_have_count(0)


def test_what_is_open_at_the_duty_asks_by_itself(installation, new_page, sign_in_as):
    leader = new_page()
    leader.clock.install()
    sign_in_as(leader, Role.LEADER)
    leader.goto("/threads")
    factories.correction(installation, "los", severity=Severity.P1, wrong="价格错了")
    expect(leader.locator("[data-alarm]")).to_have_count(0)
    leader.clock.run_for(11_000)
    expect(leader.locator("[data-alarm]")).to_contain_text("价格错了")
    leader.click("[data-alarm] button[value=suspend]")
    expect(leader.locator(".notice")).to_contain_text("知识暂停了")


def test_the_queue_by_keyboard(installation, new_page, sign_in_as):
    factories.publish(installation, "tv", title="电视没信号", module_key="tv.signal")
    for key in ("los", "tv"):
        factories.correction(installation, key, severity=Severity.P1)
    manager = sign_in_as(new_page(), Role.MANAGER)
    manager.goto("/corrections")
    manager.keyboard.press("ArrowDown")
    manager.keyboard.press("ArrowDown")
    expect(manager.locator("#correction-2 h2 a")).to_be_focused()
    manager.keyboard.press("k")
    expect(manager.locator(".notice")).to_contain_text("先不暂停")
    assert (get(installation, 1).hold, get(installation, 2).hold) == (Hold.PENDING, Hold.KEPT)


def test_two_revisions_are_compared_and_one_restored(installation, new_page, sign_in_as):
    factories.revise(installation, "los", fees="上门 50 元，节假日 80 元")
    editor = sign_in_as(new_page(), Role.EDITOR)
    editor.goto("/entries/los")
    editor.click("text=历史")
    expect(editor.locator(".diff del")).to_contain_text("30")
    expect(editor.locator(".diff ins").first).to_contain_text("50")
    editor.fill("#note", "调价推迟了")
    editor.click("text=恢复为新草稿")
    expect(editor.locator(".notice")).to_contain_text("第 3 版")
    expect(editor.locator(".history-list")).to_contain_text("调价推迟了")
    editor.check("input[name=from][value='1']")
    editor.check("input[name=to][value='3']")
    editor.click("text=比较选中的两版")
    expect(editor.locator(".history-diff")).to_contain_text("内容一样")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_everybody_can_use_the_pages(installation, new_page, sign_in_as, viewport, colours):
    factories.revise(installation, "los", fees="上门 50 元，节假日 80 元")
    for severity in Severity:
        factories.correction(
            installation, "los", Role.MANAGER, severity=severity, passage="上门 50 元", evidence="装维群公告"
        )
    page = sign_in_as(new_page(viewport=viewport, color_scheme=colours), Role.MANAGER)
    found = {}
    for address in (
        "/corrections", "/corrections/1", "/corrections/mine", "/corrections/figures", "/corrections/new?entry=los",
        "/entries/los/revisions", f"/desk?q=红灯&{WIDE}&open=los",
    ):  # fmt: skip
        page.goto(address)
        if address.startswith("/desk"):
            page.click("details[data-panel='3'] summary")
        found[address] = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, address
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
