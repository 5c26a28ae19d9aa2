"""Writing an entry in a real browser: by keys alone, through a lost connection and a reload; two people at one."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from kb.db import unit_of_work
from kb.drafting import operations, queries
from kb.drafting.fields import to_form
from kb.entries.queries import by_key
from kb.entries.rules import State
from kb.importing.fields import Context
from kb.people.models import User
from kb.people.operations import set_password
from kb.permissions import SYSTEM, Role
from kb.taxonomy import queries as taxonomy
from tests.support import factories
from tests.support.installation import PASSWORD
from tests.web.browser.axe import violations
from tests.web.browser.chromium import DESK

pytestmark = pytest.mark.browser

SCRIPT = "您好，我先陪您看两个地方，可能不用等师傅上门。"
BODY = "**做法**\n\n1. 先听他说完\n2. 再请他看尾纤\n\n**什么时候不适用**\n\n- 客户赶着出门"
SELECTED = (
    "(({value, selectionStart, selectionEnd}) => value.slice(selectionStart, selectionEnd))(document.activeElement)"
)


@pytest.fixture
def flaky(browser, address) -> Iterator[Page]:
    """A page whose connection may go: its console may complain of that, its scripts may not fail."""
    context = browser.new_context(base_url=address, viewport=DESK, locale="zh-CN")
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors


def sign_in_as(page: Page, installation, role: Role) -> None:
    with unit_of_work(installation.sessions) as session:
        user = session.get_one(User, installation.actors[role].user_id)
        set_password(session, SYSTEM, user, PASSWORD, now=installation.clock())
    page.goto("/sign-in")
    page.fill("#username", role.value)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("header.top")).to_be_visible()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field or button *name* has the focus: nothing here is clicked."""
    for _ in range(80):
        if page.evaluate("document.activeElement.id || document.activeElement.value") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached by Tab")


def write(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def test_an_expert_writes_a_best_practice_by_keyboard_through_a_lost_connection(flaky, installation):
    factories.publish(installation, "red", wordings=("盒子亮红灯上不了网", "红灯一直闪", "灯红了"))
    installation.reindex()
    page = flaky
    sign_in_as(page, installation, Role.EXPERT)
    page.goto("/editor")
    assert not violations(page)
    tab_to(page, "best_practice")
    page.keyboard.press("Enter")
    state, standard = page.locator("[data-state]"), page.locator(".standard")
    expect(state).to_have_attribute("data-state", "saved")
    expect(page.locator(".editor-places")).to_be_visible()

    # A blank of the template is selected whole, by a key or a click, and the next key replaces it.
    page.keyboard.press("F2")
    assert page.evaluate(SELECTED).startswith("【待填：什么样的电话")
    page.keyboard.insert_text("报修两次还断网的老客户")
    page.keyboard.press("F2")
    assert page.evaluate(SELECTED).startswith("【待填：第一步")
    page.evaluate("(({value}) => body.setSelectionRange(value.indexOf('【') + 3, value.indexOf('【') + 3))(body)")
    page.locator("#body").dispatch_event("click")
    assert page.evaluate(SELECTED) == page.evaluate("document.querySelector('#body').value.match(/【[^】]*】/)[0]")
    expect(page.locator("#review_due")).to_have_value("2027-11-02")
    page.select_option("#freshness", "tariff")
    expect(page.locator("#review_due")).to_have_value("2026-12-02")

    tab_to(page, "module_key")
    while page.input_value("#module_key") != "fault.broadband":
        page.keyboard.press("ArrowDown")
    write(page, "title", "光猫红灯，电话里三步判断")
    write(page, "answer", "先看尾纤，再重启，仍红灯就报修。")
    write(page, "wordings", "盒子亮红灯上不了网\n刚搬完家盒子就红了")
    expect(state).to_have_attribute("data-state", "saved")
    expect(page.locator(".editor-card .answer")).to_have_text("先看尾纤，再重启，仍红灯就报修。")
    places = page.locator(".editor-places li")
    expect(places).to_have_count(2)
    expect(places.nth(1)).to_contain_text("第 1")
    expect(page.locator(".editor-near")).to_contain_text("光猫 LOS 红灯")
    expect(standard).to_contain_text("还差 1 种")

    page.context.set_offline(True)
    write(page, "script", SCRIPT + "给您派单。")
    expect(state).to_have_attribute("data-state", "away")
    expect(state).to_contain_text("留在这台电脑里")
    page.keyboard.press("Control+Enter")
    expect(state).to_contain_text("连上以后再提交")
    page.context.set_offline(False)
    page.reload()  # before it had a chance to be kept: it comes back from this computer
    expect(page.locator("#script")).to_have_value(SCRIPT + "给您派单。")
    expect(state).to_have_attribute("data-state", "saved")
    expect(standard).to_contain_text("派单（安排师傅）")

    write(page, "wordings", "盒子亮红灯上不了网\n刚搬完家盒子就红了\n红灯怎么办")
    write(page, "script", SCRIPT)
    write(page, "body", BODY)
    tab_to(page, "review_due")
    page.keyboard.type("03312027")
    expect(page.locator(".standard .is-missing")).to_have_count(0)
    assert not violations(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice")).to_contain_text("提交了")
    with installation.sessions() as session:
        entry = by_key(session, page.url.rpartition("/")[2])
        work = entry.work_revision
        assert (entry.work_state, work.kind.value, work.script, work.body) == (
            State.IN_REVIEW,
            "best_practice",
            SCRIPT,
            BODY,
        )
        assert work.review_due.isoformat() == "2027-03-31"
        assert not queries.mine(session, installation.actors[Role.EXPERT], limit=9)


def test_a_page_that_was_given_before_the_last_change_was_kept_shows_that_change(new_page, installation):
    """A reload may overtake what is on its way: the server gives the page, and then takes the change."""
    page = new_page()
    sign_in_as(page, installation, Role.EXPERT)
    page.goto("/editor")
    page.locator("button[value=best_practice]").click()
    state = page.locator("[data-state]")
    expect(state).to_have_attribute("data-state", "saved")
    page.fill("#title", "光猫红灯")
    expect(state).to_have_attribute("data-state", "writing")
    expect(state).to_have_attribute("data-state", "saved")
    before = page.request.get(page.url).text()
    page.fill("#title", "光猫红灯，先看尾纤")
    expect(state).to_have_attribute("data-state", "writing")
    expect(state).to_have_attribute("data-state", "saved")

    address = page.url
    page.route(address, lambda route: route.fulfill(body=before, content_type="text/html; charset=utf-8"))
    page.reload()
    expect(page.locator("#title")).to_have_value("光猫红灯，先看尾纤")
    page.fill("#answer", "先看尾纤，再重启。")
    expect(state).to_have_attribute("data-state", "writing")
    expect(state).to_have_attribute("data-state", "saved")
    page.unroute(address)
    page.reload()
    expect(page.locator("#title")).to_have_value("光猫红灯，先看尾纤")
    expect(page.locator("#answer")).to_have_value("先看尾纤，再重启。")

    held = "Object.keys(sessionStorage).filter((name) => name.startsWith('zhihui-editor:')).length"
    assert page.evaluate(held) == 1
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.wait_for_function(f"{held} === 0")


def test_two_people_edit_and_nothing_is_overwritten(new_page, installation):
    factories.publish(installation, "e", answer="先把尾纤插紧再重启光猫", fees="首次 30 元", deadlines="")
    page = new_page()
    sign_in_as(page, installation, Role.EDITOR)
    page.goto("/entries/e")
    page.get_by_role("button", name="修改这条知识").click()
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "saved")
    page.fill("#answer", "先把尾纤插紧再重启路由器")
    page.fill("#fees", "首次 40 元")
    page.fill("#deadlines", "两天")
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "saved")
    _somebody_else_saves(installation, answer="先把网线插紧再重启光猫", fees="首次 50 元")

    page.check("[name=material][value=no]")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("合并两版")
    assert not violations(page)
    expect(page.locator(".merge-row")).to_have_count(3)
    answer, fees = page.locator("#row-answer"), page.locator("#row-fees")
    expect(answer.locator("textarea")).to_have_value("先把网线插紧再重启路由器")
    expect(answer.locator("ins")).to_have_count(2)
    expect(page.locator(".editor-state")).to_have_text("还有 1 处要选")
    fees.get_by_role("radio", name="我的").focus()
    page.keyboard.press("Space")
    expect(page.locator(".editor-state")).to_have_text("")
    page.get_by_role("button", name="合并，再看一眼").press("Enter")
    expect(page.locator("#answer")).to_have_value("先把网线插紧再重启路由器")
    expect(page.locator("#fees")).to_have_value("首次 40 元")
    expect(page.locator("[name=material][value=no]")).to_be_checked()
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "saved")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice")).to_contain_text("提交了")
    with installation.sessions() as session:
        work = by_key(session, "e").work_revision
        assert (work.number, work.deadlines, work.fees) == (3, "两天", "首次 40 元")


def _somebody_else_saves(installation, **changes: str) -> None:
    with unit_of_work(installation.sessions) as session:
        actor, now, zone = installation.actors[Role.MANAGER], installation.clock(), "Asia/Shanghai"
        entry = by_key(session, "e")
        copy = operations.begin_edit(session, actor, entry, key="theirs", timezone=zone, now=now)
        fields = {**to_form(entry.live_revision.content, zone), **changes}
        operations.keep(session, actor, copy, fields, version=1, now=now)
        context = Context(taxonomy.load(session), zone)
        operations.hand_in(session, actor, copy, context=context, submit=False, now=now)
