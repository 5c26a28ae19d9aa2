"""The life of a thread, from a title that is typed to an entry that names everybody; and the pages it passes."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from kb.db import unit_of_work
from kb.entries.models import Entry
from kb.forum import editing, moderation
from kb.forum import operations as forum
from kb.forum.queries import by_key
from kb.notices import operations as notices
from kb.people import operations as people
from kb.people.queries import by_username
from kb.permissions import SYSTEM, Role
from tests.kb.attachments.test_rules import picture
from tests.support import factories
from tests.support.installation import PASSWORD
from tests.web.browser.axe import violations
from tests.web.browser.chromium import DESK, PHONE
from tests.web.browser.test_pages import TOO_FAINT
from web import housekeeping

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def filled(installation) -> None:
    factories.publish(installation, "los", title="光猫红灯（光路中断）")
    factories.thread(installation, "rain", title="下雨后光猫红灯")
    installation.reindex()
    with unit_of_work(installation.sessions) as session:
        for name in ("expert", "editor"):
            people.set_password(session, SYSTEM, by_username(session, name), PASSWORD, now=installation.clock())


@pytest.fixture
def page_of(new_page):
    """Open a page of somebody who is signed in."""

    def open_page(username, **options):
        page = new_page(**options)
        page.goto("/sign-in")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector("header.top")
        return page

    return open_page


def tell(installation):
    with unit_of_work(installation.sessions) as session:
        while notices.deliver(session):
            pass


def test_a_question_becomes_an_entry_that_names_everybody(installation, page_of):
    agent, expert = page_of("agent"), page_of("expert")
    agent.goto("/threads/new")
    agent.fill("#title", "光猫亮红灯")
    expect(agent.locator("[data-similar-list] a")).to_have_text(["光猫红灯（光路中断）", "下雨后光猫红灯"])
    agent.select_option("#module", "fault.broadband")
    agent.locator("#body").press_sequentially("照片如下，请 @专")
    expect(agent.locator("#names li")).to_have_text("专家")
    agent.keyboard.press("Enter")
    expect(agent.locator("#body")).to_have_value("照片如下，请 @专家 ")
    agent.keyboard.type("看看")
    agent.set_input_files("#file", {"name": "盒子.png", "mimeType": "image/png", "buffer": picture("PNG", (64, 48))})
    expect(agent.locator("#body")).to_have_value(re.compile(r"!\[盒子\.png\]\(/attachments/[0-9a-f]{32}\)"))
    expect(agent.locator(".compose-said")).to_contain_text("传好了")
    agent.click("button[name=preview]")
    shown = agent.locator("[data-shown] img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 64
    expect(agent.locator("[data-shown] a")).to_have_text("@专家")
    agent.click("text=发出去")
    agent.wait_for_url(re.compile("/threads/t-"))
    address = agent.url

    tell(installation)
    expert.goto("/threads")
    mine = expert.locator(".thread-row", has_text="光猫亮红灯")
    expect(mine.locator(".unread-dot")).to_be_visible()
    expert.click(".bell")
    expect(expert.locator(".notices .is-unread")).to_contain_text("里提到了你")
    expert.click(".notices button")
    expect(expert.locator(".post-first img")).to_be_visible()
    expert.locator(".post-first").get_by_role("button", name="有用").click()
    expect(expert.locator(".post-first [aria-pressed=true]")).to_contain_text("1")
    expert.fill("#body", "先看**分光器**。再看公告")
    expert.click("text=发出回复")
    expect(expert.locator("#reply-1")).to_contain_text("分光器")
    expert.goto("/threads")
    expect(expert.locator(".thread-row", has_text="光猫亮红灯")).to_be_visible()
    expect(expert.locator(".thread-row", has_text="光猫亮红灯").locator(".unread-dot")).to_have_count(0)

    tell(installation)
    agent.goto("/threads?view=followed")
    expect(agent.locator(".thread-row .unread-dot")).to_have_count(1)
    agent.click(".thread-row a")
    expect(agent.locator("#reply-1 .tag-new")).to_be_visible()
    agent.locator("#reply-1").get_by_role("button", name="有用").click()
    agent.get_by_role("button", name="采纳第 1 条为答案").click()
    expect(agent.locator(".post-accepted")).to_contain_text("分光器")
    agent.reload()
    expect(agent.locator("#reply-1")).to_be_visible()
    expect(agent.locator(".tag-new")).to_have_count(0)
    agent.get_by_role("button", name="已关注").click()
    expect(agent.get_by_role("button", name="关注", exact=True)).to_be_visible()

    tell(installation)
    expert.goto("/notices")
    expect(expert.locator(".notices")).to_contain_text("里的回答被采纳了，谢谢")
    expert.goto(address)
    expert.click("text=整理成知识")
    expert.locator(".start-kind.is-likely").click()
    expect(expert.locator("[name=title]")).to_have_value("光猫亮红灯")
    expect(expert.locator("[name=answer]")).to_have_value("先看分光器。")
    expect(expert.locator("[name=steps]")).to_have_value("先看**分光器**。再看公告")
    expect(expert.locator("[name=wordings]")).to_have_value("光猫亮红灯")
    expect(expert.locator("[name=body]")).to_have_value(re.compile("照片如下"))
    expert.get_by_role("button", name="存成草稿").click()
    expect(expert.locator("h1")).to_have_text("光猫亮红灯")
    provenance = expert.locator(".provenance")
    expect(provenance.locator(".hops li").first).to_contain_text("讨论")
    expect(provenance.locator(".thanks li")).to_have_text(
        [re.compile("坐席.*发起讨论"), re.compile("专家.*给出答案、写成知识")]
    )
    with installation.sessions() as session:
        entry = session.scalars(select(Entry).where(Entry.key != "los")).one()
        assert entry.derived_from == f"thread:{address.rpartition('/')[2].partition('#')[0]}"


def test_what_is_being_written_outlives_a_reload_and_a_lost_connection(installation, page_of):
    page = page_of("agent")
    page.goto("/threads/new?gap=")
    page.fill("#title", "盒子黑屏")
    page.select_option("#module", "tv.card")
    page.fill("#body", "重启过两次")
    page.reload()
    expect(page.locator("[data-kept]")).to_contain_text("没发出去的内容")
    expect(page.locator("#title")).to_have_value("盒子黑屏")
    expect(page.locator("#module")).to_have_value("tv.card")
    page.get_by_role("button", name="不要了").click()
    expect(page.locator("#body")).to_have_value("")
    page.reload()
    expect(page.locator("[data-kept]")).to_be_hidden()

    page.goto("/threads/rain")
    page.fill("#body", "先看分光器")
    page.route("**/replies", lambda route: route.abort())  # the connection is lost as it is sent
    page.click("text=发出回复")
    page.unroute("**/replies")
    page.goto("/threads/rain")
    expect(page.locator("#body")).to_have_value("先看分光器")
    page.get_by_role("button", name="发出回复").dblclick()
    expect(page.locator("#reply-1")).to_contain_text("先看分光器")
    expect(page).to_have_url(re.compile(r"/threads/rain#reply-1$"))
    expect(page.locator("#body")).to_have_value("")
    page.reload()
    expect(page.locator("#body")).to_have_value("")
    expect(page.locator(".replies-list > li")).to_have_count(1)

    page.locator("#reply-1").get_by_role("link", name="修改").click()
    page.fill("#body", "先看尾纤")
    page.reload()
    expect(page.locator("#body")).to_have_value("先看尾纤")
    page.click("text=存下来")
    expect(page.locator("#reply-1 .edited")).to_contain_text("改过")
    page.locator("#reply-1 .edited").click()
    expect(page.locator(".diff del")).to_contain_text("分光器")
    expect(page.locator(".diff ins")).to_contain_text("尾纤")


def test_where_knowledge_came_from_and_what_people_gave(installation, page_of):
    now = installation.clock()
    with unit_of_work(installation.sessions) as session:
        expert, editor = installation.actors[Role.EXPERT], installation.actors[Role.EDITOR]
        rain = by_key(session, "rain")
        forum.reply(session, expert, rain, "先看分光器。", now=now)
        forum.accept(session, installation.actors[Role.AGENT], rain, 1, now=now)
        forum.start(
            session, installation.actors[Role.AGENT], title="要隐藏的", body="客户号码", kind="question",
            module="tv.card", key="bad", now=now,
        )  # fmt: skip
        moderation.hide(session, editor, by_key(session, "bad"), reason="写了客户号码", now=now)
    key = factories.publish(installation, "grown", derived_from="thread:rain", title="下雨后光猫红灯", wordings=())
    factories.outcome(installation, factories.person(installation, "caller", Role.AGENT), key, "红灯")
    tell(installation)

    agent = page_of("agent")
    agent.goto(f"/entries/{key}")
    thanks = agent.locator(".thanks")
    for who, gave in (("坐席", "发起讨论"), ("专家", "给出答案"), ("采编", "写成知识"), ("审核", "审核")):
        expect(thanks.locator("li", has_text=who).filter(has_text=gave)).to_have_count(1)
    thanks.get_by_role("link", name="专家").click()
    expect(agent.locator("h1")).to_have_text("专家")
    expect(agent.locator(".became-sum")).to_contain_text("至少 1 通来电")
    expect(agent.locator(".became a")).to_have_text("下雨后光猫红灯")
    agent.click(".crumbs a")
    first = agent.locator(".who", has_text="专家").first
    expect(first).to_contain_text("答过 下雨后光猫红灯")
    agent.goto(f"/people/{installation.actors[Role.AGENT].user_id}")
    expect(agent.locator("main")).to_contain_text("原因：写了客户号码")
    agent.goto("/notices")
    expect(agent.locator(".notices")).to_contain_text("成了知识")
    expect(agent.locator(".notices")).to_contain_text("“要隐藏的”被隐藏了：写了客户号码")


def test_the_pages_work_without_scripts(installation, page_of):
    page = page_of("editor", java_script_enabled=False)
    page.goto("/threads/rain")
    page.fill("#body", "请 **重启**")
    page.click("button[name=preview]")
    expect(page.locator("[data-shown] strong")).to_have_text("重启")
    page.set_input_files("#file", {"name": "a.png", "mimeType": "image/png", "buffer": picture("PNG")})
    page.click("text=发出回复")
    expect(page.locator("#reply-1 img")).to_be_visible()
    page.locator("summary", has_text="隐藏帖子").click()
    page.fill("#hide-reason-0", "写了号码")
    page.locator(".moderation details[open] button").click()
    expect(page.locator(".banner")).to_contain_text("写了号码")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_fit_can_be_read_and_have_no_barrier(installation, page_of, viewport, colours):
    with unit_of_work(installation.sessions) as session:
        rain = by_key(session, "rain")
        for role in (Role.EXPERT, Role.LEADER):
            forum.reply(session, installation.actors[role], rain, "先看分光器 " + "长" * 99, now=installation.clock())
        forum.accept(session, SYSTEM, rain, 1, now=installation.clock())
        moderation.hide_reply(session, SYSTEM, rain, 2, reason="写了号码", now=installation.clock())
        moderation.close(session, SYSTEM, rain, reason="有结论了", now=installation.clock())
    factories.thread(installation, "waiting", title="谁见过绿灯" * 9)
    installation.clock.advance(hours=5)
    housekeeping.draw_in(installation.sessions, installation.settings, installation.clock)
    page = page_of("editor", viewport=viewport, color_scheme=colours)
    expert = installation.actors[Role.EXPERT].user_id
    with unit_of_work(installation.sessions) as session:
        waiting, editor, now = by_key(session, "waiting"), installation.actors[Role.EDITOR], installation.clock()
        forum.reply(session, editor, waiting, "先看分光器 " + "长" * 99, now=now)
        editing.edit(session, editor, waiting, 1, body="先看尾纤 " + "长" * 99, version=0, now=now)
    changed = "/threads/waiting/posts/1"
    for address in (
        "/threads", "/threads/rain", "/threads/waiting", "/threads/new", "/people", f"/people/{expert}",
        f"{changed}/edit", f"{changed}/history",
    ):  # fmt: skip
        page.goto(address)
        if address == "/threads/waiting":
            expect(page.locator(".aside")).to_contain_text("请了这个模块的专家来回答")
            for summary in page.locator(".aside summary").all():
                summary.click()
            page.evaluate("scrollTo(0, 0)")  # what lies under the head by chance is no barrier
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
        assert page.evaluate(TOO_FAINT) == [], address
        assert violations(page) == [], address
