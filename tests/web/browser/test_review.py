"""Review in a browser: from a draft over its return to two counties, and to the desk of the one that differs."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from kb.db import unit_of_work
from kb.entries import operations as entries
from kb.entries.queries import by_key
from kb.entries.rules import State
from kb.notices import operations as notices
from kb.people import operations as people
from kb.permissions import SYSTEM, Role
from kb.review import operations as review
from kb.verification import operations as verification
from kb.workdays import operations as workdays
from kb.workdays.models import DayKind
from tests.support import factories
from tests.support.installation import PASSWORD
from tests.web.browser.axe import violations
from tests.web.browser.chromium import DESK, PHONE
from web.review import jobs

pytestmark = pytest.mark.browser

LOCAL = "石板滩一带要坐渡船，上门多收 20 元渡船费"
PEOPLE = {
    "author": (Role.EDITOR, "lanjiang"),
    "checker": (Role.REVIEWER, "lanjiang"),
    "boss": (Role.MANAGER, "lanjiang"),
    "hedong-v": (Role.VERIFIER, "hedong"),
    "wanghu-v": (Role.VERIFIER, "wanghu"),
    "hedong-a": (Role.AGENT, "hedong"),
    "wanghu-a": (Role.AGENT, "wanghu"),
}


@pytest.fixture
def enter(installation, new_page):
    """Add the people, and open pages of them."""
    with unit_of_work(installation.sessions) as session:
        for name, (role, region) in PEOPLE.items():
            people.add_user(
                session,
                SYSTEM,
                username=name,
                name=name,
                roles=[role],
                region=region,
                password=PASSWORD,
                now=installation.clock(),
            )

    def as_(name: str, **options) -> Page:
        page = new_page(**options)
        page.goto("/sign-in")
        page.fill("#username", name)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_selector("header.top")
        return page

    return as_


def write(installation, key="visit", **changes):
    """Write a draft of an entry for two counties, as the author."""
    content = factories.content(
        title="宽带上门费", regions=("hedong", "wanghu"), fees="上门 30 元", wordings=("师傅上门要钱吗",), **changes
    )
    author = installation.actor("author")
    with unit_of_work(installation.sessions) as session:
        entry = by_key(session, key)
        if entry is None:
            entries.create(session, author, content, key=key, now=installation.clock())
        else:
            entries.save(session, author, entry, content, now=installation.clock())


def tell(installation):
    with unit_of_work(installation.sessions) as session:
        notices.deliver(session)


def test_from_a_return_over_two_counties_to_the_desk_of_the_one_that_differs(installation, enter):
    write(installation)
    author, checker = enter("author"), enter("checker")

    # Submitted by whoever wrote it, who can't decide on it.
    author.goto("/review/visit")
    author.click("button:has-text('提交审核')")
    expect(author.locator(".notice")).to_contain_text("等别人审核")
    expect(author.locator("[data-decision]")).to_have_count(0)

    # Read in the queue, a passage marked and remarked on, returned by keyboard.
    checker.goto("/review")
    checker.locator("[data-results] h2 a").click()
    checker.wait_for_url("**/review/visit")
    checker.wait_for_load_state()
    checker.evaluate("getSelection().selectAllChildren(document.querySelector('[data-part=fees] .diff-text'))")
    expect(checker.locator("#quote")).to_have_value("上门 30 元")
    checker.fill("#text", "检修和装机要分开写")
    checker.click("button:has-text('写意见')")
    expect(checker.locator(".remark blockquote")).to_contain_text("上门 30 元")
    checker.wait_for_load_state()
    assert checker.evaluate("[...CSS.highlights.get('remarks')].map(String)") == ["上门30元"] or checker.evaluate(
        "[...CSS.highlights.get('remarks')].map(String)"
    ) == ["上门 30 元"]
    checker.keyboard.press("2")
    expect(checker.locator("#reason")).to_be_focused()
    checker.keyboard.type("费用要写清楚")
    checker.click("[data-decision] button[type=submit]")
    expect(checker.locator(".notice")).to_contain_text("退回了")

    # The author is told, writes another revision, settles the remark, and submits again.
    tell(installation)
    author.goto("/notices")
    author.click("button:has-text('费用要写清楚')")
    author.wait_for_url("**/review/visit")
    expect(author.locator(".banner")).to_contain_text("费用要写清楚")
    write(installation, answer="装机上门免费，检修上门 30 元。")
    author.reload()
    expect(author.locator(".remark")).to_contain_text("说的是第 1 版")
    author.click(".remark button:has-text('解决了')")
    expect(author.locator(".remark.is-settled")).to_be_visible()
    author.click("button:has-text('提交审核')")
    expect(author.locator(".notice")).to_contain_text("等别人审核")

    # Approved to be live at once: but first by both counties.
    checker.goto("/review/visit")
    checker.keyboard.press("1")
    checker.click("[data-decision] button[type=submit]")
    expect(checker.locator(".notice")).to_contain_text("等区县核实")
    tell(installation)

    hedong = enter("hedong-v")
    hedong.goto("/notices")
    hedong.click("button:has-text('请核实')")
    hedong.wait_for_url("**/verification/visit")
    hedong.check("input[name=differs][value=yes]")
    hedong.fill("textarea[name=text]", LOCAL)
    hedong.click("button:has-text('核实')")
    expect(hedong.locator(".notice")).to_contain_text("核实了，谢谢")
    with installation.sessions() as session:
        assert by_key(session, "visit").live_state is None  # silence is no consent

    wanghu = enter("wanghu-v")
    wanghu.goto("/verification")
    expect(wanghu.locator(".standings")).to_contain_text("河东区")
    wanghu.click("[data-results] h2 a")
    expect(wanghu.locator("form.confirm")).to_have_count(1)
    wanghu.click("form.confirm button:has-text('核实')")
    expect(wanghu.locator(".notice")).to_contain_text("已经发布")
    installation.reindex()

    # At the desk of the county that differs, and not elsewhere.
    there, elsewhere = enter("hedong-a"), enter("wanghu-a")
    there.goto("/desk")
    there.fill("#q", "渡船费")
    expect(there.locator(".desk-hit[data-key=visit] .tag-overlay")).to_contain_text("地方口径")
    there.locator(".desk-hit[data-key=visit] a").first.click()
    expect(there.locator("[data-card=visit] .overlay")).to_contain_text("渡船费")
    there.goto("/entries/visit")
    expect(there.locator(".overlay")).to_contain_text("河东区不一样")

    elsewhere.goto("/desk?q=渡船费&region=wanghu&module=&product=")
    expect(elsewhere.locator("[data-list]")).to_be_visible()
    expect(elsewhere.locator(".desk-hit[data-key=visit] .tag-overlay")).to_have_count(0)
    elsewhere.goto("/desk?q=师傅上门要钱吗&region=wanghu&module=&product=&open=visit")
    expect(elsewhere.locator("[data-card=visit] .answer")).to_contain_text("检修上门 30 元")
    expect(elsewhere.locator(".overlay, .overlay-elsewhere")).to_have_count(0)
    elsewhere.goto("/entries/visit")
    expect(elsewhere.locator(".overlay")).to_have_count(0)
    # Whoever answers for the whole city is told that a district differs, and gets there.
    elsewhere.goto("/desk?q=师傅上门要钱吗&region=wanglan&module=&product=&open=visit")
    elsewhere.click(".overlay-elsewhere a:has-text('河东区')")
    expect(elsewhere.locator("[data-card=visit] .overlay")).to_contain_text("渡船费")


@pytest.fixture
def busy(installation, enter):
    """Something on every list: waiting, scheduled, waited for too long, overdue, and a calendar."""
    now, checker = installation.clock(), installation.actor("checker")
    factories.publish(installation, "old", title="旧优惠", review_due=date(2026, 10, 1))
    factories.publish(installation, "offer", title="双十一宽带优惠", valid_until=now + timedelta(days=5))
    write(installation)
    factories.publish(installation, "los")
    with unit_of_work(installation.sessions) as session:
        author = installation.actor("author")
        entry = by_key(session, "visit")
        entries.submit(session, author, entry, now=now)
        review.approve(session, checker, entry, publish_at=now, now=now)
        live = by_key(session, "los")
        changed = factories.content(fees="上门 50 元", answer="光纤信号断了：插紧尾纤再重启，仍红就报装维。")
        entries.save(session, author, live, changed, note="调价", now=now)
        entries.submit(session, author, live, now=now)
        revision = live.work_revision
        review.remark(session, checker, live, revision, quote="上门 50 元", text="依据是哪份文件？", now=now)
        review.remark(session, checker, live, revision, text="步骤再写细一点", now=now)
        review.settle(session, author, live, 2, open_=False, now=now)
        later = entries.create(session, author, factories.content(title="春节值班安排"), key="later", now=now)
        entries.submit(session, author, later, now=now)
        review.approve(session, checker, later, publish_at=now + timedelta(days=9), now=now)
        verifier = installation.actor("hedong-v")
        verification.overlay(session, verifier, entry, region="hedong", text=LOCAL, now=now)
        verification.confirm(session, verifier, entry, region="hedong", now=now)
        workdays.set_days(session, SYSTEM, date(2026, 10, 1), date(2026, 10, 7), DayKind.HOLIDAY, "国庆节", now=now)
        workdays.set_days(
            session, SYSTEM, date(2026, 10, 10), date(2026, 10, 10), DayKind.MAKE_UP, "国庆节调休", now=now
        )
    installation.clock.advance(days=4)
    jobs.look(installation.sessions, installation.clock, "Asia/Shanghai")
    tell(installation)
    return installation


PAGES = {
    "boss": (
        "/review", "/review?tab=scheduled", "/review/los", "/review/overdue", "/review/overdue?list=soon",
        "/verification", "/verification/visit", "/workdays?year=2026", "/notices",
    ),
    "wanghu-v": ("/verification", "/verification/visit", "/verification/old"),
    "author": ("/review", "/review/visit"),
}  # fmt: skip


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_everybody_can_use_the_pages(busy, enter, viewport, colours):
    found = {}
    for name, addresses in PAGES.items():
        page = enter(name, viewport=viewport, color_scheme=colours)
        for address in addresses:
            page.goto(address)
            found[name, address] = violations(page)
            wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            assert not wide, address
    assert {place: wrong for place, wrong in found.items() if wrong} == {}


def test_a_manager_sets_the_calendar_and_confirms_what_is_due(busy, enter):
    boss = enter("boss")
    boss.goto("/workdays?year=2027")
    boss.check("input[name=kind][value=holiday]")
    boss.fill("#first", "2027-01-01")
    boss.fill("#last", "2027-01-03")
    boss.fill("#name", "元旦")
    boss.click("button:has-text('设好')")
    expect(boss.locator(".special-days li")).to_have_count(3)
    boss.locator(".special-days button").first.click()
    expect(boss.locator(".special-days li")).to_have_count(2)
    boss.goto("/review/overdue")
    expect(boss.locator("[data-results] li")).to_have_count(1)
    boss.click("button:has-text('仍然有效')")
    expect(boss.locator(".notice")).to_contain_text("仍然有效")
    expect(boss.locator("[data-results]")).to_have_count(0)
    boss.goto("/verification")
    expect(boss.locator(".standings .is-late")).to_contain_text("望湖县")
    with busy.sessions() as session:
        assert by_key(session, "visit").work_state is State.VERIFYING
