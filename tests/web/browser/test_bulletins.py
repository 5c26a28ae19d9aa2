import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kb.bulletins.models import Receipt
from kb.bulletins.rules import Question
from kb.db import unit_of_work
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM
from tests.support import factories
from tests.support.installation import PASSWORD
from tests.web.browser.chromium import DESK, PHONE
from tests.web.browser.test_pages import TOO_FAINT
from web.services import services

pytestmark = pytest.mark.browser

QUESTION = Question(prompt="几点恢复？", options=("下午", "明天"), right=0, explanation="预计 16:30。")
PUSHED_MS = 3000
"""What is promised: an urgent bulletin is on an open desk within three seconds."""
WITHOUT_STREAMS = "delete window.EventSource"


@pytest.fixture
def as_leader(installation):
    """Sign in as the leader."""
    with unit_of_work(installation.sessions) as session:
        people.set_password(session, SYSTEM, by_username(session, "leader"), PASSWORD, now=installation.clock())

    def sign_in(page):
        page.goto("/sign-in")
        page.fill("#username", "leader")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector("header.top")
        return page

    return sign_in


def publish(page, title, *, region="jiangyang"):
    page.goto("/bulletins/new")
    page.fill("#title", title)
    page.fill("#script", "您好，正在抢修。")
    page.fill("#words", "断网")
    page.check(f"input[name=regions][value={region}]")
    page.check("input[name=urgent]")
    page.click("text=发出去")
    page.wait_for_selector(".notice")


def receipts(installation):
    with installation.sessions() as session:
        return [row.right for row in session.scalars(select(Receipt))]


def test_what_a_leader_publishes_appears_at_the_others_open_desk(app, new_page, sign_in, as_leader):
    desk = new_page()
    with desk.expect_response("**/bulletins/stream"):
        sign_in(desk)
    leader = as_leader(new_page())
    publish(leader, "江阳区光缆中断")
    expect(desk.locator(".bar-urgent")).to_contain_text("江阳区光缆中断", timeout=PUSHED_MS)
    expect(desk.locator("#bulletins [data-said]")).to_contain_text("江阳区光缆中断")
    leader.click("text=撤回")
    leader.wait_for_selector(".notice >> text=撤回了")
    expect(desk.locator(".bar")).to_have_count(0, timeout=PUSHED_MS)


def test_what_another_process_published_appears_too(installation, new_page, sign_in):
    desk = new_page()
    with desk.expect_response("**/bulletins/stream"):
        sign_in(desk)
    factories.bulletin(installation, title="江阳区光缆中断", urgent=True)  # past this process: nothing nudges its hub
    expect(desk.locator(".bar-urgent")).to_contain_text("江阳区光缆中断", timeout=PUSHED_MS)


def test_a_must_read_bulletin_stays_closed_where_a_caller_may_wait(installation, page):
    factories.bulletin(installation, must_read=True)
    installation.reindex()
    page.goto("/?q=断网")
    expect(page.locator(".bar")).to_be_visible()
    expect(page.locator(".bar-body")).to_be_hidden()


def test_a_desk_without_streams_asks_by_itself(installation, new_page, sign_in):
    desk = new_page()
    desk.context.add_init_script(WITHOUT_STREAMS)
    sign_in(desk)
    factories.bulletin(installation, title="江阳区光缆中断", urgent=True)
    expect(desk.locator(".bar-urgent")).to_contain_text("江阳区光缆中断")


def test_a_desk_that_finds_no_room_asks_by_itself(app, installation, new_page, sign_in):
    services(app).hub.close()
    desk = new_page()
    sign_in(desk)
    factories.bulletin(installation, title="江阳区光缆中断", urgent=True)
    expect(desk.locator(".bar-urgent")).to_contain_text("江阳区光缆中断")


def test_a_desk_whose_streams_break_off_asks_by_itself(installation, new_page, sign_in):
    desk = new_page()
    desk.context.route("**/bulletins/stream", lambda route: route.fulfill(status=204))
    sign_in(desk)
    factories.bulletin(installation, title="江阳区光缆中断", urgent=True)
    expect(desk.locator(".bar-urgent")).to_contain_text("江阳区光缆中断")


def test_another_regions_desk_is_pushed_nothing(installation, new_page, sign_in):
    with unit_of_work(installation.sessions) as session:
        by_username(session, "agent").region_key = "wanglan"
    desk = new_page()
    sign_in(desk)
    factories.bulletin(installation, title="江阳区光缆中断", urgent=True, regions=("jiangyang",))
    with desk.expect_response("**/bulletins/now"):
        factories.bulletin(installation, title="全省系统升级", urgent=True)
    expect(desk.locator(".bar")).to_have_count(1)
    expect(desk.locator(".bar")).to_contain_text("全省系统升级")


def test_what_is_put_away_stays_away_until_it_says_something_else(installation, page):
    factories.bulletin(installation, title="江阳区光缆中断", urgent=True)
    page.goto("/threads")
    page.click("[data-dismiss]")
    expect(page.locator(".bar:visible")).to_have_count(0)
    page.goto("/help")
    expect(page.locator(".bar")).to_be_hidden()


def test_a_must_read_bulletin_is_open_and_takes_its_answer_in_place(installation, page):
    factories.bulletin(installation, title="江阳区光缆中断", must_read=True, question=QUESTION)
    page.goto("/")
    expect(page.locator(".bar details")).to_have_attribute("open", "")
    assert page.locator("[data-dismiss]").count() == 0
    page.check("text=明天")
    page.click("text=我已读")
    expect(page.locator(".receipt-said")).to_contain_text("正确的是：下午")
    assert receipts(installation) == [False]
    page.goto("/")
    assert page.locator(".bar").count() == 0


def test_a_receipt_needs_no_scripts(installation, new_page, sign_in):
    page = new_page(java_script_enabled=False)
    sign_in(page)
    factories.bulletin(installation, must_read=True)
    page.goto("/")
    page.click("text=我已读")
    page.wait_for_load_state()
    assert page.locator(".bar").count() == 0
    assert receipts(installation) == [None]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_fit_the_screen_and_can_be_read(installation, new_page, as_leader, viewport):
    factories.publish(installation, "off", title="宽带断网处理", wordings=("家里断网了",))
    installation.reindex()
    for changes in ({"urgent": True, "title": "江阳区主干光缆中断，抢修中，预计 16:30 恢复"}, {"must_read": True}):
        factories.bulletin(installation, text="影响 **3 个** 片区", question=None, **changes)
    page = as_leader(new_page(viewport=viewport))
    for address in ("/", "/?q=断网", "/bulletins", "/bulletins/1", "/bulletins/new", "/bulletins/manage"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
        assert page.evaluate(TOO_FAINT) == [], address
        assert page.locator("h1:visible").count() == 1, address
